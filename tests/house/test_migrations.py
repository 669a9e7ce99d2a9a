"""Migrations: up, down, equal to the models, and kind to the rows that are there."""

import shutil
from pathlib import Path
from textwrap import dedent

import flask_migrate
import pytest
import sqlalchemy
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from retreat.agenda.models import PartRole, PartState, Place, PlaceState
from retreat.agenda.values import Appearance
from retreat.core.db import Model, db
from retreat.core.migrations import FOLDER
from retreat.network.models import Person
from tests import postgres
from tests.agenda import week
from tests.conftest import make_app


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """The address of a database that has nothing."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    server = request.getfixturevalue("postgres_server")
    return postgres.create_database(server, f"empty_{tmp_path.name}")


@pytest.fixture
def empty_app(empty_url, tmp_path):
    app = make_app(empty_url, tmp_path / "data")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def schema(engine):
    """Everything that the database enforces, by table, in a form that compares."""
    reader = inspect(engine)
    return {table: described(reader, table) for table in reader.get_table_names() if is_ours(table)}


def is_ours(table):
    return table != "alembic_version" and not table.startswith("huey_")


def described(reader, table):
    return {
        "columns": {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in reader.get_columns(table)
        },
        "primary key": named(reader.get_pk_constraint(table)),
        "foreign keys": sorted(map(named, reader.get_foreign_keys(table))),
        "unique": sorted(map(named, reader.get_unique_constraints(table))),
        "indexes": sorted(map(named, reader.get_indexes(table))),
        "checks": sorted(map(named, reader.get_check_constraints(table))),
    }


def named(constraint):
    assert constraint["name"], f"a constraint without a name: {constraint}"
    rest = {key: " ".join(written(value).split()) for key, value in constraint.items() if key != "name"}
    return constraint["name"], sorted(rest.items())


def written(value):
    """A partial index brings its condition as a clause of SQL, within a dictionary."""
    return str({key: str(part) for key, part in value.items()} if isinstance(value, dict) else value)


def test_the_schema_after_upgrade_is_that_of_the_models(empty_app, tmp_path, request):
    flask_migrate.upgrade()
    migrated = schema(db.engine)

    if db.engine.dialect.name == "sqlite":
        other = f"sqlite:///{tmp_path / 'models.sqlite'}"
    else:
        other = postgres.create_database(request.getfixturevalue("postgres_server"), f"models_{tmp_path.name}")
    engine = sqlalchemy.create_engine(other)
    Model.metadata.create_all(engine)
    modelled = schema(engine)
    engine.dispose()

    assert sorted(migrated) == sorted(modelled)
    for table, parts in modelled.items():
        assert migrated[table] == parts, table


def test_there_is_one_head_and_every_migration_has_a_sentence():
    directory = ScriptDirectory(str(FOLDER))
    assert len(directory.get_heads()) == 1
    for revision in directory.walk_revisions():
        text = Path(revision.path).read_text()
        assert text.startswith('"""'), revision.path
        assert not any(line.startswith(("import retreat", "from retreat")) for line in text.splitlines()), revision.path
        assert Path(revision.path).name.startswith(f"{revision.revision}_"), revision.path


def test_migrations_go_down_to_nothing_and_up_again(empty_app):
    flask_migrate.upgrade()
    first = schema(db.engine)
    flask_migrate.downgrade(revision="base")
    assert [table for table in inspect(db.engine).get_table_names() if table != "alembic_version"] == []
    flask_migrate.upgrade()
    assert schema(db.engine) == first


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(empty_app):
    flask_migrate.upgrade()
    before = counted_rows()
    flask_migrate.upgrade()
    assert counted_rows() == before


NEXT = '''
    """Rebuild every table, as batch mode does when a column changes."""

    import sqlalchemy as sa
    from alembic import op

    revision = "9999"
    down_revision = "{head}"
    branch_labels = None
    depends_on = None


    def tables():
        names = sa.inspect(op.get_bind()).get_table_names()
        return [name for name in names if name != "alembic_version" and not name.startswith("huey_")]


    def upgrade():
        rebuild = "always" if op.get_bind().dialect.name == "sqlite" else "never"
        for name in tables():
            with op.batch_alter_table(name, recreate=rebuild) as table:
                table.add_column(sa.Column("probe", sa.Integer(), nullable=False, server_default="0"))


    def downgrade():
        for name in tables():
            with op.batch_alter_table(name) as table:
                table.drop_column("probe")
'''


def test_a_filled_database_survives_a_migration(empty_app, tmp_path):
    flask_migrate.upgrade()
    loaded = empty_app.test_cli_runner().invoke(args=["demo"])
    assert loaded.exit_code == 0, loaded.output
    db.session.remove()
    before = counted_rows()
    assert before["agenda_session"] > 20
    assert before["registration"] > 30

    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder)
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    (folder / "versions" / "9999_next.py").write_text(dedent(NEXT.format(head=head)).lstrip())
    flask_migrate.upgrade(directory=str(folder))
    assert "probe" in {column["name"] for column in inspect(db.engine).get_columns("registration")}
    assert counted_rows() == before
    flask_migrate.downgrade(directory=str(folder))
    assert counted_rows() == before
    assert orphans() == []


def test_what_the_older_schema_cannot_say_goes_when_it_goes_down(empty_app):
    """A line of people who wait, somebody still to be named: gone; an invitation and everybody else stay."""
    flask_migrate.upgrade()
    tangier = week.edition()
    nobody = Appearance(PartRole.SPEAKER, "", state=PartState.TO_BE_CONFIRMED)
    dinner = week.session(tangier, parts=[Appearance(PartRole.CHAIR, "Emilia Saiz"), nobody])
    for state, is_invited in ((PlaceState.TAKEN, False), (PlaceState.WAITING, False), (PlaceState.WAITING, True)):
        person = Person(given_name="Ana", family_name="Sousa", created_at=week.AT)
        db.session.add(Place(session=dinner, person=person, state=state, is_invited=is_invited, created_at=week.AT))
    db.session.commit()
    db.session.remove()

    flask_migrate.downgrade(revision="0016")
    assert rows("SELECT state FROM place ORDER BY id") == ["taken", "invited"]
    assert rows("SELECT printed_name FROM part") == ["Emilia Saiz"]
    flask_migrate.upgrade()
    assert rows("SELECT is_invited FROM place ORDER BY id") == [False, True]
    assert orphans() == []


def rows(query):
    with db.engine.connect() as connection:
        return [value for (value,) in connection.exec_driver_sql(query)]


def counted_rows():
    with db.engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar()
            for table in inspect(db.engine).get_table_names()
            if is_ours(table)
        }


def orphans():
    if db.engine.dialect.name != "sqlite":
        return []
    with db.engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
