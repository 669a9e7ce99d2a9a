"""A published week for the feeds' tests: one session of every kind that a feed must tell, hide or leave out."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar

from retreat.agenda import frame
from retreat.agenda import service as agenda
from retreat.agenda.models import Access, AgendaSession, Kind, PartRole, SessionStatus
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition, Hall
from retreat.network.models import Body, Person
from tests.agenda import week
from tests.agenda.week import NADIA

PUBLISHED = datetime(2020, 2, 1, 12, 0, 0, tzinfo=UTC)
LONG_BEFORE = datetime(2020, 2, 3, 9, 0, tzinfo=UTC)
IN_THE_WEEK = datetime(2020, 2, 25, 9, 0, tzinfo=UTC)
MONDAY, TUESDAY, WEDNESDAY = date(2020, 2, 24), date(2020, 2, 25), date(2020, 2, 26)


@dataclass
class Tangier:
    """What the tests change and ask for; ids, for what happens in another session."""

    edition: Edition
    hall: Hall
    opening: AgendaSession
    lab: AgendaSession
    secret: AgendaSession
    dinner: AgendaSession
    bureau: AgendaSession
    body: Body
    speaker: Person


def tangier(**values: Any) -> Tangier:
    """Published once, at PUBLISHED."""
    edition = week.edition(**values)
    venue = frame.create_venue(
        edition, {"name": Translated(en="Hilton Tanger City Center"), "city": "Tangier"}, at=week.AT, by=NADIA
    )
    hall = frame.create_hall(edition, {"name": Translated(en="Grand Hall"), "venue": venue}, at=week.AT, by=NADIA)
    frame.create_hall(edition, {"name": Translated(en="Empty Hall"), "venue": venue}, at=week.AT, by=NADIA)
    retreat = frame.create_track(edition, {"name": Translated(en="Retreat", fr="Retraite")}, at=week.AT, by=NADIA)
    campus = frame.create_track(edition, {"name": Translated(en="Campus"), "colour": 4}, at=week.AT, by=NADIA)
    body = Body(slug="executive-bureau", name=Translated(en="Executive Bureau"))
    speaker = Person(given_name="Aysu", family_name="Yılmaz", created_at=week.AT)
    db.session.add_all([body, speaker])
    db.session.flush()
    common = {"hall": hall, "venue": venue}
    opening = agenda.create_session(
        edition,
        {
            "code": "OPEN-1",
            "title": Translated(en="Opening; hopes, plans", fr="Ouverture"),
            "description": Translated(en="A welcome by the host city."),
            "date": MONDAY,
            "starts": time(9),
            "ends": time(10, 30),
            "kind": Kind.PLENARY,
            "track": retreat,
            "hall": hall,
            "venue": venue,
            "languages": ["en", "fr"],
            "parts": [Appearance(PartRole.CHAIR, "Aysu Yılmaz", "Mayor", "İzmir", person=speaker)],
        },
        at=week.AT,
        by=NADIA,
    )
    lab = week.session(
        edition, "Ideas lab", code="LAB-1", track=campus, status=SessionStatus.TENTATIVE, date=TUESDAY, **common
    )
    secret = week.session(
        edition,
        "Closed talks",
        code="SECRET",
        is_listed=False,
        access=Access.INVITED,
        link="https://meet.example/s?p=1",
    )
    dinner = week.session(
        edition,
        "Dinner at the port",
        code="DINNER",
        kind=Kind.SOCIAL,
        starts=time(20),
        ends=time(0, 30),
        link="https://x.example/d",
    )
    bureau = week.session(
        edition,
        "Executive Bureau",
        code="BUREAU",
        kind=Kind.STATUTORY,
        date=WEDNESDAY,
        access=Access.BODY,
        access_body=body,
        body=body,
        track=retreat,
        **common,
    )
    week.session(edition, "Some day on Tuesday", code="UNTIMED", starts=None, ends=None)
    week.session(edition, "Some day", code="UNSCHEDULED", date=None, starts=None, ends=None)
    week.publish(edition, PUBLISHED)
    return Tangier(edition, hall, opening, lab, secret, dinner, bureau, body, speaker)


def publish_change(of: Tangier, session: AgendaSession, at: datetime = LONG_BEFORE, **values: Any) -> None:
    agenda.update_session(session, values, at=at, by=NADIA)
    week.publish(of.edition, at)


def summaries(body: bytes) -> list[str]:
    """Titles in a feed, in its order."""
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(body).walk("VEVENT")]


def events(body: bytes) -> dict[str, bytes]:
    """The bytes of each VEVENT by its UID."""
    found = {}
    for part in body.split(b"BEGIN:VEVENT\r\n")[1:]:
        whole = part.split(b"END:VEVENT\r\n")[0]
        found[whole.split(b"\r\n")[0].decode().removeprefix("UID:")] = whole
    return found


def stamp(body: bytes, uid: str) -> tuple[int, datetime, datetime]:
    """SEQUENCE, LAST-MODIFIED and DTSTAMP of one event."""
    [event] = Calendar.from_ical(body).with_uid(uid)
    return int(event["SEQUENCE"]), event["LAST-MODIFIED"].dt, event["DTSTAMP"].dt


def in_days(at: datetime, days: float) -> datetime:
    return at + timedelta(days=days)
