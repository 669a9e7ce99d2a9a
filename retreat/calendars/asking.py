"""The feeds' own queries past SQLAlchemy's results: rows are only compared, as the driver gives them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Engine, Select, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql import CompoundSelect

from retreat.agenda.attendees import CHOICES_OF_ONE
from retreat.calendars import service
from retreat.calendars.feeds import PUBLIC, ScopeKind
from retreat.calendars.personal import BY_TOKEN, OWNER_COLUMNS
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

    def state(self, now: datetime) -> object:
        """All that decides the answer but the clock; None where the view must be asked. Raises DatabaseAway."""


class Asker:
    """The queries as text, and connections that need no transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = _without_transactions(engine)
        self._is_shared = self._engine is engine
        self._troubles = (SQLAlchemyError, engine.dialect.loaded_dbapi.Error)
        self.public = {kind: Query(engine, PUBLIC[kind]) for kind in ScopeKind}
        self.by_token, self.choices = Query(engine, BY_TOKEN), Query(engine, CHOICES_OF_ONE)
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
    """One statement in the driver's own words."""

    def __init__(
        self, engine: Engine, statement: "Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]"
    ) -> None:
        compiled = statement.compile(dialect=engine.dialect, compile_kwargs={"render_postcompile": True})
        self.sql = str(compiled)
        self._positions = tuple(compiled.positiontup or ()) if compiled.positional else None
        self._always = {name: _plain(value) for name, value in compiled.params.items()}

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

    def state(self, now: datetime) -> object:
        found = self.asker.rows(self.asker.public[self.kind], self.values)
        return found[0] if found else None


_LAST_FETCHED = [column.name for column in OWNER_COLUMNS].index("last_fetched_at")
_PERSON = [column.name for column in OWNER_COLUMNS].index("person_id")


class OwnAsking(NamedTuple):
    """A person's own week: two queries. Whose fetch is to be noted is the view's to answer."""

    asker: Asker
    token: str

    @property
    def is_public(self) -> bool:
        return False

    def state(self, now: datetime) -> object:
        found = self.asker.rows(self.asker.by_token, {"token_hash": tokens.hashed(self.token)})
        if not found:
            return None
        row = list(found[0])
        if service.is_fetch_to_note(self.asker.instant(row.pop(_LAST_FETCHED)), now):
            return None
        person_id, edition_id = row[_PERSON], row[len(OWNER_COLUMNS) - 1]
        chosen = self.asker.rows(self.asker.choices, {"person_id": person_id, "edition_id": edition_id})
        return row, frozenset(chosen)


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
    event.listen(engine, "engine_disposed", lambda _engine: own.dispose())
    return own
