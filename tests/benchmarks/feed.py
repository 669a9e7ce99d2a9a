"""How fast feeds are answered, against Flask's own static file of the same size: `python -m tests.benchmarks.feed`.

Everything goes through Flask's test client, in turns, so that whatever else the machine does falls on all alike. The
static file is served by a Flask that does nothing else; the feed by Retreat, with one query. The lines in brackets are
what an answer would cost without what is kept, HTTP left out.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from pathlib import Path

import flask_migrate
from flask import Flask

import config
from retreat import create_app
from retreat.agenda import publishing, service
from retreat.agenda.models import PartRole
from retreat.agenda.values import Appearance
from retreat.calendars import feeds
from retreat.calendars.facts import Form
from retreat.calendars.feeds import WHOLE_AGENDA
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions

AT = datetime(2020, 1, 10, 9, tzinfo=UTC)
FEED = "/2020/calendar/agenda.ics"


@dataclass(frozen=True)
class Case:
    name: str
    ask: Callable[[], object]
    times: int = 50


def fill(sessions: int) -> None:
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
    for number in range(sessions):
        starts = wall(8 + number % 10, 15 * (number % 4))
        service.create_session(
            edition,
            {
                "title": Translated(en=f"Local governments and the agenda of tomorrow, part {number}"),
                "description": Translated(en="Cities and regions compare what they have learnt this year. " * 3),
                "date": date(2020, 2, 24) + timedelta(days=number % 5),
                "starts": starts,
                "ends": starts.replace(hour=starts.hour + 1),
                "languages": ["en", "fr", "es"],
                "parts": [Appearance(PartRole.CHAIR, "Aysu Yılmaz", "Mayor", "İzmir")],
            },
            at=AT,
            by=COMMAND,
        )
    publishing.publish(edition, at=AT, by=COMMAND)
    db.session.commit()


def filled_app(folder: Path, sessions: int) -> Flask:
    app = create_app(config.Test({"RETREAT_DATA": str(folder)}).values())
    with app.app_context():
        flask_migrate.upgrade()
        fill(sessions)
        db.session.remove()
    return app


def cases(folder: Path, sessions: int) -> list[Case]:
    """The baseline first."""
    retreat = filled_app(folder, sessions)
    feed = retreat.test_client()
    first = feed.get(FEED)
    assert first.data.count(b"BEGIN:VEVENT") == sessions
    public = folder / "public"
    public.mkdir()
    (public / "agenda.ics").write_bytes(first.data)
    static = Flask("bare", static_folder=str(public), static_url_path="/static").test_client()
    tag = static.get("/static/agenda.ics").headers["ETag"]
    has_it, has_feed = {"If-None-Match": tag}, {"If-None-Match": first.headers["ETag"]}

    def joined() -> None:
        feeds.bodies.clear()
        with retreat.app_context():
            feeds.public_feed("2020", WHOLE_AGENDA, language=None, form=Form.UTC, at=AT).body()

    def rendered() -> None:
        feeds.entries.clear()
        joined()

    return [
        Case("static 200", lambda: static.get("/static/agenda.ics").close()),
        Case("feed 200", lambda: feed.get(FEED).close()),
        Case("static 304", lambda: static.get("/static/agenda.ics", headers=has_it).close()),
        Case("feed 304", lambda: feed.get(FEED, headers=has_feed).close()),
        Case("(joined from kept entries)", joined, times=10),
        Case("(every entry rendered)", rendered, times=1),
    ]


def seconds_each(case: Case) -> float:
    started = time.perf_counter()
    for _ in range(case.times):
        case.ask()
    return (time.perf_counter() - started) / case.times


def measured(of: list[Case], rounds: int) -> dict[str, float]:
    """Median seconds per answer, over rounds in which each case has its turn."""
    taken: dict[str, list[float]] = {case.name: [] for case in of}
    for _ in range(rounds):
        for case in of:
            taken[case.name].append(seconds_each(case))
    return {name: statistics.median(values) for name, values in taken.items()}


def report(sessions: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = measured(cases(Path(folder), sessions), rounds)
    print(f"\n{sessions} sessions{'per second':>36}{'against static':>18}{'against rendering':>20}")
    for name, seconds in result.items():
        static = result["static 304"] if name.endswith("304") else result["static 200"]
        anew = result["(every entry rendered)"]
        print(f"  {name:<34}{1 / seconds:>10.0f}{static / seconds:>17.2f}×{anew / seconds:>19.1f}×")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sessions", type=int, nargs="*", default=[200, 1000])
    chosen = parser.parse_args()
    for sessions in chosen.sessions:
        report(sessions, chosen.rounds)


if __name__ == "__main__":
    main()
