"""How fast feeds are answered, against Flask's own static file of the same size: `python -m tests.benchmarks.feed`.

Everything goes through Flask's test client, in turns, so that whatever else the machine does falls on all alike. The
static file is served by a Flask that does nothing else; the feeds by Retreat, with their queries. All sessions are in
one hall and have one chair: the whole agenda, the hall's feed and the chair's own week are as large as the file. Lines
in brackets promise nothing: what the view takes without the door before it, and what an answer would cost without what
is kept. Behind ≥ and ≤ stands what the project promises; where it is missed there is a ! and the exit status is 1. With
PostgreSQL every answer waits until the system has woken another process and this one again, which a file never does:
what is missed against the file has its ! there too, beside the bare round trip of SELECT 1, but not the exit status.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import literal_column, select

from retreat.agenda import frame, publishing, service
from retreat.agenda.models import AgendaSession, PartRole
from retreat.agenda.values import Appearance
from retreat.calendars import asking, feeds, ical, personal
from retreat.calendars import service as calendars
from retreat.calendars.facts import Form
from retreat.calendars.feeds import WHOLE_AGENDA
from retreat.core import clock
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.network.models import Person
from tests import conftest, postgres
from tests.counting import counted

AT = datetime(2020, 1, 10, 9, tzinfo=UTC)
WHOLE, HALL = "/2020/calendar/agenda.ics", "/2020/calendar/hall/grand-hall.ics"
CLIENTS, THREADS = 500, 20
MOST_QUERIES, MOST_GROWTH = 2, 1.5
"""Five times the sessions: what an answer of ready bytes may take more, for longer keys of caches and colder memory."""


@dataclass(frozen=True)
class Case:
    name: str
    ask: Callable[[], object]
    measure: str = ""
    """The case that this one is compared with."""
    least: float | None = None
    """Times as fast as that, it is promised."""
    least_of_rendering: float | None = None
    times: int = 50


class Site:
    """Retreat with so many published sessions, and beside it a Flask with a file."""

    def __init__(self, url: str, folder: Path, sessions: int) -> None:
        conftest.upgrade(url, folder)
        self.app = conftest.make_app(url, folder)
        self.sessions = sessions
        with self.app.app_context():
            self.own = f"/calendar/{_filled(sessions)}.ics"
            db.session.remove()
        self.folder = folder / "public"
        self.folder.mkdir()

    def close(self) -> None:
        self.app.extensions["retreat.jobs"].close()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def cases(self) -> list[Case]:
        retreat = self.app.test_client()
        whole = retreat.get(WHOLE)
        assert whole.data.count(b"BEGIN:VEVENT") == self.sessions
        (self.folder / "agenda.ics").write_bytes(whole.data)
        static = Flask("bare", static_folder=str(self.folder), static_url_path="/static").test_client()

        def get(client: Any, path: str, tag: str = "", status: int = 200) -> Callable[[], None]:
            def ask() -> None:
                answer = client.get(path, headers={"If-None-Match": tag} if tag else None)
                assert answer.status_code == status, (path, answer.status_code)
                answer.close()

            return ask

        def both(name: str, client: Any, path: str, **promised: Any) -> list[Case]:
            answer = [client.get(path) for _ in range(3)][-1]
            tag, promises = answer.headers["ETag"], bool(promised)
            assert abs(len(answer.data) / len(whole.data) - 1) < 0.05, (path, len(answer.data))
            return [
                Case(f"{name} 200", get(client, path), "static 200", 1.2 if promises else None, **promised),
                Case(f"{name} 304", get(client, path, tag, 304), "static 304", 1.5 if promises else None, **promised),
            ]

        def seen_by_the_view(name: str, path: str) -> Case:
            # A list of tags is the view's to judge.
            tag = f'"another", {retreat.get(path).headers["ETag"]}'
            return Case(f"({name} 304, by the view)", get(retreat, path, tag, 304), "static 304", times=20)

        promised = {"least_of_rendering": 100}
        return [
            *both("static", static, "/static/agenda.ics"),
            *both("whole agenda", retreat, WHOLE, **promised),
            *both("one hall", retreat, HALL, **promised),
            *both("own week", retreat, self.own, **promised),
            seen_by_the_view("whole agenda", WHOLE),
            seen_by_the_view("own week", self.own),
            Case("(SELECT 1, as the door asks)", self._select_one(), "static 304"),
            Case("(whole agenda joined)", self._joined, "static 200", times=10),
            Case("(own week joined)", self._own_joined, "static 200", times=10),
            Case("(every entry rendered)", self._rendered, "static 200", times=1),
        ]

    def _select_one(self) -> Callable[[], object]:
        """What any answer costs at least that asks this database first."""
        with self.app.app_context():
            asker, query = asking.Asker(db.engine), asking.Query(db.engine, select(literal_column("1")))
        return lambda: asker.rows(query, {})

    def _joined(self) -> None:
        feeds.bodies.clear()
        with self.app.app_context():
            feeds.public_feed("2020", WHOLE_AGENDA, language=None, form=Form.UTC, at=AT).body()

    def _own_joined(self) -> None:
        feeds.bodies.clear()
        with self.app.app_context():
            token = self.own.removeprefix("/calendar/").removesuffix(".ics")
            personal.personal_feed(token, language=None, form=Form.UTC, at=AT)[1].body()

    def _rendered(self) -> None:
        feeds.entries.clear()
        self._joined()

    def burst(self) -> tuple[int, int, float]:
        """Everybody asks at the minute after a change is published: entries and calendars written, and seconds."""
        tag = self.app.test_client().get(WHOLE).headers["ETag"]
        with self.app.app_context():
            edition = editions.edition_by_slug("2020")
            session = db.session.scalars(select(AgendaSession).limit(1)).one()
            service.change_session(session, {"title": Translated(en="Moved at the last minute")}, at=AT, by=COMMAND)
            publishing.publish(edition, at=AT + timedelta(hours=1), by=COMMAND)
            db.session.commit()
            db.session.remove()
        # As a process that has just been started: nothing is left of what was rendered before.
        feeds.entries.clear()
        feeds.bodies.clear()

        def ask(number: int) -> bytes:
            headers = {"If-None-Match": tag} if number % 2 else None
            answer = self.app.test_client().get(WHOLE, headers=headers)
            assert answer.status_code == 200
            return answer.data

        with _written() as written, ThreadPoolExecutor(THREADS) as threads:
            started = time.perf_counter()
            answers = set(threads.map(ask, range(CLIENTS)))
            seconds = time.perf_counter() - started
        assert len(answers) == 1
        return written.count("event"), written.count("calendar"), seconds


@contextmanager
def _written() -> Iterator[list[str]]:
    """What the only module that writes iCalendar was asked for."""
    found: list[str] = []

    def noting(name: str) -> Callable[..., bytes]:
        write = getattr(ical, name)
        return lambda *values: (found.append(name), write(*values))[1]

    with patch.object(ical, "event", noting("event")), patch.object(ical, "calendar", noting("calendar")):
        yield found


def _filled(sessions: int) -> str:
    """The token of the chair's own calendar."""
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
    hall = frame.create_hall(
        edition, {"name": Translated(en="Grand Hall"), "venue": edition.venues[0]}, at=AT, by=COMMAND
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
                "hall": hall,
                "venue": hall.venue,
                "languages": ["en", "fr", "es"],
                "parts": [Appearance(PartRole.CHAIR, "Aysu Yılmaz", "Mayor", "İzmir")],
            },
            at=AT,
            by=COMMAND,
        )
    publishing.publish(edition, at=AT, by=COMMAND)
    chair = db.session.scalars(select(Person)).one()
    made = calendars.subscribe(calendars.PersonOwner(chair.id), edition.id, "Benchmark", at=AT)
    db.session.commit()
    return str(made.token)


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


