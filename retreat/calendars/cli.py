"""The whole-agenda feed from the command line."""

import click
from flask import Flask
from flask.cli import with_appcontext

from retreat.calendars import feeds
from retreat.calendars.facts import Form
from retreat.calendars.feeds import WHOLE_AGENDA
from retreat.core import clock
from retreat.core.cli import refusing, write_out
from retreat.core.i18n import LANGUAGES
from retreat.editions import service as editions


@click.command("calendar")
@click.argument("edition")
@click.option("--out", metavar="FILE", help="Write there instead of to standard output.")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), help="Default: the edition's main language.")
@click.option(
    "--tz", type=click.Choice(["utc", "venue"]), default="utc", show_default=True, help="How times are written."
)
@with_appcontext
@refusing
def calendar(edition: str, out: str | None, lang: str | None, tz: str) -> None:
    """Write the whole-agenda feed of an edition."""
    found = editions.edition_by_slug(edition)
    feed = feeds.public_feed(found.slug, WHOLE_AGENDA, language=lang, form=Form(tz), at=clock.now())
    write_out(feed.body(), out)


def init_app(app: Flask) -> None:
    app.cli.add_command(calendar)
