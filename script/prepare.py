"""Brings the database up to date, and says by its exit status whether this is the first run.

Up to date is its schema, and after a new release of tzdata the instants of sessions.
"""

import sys

import sqlalchemy
import tzdata

import config

READY, FIRST_RUN = 0, 3
MIGRATIONS = config.ROOT / "retreat" / "migrations" / "versions"

OLD_INSTANTS = sqlalchemy.text("""
    SELECT 1 FROM edition WHERE (
        EXISTS (SELECT 1 FROM agenda_session WHERE edition_id = edition.id AND tzdata <> :version)
        OR (SELECT tzdata FROM revision WHERE edition_id = edition.id ORDER BY number DESC LIMIT 1) <> :version
    ) AND NOT EXISTS (
        SELECT 1 FROM zone_update WHERE edition_id = edition.id AND tzdata = :version
        AND made_at = (SELECT max(made_at) FROM zone_update AS looked WHERE looked.edition_id = edition.id)
    ) LIMIT 1
""")


def is_ready(engine: sqlalchemy.Engine) -> bool:
    """At the newest revision and with an organiser: found without the app, whose start would take a second more."""
    newest = max(path.name.partition("_")[0] for path in MIGRATIONS.glob("[0-9]*.py"))
    try:
        with engine.connect() as connection:
            current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return current == newest and has_organiser(connection)
    except (sqlalchemy.exc.ProgrammingError, sqlalchemy.exc.OperationalError):
        return False


def has_organiser(connection: sqlalchemy.Connection) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM organiser LIMIT 1").scalar() is not None


def has_old_instants(engine: sqlalchemy.Engine) -> bool:
    """Whether some edition's times were derived by another release of tzdata, and not looked at under this one."""
    with engine.connect() as connection:
        return connection.execute(OLD_INSTANTS, {"version": tzdata.IANA_VERSION}).scalar() is not None


def renew_instants() -> None:
    from retreat.agenda.zone_rules.cli import renew_everywhere
    from wsgi import app

    try:
        with app.app_context():
            for line in renew_everywhere():
                print(line, flush=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, people are waiting for the server
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        print(
            f"The new time zone rules were not applied ({reason}): run .venv/bin/flask agenda zones.", file=sys.stderr
        )


def upgrade(engine: sqlalchemy.Engine) -> int:
    import flask_migrate

    from wsgi import app

    with app.app_context():
        flask_migrate.upgrade()
    with engine.connect() as connection:
        return READY if has_organiser(connection) else FIRST_RUN


def connect_to(url: str) -> sqlalchemy.Engine:
    try:
        return sqlalchemy.create_engine(url)
    except (ImportError, sqlalchemy.exc.ArgumentError):
        sys.exit("DATABASE_URL must begin with sqlite:/// or postgresql://")


def main() -> int:
    try:
        engine = connect_to(config.selected().database_url)
        status = READY if is_ready(engine) else upgrade(engine)
        if has_old_instants(engine):
            renew_instants()
        return status
    except config.ConfigError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename} cannot be made ({error.strerror}): name another folder in RETREAT_DATA.")
    except sqlalchemy.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        sys.exit(f"The database does not answer ({reason}): check DATABASE_URL.")


sys.exit(main())