def queries_of(case: Case) -> int:
    """With those that the door asks of the driver itself."""
    ask, asked = asking.Asker.rows, []

    def noted(asker: Any, query: Any, values: Any) -> Any:
        asked.append(query)
        return ask(asker, query, values)

    case.ask()
    with counted() as statements, patch.object(asking.Asker, "rows", noted):
        case.ask()
    return len(asked) + len(statements)


class Report:
    """Lines with what is promised; how many promises were missed, and how many of them against the file."""

    def __init__(self) -> None:
        self.missed = self.missed_against_the_file = 0

    def beside(self, text: str, is_kept: bool) -> str:
        self.missed += not is_kept
        return f"{text}{' ' if is_kept else '!'}"

    def against_the_file(self, value: float, least: float | None) -> str:
        self.missed_against_the_file += least is not None and value < least
        return self.at_least(value, least, 2)

    def at_least(self, value: float, least: float | None, places: int) -> str:
        promised = f"≥ {least:g}" if least is not None else ""
        return self.beside(f"{value:>10.{places}f}× {promised:<6}", least is None or value >= least)

    def at_most(self, value: float, most: float | None, places: int = 0) -> str:
        promised = f"≤ {most:g}" if most is not None else ""
        return self.beside(f"{value:>8.{places}f} {promised:<5}", most is None or value <= most)


