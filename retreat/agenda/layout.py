"""Where each session of a day stands on a grid of hall columns and five-minute rows.

Pure. Lines are numbered from 1, as CSS grid numbers them and static/css/grid.css names them (`hall-2 from-13 to-31`).
A card's cells belong to it alone: sessions that overlap in one hall get a column each, under one heading.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

MINUTES_A_ROW = 5
LAST_LINE = 24 * 60 // MINUTES_A_ROW + 1
MOST_COLUMNS = 40
"""As many as grid.css has classes for; a day that needs more is shown as a list."""

_EVENING_STARTS_MIN = 18 * 60
_EVENING_GAP_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What placing needs to know of a session. Minutes count from the day's midnight and may pass the next one."""

    code: str
    start_min: int
    end_min: int
    hall: str | None
    spreads: bool = False
    """Belongs to everybody (a plenary, a break): takes the whole width when it has its hour to itself. Otherwise it
    stands in its hall, or, without one, where most room is left."""
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Nested:
    """A session inside another; lines count from the first row of the session around it."""

    code: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Card:
    code: str
    column: int
    width: int
    first_line: int
    last_line: int
    nested: tuple[Nested, ...] = ()
    head_line: int | None = None
    """The line above which the card's own text stays; None when it has no parts, or they do not follow one another."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A hall over its columns; None for sessions whose hall is to be confirmed."""

    hall: str | None
    column: int
    width: int


@dataclass(frozen=True, slots=True)
class DayGrid:
    """Cards in order of time. `later` are the evening's codes, after a pause that is not worth drawing."""

    cards: tuple[Card, ...]
    headings: tuple[Heading, ...]
    columns: int
    first_hour: int
    hours: int
    later: tuple[str, ...]
    children: dict[str, tuple[str, ...]]

    def line_at(self, minute: int) -> int | None:
        """The line of a minute of the day, or None outside the grid."""
        line = (minute - self.first_hour * 60) // MINUTES_A_ROW + 1
        return line if 1 <= line <= self.hours * 60 // MINUTES_A_ROW else None

    @property
    def is_drawable(self) -> bool:
        return 0 < self.columns <= MOST_COLUMNS


