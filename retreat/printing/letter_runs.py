"""Visa letters made: one in the request, many as a job whose files are sealed while they wait."""

import base64
import io
import zipfile
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from retreat.core import files, jobs, sealed
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition
from retreat.printing import letters, pdf
from retreat.printing.pdf import Pdf
from retreat.printing.service import check_available
from retreat.registration.letters import lists, service
from retreat.registration.letters.facts import Costs, LetterFacts
from retreat.registration.letters.models import Letter
from retreat.registration.models import Registration

ISSUE_ALL = "letters.issue_all"


class CannotBePrinted(RetreatError):
    """The sentence names no letter of the name: it may be kept with a job."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "The passport data has letters that no print font has. "
                "Write them in Latin letters, as in the last two lines of the passport's page."
            )
        )


def issue(registration: Registration, *, at: datetime, by: Actor, **options: Any) -> Letter:
    """`letters.service.issue`, but for a letter that would come out with gaps: that is refused, to be rolled back."""
    letter = service.issue(registration, at=at, by=by, **options)
    if letters.missing_glyphs(service.facts_of(letter)):
        raise CannotBePrinted
    return letter


def make_letter(facts: LetterFacts) -> Pdf:
    """The letter's PDF: the same bytes each time. Raises PrintingDoesNotWork."""
    check_available()
    pdf.keep_font_cache_in(files.data_folder("fontconfig"))
    return letters.print_letter(facts)


@jobs.task(ISSUE_ALL)
def issue_all(work: jobs.Work) -> dict[str, Any]:
    """Issue a letter for everybody who waits for one. Begun again after a crash, it goes on where it was.

    Each letter is committed before the next: who cannot have one is said at the end and holds nobody else up.
    """
    arguments = work.arguments
    at = datetime.fromisoformat(arguments["at"])
    by = Actor("organiser", arguments["by"], arguments["by_id"])
    waiting = [one.id for one in lists.ready(db.session.get_one(Edition, arguments["edition"]))]
    refused = []
    for done, number in enumerate(waiting, start=1):
        registration = db.session.get_one(Registration, number)
        code = registration.code
        try:
            issue(
                registration,
                at=at,
                by=by,
                language=arguments["language"],
                costs=Costs(arguments["costs"]),
                seen="",
            )
        except RetreatError as refusal:
            db.session.rollback()
            refused.append([code, refusal.message])
        else:
            db.session.commit()
        work.progress(done, 2 * len(waiting))
    made = _issued_in_this_run(arguments["edition"], at)
    db.session.rollback()
    return {"count": len(made), "refused": refused, "file": _packed(made, at, work) if made else ""}


def _issued_in_this_run(edition_id: int, at: datetime) -> list[LetterFacts]:
    """Every letter of a run has the moment at which the run was asked for."""
    found = db.session.scalars(
        select(Letter).where(Letter.edition_id == edition_id, Letter.issued_at == at).order_by(Letter.id)
    ).all()
    return [service.facts_of(letter) for letter in found if letter.sealed]


def _packed(made: list[LetterFacts], at: datetime, work: jobs.Work) -> str:
    """A zip of the letters, sealed: passport data lies in no file that can be read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for done, facts in enumerate(made, start=1):
            entry = zipfile.ZipInfo(f"{facts.number}.pdf", at.timetuple()[:6])
            archive.writestr(entry, make_letter(facts).content)
            work.progress(len(made) + done, 2 * len(made))
    return files.store(sealed.seal({"zip": base64.b64encode(out.getvalue()).decode()}).encode(), ".sealed")


def unpacked(name: str) -> bytes | None:
    """The zip of a finished run; None when its hour is over."""
    file = files.path(name)
    return base64.b64decode(sealed.open_sealed(file.read_text())["zip"]) if file else None
