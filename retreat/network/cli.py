"""Commands about the network."""

from collections.abc import Callable, Sequence

import click

from retreat.core import clock, sheets
from retreat.core.audit import COMMAND
from retreat.core.cli import import_group, refusing, run_import
from retreat.core.sheets import Imported
from retreat.network import service

Importer = Callable[..., Imported]
DRY_RUN = click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
FILE = click.argument("file", type=click.Path(dir_okay=False))


@import_group.command("organisations")
@FILE
@DRY_RUN
@refusing
def import_organisations(file: str, dry_run: bool) -> None:
    """Cities, associations and partners; a known name is updated."""
    _import(file, service.ORGANISATION_COLUMNS, ("name",), service.import_organisations, "Organisations", dry_run)


@import_group.command("seats")
@FILE
@DRY_RUN
@refusing
def import_seats(file: str, dry_run: bool) -> None:
    """Who sits on which body, from when to when; bodies and people that are lacking are made."""
    _import(file, service.SEAT_COLUMNS, ("body",), service.import_seats, "Seats", dry_run)


def _import(
    file: str, columns: Sequence[str], required: Sequence[str], importer: Importer, things: str, dry_run: bool
) -> None:
    def read() -> Imported:
        sheet = sheets.read_file(file, columns=columns, required=required)
        return importer(sheet, at=clock.now(), by=COMMAND)

    run_import(read, things, dry_run=dry_run)
