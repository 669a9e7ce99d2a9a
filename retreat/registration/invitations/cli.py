"""The command about invitations."""

import click
from flask_babel import force_locale

from retreat.core import clock, sheets
from retreat.core.audit import COMMAND
from retreat.core.cli import import_group, refusing, run_import
from retreat.core.db import db
from retreat.core.sheets import Imported
from retreat.editions.service import edition_by_slug
from retreat.registration.invitations import batches, candidates
from retreat.registration.invitations.models import InvitationSource
from retreat.registration.lists import categories_of
from retreat.registration.rows import category_named


@import_group.command("invitations")
@click.argument("edition")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--category", default="", help="Taking part as, by slug or name; without it the person chooses.")
@click.option("--approve", is_flag=True, help="Whoever registers is approved at once, if there is a place.")
@click.option("--send", is_flag=True, help="Send the mails; without it an organiser sends them from the page.")
@click.option("--dry-run", is_flag=True, help="Check everything, store nothing.")
@refusing
def import_invitations(edition: str, file: str, category: str, approve: bool, send: bool, dry_run: bool) -> None:
    """Invite the people of a CSV or XLSX file to EDITION; who is registered or invited already is left out.

    The column email is needed; names, position, organisation, category and language may stand beside it.
    """

    def read() -> Imported:
        found = edition_by_slug(edition)
        chosen = category_named(category, categories_of(found)) if category else None
        if category and chosen is None:
            raise click.BadParameter(f"{category!r} is no category of {edition}.", param_hint="--category")
        sheet = sheets.read_file(file, columns=candidates.COLUMNS, required=("email",), most_rows=candidates.MOST_ROWS)
        plan = batches.invite_all(
            found,
            candidates.from_sheet(found, sheet),
            source=InvitationSource.FILE,
            source_name=sheet.name.rpartition("/")[2],
            category_id=chosen.id if chosen else None,
            skips_approval=approve,
            is_sent=send,
            at=clock.now(),
            by=COMMAND,
        )
        db.session.flush()
        with force_locale("en"):
            left_out = tuple(
                f"{one.candidate.name or one.candidate.email or '?'}: {batches.WHY[one.why]}" for one in plan.skipped
            )
        return Imported(len(plan.invited), 0, len(plan.skipped), left_out)

    run_import(read, "Invitations", dry_run=dry_run)
