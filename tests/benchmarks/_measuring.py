"""What the benchmarks measure with: processor time in turns, queries at the cursor, a bare Flask to compare with."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy import select

from retreat.accounts.models import Organiser
from retreat.core.db import db
from tests.counting import counted


def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    with app.app_context():
        identity = db.session.scalars(select(Organiser)).one().get_id()
        db.session.remove()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = identity, True
    return client


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


class Costs(NamedTuple):
    """Of each case by its name: queries, and the median of the milliseconds of processor time."""

    queries: dict[str, int]
    ms: dict[str, float]


def costs(cases: Mapping[str, Case], rounds: int) -> Costs:
    """Every case once to warm up and once to count, then all in turns."""
    queries = {}
    for name, case in cases.items():
        case.act()
        with counted() as statements:
            case.act()
        queries[name] = len(statements)
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            taken[name].append(milliseconds(case.act))
    return Costs(queries, {name: statistics.median(each) for name, each in taken.items()})
