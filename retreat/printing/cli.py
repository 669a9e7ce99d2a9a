"""Commands that make a PDF. The command line is the machine's owner: it may print what is still under embargo."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from retreat.core import clock
from retreat.core.audit import COMMAND
from retreat.core.cli import fail, print_group, refusing
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES
from retreat.editions.service import edition_by_slug
from retreat.printing import documents, service
from retreat.printing.service import BadgeChoice
from retreat.printing.sheets import Sheet
from retreat.registration.models import Status

_OUT = click.Path(dir_okay=False, path_type=Path)
_LANGUAGE = click.option(
    "--language", type=click.Choice(list(LANGUAGES)), help="The edition's main language unless said."
)


def _write(content: bytes, out: Path) -> None:
    """Write the whole file, or say in a sentence why it cannot be."""
    try:
        out.write_bytes(content)
    except OSError as problem:
        fail(f"{out} cannot be written: {problem.strerror}.")


@print_group.command("badges")
@click.argument("edition")
@click.argument("out", type=_OUT)
@click.option("--sheet", type=click.Choice([sheet.value for sheet in Sheet]), default="a6", show_default=True)
@click.option("--double-sided", is_flag=True, help="The week on the back; turn A4 sheets over the long edge.")
@click.option("--only-unprinted", is_flag=True, help="Leave out badges that have been printed before.")
@click.option("--proof-approved", is_flag=True, help="Only badges whose proof the person has approved.")
@click.option("--status", type=click.Choice([status.value for status in Status]), default="approved", show_default=True)
@with_appcontext
@refusing
def print_badges(
    edition: str, out: Path, sheet: str, double_sided: bool, only_unprinted: bool, proof_approved: bool, status: str
) -> None:
    """The badges of EDITION, one A6 page each unless told otherwise."""
    found = edition_by_slug(edition)
    choice = BadgeChoice(
        status=Status(status),
        only_unprinted=only_unprinted,
        proof_approved=proof_approved,
        sheet=Sheet(sheet),
        double_sided=double_sided,
    )
    done = service.make_badges(found, choice)
    _write(done.book.content, out)
    service.record_prints(done.printed, edition=found, at=clock.now(), by=COMMAND)
    db.session.commit()
    for missing in done.book.missing:
        characters = " ".join(f"{character} (U+{ord(character):04X})" for character in missing.characters)
        click.echo(f"warning: {missing.code} {missing.name}: no print font has {characters}", err=True)
    count = len(done.printed)
    click.echo(f"{out}: {count} badge{'' if count == 1 else 's'}")


@print_group.command("programme")
@click.argument("edition")
@click.argument("session")
@click.argument("out", type=_OUT)
@_LANGUAGE
@click.option("--sealed", is_flag=True, help="Without winners and recipients that are not announced yet.")
@with_appcontext
@refusing
def print_programme(edition: str, session: str, out: Path, language: str | None, sealed: bool) -> None:
    """The programme of a ceremony; SESSION is its code, or that of the meeting it is part of."""
    _make(
        out,
        lambda: documents.make_programme(edition_by_slug(edition), session, language=language, with_results=not sealed),
    )


@print_group.command("diplomas")
@click.argument("edition")
@click.argument("session")
@click.argument("out", type=_OUT)
@_LANGUAGE
@with_appcontext
@refusing
def print_diplomas(edition: str, session: str, out: Path, language: str | None) -> None:
    """A diploma for each award that has a winner; SESSION as for the programme."""
    _make(out, lambda: documents.make_diplomas(edition_by_slug(edition), session, language=language))


@print_group.command("agenda")
@click.argument("edition")
@click.argument("out", type=_OUT)
@click.option("--day", type=click.DateTime(formats=["%Y-%m-%d"]), metavar="DATE", help="YYYY-MM-DD; else the week.")
@_LANGUAGE
@with_appcontext
@refusing
def print_agenda(edition: str, out: Path, day: datetime | None, language: str | None) -> None:
    """The published agenda of EDITION, listed sessions only."""
    _make(
        out,
        lambda: documents.make_agenda(edition_by_slug(edition), day=day.date() if day else None, language=language),
    )


def _make(out: Path, make: Callable[[], Any]) -> None:
    done = make()
    _write(done.content, out)
    if done.missing:
        click.echo(f"warning: no print font has {' '.join(done.missing)}", err=True)
    click.echo(f"{out}: {done.pages} {'page' if done.pages == 1 else 'pages'}")