def lay_out(slots: Iterable[Slot], hall_order: Sequence[str] = ()) -> DayGrid:
    """The grid of one day. Halls stand in `hall_order`, unnamed ones after them, "to be confirmed" last."""
    ordered = sorted(slots, key=lambda slot: (slot.start_min, -slot.end_min, slot.code))
    inside = _nested(ordered)
    outer = [slot for slot in ordered if slot.code not in {child.code for group in inside.values() for child in group}]
    main, later = _split_evening(outer)
    first_hour = main[0].start_min // 60 if main else 0
    rows = {slot.code: _rows(slot, first_hour) for slot in main}
    cards, headings, columns = _place(main, rows, hall_order)
    last = max((end for _, end in rows.values()), default=1)
    return DayGrid(
        cards=tuple(_with_parts(cards[slot.code], slot, inside.get(slot.code, [])) for slot in main),
        headings=tuple(headings),
        columns=columns,
        first_hour=first_hour,
        hours=max(1, -(-(last - 1) * MINUTES_A_ROW // 60)),
        later=tuple(slot.code for slot in later),
        children={code: tuple(child.code for child in group) for code, group in inside.items()},
    )


def _nested(ordered: Sequence[Slot]) -> dict[str, list[Slot]]:
    """Sessions that lie within their parent's hours, by the parent's code; one level, as the domain has it."""
    by_code = {slot.code: slot for slot in ordered}
    inside: dict[str, list[Slot]] = {}
    for slot in ordered:
        around = by_code.get(slot.parent or "")
        if around is None or around.parent in by_code or around is slot:
            continue
        if around.start_min <= slot.start_min and slot.end_min <= around.end_min:
            inside.setdefault(around.code, []).append(slot)
    return inside


def _split_evening(outer: Sequence[Slot]) -> tuple[list[Slot], list[Slot]]:
    """The evening begins with the first start after 18:00 that follows an empty hour."""
    busy_until: int | None = None
    for index, slot in enumerate(outer):
        if busy_until is not None and slot.start_min >= max(_EVENING_STARTS_MIN, busy_until + _EVENING_GAP_MIN):
            return list(outer[:index]), list(outer[index:])
        busy_until = max(busy_until or 0, slot.end_min)
    return list(outer), []


def _rows(slot: Slot, first_hour: int) -> tuple[int, int]:
    """First and last line; at least one row, at most the end of the grid."""
    first = (slot.start_min - first_hour * 60) // MINUTES_A_ROW + 1
    last = (slot.end_min - first_hour * 60) // MINUTES_A_ROW + 1
    return first, min(max(last, first + 1), LAST_LINE)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _place(
    main: Sequence[Slot], rows: dict[str, tuple[int, int]], hall_order: Sequence[str]
) -> tuple[dict[str, Card], list[Heading], int]:
    alone = [
        slot
        for slot in main
        if slot.spreads and not any(_overlap(rows[slot.code], rows[o.code]) for o in main if o is not slot)
    ]
    wide = {slot.code for slot in alone}
    others = [slot for slot in main if slot.code not in wide]
    floating = [slot for slot in others if slot.spreads and slot.hall is None]
    settled = [slot for slot in others if slot not in floating]

    cards, headings, columns = _in_halls(settled, rows, hall_order)
    for slot in floating:
        column, width = _widest_gap(cards.values(), rows[slot.code], columns)
        if not width:
            column, width, columns = columns + 1, 1, columns + 1
        cards[slot.code] = Card(slot.code, column, width, *rows[slot.code])
    columns = max(columns, 1 if main else 0)
    for slot in alone:
        cards[slot.code] = Card(slot.code, 1, columns, *rows[slot.code])
    return cards, headings, columns


def _in_halls(
    settled: Sequence[Slot], rows: dict[str, tuple[int, int]], hall_order: Sequence[str]
) -> tuple[dict[str, Card], list[Heading], int]:
    known = {hall: number for number, hall in enumerate(hall_order)}
    halls = sorted(
        {slot.hall for slot in settled}, key=lambda hall: (hall is None, known.get(hall or "", len(known)), hall or "")
    )
    cards: dict[str, Card] = {}
    headings: list[Heading] = []
    columns = 0
    for hall in halls:
        lanes = _lanes([slot for slot in settled if slot.hall == hall], rows)
        headings.append(Heading(hall, columns + 1, len(lanes)))
        for number, lane in enumerate(lanes):
            for code in lane:
                width = 1 + _free_lanes(lanes[number + 1 :], rows[code], rows)
                cards[code] = Card(code, columns + number + 1, width, *rows[code])
        columns += len(lanes)
    return cards, headings, columns


def _lanes(slots: Sequence[Slot], rows: dict[str, tuple[int, int]]) -> list[list[str]]:
    """The fewest lanes in which nothing overlaps: each slot takes the first that is free again."""
    lanes: list[list[str]] = []
    for slot in sorted(slots, key=lambda slot: (rows[slot.code], slot.code)):
        first = rows[slot.code][0]
        for lane in lanes:
            if rows[lane[-1]][1] <= first:
                lane.append(slot.code)
                break
        else:
            lanes.append([slot.code])
    return lanes


def _free_lanes(following: Sequence[Sequence[str]], span: tuple[int, int], rows: dict[str, tuple[int, int]]) -> int:
    """How many of the lanes beside a card nobody uses while it lasts."""
    free = 0
    for lane in following:
        if any(_overlap(span, rows[code]) for code in lane):
            break
        free += 1
    return free


def _widest_gap(cards: Iterable[Card], span: tuple[int, int], columns: int) -> tuple[int, int]:
    """First column and width of the longest run of columns that is free in that time; width 0 when there is none."""
    taken = {
        column
        for card in cards
        if _overlap(span, (card.first_line, card.last_line))
        for column in range(card.column, card.column + card.width)
    }
    best, start = (1, 0), 1
    for column in range(1, columns + 2):
        if column in taken or column > columns:
            if column - start > best[1]:
                best = (start, column - start)
            start = column + 1
    return best


def _with_parts(card: Card, slot: Slot, inside: Sequence[Slot]) -> Card:
    """Parts on the rows of their own hours, if they follow one another below the head; else without a place."""
    nested: list[Nested] = []
    follows = True
    free_from = 2
    for child in inside:
        first = max((child.start_min - slot.start_min) // MINUTES_A_ROW + 1, 2)
        last = max((child.end_min - slot.start_min) // MINUTES_A_ROW + 1, first + 1)
        follows = follows and first >= free_from and last <= card.last_line - card.first_line + 1
        free_from = last
        nested.append(Nested(child.code, first, last))
    return replace(card, nested=tuple(nested), head_line=nested[0].first_line if nested and follows else None)
