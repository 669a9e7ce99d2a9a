"""What the benchmarks measure with: processor time in turns, queries at the cursor, a bare Flask to compare with."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from retreat.accounts.models import Organiser
from retreat.core.db import db


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


def milliseconds(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return (time.process_time() - started) * 1000


def milliseconds_by_the_clock(act: Callable[[], object]) -> float:
    """What the person waits, the time of another process included."""
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


class Case(NamedTuple):
    act: Callable[[], object]
    most_queries: int | None = None
    most_ms: int | None = None


def beside(value: float, most: int | None, places: int) -> str:
    """The figure, what is promised, and a mark where it is more."""
    promised = f"≤ {most}" if most is not None else ""
    return f"{value:>8.{places}f} {promised:<5}{'!' if most is not None and value > most else ' '}"
