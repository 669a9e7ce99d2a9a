"""What the list of registrations, a registration and an import cost: `python -m tests.benchmarks.registrations`.

In processor time, and through Flask's test client in turns, so that whatever else the machine does falls on all alike.
The measure of a page is a Flask that renders one line of Jinja; queries are counted at the cursor.
"""

import argparse
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import flask_migrate
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

import config
from retreat import create_app
from retreat.accounts.models import Organiser, Role
from retreat.core import sheets
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration.imports import import_registrations
from retreat.registration.rows import COLUMNS

AT = datetime(2020, 1, 10, 9, tzinfo=UTC)
LIST = "/organise/2020/registrations"
CITIES = ("Osh", "İzmir", "Bogotá", "Dakar", "Kazan", "Guangzhou", "Montréal", "Ramallah", "Łódź", "Đà Nẵng")
SECTIONS = ("Eurasia", "Europe", "Africa", "Latin America", "Asia-Pacific", "")
STATUSES = ("submitted", "approved", "approved", "approved", "waitlisted", "declined")


def people(count: int) -> bytes:
    """A file of so many, of all kinds."""
    chance = random.Random(3)
    rows = [
        {
            **dict.fromkeys(COLUMNS, ""),
            "given_name": f"Name{number}",
            "family_name": f"Family{chance.randrange(count)}",
            "email": f"p{number}@example.org",
            "organisation": f"City of {chance.choice(CITIES)} {chance.randrange(200)}",
            "position": "Head of international relations",
            "city": chance.choice(CITIES),
            "section": chance.choice(SECTIONS),
            "languages": chance.choice(("en", "ru;en", "fr;es", "")),
            "category": "delegate",
            "status": chance.choice(STATUSES),
        }
        for number in range(count)
    ]
    return sheets.write("csv", COLUMNS, rows)


class Seconds(NamedTuple):
    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of processor)"


def read_in(edition: Edition, content: bytes) -> Seconds:
    """From the bytes of the file to the end of the transaction."""
    started, worked = time.perf_counter(), time.process_time()
    import_registrations(edition, sheets.read("people.csv", content, columns=COLUMNS), at=AT, by=COMMAND)
    db.session.commit()
    return Seconds(time.perf_counter() - started, time.process_time() - worked)


def filled_app(folder: Path, count: int) -> tuple[Flask, Seconds, Seconds]:
    """With the seconds of an import of new people, and of the same file again."""
    app = create_app(config.Test({"RETREAT_DATA": str(folder)}).values())
    with app.app_context():
        flask_migrate.upgrade()
        edition = editions.create_edition(
            "2020",
            title=Translated(en="UCLG Retreat & Campus"),
            city="Tangier",
            country="Morocco",
            zone="Africa/Casablanca",
            starts_on=date(2020, 2, 24),
            ends_on=date(2020, 2, 28),
            at=AT,
            by=COMMAND,
        )
        db.session.add(Organiser(email="r@example.org", name="R", role=Role.REGISTRAR, created_at=AT))
        db.session.commit()
        content = people(count)
        new, again = read_in(edition, content), read_in(edition, content)
        db.session.remove()
    return app, new, again


def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    with app.app_context():
        identity = db.session.scalars(select(Organiser)).one().get_id()
        db.session.remove()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = identity, True
    return client


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def bare_page() -> Callable[[], object]:
    bare = Flask("bare")
    bare.add_url_rule("/", view_func=lambda: render_template_string("<p>{{ 1 }}</p>"))
    client = bare.test_client()
    return lambda: client.get("/").close()


def registering(app: Flask) -> Callable[[], object]:
    """Each time somebody else sends the public form."""
    client, number = app.test_client(), iter(range(1_000_000))
    page = client.get("/2020/register").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    key = re.search(r'name="submission_key"[^>]*value="([^"]+)"', page)
    held = {"csrf_token": token[1] if token else "", "category": "delegate", "consent": "y"}

    def register() -> None:
        one = next(number)
        answer = client.post(
            "/2020/register",
            data={
                **held,
                "submission_key": f"{one}{key[1] if key else ''}"[:60],
                "given_name": "Ana",
                "family_name": f"Bench{one}",
                "email": f"bench{one}@example.org",
            },
        )
        assert answer.status_code == 303, answer.status_code

    return register


def milliseconds(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return (time.process_time() - started) * 1000


def report(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app, new, again = filled_app(Path(folder), count)
        client = signed_in(app)
        cases: dict[str, Callable[[], object]] = {"a Flask that renders one line": bare_page()}
        for name, query in (
            ("the list", ""),
            ("the list by name", "?order=name"),
            ("the list of a filter", "?section=eurasia&language=ru&q=family"),
            ("the list, last page", f"?page={count // 50}"),
        ):
            cases[name] = lambda query=query: client.get(LIST + query).close()  # type: ignore[misc]
        cases["its counts"] = lambda: client.get("/organise/2020/lists/counts").close()
        cases["a registration is sent"] = registering(app)
        queries = {}
        for name, act in cases.items():
            act()
            with counted() as statements:
                act()
            queries[name] = len(statements)
        taken: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(rounds):
            for name, act in cases.items():
                taken[name].append(milliseconds(act))
    measure = statistics.median(taken["a Flask that renders one line"])
    print(f"\n{count} registrations{'queries':>24}{'CPU ms':>10}{'against the line':>20}")
    for name, each in taken.items():
        middle = statistics.median(each)
        print(f"  {name:<34}{queries[name]:>4}{middle:>11.1f}{middle / measure:>18.1f}×")
    print(f"  import of {count} new rows: {new}; of the same again: {again}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--people", type=int, nargs="*", default=[3000])
    chosen = parser.parse_args()
    for count in chosen.people:
        report(count, chosen.rounds)


if __name__ == "__main__":
    main()
