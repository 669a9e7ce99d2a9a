"""An agenda as a frab schedule, for the tools that read one: as JSON, and as the XML of which it is the translation.

Giggity and info-beamer read the XML; EventFahrplan, the c3voc's tools and most scripts read either. What the format
has no place for is left out: a session without a time, and one that is cancelled (EventFahrplan tells a session that
is gone from one that never was, and a screen would announce it). Pure, but for the language in which gettext answers.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from flask_babel import force_locale
from flask_babel import gettext as _

from retreat.agenda.models import PartState
from retreat.agenda.published import PublishedPart, PublishedSession
from retreat.core import zones
from retreat.core.i18n import Translated
from retreat.core.names import slug
from retreat.core.xml import writable

FORM = "1"
"""Part of the ETag: raise it with any change of how a schedule is made."""

DAY_CHANGE = time(6)
"""What begins earlier belongs to the day before: Giggity reads it so unless told otherwise."""

_SCHEMA = "https://c3voc.de/schedule/schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """What a schedule says of the edition."""

    uid: str
    slug: str
    title: Translated
    zone: str
    starts_on: date
    ends_on: date
    main_language: str
    version: str
    base_url: str
    url: str

    @property
    def acronym(self) -> str:
        """Lower-case letters, digits and underscores, four at least: file names of other tools begin with it."""
        name = self.slug.replace("-", "_")
        return name if len(name) > 3 else f"retreat_{name}"


def schedule(
    conference: Conference,
    sessions: Iterable[PublishedSession],
    language: str,
    address: Callable[[PublishedSession], str],
) -> dict[str, Any]:
    """The listed ones of these sessions as the object `schedule` of a schedule.json, its texts in one language."""
    with force_locale(language):
        shown = [session for session in sessions if session.is_listed and session.is_timed and not session.is_cancelled]
        names = _Names(conference, language, shown)
        return {
            "version": conference.version,
            "base_url": conference.base_url,
            "conference": {
                "acronym": conference.acronym,
                "title": names.words(conference.title) or conference.slug,
                "start": conference.starts_on.isoformat(),
                "end": conference.ends_on.isoformat(),
                "daysCount": (conference.ends_on - conference.starts_on).days + 1,
                "timeslot_duration": "00:05",
                "time_zone_name": conference.zone,
                "url": conference.url,
                "rooms": names.rooms(),
                "tracks": names.tracks(),
                "days": _days(conference, shown, names, address),
            },
        }


def _days(
    conference: Conference,
    sessions: Sequence[PublishedSession],
    names: "_Names",
    address: Callable[[PublishedSession], str],
) -> list[dict[str, Any]]:
    """The edition's days, and any other on which something begins."""
    length = (conference.ends_on - conference.starts_on).days + 1
    days: dict[date, list[PublishedSession]] = {
        conference.starts_on + timedelta(days=number): [] for number in range(length)
    }
    for session in sessions:
        days.setdefault(_day_of(session), []).append(session)
    numbers = _numbers(sessions)
    made = []
    for index, day in enumerate(sorted(days), 1):
        rooms: dict[str, list[dict[str, Any]]] = {}
        for session in sorted(days[day], key=_hall_order):
            rooms.setdefault(names.room(session), []).append(
                _event(conference, session, names, numbers[session.uid], address(session))
            )
        made.append(
            {
                "index": index,
                "date": day.isoformat(),
                "day_start": _change_of(day, conference.zone).isoformat(),
                "day_end": _change_of(day + timedelta(days=1), conference.zone).isoformat(),
                "rooms": rooms,
            }
        )
    return made


def _day_of(session: PublishedSession) -> date:
    start = _start(session)
    return start.date() - timedelta(days=1) if start.time() < DAY_CHANGE else start.date()


def _start(session: PublishedSession) -> datetime:
    start = session.local_start
    if start is None:
        raise ValueError(session.code)
    return start


def _change_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, DAY_CHANGE, tzinfo=zones.zone(zone))


def _hall_order(session: PublishedSession) -> tuple[Any, ...]:
    """Halls as the organisers ordered them, in each by time; what has no hall yet comes last."""
    has_hall = session.hall_slug is not None
    position = session.hall_position if session.hall_position is not None else 0
    return (not has_hall, session.venue_id or 0, position, session.hall_slug or "", _start(session), session.code)


def _numbers(sessions: Iterable[PublishedSession]) -> dict[str, int]:
    """A whole number for each session, the same in every revision: the format asks for one beside the UUID."""
    numbers: dict[str, int] = {}
    taken = set()
    for uid in sorted(session.uid for session in sessions):
        number = _number(uid)
        while number in taken:
            number += 1
        taken.add(number)
        numbers[uid] = number
    return numbers


def _number(uid: str) -> int:
    # 31 bits, which is what a Java int holds.
    return uuid.uuid5(uuid.NAMESPACE_OID, uid).int % (2**31 - 1) + 1


