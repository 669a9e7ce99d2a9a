"""Each kind of clash against a brute force that counts minutes, and the borders of each."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda.clashes import (
    Clash,
    ClashKind,
    Closure,
    Occupant,
    Room,
    Shut,
    Slot,
    TooFar,
    TooFewBooths,
    TooSmall,
    Week,
    find,
    lack,
)
from retreat.agenda.times import closed

MIDNIGHT = datetime(2020, 2, 25, tzinfo=UTC)
TUESDAY = date(2020, 2, 25)
PALACE, PORT = Occupant("palace", "Palace"), Occupant("port", "Port")
AMINA = Occupant(7, "Amina Bennani")
PRESIDENCY, COMMITTEE = Occupant(1, "Presidency"), Occupant(2, "Committee")
FOUR_DAYS = Week(date(2020, 2, 24), date(2020, 2, 27), {frozenset(("palace", "port")): 12})


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def slot(code: str = "A", start: int = 540, end: int = 600, **values: object) -> Slot:
    return replace(Slot(code, at(start), at(end), day=TUESDAY), **values)  # type: ignore[arg-type]


def kinds(*slots: Slot, week: Week = FOUR_DAYS) -> list[tuple[str, tuple[str, ...]]]:
    assert find(slots, week) == find(reversed(slots), week)
    return [(clash.kind.value, clash.sessions) for clash in find(slots, week)]


@pytest.mark.parametrize(("seats", "expected", "clashes"), [(60, 80, 1), (80, 80, 0), (None, 80, 0), (0, 0, 0)])
def test_a_hall_below_the_seats_expected_is_a_clash_of_one_session(
    seats: int | None, expected: int, clashes: int
) -> None:
    one = slot(hall=Room(1, "Kasbah", seats=seats), expected=expected)
    assert kinds(one) == [("seats", ("A",))] * clashes
    for clash in find([one]):
        assert clash == Clash(("A",), ClashKind.SEATS, ("Kasbah",), at(540), at(600), TooSmall(60, 80))
        assert clash.as_json()["detail"] == "Kasbah seats 60, 80 expected"


@pytest.mark.parametrize(
    ("booths", "pairs", "languages", "found"),
    [
        (3, None, 5, TooFewBooths(5, 3, None)),
        (5, None, 5, None),
        (None, None, 12, None),
        (0, 0, 1, None),
        (0, 0, 2, TooFewBooths(2, 0, 0)),
        (4, 5, 4, TooFewBooths(4, None, 5)),
        (4, 6, 4, None),
        (None, 2, 3, TooFewBooths(3, None, 2)),
    ],
)
def test_two_or_more_languages_need_a_booth_each_and_every_pair_relayed(
    booths: int | None, pairs: int | None, languages: int, found: TooFewBooths | None
) -> None:
    assert lack(Room(1, "Kasbah", booths=booths, pairs=pairs), languages) == found


@pytest.mark.parametrize(
    ("start", "end", "clashes"),
    [(480, 540, 0), (600, 660, 0), (480, 541, 1), (599, 700, 1), (480, 700, 1), (560, 570, 1)],
)
def test_a_hall_that_is_closed_for_any_minute_of_it(start: int, end: int, clashes: int) -> None:
    shut = Closure(at(start), at(end), "rehearsal")
    found = find([slot(hall=Room(1, "Kasbah", closures=(shut,)))])
    assert [(clash.kind, clash.why) for clash in found] == [(ClashKind.CLOSED, Shut(shut))] * clashes


@pytest.mark.parametrize(("starts", "clashes"), [(600, 1), (611, 1), (612, 0), (900, 0)])
def test_a_person_needs_the_time_of_the_walk_between_two_venues(starts: int, clashes: int) -> None:
    one = slot("A", venue=PALACE, people=(AMINA,))
    other = slot("B", starts, starts + 60, venue=PORT, people=(AMINA,))
    assert kinds(one, other) == [("walk", ("A", "B"))] * clashes
    assert kinds(one, replace(other, venue=PALACE)) == kinds(one, replace(other, people=())) == []
    assert kinds(one, other, week=Week()) == []


def test_a_walk_goes_from_the_earlier_to_the_later_and_names_who_walks() -> None:
    one = slot("B", venue=PORT, body=PRESIDENCY, people=(AMINA,))
    other = slot("A", 605, 660, venue=PALACE, body=PRESIDENCY, people=(AMINA,))
    why = TooFar(PORT, PALACE, 12, 5)
    names = ("Amina Bennani", "Presidency")
    assert find([other, one], FOUR_DAYS) == (Clash(("A", "B"), ClashKind.WALK, names, at(600), at(605), why),)


def test_two_bodies_that_meet_at_once_share_their_members() -> None:
    people = [Occupant(number, f"Person {number:02}") for number in range(20)]
    one = slot("A", body=PRESIDENCY, members=frozenset(people[:17]))
    other = slot("B", 599, 660, body=COMMITTEE, members=frozenset(people[3:]))
    (found,) = find([one, other])
    assert (found.kind, found.names, found.start, found.end) == (
        *(ClashKind.BODY, tuple(person.name for person in people[3:17]), at(599), at(600)),
    )
    assert found.detail == "14 people"
    assert kinds(one, replace(other, members=frozenset(people[17:]))) == []
    assert kinds(one, replace(other, start=at(540), end=at(600), parent="A")) == []


@pytest.mark.parametrize(("day", "clashes"), [(23, 1), (24, 0), (27, 0), (28, 1)])
def test_a_session_on_no_day_of_the_edition_is_a_clash_with_or_without_a_time(day: int, clashes: int) -> None:
    on = date(2020, 2, day)
    assert kinds(slot(day=on)) == [("outside", ("A",))] * clashes
    untimed = Slot("A", None, None, day=on, zone="Africa/Casablanca")
    assert kinds(untimed) == [("outside", ("A",))] * clashes
    assert kinds(replace(untimed, is_cancelled=True)) == []
    for clash in find([untimed], FOUR_DAYS):
        assert (clash.start, clash.end - clash.start) == (
            *(datetime(2020, 2, day - 1, 23, tzinfo=UTC), timedelta(days=1)),
        )


def test_a_part_outside_the_time_of_its_session_is_a_clash_of_both() -> None:
    whole = slot("Z", 540, 720)
    assert kinds(whole, slot("A", 540, 720, parent="Z")) == []
    assert kinds(whole, slot("A", 700, 721, parent="Z")) == [("outside", ("A", "Z"))]
    assert kinds(replace(whole, is_cancelled=True), slot("A", 700, 721, parent="Z")) == []


def test_what_is_cancelled_or_not_scheduled_clashes_with_nothing() -> None:
    room = Room(1, "Kasbah", seats=1, booths=0, closures=(Closure(at(0), at(1440)),))
    asks = {"hall": room, "people": (AMINA,), "expected": 80, "languages": 5, "members": frozenset((AMINA,))}
    assert kinds(slot("A", **asks, is_cancelled=True), slot("B", **asks, is_cancelled=True)) == []
    untimed = replace(slot("A", **asks), start=None, end=None)
    assert kinds(untimed, replace(untimed, code="B")) == []


# Brute force -------------------------------------------------------------------------------------------------------

PEOPLE = [Occupant(number, f"Person {number}") for number in range(4)]
SHORT_WEEK = Week(TUESDAY, TUESDAY, {frozenset(("palace", "port")): 3})


@st.composite
def busy_days(draw: st.DrawFn) -> list[Slot]:
    """Up to six sessions in twenty minutes, so that nearly everything clashes."""
    rooms = [
        Room(
            number,
            f"Hall {number}",
            seats=draw(st.none() | st.integers(0, 3)),
            booths=draw(st.none() | st.integers(0, 3)),
            pairs=draw(st.none() | st.integers(0, 6)),
            closures=tuple(
                Closure(at(start), at(start + length))
                for start, length in draw(st.lists(st.tuples(st.integers(0, 15), st.integers(1, 5)), max_size=2))
            ),
        )
        for number in range(2)
    ]
    slots = []
    for number in range(draw(st.integers(0, 6))):
        start = draw(st.none() | st.integers(0, 14))
        room = draw(st.none() | st.sampled_from(rooms))
        body = draw(st.none() | st.sampled_from([PRESIDENCY, COMMITTEE]))
        slots.append(
            Slot(
                f"S{number}",
                None if start is None else at(start),
                None if start is None else at(start + draw(st.integers(1, 6))),
                room,
                tuple(draw(st.lists(st.sampled_from(PEOPLE), max_size=2))),
                draw(st.none() | st.sampled_from([f"S{one}" for one in range(number)])) if number else None,
                draw(st.integers(0, 9)) == 0,
                draw(st.sampled_from([TUESDAY, TUESDAY, TUESDAY + timedelta(days=1), None])),
                "UTC",
                draw(st.sampled_from([PALACE, PORT, None])),
                body,
                draw(st.frozensets(st.sampled_from(PEOPLE), max_size=3)) if body else frozenset(),
                draw(st.integers(0, 4)),
                draw(st.integers(0, 4)),
            )
        )
    return slots


def minutes(one: Slot | Closure) -> set[int]:
    if one.start is None or one.end is None or getattr(one, "is_cancelled", False):
        return set()
    return {minute for minute in range(30) if one.start <= at(minute) < one.end}


def what_one_asks(one: Slot) -> set[str]:
    found = set()
    if one.day == TUESDAY + timedelta(days=1) and not one.is_cancelled:
        found.add("outside")
    if not minutes(one) or one.hall is None:
        return found
    pairs = len([1 for first in range(one.languages) for second in range(first)])
    if one.hall.seats is not None and one.expected > one.hall.seats:
        found.add("seats")
    has_few = one.hall.booths is not None and one.hall.booths < one.languages
    if one.languages > 1 and (has_few or (one.hall.pairs is not None and one.hall.pairs < pairs)):
        found.add("interpretation")
    if any(minutes(one) & minutes(closure) for closure in one.hall.closures):
        found.add("closed")
    return found


def what_two_share(one: Slot, other: Slot) -> set[str]:
    """`one` begins first."""
    mine, theirs = minutes(one), minutes(other)
    people = set(one.people) & set(other.people)
    found = set()
    if mine & theirs:
        if one.hall and other.hall and one.hall.key == other.hall.key:
            found.add("hall")
        if people:
            found.add("person")
        if one.members & other.members:
            found.add("body")
    elif people or (one.body and one.body == other.body):
        is_far = {one.venue, other.venue} == {PALACE, PORT}
        if is_far and min(theirs) - max(mine) - 1 < 3:
            found.add("walk")
    return found


@given(busy_days())
def test_all_kinds_are_found_as_counting_minutes_finds_them_and_nothing_twice(slots: list[Slot]) -> None:
    expected = {(kind, (one.code,)) for one in slots for kind in what_one_asks(one)}
    for one, other in permutations(slots, 2):
        if not minutes(one) or not minutes(other):
            continue
        codes = tuple(sorted((one.code, other.code)))
        is_part = one.parent == other.code
        if is_part and not minutes(one) <= minutes(other):
            expected.add(("outside", codes))
        if not is_part and other.parent != one.code and min(minutes(one)) <= min(minutes(other)):
            expected |= {(kind, codes) for kind in what_two_share(one, other)}
    found = kinds(*slots, week=SHORT_WEEK)
    assert len(found) == len(set(found))
    assert set(found) == expected


# Closures on the wall ----------------------------------------------------------------------------------------------

MADRID = "Europe/Madrid"


@pytest.mark.parametrize(
    ("day", "starts", "ends", "start", "end"),
    [
        (date(2020, 2, 25), time(9), time(14), (25, 8), (25, 13)),
        (date(2020, 2, 25), time(22), time(2), (25, 21), (26, 1)),
        (date(2020, 2, 25), None, None, (24, 23), (25, 23)),
    ],
)
def test_a_closure_is_on_the_wall_of_the_venue_over_midnight_or_all_day(
    day: date, starts: time | None, ends: time | None, start: tuple[int, int], end: tuple[int, int]
) -> None:
    found = closed(day, starts, ends, MADRID)
    assert found
    assert (found.start, found.end) == tuple(datetime(2020, 2, *one, tzinfo=UTC) for one in (start, end))


def test_a_time_that_the_clocks_skip_is_the_next_instant_and_one_that_comes_twice_is_closed_both_times() -> None:
    spring, autumn = date(2020, 3, 29), date(2020, 10, 25)
    found = closed(spring, time(2, 30), time(4), MADRID)
    assert found
    assert (found.start, found.end) == (*(datetime(2020, 3, 29, 1, tzinfo=UTC), datetime(2020, 3, 29, 2, tzinfo=UTC)),)
    assert closed(spring, time(2, 10), time(2, 50), MADRID) is None
    found = closed(autumn, time(2, 30), time(2, 45), MADRID)
    assert found
    assert found.end - found.start == timedelta(minutes=75)
