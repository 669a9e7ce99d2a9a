"""Where each card of a day stands on the board: a column for every hall, whether it is used or not. Pure.

The public page (agenda/layout.py) draws what is there; the board also draws where something could go. Lines are those
of static/css/grid.css: five minutes each, numbered from 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retreat.agenda.layout import MINUTES_A_ROW, MOST_COLUMNS

FIRST_HOUR, LAST_HOUR = 8, 18
"""Drawn at least; earlier and later sessions extend the day."""
MIDNIGHT = 24 * 60
FIT_A_LAPTOP, FIT_CLOSE = 8, 13
"""Columns beside the panels at 1400 px: at their ease, and close together (twelve halls and "to be confirmed")."""
MOST_CASCADED = 4
HEAD_MINUTES = 30
"""What the title of a card takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What placing needs to know. Minutes count from the day's midnight and may pass the next one."""

    code: str
    start_min: int
    end_min: int
    hall: str | None
    parent: str | None = None
    spreads: bool = False
    """A break of everybody: across all halls while nothing else is on."""


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    column: int
    width: int
    first_line: int
    last_line: int
    cascade: int
    """1, 2 … where several are in the hall at once, each lying on the one before; 0 alone."""
    parent: str | None
    """The session inside which it is drawn."""
    is_early: bool
    """A part that would lie on the title of what it is part of."""
    is_cut: bool
    """It goes on after midnight."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Places in order of time, parts after what they are part of. `unplaced` have a hall beyond the last column."""

    places: tuple[Place, ...]
    halls: tuple[str | None, ...]
    """By column; None is "to be confirmed"."""
    first_hour: int
    hours: int
    unplaced: tuple[str, ...]

    @property
    def is_wide(self) -> bool:
        return len(self.halls) > FIT_A_LAPTOP

    @property
    def is_wider(self) -> bool:
        return len(self.halls) > FIT_CLOSE

    def line_at(self, minute: int) -> int | None:
        line = (minute - self.first_hour * 60) // MINUTES_A_ROW + 1
        return line if 1 <= line <= self.hours * 60 // MINUTES_A_ROW else None


def lay_out(slots: Iterable[Slot], halls: Sequence[str]) -> Grid:
    """The board of one day; `halls` are the edition's, in their order."""
    ordered = sorted(slots, key=lambda slot: (slot.start_min, -slot.end_min, slot.code))
    inside = _inside(ordered)
    first_hour = min([FIRST_HOUR, *(slot.start_min // 60 for slot in ordered)])
    last_hour = max([LAST_HOUR, *(-(-min(slot.end_min, MIDNIGHT) // 60) for slot in ordered)])
    by_code = {slot.code: slot for slot in ordered}
    # What is inside another session is where that one is.
    hall_of = {slot.code: by_code[inside.get(slot.code, slot.code)].hall for slot in ordered}
    across = {slot.code for slot in ordered if slot.spreads and hall_of[slot.code] is None and _is_alone(slot, ordered)}
    columns = _columns(halls, [hall for code, hall in hall_of.items() if code not in across])
    numbers = {hall: number for number, hall in enumerate(columns, start=1)}
    cascades = _cascades([slot for slot in ordered if slot.code not in across], hall_of, inside)
    places = []
    for slot in _parents_first(ordered, inside):
        column = 1 if slot.code in across else numbers.get(hall_of[slot.code])
        if column is None:
            continue
        first = (slot.start_min - first_hour * 60) // MINUTES_A_ROW + 1
        last = (min(slot.end_min, MIDNIGHT) - first_hour * 60) // MINUTES_A_ROW + 1
        places.append(
            Place(
                code=slot.code,
                column=column,
                width=len(columns) if slot.code in across else 1,
                first_line=first,
                last_line=max(last, first + 1),
                cascade=cascades.get(slot.code, 0),
                parent=inside.get(slot.code),
                is_early=_is_early(slot, by_code.get(inside.get(slot.code, ""))),
                is_cut=slot.end_min > MIDNIGHT,
            )
        )
    drawn = {place.code for place in places}
    return Grid(
        places=tuple(places),
        halls=tuple(columns),
        first_hour=first_hour,
        hours=last_hour - first_hour,
        unplaced=tuple(slot.code for slot in ordered if slot.code not in drawn),
    )


def _inside(ordered: Sequence[Slot]) -> dict[str, str]:
    """Parts that lie within the hours and in the hall of what they are part of."""
    by_code = {slot.code: slot for slot in ordered}
    found = {}
    for slot in ordered:
        around = by_code.get(slot.parent or "")
        if around is None or around is slot or around.parent in by_code:
            continue
        is_in_hall = slot.hall is None or slot.hall == around.hall
        if is_in_hall and around.start_min <= slot.start_min and slot.end_min <= around.end_min:
            found[slot.code] = around.code
    return found


def _is_early(slot: Slot, around: Slot | None) -> bool:
    return around is not None and slot.start_min - around.start_min < HEAD_MINUTES


def _is_alone(slot: Slot, ordered: Sequence[Slot]) -> bool:
    return not any(
        other.start_min < slot.end_min and slot.start_min < other.end_min for other in ordered if other is not slot
    )


def _columns(halls: Sequence[str], used: Sequence[str | None]) -> list[str | None]:
    """Every hall, "to be confirmed" last where something is there; of very many halls, those that are used first."""
    room = MOST_COLUMNS - (None in used)
    shown = set(sorted(halls, key=lambda hall: hall not in used)[:room])
    columns: list[str | None] = [hall for hall in halls if hall in shown]
    return [*columns, None] if None in used or not columns else columns


def _cascades(slots: Sequence[Slot], hall_of: dict[str, str | None], inside: dict[str, str]) -> dict[str, int]:
    """How deep each lies on others of its hall (parts: of those beside it inside the same session)."""
    groups: dict[tuple[str | None, str | None], list[Slot]] = {}
    for slot in slots:
        groups.setdefault((hall_of[slot.code], inside.get(slot.code)), []).append(slot)
    depth: dict[str, int] = {}
    for group in groups.values():
        lanes: list[Slot] = []
        for slot in group:
            free = next((n for n, last in enumerate(lanes) if last.end_min <= slot.start_min), None)
            if free is None:
                lanes.append(slot)
                free = len(lanes) - 1
            else:
                lanes[free] = slot
            depth[slot.code] = free
        for slot in group:
            overlaps = any(o is not slot and o.start_min < slot.end_min and slot.start_min < o.end_min for o in group)
            depth[slot.code] = min(depth[slot.code] + 1, MOST_CASCADED) if overlaps else 0
    return depth


def _parents_first(ordered: Sequence[Slot], inside: dict[str, str]) -> list[Slot]:
    found: list[Slot] = []
    for slot in ordered:
        if slot.code not in inside:
            found.append(slot)
            found += [part for part in ordered if inside.get(part.code) == slot.code]
    return found
