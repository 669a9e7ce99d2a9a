"""Commands about registrations."""

import click
from flask import Flask

from retreat.core import clock, sheets
from retreat.core.audit import COMMAND
from retreat.core.cli import export_group, import_group, refusing, run_import, write_out
from retreat.core.sheets import Imported
from retreat.editions.service import edition_by_slug
from retreat.registration.exports import export_registrations as file_of
from retreat.registration.exports import registrations_of
from retreat.registration.imports import import_registrations as store
from retreat.registration.imports import known_columns


@import_group.command("registrations")
@click.argument("edition")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
@refusing
def import_registrations(edition: str, file: str, dry_run: bool) -> None:
    """People of EDITION from a CSV, XLSX or JSON file; a known code is updated. No mail is sent."""

    def read() -> Imported:
        into = edition_by_slug(edition)
        return store(into, sheets.read_file(file, columns=known_columns(into)), at=clock.now(), by=COMMAND)

    run_import(read, "Registrations", dry_run=dry_run)


@export_group.command("registrations")
@click.argument("edition")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx", "json"]), default="csv", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False), help="A file instead of standard output.")
@refusing
def export_registrations(edition: str, kind: str, out: str | None) -> None:
    """Every registration of EDITION, in the columns that the import reads."""
    of = edition_by_slug(edition)
    write_out(file_of(registrations_of(of), kind, of), out)


def init_app(_app: Flask) -> None:
    """The commands are in their groups as soon as this module is imported."""
