"""What the board's column says of clashes: those of the day that is shown with a way out, then the others, briefly."""

from dataclasses import dataclass
from datetime import date

from retreat.agenda.checking.cards import ClashCard, cards
from retreat.agenda.checking.solving import Solver
from retreat.agenda.checks import Draft, NumberedClash, board_clashes, draft_of
from retreat.editions.models import Edition

SHOWN = 20
"""More than this on one day, and the rest is on the page of clashes."""


@dataclass(frozen=True, slots=True)
class Panel:
    shown: tuple[ClashCard, ...]
    """Of the day, with what is free instead."""
    left_out: int
    """How many more there are on the day."""
    elsewhere: tuple[ClashCard, ...]
    """On the other days, and on none."""
    accepted: tuple[ClashCard, ...]
    """Of the day."""
    count: int
    """All that are open, of every day."""


def clash_panel(
    edition: Edition,
    day: date | None,
    language: str,
    found: tuple[NumberedClash, ...] | None = None,
    draft: Draft | None = None,
) -> Panel:
    """Whoever has the draft and its clashes already hands them over."""
    draft = draft or draft_of(edition)
    found = board_clashes(edition, draft) if found is None else found
    main = edition.main_language
    here = [one for one in found if day in one.days]
    open_here = [one for one in here if one.is_open]
    open_elsewhere = [one for one in found if one.is_open and day not in one.days]
    return Panel(
        cards(open_here[:SHOWN], language, main, Solver(draft) if open_here else None),
        max(0, len(open_here) - SHOWN),
        cards(open_elsewhere[:SHOWN], language, main),
        cards((one for one in here if not one.is_open), language, main),
        len(open_here) + len(open_elsewhere),
    )