def _event(conference: Conference, session: PublishedSession, names: "_Names", number: int, url: str) -> dict[str, Any]:
    start = _start(session)
    title = names.words(session.title)
    return {
        "id": number,
        "guid": session.uid,
        "date": start.isoformat(),
        "start": f"{start:%H:%M}",
        "duration": _duration(session),
        "room": names.room(session),
        "slug": f"{conference.acronym}-{number}-{slug(title, 'session')}",
        "url": url,
        "title": title,
        "subtitle": "",
        "track": names.words(session.track_name) or None,
        "type": session.kind.value,
        "language": session.languages[0] if session.languages else "",
        "abstract": "",
        "description": names.words(session.description),
        "persons": [_person(conference, part) for part in session.parts if part.printed_name],
        "links": [{"url": session.registration_link, "title": _("Register")}] if session.registration_link else [],
        "attachments": [],
    }


def _duration(session: PublishedSession) -> str:
    """Hours and minutes that pass, whatever the wall says: the clocks may change in between."""
    if session.start_utc is None or session.end_utc is None:
        raise ValueError(session.code)
    minutes = int((session.end_utc - session.start_utc).total_seconds() // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _person(conference: Conference, part: PublishedPart) -> dict[str, Any]:
    """A name, and something to know the person by that means nothing elsewhere."""
    name = part.printed_name
    known_by = f"{conference.uid}/{part.person_id if part.person_id is not None else name}"
    shown = f"{name} (tbc)" if part.state is PartState.TO_BE_CONFIRMED else name
    return {"guid": str(uuid.uuid5(uuid.NAMESPACE_URL, known_by)), "name": shown, "public_name": shown}


class _Names:
    """Rooms and tracks by the names of one language. Two halls of one name in two buildings are two rooms."""

    def __init__(self, conference: Conference, language: str, sessions: Sequence[PublishedSession]) -> None:
        self._conference, self._language = conference, language
        self._sessions = sorted(sessions, key=_hall_order)
        halls: dict[str, set[int | None]] = {}
        for session in sessions:
            if session.hall_slug is not None:
                halls.setdefault(self.words(session.hall_name), set()).add(session.hall_id)
        self._shared = {name for name, ids in halls.items() if len(ids) > 1}

    def words(self, translated: Translated) -> str:
        return translated.text(self._language, self._conference.main_language)

    def room(self, session: PublishedSession) -> str:
        """The hall; a venue alone stands for it; else it is to be confirmed."""
        venue = self.words(session.venue_name)
        if session.hall_slug is None:
            return venue or _("Hall to be confirmed")
        hall = self.words(session.hall_name)
        return f"{hall}, {venue}" if hall in self._shared else hall

    def rooms(self) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for session in self._sessions:
            name = self.room(session)
            key = session.hall_slug or f"venue/{session.venue_slug or ''}"
            guid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._conference.uid}/{key}"))
            found.setdefault(name, {"guid": guid, "name": name, "description": None, "capacity": session.hall_capacity})
        return list(found.values())

    def tracks(self) -> list[dict[str, Any]]:
        named = {session.track_slug: self.words(session.track_name) for session in self._sessions if session.track_slug}
        return [{"name": name, "slug": key} for key, name in sorted(named.items(), key=lambda track: track[1])]


# As files ----------------------------------------------------------------------------------------------------------


def as_json(made: dict[str, Any]) -> bytes:
    """The file: the same bytes for the same schedule."""
    generator = {"name": "Retreat", "url": made["base_url"]}
    document = {"$schema": _SCHEMA, "generator": generator, "schedule": made}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def as_xml(made: dict[str, Any]) -> bytes:
    """The same as frab's XML. Its first lines name both elements by which Giggity knows the format."""
    root = ET.Element("schedule")
    ET.SubElement(root, "generator", name="Retreat")
    _add(root, "version", made["version"])
    said = made["conference"]
    conference = ET.SubElement(root, "conference")
    for name in ("acronym", "title", "start", "end"):
        _add(conference, name, said[name])
    _add(conference, "days", str(len(said["days"])))
    _add(conference, "timeslot_duration", said["timeslot_duration"])
    _add(conference, "base_url", made["base_url"])
    _add(conference, "time_zone_name", said["time_zone_name"])
    for day in said["days"]:
        element = ET.SubElement(
            root, "day", index=str(day["index"]), date=day["date"], start=day["day_start"], end=day["day_end"]
        )
        for name, events in day["rooms"].items():
            room = ET.SubElement(element, "room", name=writable(name))
            for event in events:
                _add_event(room, event)
    ET.indent(root, " ")
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _add_event(room: ET.Element, event: dict[str, Any]) -> None:
    element = ET.SubElement(room, "event", guid=event["guid"], id=str(event["id"]))
    for name in ("date", "start", "duration", "room", "slug", "url", "title", "subtitle", "track", "type", "language"):
        _add(element, name, event[name] or "")
    for name in ("abstract", "description"):
        _add(element, name, event[name])
    persons = ET.SubElement(element, "persons")
    for person in event["persons"]:
        _add(persons, "person", person["name"])
    links = ET.SubElement(element, "links")
    for link in event["links"]:
        _add(links, "link", link["title"]).set("href", writable(link["url"]))
    ET.SubElement(element, "attachments")


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = writable(text)
    return element
