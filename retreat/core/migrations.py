"""Schema changes: where Alembic finds them, and a backup before an SQLite file is changed."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from retreat.core.db import db

FOLDER = Path(__file__).resolve().parent.parent / "migrations"

migrate = Migrate()


def init_app(app: Flask) -> None:
    migrate.init_app(app, db, directory=str(FOLDER), render_as_batch=True)
