"""From the wall clock at the venue to instants, or a sentence."""

from datetime import UTC, date, datetime, time

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda.times import BadTime, Instants, instants

TUESDAY = date(2020, 2, 25)
NINE, ELEVEN = time(9), time(11)


def test_a_wall_time_becomes_an_instant_by_the_rules_of_its_zone_on_that_day() -> None:
    assert instants(TUESDAY, NINE, ELEVEN, "Africa/Casablanca") == Instants(
        datetime(2020, 2, 25, 8, tzinfo=UTC), datetime(2020, 2, 25, 10, tzinfo=UTC)
    )


def test_an_end_earlier_than_the_start_is_on_the_next_day() -> None:
    assert instants(TUESDAY, time(20), time(1), "Africa/Casablanca") == Instants(
        datetime(2020, 2, 25, 19, tzinfo=UTC), datetime(2020, 2, 26, 0, tzinfo=UTC)
    )


@pytest.mark.parametrize("day", [None, TUESDAY])
def test_what_has_no_time_yet_has_no_instant(day: date | None) -> None:
    assert instants(day, None, None, "Africa/Casablanca") is None


@pytest.mark.parametrize(
    ("day", "starts", "ends", "zone", "field", "message"),
    [
        (TUESDAY, NINE, None, "Europe/Paris", "end", "Give the end as well: a start needs one."),
        (TUESDAY, None, NINE, "Europe/Paris", "start", "Give the start as well: there is an end without one."),
        (None, NINE, ELEVEN, "Europe/Paris", "date", "Give the date as well: there is a time without one."),
        (TUESDAY, NINE, NINE, "Europe/Paris", "end", "The end is the same as the start; a session takes time."),
        (
            TUESDAY,
            NINE,
            ELEVEN,
            "Europe/Tangier",
            "zone",
            "“Europe/Tangier” is not a time zone; write it like Africa/Casablanca.",
        ),
        (
            date(2020, 3, 29),
            time(2, 30),
            time(4),
            "Europe/Paris",
            "start",
            "02:30 does not exist in Europe/Paris on 2020-03-29: the clocks go forward.",
        ),
        (
            date(2020, 10, 25),
            time(1),
            time(2, 30),
            "Europe/Paris",
            "end",
            "02:30 happens twice in Europe/Paris on 2020-10-25: the clocks go back.",
        ),
        (
            date(2020, 3, 28),
            time(22),
            time(2, 15),
            "Europe/Paris",
            "end",
            "02:15 does not exist in Europe/Paris on 2020-03-29: the clocks go forward.",
        ),
        (date(1, 1, 1), NINE, ELEVEN, "Europe/Paris", "date", "This is not a year for a session."),
        (date(9999, 12, 31), ELEVEN, NINE, "Europe/Paris", "date", "This is not a year for a session."),
    ],
)
def test_a_time_that_cannot_be_is_refused_by_name(
    day: date | None, starts: time | None, ends: time | None, zone: str, field: str, message: str
) -> None:
    with pytest.raises(BadTime) as caught:
        instants(day, starts, ends, zone)
    assert (caught.value.field, str(caught.value)) == (field, message)


def test_an_unknown_zone_is_refused_even_while_nothing_is_scheduled() -> None:
    with pytest.raises(BadTime):
        instants(None, None, None, "Mars/Olympus")


@given(
    st.dates(date(2015, 1, 1), date(2019, 12, 31)),
    st.times(),
    st.sampled_from(
        ["Africa/Casablanca", "Europe/Istanbul", "America/Mexico_City", "Asia/Kathmandu", "Australia/Lord_Howe"]
    ),
)
def test_instants_agree_with_another_reader_of_the_same_rules(day: date, at: time, zone: str) -> None:
    start = at.replace(second=0, microsecond=0)
    end = start.replace(minute=(start.minute + 30) % 60)
    other = tz.gettz(zone)
    naive = datetime.combine(day, start)
    if not tz.datetime_exists(naive, other) or tz.datetime_ambiguous(naive, other):
        with pytest.raises(BadTime):
            instants(day, start, end, zone)
        return
    try:
        found = instants(day, start, end, zone)
    except BadTime as error:
        if error.field != "end":
            raise
        return
    assert found is not None
    assert found.start == naive.replace(tzinfo=other).astimezone(UTC)
    assert found.end > found.start
