"""Halls and people asked to be in two places at once, against an oracle that looks at every minute."""

import time
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda.clashes import Clash, ClashKind, Occupant, Room, Slot, find

MIDNIGHT = datetime(2020, 2, 25, tzinfo=UTC)
MALABATA = Room(1, "Malabata")
AMINA = Occupant(7, "Amina Bennani")
JONAS = Occupant(8, "Jonas Berg")


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def slot(
    code: str,
    start: int | None,
    end: int | None,
    *,
    hall: Room | None = None,
    people: tuple[Occupant, ...] = (),
    parent: str | None = None,
    is_cancelled: bool = False,
) -> Slot:
    return Slot(
        code, None if start is None else at(start), None if end is None else at(end), hall, people, parent, is_cancelled
    )


def test_a_hall_with_two_sessions_at_once_names_both() -> None:
    found = find([slot("S2", 600, 690, hall=MALABATA), slot("S1", 540, 630, hall=MALABATA)])
    assert found == (Clash(("S1", "S2"), ClashKind.HALL, ("Malabata",), at(600), at(630)),)
    assert [clash.as_json() for clash in found] == [{"kind": "hall", "sessions": ["S1", "S2"], "detail": "Malabata"}]


def test_two_people_shared_by_two_sessions_are_one_clash_that_names_both_people() -> None:
    found = find([slot("A", 540, 600, people=(JONAS, AMINA, JONAS)), slot("B", 570, 630, people=(AMINA, JONAS))])
    assert found == (Clash(("A", "B"), ClashKind.PERSON, ("Amina Bennani", "Jonas Berg"), at(570), at(600)),)


def test_hall_and_person_are_two_clashes_of_the_same_pair() -> None:
    one = slot("A", 540, 600, hall=MALABATA, people=(AMINA,))
    other = slot("B", 540, 600, hall=MALABATA, people=(AMINA,))
    assert [clash.kind for clash in find([one, other])] == [ClashKind.HALL, ClashKind.PERSON]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (slot("A", 540, 600, hall=MALABATA, people=(AMINA,)), slot("B", 600, 660, hall=MALABATA, people=(AMINA,))),
        (slot("A", 540, 600, hall=MALABATA), slot("B", 540, 600, hall=Room(2, "Malabata"))),
        (slot("A", 540, 600, people=(AMINA,)), slot("B", 540, 600, people=(Occupant(9, "Amina Bennani"),))),
        (slot("A", 540, 600, hall=MALABATA, is_cancelled=True), slot("B", 540, 600, hall=MALABATA)),
        (slot("A", 540, 600, hall=MALABATA), slot("B", 550, 560, hall=MALABATA, parent="A")),
        (slot("A", None, None, hall=MALABATA), slot("B", 540, 600, hall=MALABATA)),
        (slot("A", 540, 600), slot("B", 540, 600)),
    ],
    ids=[
        "back to back",
        "two halls of one name",
        "two people of one name",
        "cancelled",
        "part of it",
        "untimed",
        "no hall",
    ],
)
def test_no_clash(one: Slot, other: Slot) -> None:
    assert find([one, other]) == ()
    assert find([other, one]) == ()


def test_two_parts_of_one_session_do_clash_with_each_other() -> None:
    slots = [
        slot("A", 540, 720, hall=MALABATA),
        slot("B", 600, 660, hall=MALABATA, parent="A"),
        slot("C", 630, 690, hall=MALABATA, parent="A"),
    ]
    assert [clash.sessions for clash in find(slots)] == [("B", "C")]


@st.composite
def weeks(draw: st.DrawFn) -> list[Slot]:
    """Up to eight sessions on a dozen minutes, three halls and three people, so that nearly everything clashes."""
    slots = []
    for number in range(draw(st.integers(0, 8))):
        start = draw(st.none() | st.integers(0, 10))
        end = None if start is None else start + draw(st.integers(0, 4))
        hall = draw(st.none() | st.integers(1, 3))
        slots.append(
            slot(
                f"S{number}",
                start,
                end,
                hall=hall and Room(hall, f"Hall {hall}"),
                people=tuple(Occupant(key, f"Person {key}") for key in draw(st.lists(st.integers(1, 3), max_size=3))),
                parent=draw(st.none() | st.integers(0, max(0, number - 1)).map("S{}".format)) if number else None,
                is_cancelled=draw(st.booleans()) and draw(st.booleans()),
            )
        )
    return slots


def every_minute(slots: list[Slot]) -> set[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Brute force: the minutes that each session fills, and what each pair shares in a common one."""

    def minutes(one: Slot) -> set[datetime]:
        if one.is_cancelled or one.start is None or one.end is None:
            return set()
        return {at(minute) for minute in range(20) if one.start <= at(minute) < one.end}

    found: set[tuple[str, tuple[str, ...], tuple[str, ...]]] = set()
    for one, other in permutations(slots, 2):
        if one.parent == other.code and minutes(one) and minutes(other) and not minutes(one) <= minutes(other):
            found.add(("outside", tuple(sorted((one.code, other.code))), ()))
    for one, other in combinations(slots, 2):
        if one.parent == other.code or other.parent == one.code or not minutes(one) & minutes(other):
            continue
        codes = (min(one.code, other.code), max(one.code, other.code))
        if one.hall and other.hall and one.hall.key == other.hall.key:
            found.add(("hall", codes, (one.hall.name,)))
        shared = {person.name for person in one.people} & {person.name for person in other.people}
        if shared:
            found.add(("person", codes, tuple(sorted(shared))))
    return found


@given(weeks())
def test_the_sweep_finds_what_brute_force_finds_and_nothing_twice(slots: list[Slot]) -> None:
    found = [(clash.kind.value, clash.sessions, clash.names) for clash in find(slots)]
    assert len(found) == len(set(found))
    assert set(found) == every_minute(slots)


@given(weeks())
def test_the_order_of_the_sessions_does_not_matter(slots: list[Slot]) -> None:
    assert find(slots) == find(reversed(slots))


def test_a_thousand_sessions_take_less_than_fifty_milliseconds() -> None:
    halls = [Room(number, f"Hall {number}") for number in range(12)]
    slots = [
        slot(
            f"S{number:04}",
            number % 200 * 25,
            number % 200 * 25 + 30,
            hall=halls[number % 12],
            people=tuple(Occupant(100 + (number * 7 + step) % 400, f"P{step}") for step in range(3)),
        )
        for number in range(1000)
    ]
    best = 1.0
    for _ in range(5):
        began = time.process_time()
        assert find(slots)
        best = min(best, time.process_time() - began)
    assert best < 0.05
