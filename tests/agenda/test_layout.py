"""The grid of a day, against brute force: every cell of it belongs to one card."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda.layout import LAST_LINE, Card, DayGrid, Heading, Nested, Slot, lay_out


def _at(hours: int, minutes: int = 0) -> int:
    return hours * 60 + minutes


def _slot(code: str, start: int, end: int, hall: str | None = None, **more: object) -> Slot:
    return Slot(code=code, start_min=start, end_min=end, hall=hall, **more)  # type: ignore[arg-type]


@st.composite
def days(draw: st.DrawFn) -> list[Slot]:
    slots: list[Slot] = []
    for number in range(draw(st.integers(0, 25))):
        start = draw(st.integers(0, 24 * 60 - 1))
        length = draw(st.integers(1, 23 * 60))
        slots.append(
            Slot(
                code=f"S{number}",
                start_min=start,
                end_min=start + length,
                hall=draw(st.sampled_from([None, "grand", "kasbah", "malabata"])),
                spreads=draw(st.booleans()),
                parent=draw(st.one_of(st.none(), st.sampled_from([f"S{n}" for n in range(25)]))),
            )
        )
    return slots


def _cells(card: Card) -> list[tuple[int, int]]:
    return [
        (column, line)
        for column in range(card.column, card.column + card.width)
        for line in range(card.first_line, card.last_line)
    ]


@given(days())
def test_no_two_cards_share_a_cell(slots: list[Slot]) -> None:
    cells = Counter(cell for card in lay_out(slots).cards for cell in _cells(card))
    assert [cell for cell, times in cells.items() if times > 1] == []


@given(days())
def test_every_session_is_shown_exactly_once(slots: list[Slot]) -> None:
    grid = lay_out(slots)
    shown = [card.code for card in grid.cards] + list(grid.later)
    shown += [code for group in grid.children.values() for code in group]
    assert sorted(shown) == sorted(slot.code for slot in slots)


@given(days())
def test_every_card_stands_inside_the_grid(slots: list[Slot]) -> None:
    grid = lay_out(slots)
    assert [
        card
        for card in grid.cards
        if not (card.column >= 1 and card.column + card.width - 1 <= grid.columns)
        or not (1 <= card.first_line < card.last_line <= min(grid.hours * 12 + 1, LAST_LINE))
    ] == []


@given(days())
def test_placed_parts_follow_one_another_within_their_session(slots: list[Slot]) -> None:
    for card in lay_out(slots).cards:
        if card.head_line is None:
            continue
        lines = [line for part in card.nested for line in (part.first_line, part.last_line)]
        assert lines == sorted(lines)
        assert 2 <= card.head_line == lines[0]
        assert lines[-1] <= card.last_line - card.first_line + 1


@given(days(), st.randoms())
def test_the_order_in_which_sessions_come_does_not_matter(slots: list[Slot], random: object) -> None:
    shuffled = list(slots)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert lay_out(shuffled) == lay_out(slots)


def test_a_plenary_alone_at_its_hour_takes_every_hall() -> None:
    grid = lay_out(
        [
            _slot("opening", _at(9), _at(10), "grand", spreads=True),
            _slot("one", _at(10), _at(11), "grand"),
            _slot("two", _at(10), _at(11), "kasbah"),
        ]
    )
    assert grid.cards[0] == Card("opening", 1, 2, 1, 13)
    assert grid.headings == (Heading("grand", 1, 1), Heading("kasbah", 2, 1))


def test_a_plenary_beside_another_session_stays_in_its_hall() -> None:
    grid = lay_out(
        [_slot("opening", _at(9), _at(10), "grand", spreads=True), _slot("bureau", _at(9, 30), _at(11), "kasbah")],
        hall_order=["kasbah", "grand"],
    )
    assert grid.cards == (Card("opening", 2, 1, 1, 13), Card("bureau", 1, 1, 7, 25))


def test_a_break_takes_the_columns_that_are_free() -> None:
    grid = lay_out(
        [
            _slot("bureau", _at(9), _at(12), "a"),
            _slot("one", _at(9), _at(10), "b"),
            _slot("two", _at(9), _at(10), "c"),
            _slot("coffee", _at(10), _at(10, 30), spreads=True),
        ]
    )
    assert grid.cards[-1] == Card("coffee", 2, 2, 13, 19)


def test_two_sessions_at_once_in_one_hall_stand_side_by_side_under_one_heading() -> None:
    grid = lay_out(
        [
            _slot("long", _at(9), _at(11), "grand"),
            _slot("short", _at(10), _at(11), "grand"),
            _slot("after", _at(11), _at(12), "grand"),
        ]
    )
    assert grid.cards == (Card("long", 1, 1, 1, 25), Card("short", 2, 1, 13, 25), Card("after", 1, 2, 25, 37))
    assert grid.headings == (Heading("grand", 1, 2),)


def test_the_hall_to_be_confirmed_is_the_last_column() -> None:
    grid = lay_out([_slot("somewhere", _at(9), _at(10)), _slot("there", _at(9), _at(10), "zoo")])
    assert grid.headings == (Heading("zoo", 1, 1), Heading(None, 2, 1))


def test_the_evening_after_an_empty_hour_is_kept_apart() -> None:
    grid = lay_out([_slot("talk", _at(16), _at(18), "a"), _slot("dinner", _at(20), _at(22, 30), "b")])
    assert (grid.hours, grid.later) == (2, ("dinner",))


def test_an_evening_that_follows_at_once_stays_on_the_grid() -> None:
    grid = lay_out([_slot("talk", _at(16), _at(18), "a"), _slot("reception", _at(18, 30), _at(20), "a")])
    assert (grid.hours, grid.later) == (4, ())


def test_a_ceremony_lies_inside_its_meeting() -> None:
    grid = lay_out(
        [
            _slot("presidency", _at(9, 30), _at(13), "grand"),
            _slot("ceremony", _at(11, 15), _at(12), "grand", parent="presidency"),
        ]
    )
    assert grid.cards == (Card("presidency", 1, 1, 7, 49, (Nested("ceremony", 22, 31),), 22),)


def test_a_part_outside_its_sessions_hours_is_a_card_of_its_own() -> None:
    grid = lay_out([_slot("meeting", _at(9), _at(10), "a"), _slot("visit", _at(11), _at(12), "b", parent="meeting")])
    assert [card.code for card in grid.cards] == ["meeting", "visit"]


def test_parts_at_once_are_listed_without_a_place() -> None:
    grid = lay_out(
        [
            _slot("meeting", _at(9), _at(12), "a"),
            _slot("left", _at(10), _at(11), parent="meeting"),
            _slot("right", _at(10), _at(11), parent="meeting"),
        ]
    )
    assert grid.cards[0].head_line is None
    assert [part.code for part in grid.cards[0].nested] == ["left", "right"]


@pytest.mark.parametrize(("minute", "line"), [(_at(8, 59), None), (_at(9), 1), (_at(9, 7), 2), (_at(10), None)])
def test_a_minute_has_a_line_within_the_day_only(minute: int, line: int | None) -> None:
    assert lay_out([_slot("talk", _at(9), _at(10), "a")]).line_at(minute) == line


def test_an_empty_day_has_nothing_to_draw() -> None:
    assert lay_out([]) == DayGrid((), (), 0, 0, 1, (), {})
    assert not lay_out([]).is_drawable
