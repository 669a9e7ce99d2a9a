"""Commands about editions."""

from datetime import date, datetime

import click
from flask import Flask
from flask.cli import AppGroup

from retreat.core import clock
from retreat.core.audit import COMMAND
from retreat.core.cli import refusing
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions import service

edition_group = AppGroup("edition", help="Make and set editions.")

DAY = click.DateTime(formats=["%Y-%m-%d"])


@edition_group.command("create")
@click.argument("slug")
@click.option("--title", required=True, help="In the main language.")
@click.option("--city", required=True)
@click.option("--country", required=True, metavar="LABEL", help="As it is printed.")
@click.option("--zone", required=True, help="IANA name, such as Africa/Casablanca.")
@click.option("--from", "starts_on", type=DAY, required=True, metavar="DATE", help="YYYY-MM-DD.")
@click.option("--to", "ends_on", type=DAY, required=True, metavar="DATE", help="YYYY-MM-DD, the last day.")
@click.option("--language", default="en", show_default=True, type=click.Choice(list(LANGUAGES)), help="The main one.")
@refusing
def create(
    slug: str, title: str, city: str, country: str, zone: str, starts_on: datetime, ends_on: datetime, language: str
) -> None:
    """Make an edition with its days, the usual categories and one venue."""
    edition = service.create_edition(
        slug,
        title=Translated({language: title}),
        city=city,
        country=country,
        zone=zone,
        starts_on=starts_on.date(),
        ends_on=ends_on.date(),
        main_language=language,
        at=clock.now(),
        by=COMMAND,
    )
    db.session.commit()
    days = (edition.ends_on - edition.starts_on).days + 1
    click.echo(f"Edition {edition.slug}: {edition.city}, {days} days from {date.isoformat(edition.starts_on)}.")


# "-1" is a value here, to be refused in our own words.
@edition_group.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("slug")
@click.argument("key")
@click.argument("value")
@refusing
def set_value(slug: str, key: str, value: str) -> None:
    """Set one value: capacity, registration_opens, registration_closes, listed, title, theme, note, zone, …

    An empty value clears.
    """
    edition = service.edition_by_slug(slug)
    service.set_value(edition, key, value, at=clock.now(), by=COMMAND)
    db.session.commit()
    click.echo(f"{slug}: {key} = {value or '(empty)'}")


@edition_group.command("close")
@click.argument("slug")
@refusing
def close(slug: str) -> None:
    """End an edition: retention and the expiry of links count from now."""
    edition = service.close_edition(service.edition_by_slug(slug), at=clock.now(), by=COMMAND)
    db.session.commit()
    click.echo(f"{slug} is closed since {edition.closed_at:%Y-%m-%d %H:%M} UTC.")


def init_app(app: Flask) -> None:
    app.cli.add_command(edition_group)
