"""Commands about the network."""

import click

from retreat.core import clock, sheets
from retreat.core.audit import COMMAND
from retreat.core.cli import import_group, refusing
from retreat.core.db import db
from retreat.core.sheets import SheetErrors
from retreat.network import service
from retreat.network.service import Imported


def finish(imported: Imported, things: str, *, dry_run: bool) -> None:
    """Commit, or on a dry run forget; say what happened."""
    if dry_run:
        db.session.rollback()
    else:
        db.session.commit()
    for warning in imported.warnings:
        click.echo(warning, err=True)
    would = " (dry run: nothing was stored)" if dry_run else ""
    click.echo(f"{things}: {imported.added} added, {imported.changed} changed, {imported.unchanged} unchanged{would}.")


@import_group.command("organisations")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
@refusing
def import_organisations(file: str, dry_run: bool) -> None:
    """Cities, associations and partners; a known name is updated."""
    try:
        sheet = sheets.read_file(file, columns=service.ORGANISATION_COLUMNS, required=("name",))
        imported = service.import_organisations(sheet, at=clock.now(), by=COMMAND)
    except SheetErrors as errors:
        raise SystemExit(_all(errors)) from None
    finish(imported, "Organisations", dry_run=dry_run)


@import_group.command("seats")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
@refusing
def import_seats(file: str, dry_run: bool) -> None:
    """Who sits on which body, from when to when; bodies and people that are lacking are made."""
    try:
        sheet = sheets.read_file(file, columns=service.SEAT_COLUMNS, required=("body",))
        imported = service.import_seats(sheet, at=clock.now(), by=COMMAND)
    except SheetErrors as errors:
        raise SystemExit(_all(errors)) from None
    finish(imported, "Seats", dry_run=dry_run)


def _all(errors: SheetErrors) -> int:
    for line in errors.lines:
        click.echo(line, err=True)
    return 1
