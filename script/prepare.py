"""Brings the database up to date, and says by its exit status whether this is the first run."""

import sys

import sqlalchemy

import config

READY, FIRST_RUN = 0, 3
MIGRATIONS = config.ROOT / "retreat" / "migrations" / "versions"


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
        return READY if is_ready(engine) else upgrade(engine)
    except config.ConfigError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename} cannot be made ({error.strerror}): name another folder in RETREAT_DATA.")
    except sqlalchemy.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        sys.exit(f"The database does not answer ({reason}): check DATABASE_URL.")


sys.exit(main())
