"""Commands of the agenda: import, export, publish, clashes."""

import json
from collections.abc import Mapping

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from retreat.agenda import checks, exports, publishing
from retreat.agenda.clashes import Clash
from retreat.agenda.exchange import incoming, outgoing
from retreat.core import clock, http, sheets, zones
from retreat.core.audit import COMMAND
from retreat.core.cli import export_group, import_group, refusing, write_out
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.editions.service import edition_by_slug

agenda_group = AppGroup("agenda", help="Publish the agenda, and look for clashes.")


@import_group.command("agenda")
@click.argument("edition")
@click.argument("file", type=click.Path())
@click.option("--dry-run", is_flag=True, help="Judge the file and store nothing.")
@with_appcontext
@refusing
def import_agenda(edition: str, file: str, dry_run: bool) -> None:
    """Create or update sessions of EDITION's draft from FILE: .csv, .xlsx, .json, or a schedule.json of other tools."""
    found = edition_by_slug(edition)
    try:
        content = sheets.content_of(file)
        done = incoming.import_file(found, file, content, at=clock.now(), by=COMMAND, dry_run=dry_run)
    except sheets.SheetErrors as errors:
        db.session.rollback()
        for line in errors.lines:
            click.echo(line, err=True)
        raise SystemExit(1) from errors
    if dry_run:
        db.session.rollback()
    else:
        db.session.commit()
    for warning in done.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{done.created} created, {done.updated} updated, {done.unchanged} unchanged{'; dry run' * dry_run}")
    if done.made:
        click.echo(f"{'to be made' if dry_run else 'made'}: {', '.join(done.made)}")


@export_group.command("agenda")
@click.argument("edition")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "xlsx", "json", *outgoing.WRITERS]),
    default="csv",
    show_default=True,
    help="schedule-json and schedule-xml are what frab and pretalx write: the listed sessions that have a time.",
)
@click.option("--out", type=click.Path(dir_okay=False), help="A file; otherwise standard output.")
@with_appcontext
@refusing
def export_agenda(edition: str, kind: str, out: str | None) -> None:
    """Write the draft of EDITION's agenda."""
    found = edition_by_slug(edition)
    if kind in outgoing.WRITERS:
        write_out(outgoing.export_schedule(found, kind, base_url=http.base_url()), out)
    else:
        write_out(exports.export_agenda(found, kind), out)


@agenda_group.command("publish")
@click.argument("edition")
@click.option("--note", default="", help="A sentence for readers, in the edition's main language.")
@click.option(
    "--urgent/--no-urgent",
    default=True,
    show_default=True,
    help="Mail those in whose own week a session of the next two days changes.",
)
@click.option(
    "--invitations/--no-invitations",
    default=False,
    show_default=True,
    help="Mail everybody with a part or a personal invitation each session as a calendar invitation.",
)
@click.option("--quiet", is_flag=True, help="Mail nobody at all, not even corrections of earlier invitations.")
@with_appcontext
@refusing
def publish(edition: str, note: str, urgent: bool, invitations: bool, quiet: bool) -> None:
    """Freeze the draft of EDITION as its next revision."""
    found = edition_by_slug(edition)
    try:
        revision = publishing.publish(
            found,
            at=clock.now(),
            by=COMMAND,
            note=Translated({found.main_language: note}),
            telling=None if quiet else publishing.Telling(urgent=urgent, invitations=invitations),
        )
    except publishing.NothingToPublish as nothing:
        db.session.rollback()
        click.echo(str(nothing))
        return
    number = revision.number
    db.session.commit()
    click.echo(f"Revision {number} of {edition} is published.")


@agenda_group.command("clashes")
@click.argument("edition")
@click.option("--format", "kind", type=click.Choice(["text", "json"]), default="text", show_default=True)
@with_appcontext
@refusing
def clashes(edition: str, kind: str) -> None:
    """List every clash of EDITION's draft, with both sessions named."""
    found = edition_by_slug(edition)
    draft = checks.draft_of(found)
    clashing = draft.clashes()
    if kind == "json":
        click.echo(json.dumps([clash.as_json() for clash in clashing], ensure_ascii=False, indent=1))
        return
    for clash in clashing:
        click.echo(_sentence(clash, draft.sides, found))
    click.echo({0: "No clashes.", 1: "1 clash"}.get(len(clashing), f"{len(clashing)} clashes"))


def _sentence(clash: Clash, sides: Mapping[str, checks.Side], edition: Edition) -> str:
    """Like "hall Malabata, 2020-02-25 10:00–10:30: S20-004 “Local Finance” and S20-007 “Local Democracy”"."""
    zone = zones.zone(edition.zone)
    start, end = clash.start.astimezone(zone), clash.end.astimezone(zone)
    named = " and ".join(f"{code} “{sides[code].title.text(edition.main_language)}”" for code in clash.sessions)
    return f"{clash.kind} {clash.detail}, {start:%Y-%m-%d %H:%M}–{end:%H:%M}: {named}"


def init_app(app: Flask) -> None:
    app.cli.add_command(agenda_group)
