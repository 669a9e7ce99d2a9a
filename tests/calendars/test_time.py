"""Time in feeds and on pages: the wall where the session is, whatever clocks do and wherever server and reader are."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from retreat.agenda import frame
from retreat.agenda.published import Programme, PublishedSession
from retreat.agenda.times import BadTime, instants
from retreat.agenda.zone_rules.service import renew
from retreat.calendars import feeds
from retreat.calendars.facts import Form
from retreat.calendars.feeds import Frame, Week
from retreat.core.audit import SYSTEM
from retreat.core.i18n import Translated
from tests.agenda import week
from tests.agenda.revisions.test_wording import SESSION
from tests.agenda.week import NADIA
from tests.agenda.zone_rules.old_rules import as_of_old_rules
from tests.calendars.tangier import LONG_BEFORE, PUBLISHED, events, stamp
from tests.calendars.test_ical_zones import ZONES, weeks

FEED = "/2020/calendar/agenda.ics"
HALF_YEAR = 26


# Every week of ten years -------------------------------------------------------------------------------------------


def once_a_week(zone: str, first_year: int, years: int) -> Iterator[PublishedSession]:
    """A session a week at ever another hour of ever another day, each where the wall shows it once."""
    for number, monday in enumerate(weeks(first_year, years)):
        for later in range(4):
            start = monday.replace(tzinfo=None) + timedelta(hours=number * 37 % 168 + later)
            end = start + timedelta(hours=number % 12 + 1, minutes=30)
            try:
                derived = instants(start.date(), start.time(), end.time(), zone)
            except BadTime:
                continue
            assert derived
            yield replace(
                SESSION,
                uid=f"{zone}-{number}",
                zone=zone,
                date=start.date(),
                starts=start.time(),
                ends=end.time(),
                start_utc=derived.start,
                end_utc=derived.end,
            )
            break


def a_frame(**values: Any) -> Frame:
    given: dict[str, Any] = {
        "id": 1,
        "uid": "e1",
        "slug": "2020",
        "title": Translated(en="Retreat"),
        "city": "Tangier",
        "zone": "Africa/Casablanca",
        "main_language": "en",
        "starts_on": date(2020, 2, 24),
        "ends_on": date(2020, 2, 28),
        "agenda_rev": 1,
        "created_at": PUBLISHED,
        "closed_at": None,
        "revision": 1,
        "published_at": PUBLISHED,
    }
    return Frame(**{name: values.get(name, given.get(name)) for name in Frame._fields})


def venue_feed(app: Any, sessions: list[PublishedSession]) -> bytes:
    edition = a_frame()
    week_of = Week.of(edition, LONG_BEFORE)
    head = feeds.calendar_head(edition, "Retreat", "en", week_of)
    read = Programme(
        edition_id=1,
        edition_slug="2020",
        edition_uid="e1",
        revision=1,
        published_at=PUBLISHED,
        sessions=tuple(sessions),
    )
    with app.test_request_context():
        return feeds.rendered(
            edition, read, sessions, head, language="en", form=Form.VENUE, week=week_of, is_private=False
        )


def read_by_dateutil(body: bytes) -> dict[str, tuple[datetime, datetime]]:
    """Start and end of each event in UTC: local times of the feed, in the feed's own VTIMEZONE."""
    text = body.decode().replace("\r\n ", "")
    own_zones = tzical(io.StringIO(text))
    found = {}
    for event in text.split("BEGIN:VEVENT")[1:]:
        uid = re.search(r"^UID:(.+)\r$", event, re.MULTILINE)
        both = re.findall(r"^DT(?:START|END);TZID=([^:]+):(\d{8}T\d{6})\r$", event, re.MULTILINE)
        assert uid
        start, end = (
            datetime.strptime(wall, "%Y%m%dT%H%M%S").replace(tzinfo=own_zones.get(zone)).astimezone(UTC)
            for zone, wall in both
        )
        found[uid[1]] = (start, end)
    return found


@pytest.mark.one_database
@pytest.mark.parametrize("zone", ZONES)
def test_dateutil_reads_the_venues_time_of_every_week_of_ten_years(app: Any, zone: str) -> None:
    feeds.entries.clear()
    sessions = list(once_a_week(zone, 2019, 10))
    assert len(sessions) == 522
    read: dict[str, tuple[datetime, datetime]] = {}
    for first in range(0, len(sessions), HALF_YEAR):
        read |= read_by_dateutil(venue_feed(app, sessions[first : first + HALF_YEAR]))
    assert read == {session.uid: (session.start_utc, session.end_utc) for session in sessions}


