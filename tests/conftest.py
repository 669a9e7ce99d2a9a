"""What the tests stand on: both databases, the app, a client that checks each page, and the outbox.

A test that asks for `app`, `client` or `db_session` runs once on SQLite and once on PostgreSQL, with real
commits; `@pytest.mark.one_database` (on a test, a class or a module's `pytestmark`) keeps a slow page test to SQLite.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import jinja2
import pytest
import sqlalchemy
from flask import Flask
from sqlalchemy import select
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule, rules

import config
from retreat import create_app
from retreat.core import clock as core_clock
from retreat.core import jobs
from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.core.mail import OutboxMail
from tests import postgres
from tests.client import PageClient, outside
from tests.counting import counted

DATABASES = ("sqlite", "postgresql")

# A busy machine is no fault of the code: an example may take its time.
hypothesis.settings.register_profile("retreat", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("retreat")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        kinds = DATABASES[:1] if metafunc.definition.get_closest_marker("one_database") else DATABASES
        metafunc.parametrize("database", kinds, indirect=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The journeys share one site, so one process runs them all; any process runs any other test."""
    from xdist.scheduler import LoadScopeScheduling

    class OneSite(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "journeys" if nodeid.startswith("tests/journeys/") else nodeid

    return OneSite(config, log)


@dataclass(frozen=True)
class Database:
    """An empty database with the schema, for one test."""

    kind: str
    url: str


class CompiledTemplates(jinja2.BytecodeCache):
    """Each test has an app of its own, but a template is compiled once a process."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


DIALECTS: dict[str, sqlalchemy.Dialect] = {}
STATEMENTS: LRUCache[Any, Any] = LRUCache(5000)


def share_statements(engine: sqlalchemy.Engine) -> None:
    """Likewise a statement: its text depends on the dialect alone, and it is kept under it."""
    engine.dialect = DIALECTS.setdefault(engine.dialect.name, engine.dialect)
    engine._compiled_cache = STATEMENTS


def make_app(url: str, data: Path, **environ: str) -> Flask:
    """An app in test configuration on this database; further settings as the environment gives them."""
    settings = {"DATABASE_URL": url, "RETREAT_DATA": str(data), **environ}
    app = create_app(config.Test(settings).values())
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        share_statements(db.engine)
    return app


def upgrade(url: str, data: Path, revision: str = "head") -> None:
    import flask_migrate

    app = make_app(url, data)
    with app.app_context():
        flask_migrate.upgrade(revision=revision)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def _addresses_compiled_once() -> Iterator[None]:
    """Likewise an address: compiling two hundred of them is nine tenths of making an app.

    What Werkzeug makes depends on nothing but this key; it is bound to the app's own rule afterwards.
    """
    compile_builder, kept = Rule._compile_builder, {}

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        patch.setattr(rules, "parse_converter_args", cache(rules.parse_converter_args))
        yield


@pytest.fixture(scope="session", autouse=True)
def _away_from_the_checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever a test forgets to say, it does not touch var/ or the developer's settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "SECRET_KEY", "BASE_URL", "PORT", "HOST", "RETREAT_DEMO"):
            patch.delenv(name, raising=False)
        patch.setenv("RETREAT_ENV", "test")
        patch.setenv("RETREAT_DATA", str(tmp_path_factory.mktemp("var")))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL of this worker's own; its URL, with `{}` for the name of a database."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    path = folder / "retreat.sqlite"
    upgrade(f"sqlite:///{path}", folder)
    return path


class PostgresDatabase:
    """One database that is brought back to its first state after each test."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        upgrade(url, data)
        self.engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        self.tables = sqlalchemy.MetaData()
        self.tables.reflect(self.engine)
        self.tables.remove(self.tables.tables["alembic_version"])
        with self.engine.connect() as connection:
            self.first_rows = {
                table: [row._asdict() for row in connection.execute(select(table).order_by(*table.primary_key))]
                for table in self.tables.sorted_tables
            }

        tables = self.tables.sorted_tables
        self.filled = " UNION ALL ".join(
            f"SELECT '{one.name}' WHERE EXISTS (SELECT FROM \"{one.name}\")" for one in tables
        )
        self.numbers = "SELECT " + ", ".join(
            f"setval(pg_get_serial_sequence('{one.name}', 'id'), {max(ids, default=1)}, {bool(ids)})"
            for one in tables
            if "id" in one.columns and one.columns["id"].autoincrement
            for ids in [[row["id"] for row in self.first_rows[one]]]
        )

    def reset(self) -> None:
        """Few rows in few of many tables: to delete them takes a tenth of what TRUNCATE takes."""
        with self.engine.begin() as connection:
            # Nobody looks whether what is deleted is still referred to: all of it goes.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for name in connection.exec_driver_sql(self.filled).scalars().all():
                connection.exec_driver_sql(f'DELETE FROM "{name}"')
            for table, rows in self.first_rows.items():
                if rows:
                    connection.execute(table.insert(), rows)
            connection.exec_driver_sql(self.numbers)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> PostgresDatabase:
    return PostgresDatabase(postgres.create_database(postgres_server, "retreat"), tmp_path_factory.mktemp("pg"))


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        path = tmp_path / "retreat.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield Database("sqlite", f"sqlite:///{path}")
        return
    kept: PostgresDatabase = request.getfixturevalue("postgres_database")
    yield Database("postgresql", kept.url)
    kept.reset()


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Iterator[Flask]:
    """A fresh app; no context is pushed, as in the server between two requests."""
    app = make_app(database.url, tmp_path / "data")
    yield app
    app.extensions["retreat.jobs"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def db_session(app: Flask) -> Iterator[Any]:
    """`db.session` within the app's context, to arrange and to look.

    What is open is committed before each request of `client`, so a test need not commit by hand and never
    holds SQLite's one write lock against the request.
    """
    with app.app_context():
        yield db.session
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> PageClient:
    app.test_client_class = PageClient
    return app.test_client()


@pytest.fixture
def as_role(app: Flask) -> Callable[[str], PageClient]:
    """`as_role("registrar")` is a client signed in as an organiser of that role (made when there is none)."""
    from tests.signing_in import client_of_role

    app.test_client_class = PageClient
    return lambda role: outside(lambda: client_of_role(app, role))


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """`run_jobs()` does everything that waits, as a worker would; gives how many it did."""

    def run() -> int:
        with app.app_context():
            return jobs.run_waiting()

    return lambda: outside(run)


@pytest.fixture
def outbox(app: Flask) -> Callable[[], list[OutboxMail]]:
    """`outbox()` is every mail so far, oldest first."""

    def read() -> list[OutboxMail]:
        with app.app_context():
            mails = list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)))
            db.session.expunge_all()
            return mails

    return lambda: outside(read)


@pytest.fixture
def clock() -> Callable[[datetime], AbstractContextManager[None]]:
    """`with clock(instant):` stops the time."""
    return core_clock.stopped


@pytest.fixture
def system() -> Any:
    """The actor of what nobody in particular does."""
    return SYSTEM


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as queries:` collects every statement, of any engine, but for BEGIN and PRAGMA."""
    return counted


def pytest_report_header() -> str:
    return f"databases: {', '.join(DATABASES)}; processes: {os.environ.get('PYTEST_XDIST_WORKER_COUNT', '1')}"
