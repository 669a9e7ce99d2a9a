"""Commands about visa letters."""

import click
from flask import Flask
from flask.cli import AppGroup

from retreat.core import clock
from retreat.core.audit import COMMAND
from retreat.core.cli import refusing
from retreat.core.db import db
from retreat.registration.letters import service

letters_group = AppGroup("letters", help="Visa letters and their passport data.")


@letters_group.command("purge")
@refusing
def purge() -> None:
    """Erase passport data of editions that have been closed for thirty days. A worker does it every day."""
    count = service.purge(at=clock.now(), by=COMMAND)
    db.session.commit()
    click.echo(f"Emptied: {count} passports and letters.")


def init_app(app: Flask) -> None:
    app.cli.add_command(letters_group)