# Weeks that clocks make difficult ----------------------------------------------------------------------------------


def times(body: bytes) -> dict[str, tuple[str, str]]:
    """DTSTART and DTEND of each event, as they are written, by its title."""
    found = {}
    for event in body.decode().replace("\r\n ", "").split("BEGIN:VEVENT\r\n")[1:]:
        lines = dict(line.split(":", 1) for line in event.splitlines() if line.startswith(("DT", "SUMMARY")))
        start, end = (
            next(f"{name}:{lines[name]}" for name in lines if name.startswith(kind)) for kind in ("DTSTART", "DTEND")
        )
        found[lines["SUMMARY"]] = (start, end)
    return found


def zones_of(body: bytes) -> list[str]:
    return [str(zone["TZID"]) for zone in Calendar.from_ical(body).walk("VTIMEZONE")]


def test_a_week_in_two_zones_is_told_by_each_venues_wall(db_session: Any, client: Any) -> None:
    edition = week.edition()
    seville = frame.create_venue(
        edition,
        {"name": Translated(en="Casa Consistorial"), "city": "Seville", "zone": "Europe/Madrid"},
        at=week.AT,
        by=NADIA,
    )
    # In May Tangier is an hour behind in Ramadan and Seville an hour ahead in summer.
    day = date(2020, 5, 5)
    week.session(edition, "Here", code="HERE", date=day)
    week.session(edition, "There", code="THERE", date=day, venue=seville)
    week.publish(edition, PUBLISHED)

    assert times(client.get(FEED).data) == {
        "Here": ("DTSTART:20200505T093000Z", "DTEND:20200505T110000Z"),
        "There": ("DTSTART:20200505T073000Z", "DTEND:20200505T090000Z"),
    }
    body = client.get(f"{FEED}?tz=venue").data
    assert times(body) == {
        "Here": (
            "DTSTART;TZID=Africa/Casablanca:20200505T093000",
            "DTEND;TZID=Africa/Casablanca:20200505T110000",
        ),
        "There": ("DTSTART;TZID=Europe/Madrid:20200505T093000", "DTEND;TZID=Europe/Madrid:20200505T110000"),
    }
    assert zones_of(body) == ["Africa/Casablanca", "Europe/Madrid"]
    assert b"X-WR-TIMEZONE:Africa/Casablanca\r\n" in body
    assert {start for start, _end in read_by_dateutil(body).values()} == {
        datetime(2020, 5, 5, 9, 30, tzinfo=UTC),
        datetime(2020, 5, 5, 7, 30, tzinfo=UTC),
    }
    assert b"(Europe/Madrid\\, UTC+2)" in body
    assert b"(Africa/Casablanca\\, UTC)" in body
    told = {one["code"]: one for one in client.get("/2020/agenda.json").json["sessions"]}
    assert [(told[code]["start_local"], told[code]["start_utc"]) for code in ("HERE", "THERE")] == [
        ("2020-05-05T09:30", "2020-05-05T09:30:00Z"),
        ("2020-05-05T09:30", "2020-05-05T07:30:00Z"),
    ]
    client.get("/2020/agenda/2020-05-05")
    assert "Seville time, UTC+2" in client.page.text
    client.get("/2020/sessions/THERE")
    assert "09:30" in client.page.text
    assert "Seville time, UTC+2" in client.page.text


NIGHTS = [
    # From eleven to five on the wall, and hours in truth: forward and back; Morocco goes back first, for Ramadan.
    ("Europe/Madrid", date(2020, 3, 28), 5),
    ("Europe/Madrid", date(2020, 10, 24), 7),
    ("Africa/Casablanca", date(2020, 4, 18), 7),
    ("Africa/Casablanca", date(2020, 5, 30), 5),
    ("Australia/Lord_Howe", date(2020, 4, 4), 6.5),
    ("Africa/Casablanca", date(2020, 2, 24), 6),
]


