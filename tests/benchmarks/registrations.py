"""What the list of registrations, a registration and an import cost: `python -m tests.benchmarks.registrations`.

In processor time, and through Flask's test client in turns, so that whatever else the machine does falls on all alike.
The measure of a page is a Flask that renders one line of Jinja; queries are counted at the cursor. The edition has a consent
of its own and asks three questions, two of them with choices for a limited number. Behind ≤ stands what
the project promises; a figure above it is marked with !, which on a busy machine says little of seconds and much of queries.
"""

import argparse
import random
import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import flask_migrate
from flask import Flask

import config
from retreat import create_app
from retreat.accounts.models import Organiser, Role
from retreat.core import sheets
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.network.models import Organisation
from retreat.registration import consent
from retreat.registration.imports import import_registrations, known_columns
from retreat.registration.rows import COLUMNS
from tests.benchmarks._measuring import Case, bare_page, beside, costs, signed_in
from tests.registration.questions.making import question

AT = datetime(2020, 1, 10, 9, tzinfo=UTC)
LIST = "/organise/2020/registrations"
WIDE = "name,code,email,arrives,delegation,photograph,waiting,q_dinner,q_visits"
CITIES = ("Osh", "İzmir", "Bogotá", "Dakar", "Kazan", "Guangzhou", "Montréal", "Ramallah", "Łódź", "Đà Nẵng")
SECTIONS = ("Eurasia", "Europe", "Africa", "Latin America", "Asia-Pacific", "")
STATUSES = ("submitted", "approved", "approved", "approved", "waitlisted", "declined")
ANSWERS = ("q_comes", "q_dinner", "q_visits")
IMPORT_SECONDS = 5


def people(count: int, *, asked: bool) -> bytes:
    """A file of so many, of all kinds; `asked` with answers to the questions."""
    chance = random.Random(3)
    columns = (*COLUMNS, *ANSWERS) if asked else COLUMNS
    said = {"q_comes": ("yes", "no"), "q_dinner": ("gala", "none", ""), "q_visits": ("port;medina", "port", "")}
    rows = [
        {
            **dict.fromkeys(COLUMNS, ""),
            "given_name": f"Name{number}",
            "family_name": f"Family{chance.randrange(count)}",
            "email": f"p{number}@{'asked.' if asked else ''}example.org",
            "organisation": f"City of {chance.choice(CITIES)} {chance.randrange(200)}",
            "position": "Head of international relations",
            "city": chance.choice(CITIES),
            "section": chance.choice(SECTIONS),
            "languages": chance.choice(("en", "ru;en", "fr;es", "")),
            "category": "delegate",
            "status": chance.choice(STATUSES),
            **({name: chance.choice(offered) for name, offered in said.items()} if asked else {}),
        }
        for number in range(count)
    ]
    return sheets.write("csv", columns, rows)


class Seconds(NamedTuple):
    wall: float
    cpu: float


def read_in(edition: Edition, content: bytes) -> Seconds:
    """From the bytes of the file to the end of the transaction."""
    started, worked = time.perf_counter(), time.process_time()
    sheet = sheets.read("people.csv", content, columns=known_columns(edition))
    import_registrations(edition, sheet, at=AT, by=COMMAND)
    db.session.commit()
    return Seconds(time.perf_counter() - started, time.process_time() - worked)


def made_edition(slug: str) -> Edition:
    return editions.create_edition(
        slug,
        title=Translated(en="UCLG Retreat & Campus"),
        city="Tangier",
        country="Morocco",
        zone="Africa/Casablanca",
        starts_on=date(2020, 2, 24),
        ends_on=date(2020, 2, 28),
        at=AT,
        by=COMMAND,
    )


