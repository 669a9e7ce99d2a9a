"""One look at the board: reads what it needs in a few queries and has it composed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from retreat.accounts.models import Organiser
from retreat.agenda import checks
from retreat.agenda.board import page, presence, reading, steps, words
from retreat.agenda.board.models import Presence, Step
from retreat.agenda.board.page import Around, BoardPage, Filters
from retreat.agenda.cards import Reader
from retreat.agenda.checking import cards
from retreat.agenda.checking.cards import ClashCard
from retreat.agenda.checking.panel import clash_panel
from retreat.agenda.models import AgendaSession
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.core.i18n import Translated
from retreat.editions.models import Edition

HISTORY = 8
WHOLE_HISTORY = 300


class NoSuchDay(NotFound):
    def __init__(self, day: str) -> None:
        super().__init__(_l("There is no day “%(day)s” on this board.", day=day[:20]))


@dataclass(frozen=True, slots=True)
class Looked:
    """The page, and what a sentence about the last step needs."""

    page: BoardPage
    clashes: tuple[ClashCard, ...]
    titles: Mapping[int, Translated]
    halls: Mapping[int, Translated]
    reader: Reader

    def said(self, step: Step) -> str:
        """A step of the reader's own."""
        return words.step_sentence(
            step.kind, step.changes, name=None, titles=self.titles, halls=self.halls, reader=self.reader
        )

    def clashes_of(self, code: str) -> int:
        return sum(code in clash.codes for clash in self.clashes)


def look(
    edition: Edition,
    asked: date | None,
    filters: Filters,
    reader: Reader,
    by: Actor,
    *,
    is_strict: bool = False,
    whole_history: bool = False,
) -> Looked:
    """The board of the day that is asked for, else of today or the first. Strictly, another day raises NoSuchDay."""
    draft = checks.draft_of(edition)
    days = page.days_of(edition.starts_on, edition.ends_on, (side.date for side in draft.sides.values()))
    if asked is not None and asked not in days:
        if is_strict:
            raise NoSuchDay(asked.isoformat())
        days = tuple(sorted((*days, asked)))
    day = asked or page.first_shown(days, edition.starts_on, edition.ends_on, reader.today)
    read = reading.read(edition, day, draft)
    found = checks.board_clashes(edition, draft)
    clashes = cards.cards((one for one in found if one.is_open), reader.language, edition.main_language)
    here, held = _others(edition, reader, by)
    past = reading.steps(edition, WHOLE_HISTORY if whole_history else HISTORY)
    undo, redo = steps.next_to_undo(edition, by), steps.next_to_redo(edition, by)
    titles = {side.id: side.title for side in draft.sides.values()}
    halls = {hall.id: hall.name for hall in read.halls}

    def said(step: Step | None) -> str:
        if step is None:
            return ""
        return words.step_sentence(step.kind, step.changes, name=None, titles=titles, halls=halls, reader=reader)

    around = Around(
        days=days,
        starts_on=edition.starts_on,
        ends_on=edition.ends_on,
        clashes=clashes,
        panel=clash_panel(draft, found, day, reader.language, edition.main_language),
        held=held,
        here=here,
        steps=past,
        titles=titles,
        undo=said(undo),
        redo=said(redo),
        organiser_id=by.id,
    )
    return Looked(page.board(read, day, around, filters, reader), clashes, titles, halls, reader)


def _others(edition: Edition, reader: Reader, by: Actor) -> tuple[tuple[str, ...], dict[str, str]]:
    """Who else is here, and what they hold."""
    found = db.session.execute(
        select(Organiser.name, Organiser.email, AgendaSession.code, Presence.held_until)
        .join(Presence, Presence.organiser_id == Organiser.id)
        .outerjoin(AgendaSession, Presence.session_id == AgendaSession.id)
        .where(
            Presence.edition_id == edition.id,
            Presence.seen_at > reader.now - presence.HERE,
            Presence.organiser_id != (by.id or 0),
        )
        .order_by(Organiser.name, Organiser.id)
    ).all()
    names = tuple(row.name or row.email for row in found)
    held = {
        row.code: row.name or row.email
        for row in found
        if row.code and row.held_until is not None and row.held_until > reader.now
    }
    return names, held
