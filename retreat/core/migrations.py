"""Schema changes: where Alembic finds them. It is imported only when somebody asks; a web worker never does."""

from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app, g
from flask.cli import with_appcontext

from retreat.core.db import db

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


class Later:
    """Stands where Flask-Migrate looks for its settings, until it looks."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        # It puts its own settings in this one's place, and its commands in that of `Commands`.
        Migrate().init_app(self._app, db, directory=str(FOLDER), render_as_batch=True)
        return getattr(self._app.extensions["migrate"], name)


class Commands(click.Group):
    """Flask-Migrate's commands, found when they are wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return _commands().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return _commands().get_command(ctx, cmd_name)


def _commands() -> click.Group:
    from flask_migrate.cli import db as commands

    found: click.Group = commands
    return found


@click.group("db", cls=Commands, help="Perform database migrations.")
@with_appcontext
def database() -> None:
    # What Flask-Migrate's own group would have set.
    g.directory, g.x_arg = None, ()
    current_app.extensions["migrate"].migrate  # noqa: B018


def init_app(app: Flask) -> None:
    app.extensions["migrate"] = Later(app)
    app.cli.add_command(database)
