"""What the board's column says of clashes: those of the day that is shown with a way out, then the others, briefly."""

from dataclasses import dataclass
from datetime import date

from retreat.agenda.checking.cards import ClashCard, cards
from retreat.agenda.checking.solving import Solver
from retreat.agenda.checks import Draft, NumberedClash

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
    left_out_elsewhere: int
    accepted: tuple[ClashCard, ...]
    """Of the day."""

    @property
    def count(self) -> int:
        """All that are open, of every day."""
        return len(self.shown) + self.left_out + len(self.elsewhere) + self.left_out_elsewhere


def clash_panel(draft: Draft, found: tuple[NumberedClash, ...], day: date | None, language: str, main: str) -> Panel:
    here = [one for one in found if day in one.days]
    open_here = [one for one in here if one.is_open]
    open_elsewhere = [one for one in found if one.is_open and day not in one.days]
    return Panel(
        cards(open_here[:SHOWN], language, main, Solver(draft) if open_here else None),
        max(0, len(open_here) - SHOWN),
        cards(open_elsewhere[:SHOWN], language, main),
        max(0, len(open_elsewhere) - SHOWN),
        cards((one for one in here if not one.is_open), language, main),
    )
