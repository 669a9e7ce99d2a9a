"""One event and one calendar as bytes, read back by the library's own parser."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from retreat.calendars import ical
from retreat.calendars.facts import CalendarFacts, EventFacts, EventStatus, Form

GOLDEN = Path(__file__).parent / "golden"

OPENING = EventFacts(
    uid="5f2b8a52-6f0e-4f3a-9f5b-3a6f1f4b2c10",
    sequence=2,
    created=datetime(2020, 1, 10, 9, 30, tzinfo=UTC),
    modified=datetime(2020, 2, 20, 17, 5, 9, tzinfo=UTC),
    start=datetime(2020, 2, 24, 8, 0, tzinfo=UTC),
    end=datetime(2020, 2, 24, 9, 30, tzinfo=UTC),
    zone="Africa/Casablanca",
    summary="Opening of the Retreat; words, hopes and plans",
    location="Grand Hall, Hilton Tanger City Center, Tangier",
    description="Monday 24 February 2020, 09:00–10:30 (Africa/Casablanca, UTC+1)\nhttps://retreat.example/2020/sessions/S20-001",
    categories=("Retreat", "Executive Bureau"),
    url="https://retreat.example/2020/sessions/S20-001",
)
DINNER = EventFacts(
    uid="0c8a1c5e-24d4-4a3c-8f0e-d5a3a2f0c9aa",
    sequence=5,
    created=datetime(2020, 1, 10, 9, 30, tzinfo=UTC),
    modified=datetime(2020, 2, 21, 8, 0, 0, tzinfo=UTC),
    start=datetime(2020, 2, 26, 19, 0, tzinfo=UTC),
    end=datetime(2020, 2, 26, 23, 30, tzinfo=UTC),
    zone="Africa/Casablanca",
    summary="Ужин мэров: İzmir, Бишкек и Хабаровск — «Три города, одна премия»",
    status=EventStatus.CANCELLED,
    is_opaque=True,
    is_private=True,
    conference="https://meet.example/j/1?pwd=a,b;c",
)
HEAD = CalendarFacts(
    name="UCLG Retreat & Campus 2020",
    description="Tangier, 24–28 February 2020; every public session",
    zone="Africa/Casablanca",
    refresh=timedelta(minutes=15),
    modified=datetime(2020, 2, 21, 8, 0, 0, tzinfo=UTC),
    colour="navy",
)


def lines(body: bytes) -> list[str]:
    """Content lines, unfolded as RFC 5545 §3.1 says and split as the sloppiest reader would."""
    return body.decode().replace("\r\n ", "").splitlines()


def read(body: bytes) -> dict[str, Any]:
    """Every property of a VEVENT by name, in order, as the library reads it back."""
    return dict(Event.from_ical(body).items())


def test_every_property_is_read_back_in_the_order_of_the_recipe() -> None:
    event = read(ical.event(replace(OPENING, conference="https://meet.example/j/1"), Form.UTC))

    modified = datetime(2020, 2, 20, 17, 5, 9, tzinfo=UTC)
    assert [(name, getattr(value, "dt", None) or getattr(value, "cats", value)) for name, value in event.items()] == [
        ("UID", "5f2b8a52-6f0e-4f3a-9f5b-3a6f1f4b2c10"),
        ("DTSTAMP", modified),
        ("LAST-MODIFIED", modified),
        ("SEQUENCE", 2),
        ("CREATED", datetime(2020, 1, 10, 9, 30, tzinfo=UTC)),
        ("DTSTART", datetime(2020, 2, 24, 8, 0, tzinfo=UTC)),
        ("DTEND", datetime(2020, 2, 24, 9, 30, tzinfo=UTC)),
        ("SUMMARY", "Opening of the Retreat; words, hopes and plans"),
        ("LOCATION", "Grand Hall, Hilton Tanger City Center, Tangier"),
        ("DESCRIPTION", OPENING.description),
        ("STATUS", "CONFIRMED"),
        ("TRANSP", "TRANSPARENT"),
        ("CATEGORIES", ["Retreat", "Executive Bureau"]),
        ("URL", "https://retreat.example/2020/sessions/S20-001"),
        ("CLASS", "PUBLIC"),
        ("CONFERENCE", "https://meet.example/j/1"),
    ]


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(OPENING, location="", description="", categories=(), url="")

    assert [line.split(":")[0] for line in lines(ical.event(bare, Form.UTC))] == [
        "BEGIN",
        "UID",
        "DTSTAMP",
        "LAST-MODIFIED",
        "SEQUENCE",
        "CREATED",
        "DTSTART",
        "DTEND",
        "SUMMARY",
        "STATUS",
        "TRANSP",
        "CLASS",
        "END",
    ]


def test_a_cancelled_session_is_labelled_and_never_blocks_time() -> None:
    event = read(ical.event(replace(OPENING, status=EventStatus.CANCELLED, is_opaque=True), Form.UTC))

    assert (event["SUMMARY"], event["STATUS"], event["TRANSP"]) == (
        "CANCELLED: Opening of the Retreat; words, hopes and plans",
        "CANCELLED",
        "TRANSPARENT",
    )


def test_the_venue_form_writes_wall_time_with_the_zones_name() -> None:
    body = ical.event(OPENING, Form.VENUE)

    assert [line for line in lines(body) if line.startswith("DT")] == [
        "DTSTAMP:20200220T170509Z",
        "DTSTART;TZID=Africa/Casablanca:20200224T090000",
        "DTEND;TZID=Africa/Casablanca:20200224T103000",
    ]


def test_a_venue_on_greenwich_time_keeps_its_zones_name() -> None:
    body = ical.event(replace(OPENING, zone="Etc/UTC"), Form.VENUE)

    assert "DTSTART;TZID=Etc/UTC:20200224T080000" in lines(body)


def test_a_session_across_midnight_and_a_change_of_clocks_keeps_its_length() -> None:
    # In Casablanca the clocks went back at 03:00 on 19 April 2020.
    night = replace(
        OPENING, start=datetime(2020, 4, 18, 22, 30, tzinfo=UTC), end=datetime(2020, 4, 19, 4, 0, tzinfo=UTC)
    )

    assert [line for line in lines(ical.event(night, Form.VENUE)) if line.startswith(("DTSTART", "DTEND"))] == [
        "DTSTART;TZID=Africa/Casablanca:20200418T233000",
        "DTEND;TZID=Africa/Casablanca:20200419T040000",
    ]


@pytest.mark.parametrize(
    "attack",
    [
        "Plenary\r\nATTENDEE:mailto:victim@example.org",
        "Plenary\nATTENDEE:mailto:victim@example.org",
        "Plenary\rATTENDEE:mailto:victim@example.org",
        "Plenary\u2028ATTENDEE:mailto:victim@example.org",
        "Plenary\u2029ATTENDEE:mailto:victim@example.org",
        "Plenary\u0085ATTENDEE:mailto:victim@example.org",
        "Plenary\x0bATTENDEE:mailto:victim@example.org",
        "Plenary\x0cATTENDEE:mailto:victim@example.org",
        "Plenary\x1cATTENDEE:mailto:victim@example.org",
        "Plenary\\\nATTENDEE:mailto:victim@example.org",
        "Plenary\x00\r\n\r\n ATTENDEE:mailto:victim@example.org",
    ],
)
def test_no_text_can_smuggle_in_a_property(attack: str) -> None:
    facts = replace(
        OPENING,
        uid=attack,
        summary=attack,
        location=attack,
        description=attack,
        categories=(attack, attack),
        url=f"https://retreat.example/{attack}",
        conference=f"https://meet.example/{attack}",
    )
    head = replace(HEAD, name=attack, description=attack)

    body = ical.calendar(head, [ical.event(facts, Form.UTC)])

    names = [re.split("[:;]", line)[0] for line in lines(body)]
    assert names == [
        *("BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD", "NAME", "X-WR-CALNAME", "DESCRIPTION", "X-WR-CALDESC"),
        *("X-WR-TIMEZONE", "REFRESH-INTERVAL", "X-PUBLISHED-TTL", "COLOR", "LAST-MODIFIED"),
        *("BEGIN", "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "CREATED", "DTSTART", "DTEND", "SUMMARY", "LOCATION"),
        *("DESCRIPTION", "STATUS", "TRANSP", "CATEGORIES", "URL", "CLASS", "CONFERENCE", "END", "END"),
    ]


@pytest.mark.parametrize(
    ("given_text", "read_back"),
    [
        ("C:\\New, or C:\\new; both", "C:\\New, or C:\\new; both"),
        ("a\\\\b", "a\\\\b"),
        ("line one\r\nline two", "line one\nline two"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("tab\there", "tab here"),
        ("half a pair \ud83d alone", "half a pair  alone"),
        ("Mayor 👨‍👩‍👧‍👦 family 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "Mayor 👨‍👩‍👧‍👦 family 🏴󠁧󠁢󠁳󠁣󠁴󠁿"),
        ("مراكش \u202eevil", "مراكش \u202eevil"),
        ("x" * 5000, "x" * 5000),
        ("", ""),
    ],
)
def test_a_title_is_read_back_as_written(given_text: str, read_back: str) -> None:
    assert read(ical.event(replace(OPENING, summary=given_text), Form.UTC))["SUMMARY"] == read_back


def test_blanks_in_a_link_do_not_break_it() -> None:
    event = read(ical.event(replace(OPENING, conference="  https://meet.example/a b\n"), Form.UTC))

    assert event["CONFERENCE"] == "https://meet.example/a%20b"


TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=300)


@given(summary=TEXTS, description=TEXTS, categories=st.lists(TEXTS.filter(bool), max_size=3))
def test_any_text_is_folded_on_characters_and_read_back_clean(
    summary: str, description: str, categories: list[str]
) -> None:
    facts = replace(OPENING, summary=summary, description=description, categories=tuple(categories))

    body = ical.event(facts, Form.UTC)

    raw = body.split(b"\r\n")
    assert raw.pop() == b""
    assert max(len(line) for line in raw) <= 75
    assert not any(b"\r" in line or b"\n" in line for line in raw)
    assert all(line.decode() for line in raw)  # no character was cut in two
    assert unicodedata.is_normalized("NFC", body.decode())
    event = read(body)
    assert event["SUMMARY"] == ical.plain(summary)
    assert event.get("DESCRIPTION", "") == ical.plain(description)


@given(text=TEXTS)
def test_cleaning_a_clean_text_changes_nothing(text: str) -> None:
    assert ical.plain(ical.plain(text)) == ical.plain(text)


@given(
    start=st.datetimes(datetime(2015, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC)),
    minutes=st.integers(5, 1500),
    zone=st.sampled_from(["Africa/Casablanca", "Asia/Kathmandu", "America/St_Johns", "Europe/Dublin"]),
)
def test_instants_survive_a_round_trip_in_utc_form(start: datetime, minutes: int, zone: str) -> None:
    start = start.replace(microsecond=0)
    facts = replace(OPENING, start=start, end=start + timedelta(minutes=minutes), zone=zone)

    event = read(ical.event(facts, Form.UTC))

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (facts.start, facts.end)


def test_a_feed_of_nothing_is_a_valid_calendar_without_a_uid() -> None:
    body = ical.calendar(HEAD, [])

    assert lines(body) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//United Cities and Local Governments//Retreat//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:UCLG Retreat & Campus 2020",
        "X-WR-CALNAME:UCLG Retreat & Campus 2020",
        "DESCRIPTION:Tangier\\, 24–28 February 2020\\; every public session",
        "X-WR-CALDESC:Tangier\\, 24–28 February 2020\\; every public session",
        "X-WR-TIMEZONE:Africa/Casablanca",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
        "COLOR:navy",
        "LAST-MODIFIED:20200221T080000Z",
        "END:VCALENDAR",
    ]
    assert Calendar.from_ical(body).errors == []


def test_joining_rendered_events_equals_rendering_the_whole_calendar() -> None:
    events = [ical.event(facts, Form.UTC) for facts in (OPENING, DINNER)]
    joined = ical.calendar(HEAD, events)

    whole = Calendar.from_ical(joined)

    assert whole.to_ical(sorted=False) == joined


@pytest.mark.parametrize(("hours", "written"), [(0.25, "PT15M"), (1, "PT1H"), (1.5, "PT90M"), (12, "PT12H")])
def test_the_refresh_interval_is_a_duration(hours: float, written: str) -> None:
    body = ical.calendar(replace(HEAD, refresh=timedelta(hours=hours)), [])

    assert f"X-PUBLISHED-TTL:{written}" in lines(body)


@pytest.mark.parametrize("form", list(Form))
def test_the_bytes_are_those_a_reviewer_has_seen(form: Form) -> None:
    """A change here is a change in every subscriber's calendar: raise `feeds.RENDERER` with it."""
    zones = [ical.timezone("Africa/Casablanca", OPENING.start, DINNER.end)] if form is Form.VENUE else []
    body = ical.calendar(HEAD, [ical.event(facts, form) for facts in (OPENING, DINNER)], zones)

    assert body == (GOLDEN / f"feed-{form}.ics").read_bytes()
