"""What a full week costs: `python -m tests.benchmarks.agenda`.

A day of 200 sessions in twelve halls as strangers and organisers see it, and the clashes of a draft of 1,000 sessions
with three people each, some of bodies that meet; what revisions cost is `publishing`'s to say. In processor time, and in
turns; the measure of a page is a Flask that renders one line of Jinja, and of the clashes, comparing each session with
each other. Behind ≤ stands what the project promises; a figure above it is marked with !, which on a busy machine says
little of milliseconds and much of queries and sizes.
"""

import argparse
import gc
import random
import statistics
import tempfile
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import select

import config
from retreat import create_app
from retreat.accounts.models import Organiser, Role
from retreat.agenda import checks, service
from retreat.agenda.models import PartRole
from retreat.agenda.people import People
from retreat.agenda.values import Appearance
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.network import service as network
from retreat.network.models import Person, Seat
from tests.agenda import busy_day, week
from tests.benchmarks._measuring import Case, bare_page, beside, costs, milliseconds, signed_in
from tests.counting import counted

DAY = week.TUESDAY.isoformat()
MOST_KB = 60


def filled_app(folder: Path, sessions: int) -> Flask:
    """Edition 2020 has the busy day, published; edition 2021 the draft of so many sessions."""
    app = create_app(config.Test({"RETREAT_DATA": str(folder)}).values())
    with app.app_context():
        flask_migrate.upgrade()
        busy = week.edition()
        busy_day.make(busy)
        db.session.flush()
        week.publish(busy)
        many_sessions(week.edition("2021"), sessions)
        db.session.add(Organiser(email="o@example.org", name="O", role=Role.ADMINISTRATOR, created_at=week.AT))
        db.session.commit()
        db.session.remove()
    # As wsgi.py does.
    gc.collect()
    gc.freeze()
    return app


def many_sessions(edition: Edition, count: int) -> None:
    """Five days, twelve halls, three people each out of 300; every twentieth is a meeting of one of four bodies."""
    chance = random.Random(4)
    people = [f"Speaker {number}" for number in range(300)]
    codes = busy_day.make(edition, sessions=0)
    assert not codes
    halls = list(edition.halls)
    bodies = [network.add_body(Translated(en=f"Body {number}"), at=week.AT, by=COMMAND) for number in range(4)]
    known = People(edition)
    for number in range(count):
        start = timedelta(hours=9, minutes=5 * chance.randrange(96))
        length = timedelta(minutes=chance.choice((30, 45, 60, 90)))
        starts = datetime(2020, 2, 24) + start
        values: dict[str, Any] = {
            "code": f"M{number:04d}",
            "title": Translated(en=f"Session {number}"),
            "date": edition.starts_on + timedelta(days=number % 5),
            "starts": starts.time(),
            "ends": (starts + length).time(),
            "hall": halls[number % len(halls)],
            "parts": [Appearance(PartRole.SPEAKER, name) for name in chance.sample(people, 3)],
            "body": bodies[number // 20 % 4] if number % 20 == 0 else None,
        }
        service.add_session(edition, values, at=week.AT, by=week.NADIA, people=known)  # type: ignore[arg-type]
    db.session.flush()
    sitting = list(db.session.scalars(select(Person).order_by(Person.id).limit(160)))
    db.session.add_all(Seat(person=person, body=bodies[number % 4]) for number, person in enumerate(sitting))


def cases_of(app: Flask) -> dict[str, Case]:
    stranger, organiser = app.test_client(), signed_in(app)

    def page(client: Any, address: str, headers: dict[str, str] | None = None, status: int = 200, **most: int) -> Case:
        def ask() -> None:
            answer = client.get(address, headers=headers)
            assert answer.status_code == status, (address, answer.status_code)
            answer.close()

        return Case(ask, **most)

    day = f"/2020/agenda/{DAY}"
    tag = stranger.get(day).headers["ETag"]
    board = f"/organise/2020/board?day={DAY}"
    return {
        "a Flask that renders one line": Case(bare_page()),
        "the public day": page(stranger, day, most_queries=8, most_ms=20),
        "the public day, searched": page(stranger, f"{day}?q=finance", most_queries=8, most_ms=20),
        "the public day, unchanged": page(stranger, day, {"If-None-Match": tag}, 304, most_queries=8),
        "agenda.json": page(stranger, "/2020/agenda.json"),
        "the board": page(organiser, board),
        "the list of 1,000": page(organiser, "/organise/2021/agenda"),
    }


def clashing_costs(app: Flask, rounds: int) -> tuple[float, int, int, float]:
    """Milliseconds from the database to the clashes, queries, clashes, and milliseconds of comparing all pairs."""
    with app.app_context():
        edition = db.session.scalars(select(Edition).where(Edition.slug == "2021")).one()
        with counted() as statements:
            found = checks.draft_clashes(edition)
        taken = statistics.median(milliseconds(lambda: checks.draft_clashes(edition)) for _ in range(rounds))
        slots = [side.slot for side in checks.draft_of(edition).sides.values()]
        pairs = milliseconds(lambda: sum(_overlap(one, other) for one, other in combinations(slots, 2)))
        db.session.remove()
    return taken, len(statements), len(found), pairs


def _overlap(one: Any, other: Any) -> bool:
    return bool(one.start < other.end and other.start < one.end)


def report(sessions: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = filled_app(Path(folder), sessions)
        cases = cases_of(app)
        size = len(app.test_client().get(f"/2020/agenda/{DAY}").data) / 1000
        queries, middle = costs(cases, rounds)
        clashing, asked, found, pairs = clashing_costs(app, rounds)
    measure = middle["a Flask that renders one line"]
    lines = [f"{'200 sessions on one day':<40}{'queries':>8}{'':<7}{'CPU ms':>8}{'':<7}{'× the line':>10}"]
    for name, case in cases.items():
        line = f"  {name:<38}{beside(queries[name], case.most_queries, 0)}{beside(middle[name], case.most_ms, 1)}"
        lines.append(f"{line}{middle[name] / measure:>9.1f}×")
    lines.append(f"  {'size of the public day, KB':<38}{beside(size, MOST_KB, 1)}")
    lines.append(f"{f'{found} clashes of {sessions} sessions':<40}{beside(asked, 3, 0)}{beside(clashing, 50, 1)}")
    lines.append(f"  {'comparing all pairs, once':<38}{'':<15}{pairs:>8.1f}")
    print("", *lines, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sessions", type=int, default=1000)
    chosen = parser.parse_args()
    report(chosen.sessions, chosen.rounds)


if __name__ == "__main__":
    main()
