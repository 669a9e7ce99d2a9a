"""The database: one declarative base, its column types, and how SQLite is made to behave."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, Column, DateTime, Dialect, Engine, Enum, MetaData, String, event, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeDecorator

from retreat.core.i18n import Translated

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values; gives aware ones in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A naive datetime cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TranslatedType(TypeDecorator[Translated]):
    """`Translated` as one JSON column: an object of texts by language code."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Translated | None, dialect: Dialect) -> dict[str, str]:
        return dict(value or {})

    def process_result_value(self, value: Any, dialect: Dialect) -> Translated:
        return Translated(value or {})


def dumps(value: Any) -> str:
    """JSON as it is stored: readable, and the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def enum_column(kind: type[StrEnum], *, name: str | None = None, length: int = 24) -> Enum:
    """Stored as the enum's value, checked by the database under `name` (the enum's own, unless given)."""
    return Enum(
        kind,
        name=name or kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


class Model(DeclarativeBase):
    """The base of every table."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UTCDateTime(),
            Translated: TranslatedType(),
            list[str]: JSON(),
            list[dict[str, Any]]: JSON(),
            dict[str, Any]: JSON(),
            str: String(),
        },
    )

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)

    def __init__(self, **values: Any) -> None:
        """A new object has its defaults at once, not only after the flush: empty texts, lists, and plain values."""
        for name, make in _defaults(type(self)):
            if name not in values:
                values[name] = make()
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name!r}.")
            setattr(self, name, value)


@cache
def _defaults(kind: type[Model]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    found: list[tuple[str, Callable[[], Any]]] = []
    for attribute in inspect(kind).column_attrs:
        column = attribute.columns[0]
        if not isinstance(column, Column):
            continue  # worked out by the database: nothing to begin with
        if isinstance(column.default, ScalarElementColumnDefault):
            found.append((attribute.key, partial(_same, column.default.arg)))
        elif isinstance(column.type, TranslatedType):
            found.append((attribute.key, Translated))
        elif isinstance(column.type, JSON):
            found.append((attribute.key, list if "list" in str(kind.__annotations__.get(attribute.key)) else dict))
    return tuple(found)


def _same(value: Any) -> Any:
    return value


db = SQLAlchemy(metadata=Model.metadata)

_reading: ContextVar[bool] = ContextVar("reading", default=False)
_PATIENCE_MS = 15_000
_patience: ContextVar[int] = ContextVar("patience", default=_PATIENCE_MS)


def set_reading(value: bool) -> None:
    """Said at the start of each request: a safe method only reads.

    SQLite starts anything else with BEGIN IMMEDIATE. A transaction that reads first and writes later
    fails with "database is locked" as soon as two do so at once, whatever the busy timeout.
    """
    _reading.set(value)


@contextmanager
def reading(value: bool) -> Iterator[None]:
    """Within the block transactions only read (or, with False, may write); then as before."""
    token = _reading.set(value)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def writing(*, patience_ms: int = _PATIENCE_MS) -> Iterator[None]:
    """For the rare GET that notes something, such as a calendar's last fetch: a fresh transaction that may write.

    Where SQLite's one write lock is not to be had within the patience it raises OperationalError.
    """
    db.session.rollback()
    token, patience = _reading.set(False), _patience.set(patience_ms)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _patience.reset(patience)
        _reading.reset(token)


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_PATIENCE_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    patience = _patience.get()
    if patience == _PATIENCE_MS:
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}")


def prepare(engine: Engine) -> None:
    """Give an SQLite engine its pragmas and its explicit BEGIN; other engines need nothing."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def init_app(app: Flask) -> None:
    app.config["SQLALCHEMY_ENGINE_OPTIONS"].setdefault("json_serializer", dumps)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
