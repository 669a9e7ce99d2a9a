"""Our VTIMEZONE read by an independent reader, dateutil, against the zone data itself."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

import pytest
from dateutil.tz import tzical
from icalendar import Calendar
from icalendar.cal.component import Component

from retreat.calendars import ical
from retreat.core import zones
from tests.calendars.test_ical import HEAD, lines

# Ramadan (Casablanca), negative summer time (Dublin), half hours (Lord Howe, St John's), the south, a switch at
# midnight (Santiago), half-hour and forty-five-minute offsets without summer time, and rules that were given up.
ZONES = [
    "Africa/Casablanca",
    "Europe/Dublin",
    "Europe/Madrid",
    "America/Mexico_City",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Istanbul",
]
WEEK = timedelta(days=7)


def weeks(first_year: int, years: int) -> Iterator[datetime]:
    start = datetime(first_year, 1, 1, tzinfo=UTC)
    while start.year < first_year + years:
        yield start
        start += WEEK


@cache
def read_zone(zone: str, written: bytes) -> tzinfo:
    """Most weeks of a year have the same VTIMEZONE: that is read once."""
    body = ical.calendar(HEAD, [], [written])
    found = tzical(io.StringIO(body.decode())).get(zone)
    assert found
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_dateutil_reads_every_week_of_ten_years_as_the_zone_data_does(zone: str) -> None:
    ours = zones.zone(zone)
    wrong = []
    for start in weeks(2019, 10):
        theirs = read_zone(zone, ical.timezone(zone, start, start + WEEK))
        for hour in range(0, 168, 11):
            instant = start + timedelta(hours=hour)
            wall = instant.astimezone(ours).replace(tzinfo=None)
            if wall.replace(tzinfo=ours).utcoffset() != wall.replace(tzinfo=ours, fold=1).utcoffset():
                continue  # an hour that happens twice or not at all, which no session may be set in
            if wall.replace(tzinfo=theirs).astimezone(UTC) != instant:
                wrong.append(instant)
    assert wrong == []


def observances(body: bytes) -> list[Component]:
    calendar = Calendar.from_ical(ical.calendar(HEAD, [], [body]))
    return list(calendar.walk("STANDARD")) + list(calendar.walk("DAYLIGHT"))


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_has_an_anchor_a_standard_and_no_recurrence(zone: str) -> None:
    for start in list(weeks(2024, 2))[::4]:
        body = ical.timezone(zone, start, start + WEEK)
        parts = observances(body)

        assert b"BEGIN:STANDARD" in body
        assert not any(b in body for b in (b"RRULE", b"RDATE"))
        anchors = [part for part in parts if part["DTSTART"].dt == datetime(1970, 1, 1)]
        assert [part["TZOFFSETFROM"].td == part["TZOFFSETTO"].td for part in anchors] == [True]


def test_ramadan_in_casablanca_is_written_with_its_onsets_in_the_offset_before() -> None:
    body = ical.timezone("Africa/Casablanca", datetime(2024, 3, 12, tzinfo=UTC), datetime(2024, 3, 16, tzinfo=UTC))

    assert lines(body) == [
        "BEGIN:VTIMEZONE",
        "TZID:Africa/Casablanca",
        *("BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "TZNAME:+01"),
        "END:STANDARD",
        *("BEGIN:STANDARD", "DTSTART:20240310T030000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0000", "TZNAME:+00"),
        "END:STANDARD",
        *("BEGIN:STANDARD", "DTSTART:20240414T020000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0100", "TZNAME:+01"),
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


def test_summer_time_is_daylight_with_its_onset_in_winter_time() -> None:
    body = ical.timezone("Europe/Madrid", datetime(2024, 3, 12, tzinfo=UTC), datetime(2024, 3, 16, tzinfo=UTC))

    assert lines(body)[8:14] == [
        "BEGIN:DAYLIGHT",
        "DTSTART:20240331T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "TZNAME:CEST",
        "END:DAYLIGHT",
    ]


def test_a_zone_in_the_middle_of_summer_still_has_a_standard() -> None:
    body = ical.timezone("Europe/Madrid", datetime(2024, 6, 30, tzinfo=UTC), datetime(2024, 6, 30, tzinfo=UTC))

    assert [line for line in lines(body) if line.startswith(("BEGIN", "TZOFFSETTO"))] == [
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
        "TZOFFSETTO:+0200",
    ]