@pytest.mark.one_database
@pytest.mark.parametrize(("zone", "evening", "hours"), NIGHTS)
def test_a_session_across_midnight_and_a_change_of_the_clocks_lasts_as_long_as_it_does(
    db_session: Any, client: Any, zone: str, evening: date, hours: float
) -> None:
    edition = week.edition(zone=zone, starts_on=evening, ends_on=evening + timedelta(days=1))
    week.session(edition, "Night walk", code="NIGHT", date=evening, starts=time(23), ends=time(5))
    week.publish(edition, PUBLISHED)

    [event] = Calendar.from_ical(client.get(FEED).data).walk("VEVENT")
    body = client.get(f"{FEED}?tz=venue").data
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    assert end - start == timedelta(hours=hours)
    morning = evening + timedelta(days=1)
    assert times(body)["Night walk"] == (
        f"DTSTART;TZID={zone}:{evening:%Y%m%d}T230000",
        f"DTEND;TZID={zone}:{morning:%Y%m%d}T050000",
    )
    assert list(read_by_dateutil(body).values()) == [(start, end)]
    assert b"23:00\xe2\x80\x9305:00" in body.replace(b"\r\n ", b"")
    for page in ("/2020/agenda", f"/2020/agenda/{evening}", f"/2020/agenda/{morning}", "/2020/sessions/NIGHT"):
        assert client.get(page).status_code == 200
    assert "23:00" in client.page.text
    assert "05:00" in client.page.text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"starts": "02:30", "ends": "04:00"}, "02:30 does not exist in Europe/Madrid on 2020-03-29"),
        ({"starts": "01:30", "ends": "02:15"}, "02:15 does not exist in Europe/Madrid on 2020-03-29"),
        ({"date": "2020-10-25", "starts": "02:30", "ends": "04:00"}, "02:30 happens twice in Europe/Madrid"),
        ({"date": "2020-10-25", "starts": "01:30", "ends": "02:30"}, "02:30 happens twice in Europe/Madrid"),
    ],
)
def test_a_time_in_the_gap_or_twice_is_refused_in_words_and_stays_typed(
    db_session: Any, as_role: Any, client: Any, typed: dict[str, str], said: str
) -> None:
    edition = week.edition(zone="Europe/Madrid", starts_on=date(2020, 3, 28), ends_on=date(2020, 3, 30))
    week.session(edition, "Night walk", code="NIGHT", date=date(2020, 3, 29))
    week.publish(edition, PUBLISHED)
    db_session.commit()
    before = client.get(FEED).data
    programmer = as_role("programmer")
    page = "/organise/2020/agenda/sessions/NIGHT"
    programmer.get(page)

    answer = programmer.submit(page, form_id="edit", **typed)

    assert answer.status_code == 422
    assert said in programmer.page.text
    [form] = [form for form in programmer.page.forms if form.id == "edit"]
    assert form.values()["starts"] == [typed["starts"]]
    assert client.get(FEED).data == before


# New rules ---------------------------------------------------------------------------------------------------------


def test_new_rules_move_in_calendars_what_they_move_and_no_byte_of_the_rest(db_session: Any, client: Any) -> None:
    edition = week.edition()
    moved = week.session(edition, "Moved", code="MOVED")
    same = week.session(edition, "Same", code="SAME", starts=time(14), ends=time(15))
    week.publish(edition, PUBLISHED)
    as_of_old_rules(moved)
    before = {form: client.get(FEED + form) for form in ("", "?tz=venue")}
    was = stamp(before[""].data, moved.uid)

    renew(edition, at=LONG_BEFORE, by=SYSTEM)

    after = {form: client.get(FEED + form) for form in before}
    assert times(after[""].data)["Moved"] == ("DTSTART:20200225T083000Z", "DTEND:20200225T100000Z")
    assert times(after["?tz=venue"].data)["Moved"][0] == "DTSTART;TZID=Africa/Casablanca:20200225T093000"
    assert stamp(after[""].data, moved.uid) == (was[0] + 1, LONG_BEFORE, LONG_BEFORE)
    for form, answer in after.items():
        assert events(answer.data)[same.uid] == events(before[form].data)[same.uid]
        assert answer.headers["ETag"] != before[form].headers["ETag"]
        fresh = client.get(FEED + form, headers={"If-None-Match": before[form].headers["ETag"]})
        assert fresh.status_code == 200
