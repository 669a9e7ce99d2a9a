"""Where a session would be free, against a brute force that tries every start minute by minute."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda.checking.free import Hours, Spot, Suggestion, Taken, next_free
from retreat.agenda.clashes import Closure, Occupant, Room, Slot, Week

TUESDAY = date(2020, 2, 25)
MIDNIGHT = datetime(2020, 2, 25, tzinfo=UTC)
PALACE, PORT = Occupant("palace", "Palace"), Occupant("port", "Port")
AMINA = Occupant(7, "Amina Bennani")
KASBAH, MALABATA, HERCULES = (Room(number, name, seats=80) for number, name in enumerate(("Kasbah", "Malabata", "H")))
WEEK = Week(TUESDAY, TUESDAY, {frozenset(("palace", "port")): 15})


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def slot(code: str, start: int, end: int, **values: object) -> Slot:
    given = {"day": TUESDAY, "venue": PALACE, **values}
    return replace(Slot(code, at(start), at(end)), **given)  # type: ignore[arg-type]


def spot(room: Room | None, venue: Occupant = PALACE, zone: str = "UTC") -> Spot:
    return Spot(room, venue, zone)


def asked(one: Slot, *others: Slot, elsewhere: tuple[Spot, ...] = (), hours: Hours | None = None) -> list[str]:
    found = next_free(one, spot(one.hall), Taken((one, *others)), elsewhere, week=WEEK, hours=hours or Hours())
    return [f"{each.starts:%H:%M}–{each.ends:%H:%M} {each.room.name if each.room else '–'}" for each in found]


def test_a_person_who_speaks_until_half_past_is_free_then() -> None:
    finance = slot("A", 540, 630, hall=KASBAH, people=(AMINA,))
    democracy = slot("B", 600, 690, hall=MALABATA, people=(AMINA,))
    assert asked(democracy, finance, elsewhere=(spot(HERCULES),)) == ["10:30–12:00 Malabata"]


def test_a_hall_taken_twice_is_free_later_and_another_hall_is_free_at_once() -> None:
    one, other = slot("A", 540, 630, hall=KASBAH), slot("B", 600, 660, hall=KASBAH)
    taken = slot("C", 640, 700, hall=MALABATA)
    elsewhere = (spot(MALABATA), spot(HERCULES))
    assert asked(other, one, taken, elsewhere=elsewhere) == ["10:30–11:30 Kasbah", "10:00–11:00 H"]


def test_where_neither_will_do_the_first_start_in_any_hall_is_offered() -> None:
    small = replace(KASBAH, seats=10)
    crowd = slot("A", 540, 600, hall=small, expected=60)
    taken = slot("B", 500, 720, hall=MALABATA)
    assert asked(crowd, taken, elsewhere=(spot(MALABATA), spot(replace(HERCULES, seats=20)))) == [
        "12:00–13:00 Malabata"
    ]
    assert asked(crowd) == []


def test_a_hall_that_is_closed_or_has_too_few_booths_is_not_offered() -> None:
    closed = replace(KASBAH, closures=(Closure(at(0), at(14 * 60)),))
    few = replace(MALABATA, booths=2)
    session = slot("A", 600, 660, hall=closed, languages=3)
    assert asked(session, elsewhere=(spot(few), spot(HERCULES))) == ["14:00–15:00 Kasbah", "10:00–11:00 H"]


def test_the_walk_to_another_venue_is_no_free_time() -> None:
    before = slot("A", 540, 600, hall=KASBAH, people=(AMINA,))
    after = slot("B", 600, 660, hall=MALABATA, venue=PORT, people=(AMINA,))
    found = next_free(after, spot(MALABATA, PORT), Taken((before, after)), week=WEEK, hours=Hours())
    assert [one.starts for one in found] == [time(10, 15)]


def test_members_of_the_body_must_be_free_too() -> None:
    body = Occupant(1, "Presidency")
    speaks = slot("A", 600, 720, hall=KASBAH, people=(AMINA,))
    meets = slot("B", 600, 660, hall=MALABATA, body=body, members=frozenset((AMINA,)))
    assert asked(meets, speaks) == ["12:00–13:00 Malabata"]


def test_a_part_is_put_within_the_session_that_it_is_part_of() -> None:
    whole = slot("Z", 600, 720, hall=KASBAH)
    part = slot("A", 690, 750, hall=KASBAH, parent="Z")
    assert asked(part, whole) == ["10:00–11:00 Kasbah"]
    assert asked(replace(part, start=at(605), end=at(665)), whole) == ["10:10–11:10 Kasbah"]


def test_a_session_goes_where_its_parts_and_their_people_are_free_too() -> None:
    whole = slot("Z", 600, 720, hall=KASBAH)
    lunch = slot("Y", 660, 690, hall=KASBAH, parent="Z", people=(AMINA,))
    rival = slot("X", 600, 720, hall=KASBAH)
    # At noon the lunch would be from one o'clock, when Amina Bennani speaks; the walk to it counts as well.
    speaks = slot("A", 780, 840, hall=MALABATA, people=(AMINA,))
    assert asked(whole, lunch, rival, speaks) == ["13:00–15:00 Kasbah"]
    assert asked(whole, lunch, rival, replace(speaks, venue=PORT)) == ["13:15–15:15 Kasbah"]
    # A part that is elsewhere stays in its hall, which is taken then.
    outside = replace(lunch, hall=HERCULES, people=())
    taken = slot("B", 780, 800, hall=HERCULES)
    assert asked(whole, outside, rival, taken, hours=Hours(480, 900)) == ["12:20–14:20 Kasbah"]
    # A part that goes along must fit into the hall as well.
    crowd = replace(lunch, people=(), expected=70)
    small = replace(MALABATA, seats=50)
    assert asked(whole, crowd, rival, elsewhere=(spot(small), spot(HERCULES)))[1:] == ["10:00–12:00 H"]


def test_nothing_is_offered_after_hours_off_the_grid_or_on_no_day_of_the_edition() -> None:
    one, other = slot("A", 1130, 1200, hall=KASBAH), slot("B", 1140, 1200, hall=KASBAH)
    assert asked(other, one) == []
    assert asked(other, one, hours=Hours(480, 1380)) == ["20:00–21:00 Kasbah"]
    odd = slot("B", 602, 665, hall=KASBAH)
    assert asked(odd, slot("A", 540, 610, hall=KASBAH)) == ["10:10–11:15 Kasbah"]
    assert asked(replace(other, day=TUESDAY + timedelta(days=1)), one) == []
    assert asked(replace(other, start=None, end=None), one) == []


def test_hours_grow_with_sessions_of_the_day_and_not_with_those_of_the_night() -> None:
    hours = Hours().with_session(time(7, 30), time(9)).with_session(time(21), time(22)).with_session(time(23), time(2))
    assert (hours.opens, hours.closes) == (450, 22 * 60)


def test_a_hall_in_another_zone_is_asked_at_its_own_wall_time() -> None:
    session = slot("A", 600, 660, hall=KASBAH)
    twin = slot("B", 600, 660, hall=KASBAH)
    # Ten o'clock in Madrid is nine o'clock in UTC, when the hall there is taken.
    there = slot("C", 540, 600, hall=MALABATA, venue=PORT)
    elsewhere = (spot(MALABATA, PORT, "Europe/Madrid"), spot(HERCULES, PORT, "UTC"))
    assert asked(session, twin, there, elsewhere=elsewhere) == ["11:00–12:00 Kasbah", "10:00–11:00 H"]


# Brute force -------------------------------------------------------------------------------------------------------

PEOPLE = [Occupant(number, f"Person {number}") for number in range(3)]
SHORT = Hours(480, 540)


@st.composite
def crowded(draw: st.DrawFn) -> tuple[list[Slot], list[Spot]]:
    """Up to six sessions of an hour's steps in three halls of two venues."""
    spots = []
    for number in range(3):
        shut = draw(st.lists(st.tuples(st.integers(95, 108), st.integers(1, 4)), max_size=1))
        closures = tuple(Closure(at(start * 5), at((start + length) * 5)) for start, length in shut)
        room = Room(number, f"Hall {number}", seats=draw(st.sampled_from([None, 1, 2])), closures=closures)
        spots.append(Spot(room, PORT if number == 2 else PALACE, "UTC"))
    slots = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.integers(94, 107)) * 5
        where = draw(st.sampled_from(spots))
        slots.append(
            Slot(
                f"S{number}",
                at(start),
                at(start + draw(st.integers(1, 4)) * 5),
                where.room,
                tuple(draw(st.lists(st.sampled_from(PEOPLE), max_size=2))),
                draw(st.sampled_from([None, None, "S0"])) if number else None,
                draw(st.integers(0, 9)) == 0,
                TUESDAY,
                venue=where.venue,
                members=draw(st.frozensets(st.sampled_from(PEOPLE), max_size=1)),
                expected=draw(st.integers(0, 2)),
            )
        )
    return slots, spots


