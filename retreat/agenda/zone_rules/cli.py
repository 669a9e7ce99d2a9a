"""The step that follows a new release of the time zone rules: at each start of a server or worker, and by hand."""

import click
from flask.cli import with_appcontext

from retreat.agenda.cli import agenda_group
from retreat.agenda.zone_rules import service
from retreat.agenda.zone_rules.models import ZoneUpdate
from retreat.agenda.zone_rules.rules import Moved, Unclear
from retreat.core import clock, jobs, zones
from retreat.core.audit import SYSTEM
from retreat.core.cli import refusing
from retreat.core.db import db, reading
from retreat.editions.models import Edition


def renew_everywhere() -> list[str]:
    """Every edition, each in a transaction of its own; a line for each that was behind."""
    with reading(True):
        due = service.outdated()
        db.session.rollback()
    lines = []
    for edition_id in due:
        edition = db.session.get(Edition, edition_id)
        found = edition and service.renew(edition, at=clock.now(), by=SYSTEM)
        line = _line(found) if found else ""
        db.session.commit()
        lines += [line] if line else []
    return lines


jobs.when_starting(renew_everywhere)


def _line(found: ZoneUpdate) -> str:
    moved = [Moved.of_json(one) for one in found.moved]
    unclear = dict.fromkeys(one.code for one in moved if isinstance(one.after, Unclear))
    others = {one.code for one in moved} - set(unclear)
    said = f"{found.edition.slug}: tzdata {found.tzdata} after {found.tzdata_before}, {len(others)} moved"
    if found.revision_number:
        said += f", revision {found.revision_number} tells calendars"
    return f"{said}; without a time now: {', '.join(unclear)}" if unclear else said


@agenda_group.command("zones")
@with_appcontext
@refusing
def renew_zones() -> None:
    """Derive every session's instants by the time zone rules in use, and publish what they move."""
    for line in renew_everywhere():
        click.echo(line)
    click.echo(f"Every time is by tzdata {zones.tzdata_version()}.")
