"""Feeds as other programs read them, each event as plain values, and as the database says that they should be read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import recurring_ical_events
import vobject
from icalendar import Calendar
from sqlalchemy import func, select

from retreat.agenda.models import RevisedSession, Revision
from retreat.core.db import db
from retreat.core.http import base_url
from retreat.core.i18n import Translated


@dataclass(frozen=True, kw_only=True)
class Read:
    """One event. Instants are in UTC, whatever the feed says them in."""

    uid: str
    sequence: int
    created: datetime
    modified: datetime
    stamped: datetime
    start: datetime
    end: datetime
    title: str
    place: str
    status: str
    is_free: bool
    is_private: bool
    categories: tuple[str, ...]
    url: str
    conference: str
    text: str = field(compare=False)


Reader = Callable[[bytes], dict[str, Read]]


def by_icalendar(body: bytes) -> dict[str, Read]:
    return _read(Calendar.from_ical(body).walk("VEVENT"))


def by_recurring_ical_events(body: bytes) -> dict[str, Read]:
    return _read(recurring_ical_events.of(Calendar.from_ical(body)).between((2020, 1, 1), (2020, 12, 31)))


def _read(events: list[Any]) -> dict[str, Read]:
    found = [
        Read(
            uid=str(event["UID"]),
            sequence=int(event["SEQUENCE"]),
            created=event["CREATED"].dt,
            modified=event["LAST-MODIFIED"].dt,
            stamped=event["DTSTAMP"].dt,
            start=event["DTSTART"].dt.astimezone(UTC),
            end=event["DTEND"].dt.astimezone(UTC),
            title=str(event["SUMMARY"]),
            place=str(event.get("LOCATION", "")),
            status=str(event["STATUS"]),
            is_free=event["TRANSP"] == "TRANSPARENT",
            is_private=event["CLASS"] == "PRIVATE",
            categories=tuple(map(str, event["CATEGORIES"].cats)) if "CATEGORIES" in event else (),
            url=str(event.get("URL", "")),
            conference=str(event.get("CONFERENCE", "")),
            text=str(event.get("DESCRIPTION", "")),
        )
        for event in events
    ]
    return _by_uid(found)


def by_vobject(body: bytes) -> dict[str, Read]:
    """Times with a zone's name are those of the feed's own VTIMEZONE here.

    It knows no CONFERENCE, and cuts the address at a comma: its users follow the link of the description.
    """
    found = []
    for event in vobject.readOne(body.decode()).contents.get("vevent", []):
        values = {name: lines[0].value for name, lines in event.contents.items()}
        found.append(
            Read(
                uid=values["uid"],
                sequence=int(values["sequence"]),
                created=_instant(values["created"]),
                modified=_instant(values["last-modified"]),
                stamped=_instant(values["dtstamp"]),
                start=_instant(values["dtstart"]),
                end=_instant(values["dtend"]),
                title=values["summary"],
                place=values.get("location", ""),
                status=values["status"],
                is_free=values["transp"] == "TRANSPARENT",
                is_private=values["class"] == "PRIVATE",
                categories=tuple(values.get("categories", ())),
                url=values.get("url", ""),
                conference=values["description"].split("\n")[1] if "conference" in values else "",
                text=values.get("description", ""),
            )
        )
    return _by_uid(found)


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _by_uid(found: list[Read]) -> dict[str, Read]:
    read = {one.uid: one for one in found}
    assert len(read) == len(found)
    return read


# What the database says --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A row of the last revision, and what a calendar should say of it."""

    row: RevisedSession
    read: Read


def expected(language: str, *, main: str = "en", is_private: bool = False) -> dict[str, Told]:
    """Of every session of the last revision that has an hour, whoever may know of it."""
    last = select(func.max(Revision.number)).scalar_subquery()
    rows = db.session.scalars(
        select(RevisedSession)
        .join(Revision)
        .where(Revision.number == last, RevisedSession.start_utc.is_not(None))
        .execution_options(populate_existing=True)
    )
    return {row.uid: Told(row, _expected(row, language, main, is_private)) for row in rows}


def _expected(row: RevisedSession, language: str, main: str, is_private: bool) -> Read:
    def said(text: Translated) -> str:
        return text.get(language) or text.get(main) or text.get("en") or ""

    assert row.start_utc
    assert row.end_utc
    is_cancelled = row.status == "cancelled"
    names = [said(row.hall_name), said(row.venue_name), row.city]
    return Read(
        uid=row.uid,
        sequence=row.sequence,
        created=row.created_at,
        modified=row.last_modified,
        stamped=row.last_modified,
        start=row.start_utc,
        end=row.end_utc,
        title="CANCELLED: " * is_cancelled + said(row.title),
        place=", ".join(name for position, name in enumerate(names) if name and name not in names[:position]),
        status=str(row.status).upper(),
        is_free=is_cancelled or not is_private,
        is_private=is_private,
        categories=tuple(filter(None, (said(row.track_name), said(row.body_name)))),
        url=address(row) if row.is_listed else "",
        conference=row.link if is_private else "",
        text=said(row.description).replace("\u2028", ""),  # which would end the line for some
    )


def address(row: RevisedSession) -> str:
    return f"{base_url()}/2020/sessions/{row.code}"


def assert_tells(text: str, told: Told) -> None:
    """A description: the wall's time and its zone, the link to follow, the text, and everybody with a part."""
    row, read = told.row, told.read
    assert row.starts
    assert row.ends
    lines = text.split("\n")
    assert f"{row.starts:%H:%M}–{row.ends:%H:%M} ({row.zone}, UTC" in lines[0]
    link = read.conference or read.url
    assert not link or lines[1] == link
    assert read.text in text
    for part in row.parts:
        assert all(word in text for word in (part.printed_name, part.office, part.organisation))
