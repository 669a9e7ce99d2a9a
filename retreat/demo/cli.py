"""`flask demo`."""

import click
from flask import Flask
from flask.cli import with_appcontext

from retreat.core import clock
from retreat.core.audit import COMMAND
from retreat.core.cli import refusing
from retreat.core.db import db
from retreat.demo import service


@click.command("demo")
@with_appcontext
@refusing
def demo() -> None:
    """Load the demo edition: the Retreat of 2020 in Tangier. What is there already stays as it is."""
    loaded = service.load(at=clock.now(), by=COMMAND)
    db.session.commit()
    click.echo(
        "Loaded the demo edition 2020." if loaded.is_new else "The demo edition 2020 is there: nothing was changed."
    )
    click.echo(
        f"{loaded.registrations} registrations, {loaded.sessions} sessions, {loaded.awards} awards, "
        f"revision {loaded.revision}"
    )


def init_app(app: Flask) -> None:
    app.cli.add_command(demo)
