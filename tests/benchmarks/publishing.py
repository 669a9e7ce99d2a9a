"""What revisions cost in the request: `python -m tests.benchmarks.publishing [--database postgresql] [--sessions 200]`.

One day of so many sessions: what publishing would change and the publication itself, of everything, of ten sessions and
of all again; what the public reads of 30 revisions, with nothing kept in memory and again; restoring the first. In
milliseconds of the clock, because the database may be a process of its own: the best and the middle of several. Behind ≤
stands what the project promises of 200 sessions; a figure above it is marked with !, which says little on a busy machine.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from retreat.agenda import publishing, service
from retreat.agenda.revisions import history, public
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests import conftest, postgres
from tests.agenda import busy_day, week
from tests.agenda.week import AT, NADIA
from tests.benchmarks._measuring import beside, milliseconds_by_the_clock
from tests.client import PageClient
from tests.counting import counted
from tests.signing_in import client_of_role

PUBLISH = "/organise/2020/agenda/publish"
RESTORE = "/organise/2020/agenda/revisions/1/restore"
CHANGES, FEED = "/2020/agenda/changes", "/2020/agenda/changes.atom"
REVISIONS = "/organise/2020/agenda/revisions"
MOST_MS = 300


def report(app: Flask, sessions: int) -> None:
    app.test_client_class = PageClient
    with app.app_context():
        busy_day.make(week.edition(), sessions=sessions)
        db.session.commit()
    most = MOST_MS if sessions <= 200 else None
    organiser, stranger = client_of_role(app, "administrator"), app.test_client()
    print(f"\n{f'{sessions} sessions':<46}{'queries':>8}{'':<7}{'best ms':>8}{'':<7}{'middle':>8}")
    print_line("what publishing would change, all new", page(organiser, PUBLISH))
    print_line("publishing, all new", sent(organiser, PUBLISH), times=1, most=most)
    change(app, 10)
    print_line("what publishing would change, 10", page(organiser, PUBLISH))
    print_line("publishing, 10 changed", sent(organiser, PUBLISH, before=lambda: change(app, 10)), most=most)
    change(app, sessions)
    print_line("what publishing would change, all", page(organiser, PUBLISH))
    every = sent(organiser, PUBLISH, before=lambda: change(app, sessions))
    print_line("publishing, all changed", every, times=3, most=most)
    publish_until(app, 30)
    for name, client, path in (
        ("what changed, 30 revisions", stranger, CHANGES),
        ("Atom, 30 revisions", stranger, FEED),
        ("the list of revisions", organiser, REVISIONS),
    ):
        print_line(f"{name}, nothing kept", page(client, path, before=forget))
        print_line(name, page(client, path))
    print_line("what restoring would change, all", page(organiser, RESTORE))
    print_line("restoring, all changed", sent(organiser, RESTORE, is_lost="y"), times=1)


Measured = Callable[[], tuple[float, int]]
"""Milliseconds and the number of queries of one request."""


def page(client: Any, path: str, before: Callable[[], object] = lambda: None) -> Measured:
    def ask() -> tuple[float, int]:
        before()

        def get() -> None:
            # Without the checks that the tests' client makes of every page.
            answer = FlaskClient.open(client, path)
            assert answer.status_code == 200, (path, answer.status_code)

        with counted() as statements:
            return milliseconds_by_the_clock(get), len(statements)

    return ask


def sent(client: Any, path: str, before: Callable[[], object] = lambda: None, **more: str) -> Measured:
    """The form of a page as it stands there; only sending it is measured."""

    def ask() -> tuple[float, int]:
        before()
        client.get(path)
        form = {**client._form(path, "edit", None).values(), **more}

        def post() -> None:
            answer = FlaskClient.open(client, path, method="POST", data=form)
            assert answer.status_code == 303, (path, answer.status_code)

        with counted() as statements:
            return milliseconds_by_the_clock(post), len(statements)

    return ask


def print_line(name: str, measured: Measured, *, times: int = 5, most: int | None = None) -> None:
    found = [measured() for _ in range(times)]
    taken = [cost for cost, _ in found]
    line = f"  {name:<44}{beside(found[-1][1], None, 0)}{beside(min(taken), most, 1)}"
    print(f"{line}{statistics.median(taken):>8.1f}")


def forget() -> None:
    history.kept_steps.clear()
    public._kept_told.clear()
    public._kept_feeds.clear()


_rounds = iter(range(1_000))


def change(app: Flask, count: int) -> None:
    """The titles and descriptions of the first so many sessions."""
    with app.app_context():
        changed(count, next(_rounds))
        db.session.commit()


def changed(count: int, number: int) -> None:
    edition = editions.edition_by_slug("2020")
    for session in service.draft_sessions(edition)[:count]:
        values: Any = {
            "title": Translated({**session.title, "en": f"Title {number}"}),
            "description": Translated(en=f"Cities meet here to speak about what they do in the year {number} " * 6),
        }
        service.change_session(session, values, at=AT, by=NADIA)


def publish_until(app: Flask, number: int) -> None:
    """Revisions of twenty changes each, an hour apart."""
    with app.app_context():
        edition = editions.edition_by_slug("2020")
        last = publishing.last_revision(edition)
        for one in range(last.number if last else 0, number):
            changed(20, 2_000 + one)
            publishing.publish(edition, at=AT + timedelta(days=1, hours=one), by=NADIA)
            db.session.commit()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--sessions", type=int, default=200)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder}/retreat.sqlite"
        if chosen.database == "postgresql":
            url = postgres.create_database(stack.enter_context(postgres.server()), "retreat")
        conftest.upgrade(url, folder)
        app = conftest.make_app(url, folder)
        report(app, chosen.sessions)
        app.extensions["retreat.jobs"].close()
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    main()
