"""A filled SQLite file is copied whole before a migration changes it."""

import sqlite3

import flask_migrate
import pytest

from retreat.core.migrations import FOLDER
from tests.making import an_edition


@pytest.mark.one_database
def test_a_filled_database_is_copied_before_it_is_changed_and_an_empty_one_is_not(app, db_session, tmp_path):
    folder = tmp_path / "data" / "backups"
    db_session.commit()
    flask_migrate.downgrade(revision="0002")
    flask_migrate.upgrade()
    newest = max(path.name[:4] for path in FOLDER.glob("versions/[0-9]*.py"))
    assert not folder.exists() or list(folder.iterdir()) == []
    an_edition("2027")
    db_session.commit()
    flask_migrate.downgrade(revision="0002")
    (copy,) = folder.iterdir()
    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT slug FROM edition").fetchall() == [("2027",)]
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (newest,)
    kept.close()