def minutes(one: Slot | Closure) -> set[int]:
    return {minute for minute in range(440, 620) if one.start and one.end and one.start <= at(minute) < one.end}


def fits(one: Slot, start: int, length: int, where: Spot, slots: list[Slot]) -> bool:
    """Minute by minute."""
    mine = set(range(start, start + length))
    room = where.room
    if room is None or (room.seats is not None and room.seats < one.expected):
        return False
    if any(mine & minutes(closure) for closure in room.closures):
        return False
    others = [other for other in slots if other.code != one.code and not other.is_cancelled]
    return all(is_let(one, mine, where, other) for other in others if other.parent != one.code)


def is_let(one: Slot, mine: set[int], where: Spot, other: Slot) -> bool:
    theirs = minutes(other)
    if one.parent == other.code:
        return mine <= theirs
    if other.hall and other.hall == where.room and mine & theirs:
        return False
    walk = 15 if where.venue != other.venue else 0
    is_shared = bool({*one.people, *one.members} & {*other.people, *other.members})
    return not (is_shared and mine & set(range(min(theirs) - walk, max(theirs) + walk + 1)))


@given(crowded())
def test_it_finds_what_trying_every_start_finds(week: tuple[list[Slot], list[Spot]]) -> None:
    slots, spots = week
    one = slots[-1]
    if one.is_cancelled or one.start is None or one.end is None:
        return
    now, length = (one.start - MIDNIGHT).seconds // 60, (one.end - one.start).seconds // 60
    here = next(where for where in spots if where.room == one.hall)
    others = [where for where in spots if where is not here]
    whole = next((other for other in slots if other.code == one.parent and not other.is_cancelled), None)
    is_out = whole is not None and not (whole.start <= one.start and one.end <= whole.end)  # type: ignore[operator]
    starts = [m for m in range(SHORT.opens, SHORT.closes - length + 1, 5) if is_out or m > now]

    def suggestion(start: int, where: Spot) -> Suggestion:
        hours = [(MIDNIGHT + timedelta(minutes=minute)).time() for minute in (start, start + length)]
        return Suggestion(TUESDAY, *hours, where.room, where is here, start == now)

    expected = [suggestion(start, here) for start in starts if fits(one, start, length, here, slots)][:1]
    expected += [suggestion(now, where) for where in others if fits(one, now, length, where, slots)][:1]
    if not expected:
        tries = [(start, where) for start in starts for where in others]
        expected = [suggestion(*some) for some in tries if fits(one, *[some[0], length, some[1]], slots)][:1]
    assert list(next_free(one, here, Taken(slots), others, week=WEEK, hours=SHORT)) == expected
