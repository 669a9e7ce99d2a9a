"""How Alembic runs here: online, one transaction, foreign keys off while SQLite tables are rebuilt."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import text
from sqlalchemy.engine import Connection

from retreat.core import clock
from retreat.core.db import Model, db
from retreat.core.files import data_folder

BACKUPS_KEPT = 3
OTHERS_TABLES = ("huey_",)
"""Tables of the job queue on PostgreSQL: made by a migration, not modelled."""


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Own column types appear in migrations as what the database sees: a migration imports nothing of ours."""
    if kind == "type" and type(item).__module__.startswith("retreat."):
        autogen_context.imports.add("import sqlalchemy as sa")
        return {"UTCDateTime": "sa.DateTime(timezone=True)", "TranslatedType": "sa.JSON()"}[type(item).__name__]
    return False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "table" and name is not None and name.startswith(OTHERS_TABLES))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        include_name=include_name,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def back_up(raw: Any) -> None:
    """A whole copy beside the data, before a filled SQLite file is changed: the last three are kept."""
    if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return
    current = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    wanted = context.get_revision_argument()
    if current is None or current[0] == wanted or not raw.execute("SELECT 1 FROM edition").fetchone():
        return
    folder = data_folder("backups")
    target = folder / f"retreat-{clock.now():%Y%m%dT%H%M%S}-before-{wanted or 'base'}.sqlite"
    raw.execute("VACUUM INTO ?", (str(target),))
    for old in sorted(folder.glob("retreat-*.sqlite"))[:-BACKUPS_KEPT]:
        old.unlink()


def migrate_sqlite() -> None:
    """Batch mode drops and copies tables; with foreign keys on, that deletes every child row."""
    with db.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        connection.rollback()
        back_up(raw)
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            run(connection)
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"The migration would leave rows without their parents: {broken[:5]}")
            connection.commit()
        finally:
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=ON")


def migrate_postgresql() -> None:
    with db.engine.connect() as connection:
        run(connection)
        connection.commit()


current_app.logger.debug("migrating")
if db.engine.dialect.name == "sqlite":
    migrate_sqlite()
else:
    migrate_postgresql()
