"""The feeds' own queries past SQLAlchemy's results: rows are only compared, as the driver gives them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Engine, Select, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql.compiler import SQLCompiler

from retreat.calendars import service
from retreat.calendars.feeds import PUBLIC, ScopeKind
from retreat.calendars.personal import BY_TOKEN_WITH_CHOICES, OWNER_COLUMNS
from retreat.core import tokens
from retreat.core.db import UTCDateTime


class DatabaseAway(Exception):
    """It did not answer."""


class _Cut(DatabaseAway):
    """Not on a connection that was kept: the database behind it may have been started anew."""


class Asking(Protocol):
    """What one address asks of the database."""

    @property
    def is_public(self) -> bool: ...

    def found(self, now: datetime) -> "Found | None":
        """None where the view must be asked. Raises DatabaseAway."""


class Found(NamedTuple):
    """What one address asks of the database, answered."""

    state: object
    """All that decides the answer but the clock."""
    subscription_to_note: int | None = None
    """Whose fetch is worth a write."""


class Asker:
    """The queries as text, and connections that need no transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = _without_transactions(engine)
        self._is_shared = self._engine is engine
        self._troubles = (SQLAlchemyError, engine.dialect.loaded_dbapi.Error)
        self.public = {kind: Query(engine, PUBLIC[kind]) for kind in ScopeKind}
        self.own = Query(engine, BY_TOKEN_WITH_CHOICES)
        self.instant = UTCDateTime().dialect_impl(engine.dialect).result_processor(engine.dialect, None) or _as_it_is

    def rows(self, query: "Query", values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """Raises DatabaseAway, and TimeoutError where more ask at once than there are connections."""
        try:
            return self._rows(query, values)
        except _Cut:
            if self._is_shared:
                raise
            # All that are kept were cut with this one, and each would have told something that is no longer true.
            self._engine.dispose()
            return self._rows(query, values)

    def _rows(self, query: "Query", values: Mapping[str, Any]) -> list[Sequence[Any]]:
        try:
            connection = self._engine.raw_connection()
        except PoolTimeout as error:
            raise TimeoutError from error
        except self._troubles as error:
            raise DatabaseAway from error
        try:
            cursor = connection.cursor()
            cursor.execute(query.sql, query.given(values))
            found = list(cursor.fetchall())
            cursor.close()
        except self._troubles as error:
            with suppress(Exception):
                connection.invalidate(error)
            raise _Cut from error
        finally:
            connection.close()
        return found


class Query:
    """One statement in the driver's own words, found when it is asked first."""

    def __init__(self, engine: Engine, statement: Select[*tuple[Any, ...]]) -> None:
        self._dialect = engine.dialect
        self._statement = statement

    @cached_property
    def _compiled(self) -> SQLCompiler:
        compiled = self._statement.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True})
        assert isinstance(compiled, SQLCompiler)
        return compiled

    @cached_property
    def sql(self) -> str:
        return str(self._compiled)

    @cached_property
    def _always(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in self._compiled.params.items()}

    @cached_property
    def _positions(self) -> tuple[str, ...] | None:
        return tuple(self._compiled.positiontup or ()) if self._compiled.positional else None

    def given(self, values: Mapping[str, Any]) -> Any:
        known = {**self._always, **{name: value for name, value in values.items() if name in self._always}}
        return known if self._positions is None else tuple(known[name] for name in self._positions)


class PublicAsking(NamedTuple):
    """A feed that anyone may read: one query."""

    asker: Asker
    kind: ScopeKind
    values: Mapping[str, str | None]

    @property
    def is_public(self) -> bool:
        return True

    def found(self, now: datetime) -> Found | None:
        rows = self.asker.rows(self.asker.public[self.kind], self.values)
        return Found(rows[0]) if rows else None


_LAST_FETCHED = [column.name for column in OWNER_COLUMNS].index("last_fetched_at")
_SUBSCRIPTION = [column.name for column in OWNER_COLUMNS].index("id")


class OwnAsking(NamedTuple):
    """A person's own week: one query."""

    asker: Asker
    token: str

    @property
    def is_public(self) -> bool:
        return False

    def found(self, now: datetime) -> Found | None:
        rows = self.asker.rows(self.asker.own, {"token_hash": tokens.hashed(self.token)})
        if not rows:
            return None
        row = list(rows[0])
        is_due = service.is_fetch_to_note(self.asker.instant(row.pop(_LAST_FETCHED)), now)
        return Found(row, row[_SUBSCRIPTION] if is_due else None)


def _as_it_is(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    """As the column's type would write it: the driver knows nothing of our enumerations."""
    return value.value if isinstance(value, Enum) else value


def _without_transactions(engine: Engine) -> Engine:
    """SQLite needs none for one statement. PostgreSQL would be asked four times: is it there, BEGIN, this, ROLLBACK."""
    if engine.dialect.name == "sqlite":
        return engine
    own = create_engine(
        engine.url, isolation_level="AUTOCOMMIT", pool_size=8, pool_timeout=2, pool_reset_on_return=None
    )
    event.listen(own, "connect", _plan_once)
    event.listen(engine, "engine_disposed", lambda _engine: own.dispose())
    return own


def _plan_once(connection: Any, _record: Any) -> None:
    """Everything here goes by unique keys: planning takes ten times as long as running, whatever the values."""
    connection.prepare_threshold = 0
    connection.autocommit = True
    connection.execute("SET plan_cache_mode = force_generic_plan")