def report(site: Site, rounds: int, to: Report) -> dict[str, float]:
    cases = site.cases()
    queries = {case.name: queries_of(case) for case in cases if case.times > 1}
    taken = measured(cases, rounds)
    print(f"\n{site.sessions} sessions{'a second':>31}{'queries':>11}{'× static':>15}{'× rendering':>19}")
    for case in cases:
        seconds, promises = taken[case.name], case.least is not None
        asked = to.at_most(queries.get(case.name, 0), MOST_QUERIES if promises else None)
        static = to.against_the_file(taken[case.measure or "static 200"] / seconds, case.least)
        anew = to.at_least(taken["(every entry rendered)"] / seconds, case.least_of_rendering, 0)
        print(f"  {case.name:<32}{1 / seconds:>8.0f}{asked}{static}{anew}")
    entries, calendars_written, seconds = site.burst()
    name = f"{CLIENTS} clients in {THREADS} threads after publishing, s"
    print(f"  {name:<50}{seconds:>6.1f}")
    print(f"  {'  entries written':<48}{to.at_most(entries, site.sessions)}")
    print(f"  {'  calendars written':<48}{to.at_most(calendars_written, 1)}")
    return taken


def growth(few: dict[str, float], many: dict[str, float], to: Report) -> None:
    print("\nFrom the fewest to the most sessions, times as long")
    for name, seconds in many.items():
        if not name.startswith("("):
            promised = None if name.startswith("static") else MOST_GROWTH
            print(f"  {name:<48}{to.at_most(seconds / few[name], promised, 2)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=conftest.DATABASES, default="sqlite")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sessions", type=int, nargs="*", default=[200, 1000])
    chosen = parser.parse_args()
    to, found = Report(), []
    with ExitStack() as stack, clock.stopped(AT + timedelta(hours=2)):
        server = stack.enter_context(postgres.server()) if chosen.database == "postgresql" else ""
        for sessions in chosen.sessions:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = (
                postgres.create_database(server, f"feeds{sessions}") if server else f"sqlite:///{folder}/retreat.sqlite"
            )
            site = Site(url, folder, sessions)
            try:
                found.append(report(site, chosen.rounds, to))
            finally:
                site.close()
    if len(found) > 1:
        growth(found[0], found[-1], to)
    if to.missed:
        print(f"\n{to.missed} promises are not kept; they are marked with !", file=sys.stderr)
    sys.exit(to.missed > (to.missed_against_the_file if chosen.database == "postgresql" else 0))


if __name__ == "__main__":
    main()
