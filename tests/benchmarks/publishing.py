"""What publishing costs in the request: `python -m tests.benchmarks.publishing [--database sqlite|postgresql] [--profile]`.

A day of 200 sessions, through the test client: the page of consequences and the publication itself, of everything
(the first revision) and of ten changed sessions; then the public page and feed of 30 revisions, with nothing kept in
memory and again. Wall time in milliseconds, the best and the middle of several, and the number of queries.
"""

import argparse
import cProfile
import pstats
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from retreat.agenda import publishing, service
from retreat.agenda.revisions import history, public
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests import conftest, postgres
from tests.agenda import busy_day, week
from tests.agenda.week import AT, NADIA
from tests.client import PageClient
from tests.signing_in import client_of_role

PUBLISH = "/organise/2020/agenda/publish"
RESTORE = "/organise/2020/agenda/revisions/1/restore"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp())
        stack.callback(shutil.rmtree, folder)
        url = f"sqlite:///{folder}/retreat.sqlite"
        if options.database == "postgresql":
            url = postgres.create_database(stack.enter_context(postgres.server()), "retreat")
        conftest.upgrade(url, folder)
        app = conftest.make_app(url, folder)
        run(app, options.profile)
        app.extensions["retreat.jobs"].close()
        with app.app_context():
            db.engine.dispose()


def run(app: Flask, is_profiled: bool) -> None:
    app.test_client_class = PageClient
    with app.app_context():
        busy_day.make(week.edition())
        db.session.commit()
    client = client_of_role(app, "administrator")
    first = measured(app, "page of consequences, 200 new", lambda: get(client, PUBLISH))
    assert first
    measured(app, "publication, 200 new", lambda: publish(client), times=1, is_profiled=is_profiled)
    for times in range(5):
        change(app, 10, times)
        if times == 0:
            measured(
                app, "page of consequences, 10 changed of 200", lambda: get(client, PUBLISH), is_profiled=is_profiled
            )
        measured(app, f"publication, 10 changed of 200 ({times + 1})", lambda: publish(client), times=1)
    change(app, 200, 9)
    measured(app, "page of consequences, 200 changed", lambda: get(client, PUBLISH), is_profiled=is_profiled)
    measured(app, "publication, 200 changed", lambda: publish(client), times=1)
    with app.app_context():
        for number in range(30 - 7):
            changed(20, 100 + number)
            publishing.publish(editions.edition_by_slug("2020"), at=AT + timedelta(days=1, hours=number), by=NADIA)
            db.session.commit()
    stranger = app.test_client()

    def forgotten(path: str) -> Callable[[], Any]:
        def ask() -> Any:
            history.kept_steps.clear()
            public._kept_told.clear()
            public._kept_feeds.clear()
            return get(stranger, path)

        return ask

    measured(
        app, "what changed, 30 revisions, nothing kept", forgotten("/2020/agenda/changes"), is_profiled=is_profiled
    )
    measured(app, "what changed, 30 revisions", lambda: get(stranger, "/2020/agenda/changes"))
    measured(app, "Atom, 30 revisions, nothing kept", forgotten("/2020/agenda/changes.atom"))
    measured(app, "Atom, 30 revisions", lambda: get(stranger, "/2020/agenda/changes.atom"))
    measured(app, "list of revisions, nothing kept", forgotten_by(client, "/organise/2020/agenda/revisions"))
    measured(app, "restore page, 200 changed", lambda: get(client, RESTORE))
    measured(app, "restoring 200 changed", lambda: restore(client), times=1, is_profiled=is_profiled)


def forgotten_by(client: Any, path: str) -> Callable[[], Any]:
    def ask() -> Any:
        history.kept_steps.clear()
        return get(client, path)

    return ask


def get(client: Any, path: str) -> Any:
    # Without the checks that the tests' client makes of every page.
    answer = FlaskClient.open(client, path)
    assert answer.status_code == 200, answer.status_code
    return answer


def publish(client: Any) -> Callable[[], None] | None:
    client.get(PUBLISH)
    form = client._form(PUBLISH, "edit", None).values()
    began = time.perf_counter()
    answer = client.post(PUBLISH, data=form)
    publish.took = time.perf_counter() - began  # type: ignore[attr-defined]
    assert answer.status_code == 303, answer.status_code
    return None


def restore(client: Any) -> None:
    client.get(RESTORE)
    form = {**client._form(RESTORE, "edit", None).values(), "is_lost": "y"}
    began = time.perf_counter()
    answer = client.post(RESTORE, data=form)
    publish.took = time.perf_counter() - began  # type: ignore[attr-defined]
    assert answer.status_code == 303, answer.status_code


def change(app: Flask, count: int, number: int) -> None:
    with app.app_context():
        changed(count, number)
        db.session.commit()


def changed(count: int, number: int) -> None:
    edition = editions.edition_by_slug("2020")
    for session in service.draft_sessions(edition)[:count]:
        values: Any = {
            "title": Translated({**session.title, "en": f"Title {number}"}),
            "description": Translated(en=f"Cities meet here to speak about what they do in the year {number} " * 6),
        }
        service.change_session(session, values, at=AT, by=NADIA)


def measured(
    app: Flask, name: str, act: Callable[[], Any], *, times: int = 5, is_profiled: bool = False
) -> list[float]:
    found = []
    queries: list[str] = []

    def count(*args: Any) -> None:
        queries.append(args[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", count)
    profile = cProfile.Profile()
    for _ in range(times):
        publish.took = None  # type: ignore[attr-defined]
        queries.clear()
        if is_profiled:
            profile.enable()
        began = time.perf_counter()
        act()
        took = time.perf_counter() - began
        profile.disable()
        found.append(1000 * (publish.took or took))  # type: ignore[attr-defined]
    event.remove(engine, "before_cursor_execute", count)
    print(f"{name:48} best {min(found):7.1f} ms   middle {statistics.median(found):7.1f} ms   {len(queries)} queries")
    if is_profiled:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(35)
    return found


if __name__ == "__main__":
    main()