def filled_app(folder: Path, count: int) -> tuple[Flask, dict[str, Seconds]]:
    """With the seconds of each import."""
    app = create_app(config.Test({"RETREAT_DATA": str(folder)}).values())
    with app.app_context():
        flask_migrate.upgrade()
        edition, plain = made_edition("2020"), made_edition("plain")
        question(edition, "comes", "yes-no", is_in_list=True)
        question(edition, "dinner", "choice", options=[("gala", 1_000_000), "none"], is_in_list=True)
        question(edition, "visits", "choices", options=[("port", 1_000_000), ("medina", 1_000_000)])
        consent.save(edition, Translated(en="I agree."), at=AT, by=COMMAND)
        db.session.add(Organisation(name=Translated(en="City of Osh"), name_key="city of osh"))
        db.session.add(Organiser(email="r@example.org", name="R", role=Role.REGISTRAR, created_at=AT))
        db.session.commit()
        taken = {}
        for name, where, asked in (("without questions", plain, False), ("with three questions", edition, True)):
            content = people(count, asked=asked)
            taken[f"{name}, new"] = read_in(where, content)
            taken[f"{name}, the same again"] = read_in(where, content)
        db.session.remove()
    return app, taken


def registering(app: Flask, **said: Any) -> Callable[[], object]:
    """Each time somebody else sends the public form."""
    client, number = app.test_client(), iter(range(1_000_000))
    page = client.get("/2020/register").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    key = re.search(r'name="submission_key"[^>]*value="([^"]+)"', page)
    version = re.search(r'name="consent_number"[^>]*value="([^"]+)"', page)
    held = {
        "csrf_token": token[1] if token else "",
        "consent_number": version[1] if version else "",
        "category": "delegate",
        "consent": "y",
        "organisation": "City of Osh",
        "section": "eurasia",
        **said,
    }

    def register() -> None:
        one = next(number)
        answer = client.post(
            "/2020/register",
            data={
                **held,
                "submission_key": f"{one}.{len(said)}{key[1] if key else ''}"[:60],
                "given_name": "Ana",
                "family_name": f"Bench{one}",
                "email": f"bench{one}.{len(said)}@example.org",
            },
        )
        assert answer.status_code == 303, answer.status_code

    return register


def cases_of(app: Flask, count: int) -> dict[str, Case]:
    client = signed_in(app)

    def page(address: str, **most: int) -> Case:
        return Case(lambda: client.get(address).close(), **most)

    of_list = {"most_queries": 8, "most_ms": 60}
    ticked = {"q_comes": "yes", "q_dinner": "gala", "q_visits": ["port", "medina"]}
    of_post = {"most_queries": 15, "most_ms": 20}
    return {
        "a Flask that renders one line": Case(bare_page()),
        "the list": page(LIST, **of_list),
        "the list by name": page(f"{LIST}?order=name", **of_list),
        "the list of a filter": page(f"{LIST}?section=eurasia&language=ru&q=family", **of_list),
        "the list of an answer": page(f"{LIST}?q_dinner=gala", **of_list),
        "the list in nine other columns": page(f"{LIST}?columns={WIDE}", **of_list),
        "the list, last page": page(f"{LIST}?page={count // 50}", **of_list),
        "its counts": page("/organise/2020/lists/counts", **of_list),
        "the numbers": page("/organise/2020/numbers"),
        "a registration is sent": Case(registering(app), **of_post),
        "and with limited choices": Case(registering(app, **ticked), **of_post),
    }


def report(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app, imports = filled_app(Path(folder), count)
        cases = cases_of(app, count)
        queries, middle = costs(cases, rounds)
    measure = middle["a Flask that renders one line"]
    lines = [f"{f'{count} registrations':<40}{'queries':>8}{'':<7}{'CPU ms':>8}{'':<7}{'× the line':>10}"]
    for name, case in cases.items():
        asked, worked = beside(queries[name], case.most_queries, 0), beside(middle[name], case.most_ms, 1)
        lines.append(f"  {name:<38}{asked}{worked}{middle[name] / measure:>9.1f}×")
    lines.append(f"{f'import of {count} rows':<40}{'seconds':>8}{'':<7}{'CPU s':>8}")
    for name, seconds in imports.items():
        lines.append(f"  {name:<38}{beside(seconds.wall, IMPORT_SECONDS, 2)}{seconds.cpu:>8.2f}")
    print("", *lines, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--people", type=int, nargs="*", default=[3000])
    chosen = parser.parse_args()
    for count in chosen.people:
        report(count, chosen.rounds)


if __name__ == "__main__":
    main()
