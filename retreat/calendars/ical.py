"""Sessions as iCalendar bytes (RFC 5545, RFC 7986): pure, and the only module that imports `icalendar`.

The library is used for single components. Whole calendars are joined from their bytes, and time zones are worked out
here: its own search misses short periods such as Ramadan in Casablanca. Importing it costs 60 ms, therefore other
modules import this one inside the functions that render.
"""

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.cal.component import Component
from icalendar.prop import vCalAddress, vCategory, vDatetime, vInt, vText, vUri, vUTCOffset

from retreat.calendars.facts import CalendarFacts, EventFacts, EventStatus, Form
from retreat.core import zones

PRODID = "-//United Cities and Local Governments//Retreat//EN"

_END = b"END:VCALENDAR\r\n"
_HOST = re.compile(r"\A(\w+://(?:[^/?#@]*@)?)([^/?#:\[]+)")
_IN_A_URI = "!#$%&'()*+,/:;=?@[]~"
_ZONE_MARGIN = timedelta(days=90)
_ANCHOR = datetime(1970, 1, 1)  # before every event, for readers that look for the last onset


class _Text(vText):
    r"""TEXT, escaped as RFC 5545 §3.3.11 says; the library's own turns a literal `\N` into a line break."""

    def to_ical(self) -> bytes:
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()


def plain(text: str) -> str:
    """NFC without control characters, lone surrogates, U+2028 and U+2029; line feeds stay and tabs become spaces.

    A CR or U+2028 left in a text ends the line for some readers: what follows it would be read as a property.
    """
    kept = "".join(
        character
        for character in text.replace("\t", " ")
        if character == "\n" or unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
    )
    return unicodedata.normalize("NFC", kept)


def _uri(text: str) -> vUri:
    """An address in one unbroken line of ASCII (RFC 3986); blanks are what people paste around and into links.

    The host goes by its name on the network, since a program looks up what it reads. Commas make no list here.
    """
    whole = plain(text.strip()).replace("\n", "")
    return vUri(quote(_HOST.sub(_named_on_the_network, whole), safe=_IN_A_URI))


def _named_on_the_network(found: re.Match[str]) -> str:
    with contextlib.suppress(UnicodeError):
        return found[1] + found[2].encode("idna").decode()
    return found[0]


def _set(component: Component, properties: Iterable[tuple[str, object]]) -> None:
    for name, value in properties:
        component[name] = value


def _instant(instant: datetime) -> vDatetime:
    return vDatetime(instant.astimezone(UTC))


def _time(instant: datetime, zone: str, form: Form) -> vDatetime:
    if form is Form.UTC:
        return _instant(instant)
    # Naive, and named afterwards: the library writes a zone that equals UTC as an instant.
    wall = vDatetime(instant.astimezone(zones.zone(zone)).replace(tzinfo=None))
    wall.params["TZID"] = zone
    return wall


def event(facts: EventFacts, form: Form) -> bytes:
    """One VEVENT: the same facts give the same bytes."""
    component = Event()
    _set(component, _event_properties(facts, form))
    return bytes(component.to_ical(sorted=False))


def _event_properties(facts: EventFacts, form: Form) -> Iterator[tuple[str, object]]:
    modified = _instant(facts.modified)
    cancelled = facts.status is EventStatus.CANCELLED
    yield "UID", _Text(plain(facts.uid))
    yield "DTSTAMP", modified
    yield "LAST-MODIFIED", modified
    yield "SEQUENCE", vInt(facts.sequence)
    yield "CREATED", _instant(facts.created)
    yield "DTSTART", _time(facts.start, facts.zone, form)
    yield "DTEND", _time(facts.end, facts.zone, form)
    yield "SUMMARY", _Text(plain(f"CANCELLED: {facts.summary}" if cancelled else facts.summary))
    if facts.location:
        yield "LOCATION", _Text(plain(facts.location))
    if facts.description:
        yield "DESCRIPTION", _Text(plain(facts.description))
    yield "STATUS", _Text(facts.status)
    yield "TRANSP", _Text("OPAQUE" if facts.is_opaque and not cancelled else "TRANSPARENT")
    if facts.categories:
        yield "CATEGORIES", _categories(facts.categories)
    if facts.url:
        yield "URL", _uri(facts.url)
    yield "CLASS", _Text("PRIVATE" if facts.is_private else "PUBLIC")
    if facts.conference:
        uri = _uri(facts.conference)
        uri.params["VALUE"] = "URI"
        yield "CONFERENCE", uri


def invitation(
    facts: EventFacts, *, is_cancelled: bool, organiser: tuple[str, str], attendee: tuple[str, str]
) -> bytes:
    """One entry as a mail puts it into a calendar, or takes it out again (RFC 5546 §3.2.2, §3.2.5).

    Both people are (name, address). Nobody is asked for an answer: who has a part has agreed elsewhere.
    """
    component = Calendar()
    _set(
        component,
        [
            ("VERSION", _Text("2.0")),
            ("PRODID", _Text(PRODID)),
            ("CALSCALE", _Text("GREGORIAN")),
            ("METHOD", _Text("CANCEL" if is_cancelled else "REQUEST")),
        ],
    )
    entry = Event()
    _set(entry, _event_properties(facts, Form.UTC))
    entry["ORGANIZER"] = _person(*organiser)
    entry["ATTENDEE"] = _person(*attendee, ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", RSVP="FALSE")
    component.add_component(entry)
    return bytes(component.to_ical(sorted=False))


def _person(name: str, address: str, **parameters: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    # A parameter cannot say a quotation mark, nor a line break (RFC 5545 §3.1).
    if said := " ".join(plain(name).replace('"', "'").split()):
        person.params["CN"] = said
    for key, value in parameters.items():
        person.params[key] = value
    return person


def _categories(texts: tuple[str, ...]) -> vCategory:
    category = vCategory([])
    category.cats = [_Text(plain(text)) for text in texts]  # the constructor would replace our own escaping
    return category


def calendar(head: CalendarFacts | None, events: Iterable[bytes], timezones: Iterable[bytes] = ()) -> bytes:
    """A whole VCALENDAR around rendered parts; with no events it is still a valid, empty calendar.

    Without a head it is a file to take over and no feed: programs open what has a name as a calendar of its own.
    """
    component = Calendar()
    _set(component, _every_calendar_properties())
    if head is not None:
        _set(component, _feed_properties(head))
    opened = bytes(component.to_ical(sorted=False)).removesuffix(_END)
    return b"".join([opened, *timezones, *events, _END])


def _every_calendar_properties() -> Iterator[tuple[str, object]]:
    yield "VERSION", _Text("2.0")
    yield "PRODID", _Text(PRODID)
    yield "CALSCALE", _Text("GREGORIAN")
    yield "METHOD", _Text("PUBLISH")


def _feed_properties(head: CalendarFacts) -> Iterator[tuple[str, object]]:
    name, description = _Text(plain(head.name)), _Text(plain(head.description))
    refresh = _duration(head.refresh)
    yield "NAME", name
    yield "X-WR-CALNAME", name
    yield "DESCRIPTION", description
    yield "X-WR-CALDESC", description
    yield "X-WR-TIMEZONE", _Text(head.zone)
    yield "REFRESH-INTERVAL", vText(refresh, params={"VALUE": "DURATION"})
    yield "X-PUBLISHED-TTL", _Text(refresh)
    if head.colour:
        yield "COLOR", _Text(head.colour)
    yield "LAST-MODIFIED", _instant(head.modified)


def _duration(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return f"PT{hours * 60 + minutes}M" if minutes else f"PT{hours}H"


@dataclass(frozen=True, slots=True)
class _Observance:
    """From `onset` (wall time of the offset before) this offset holds."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str
    is_daylight: bool


def timezone(zone: str, first: datetime, last: datetime) -> bytes:
    """The VTIMEZONE of a zone for events between two instants, from real transitions only.

    Each observance stands alone, without recurrence: several readers read only the first value of an RDATE list.
    Raises UnknownZone.
    """
    component = Timezone()
    component["TZID"] = _Text(zone)
    observances = list(_observances(zones.zone(zone), first - _ZONE_MARGIN, last + _ZONE_MARGIN))
    has_standard = any(not observance.is_daylight for observance in observances)
    for position, observance in enumerate(observances):
        # At least one STANDARD, for the readers that insist: the anchor, when summer time is all there is.
        is_standard = not observance.is_daylight or (position == 0 and not has_standard)
        component.add_component(_observed(observance, TimezoneStandard() if is_standard else TimezoneDaylight()))
    return bytes(component.to_ical(sorted=False))


def _observed(observance: _Observance, component: Component) -> Component:
    component["DTSTART"] = vDatetime(observance.onset)
    component["TZOFFSETFROM"] = vUTCOffset(observance.before)
    component["TZOFFSETTO"] = vUTCOffset(observance.after)
    component["TZNAME"] = _Text(observance.name)
    return component


def _observances(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[_Observance]:
    day, end = _midnight(first), _midnight(last) + timedelta(days=1)
    offset = _offset(zone, day)
    yield _observance(zone, _ANCHOR, offset, day)
    while day < end:
        following = day + timedelta(days=1)
        if _offset(zone, following) != offset:
            instant = _transition(zone, day, following)
            yield _observance(zone, (instant + offset).replace(tzinfo=None), offset, instant)
            offset = _offset(zone, following)
        day = following


def _observance(zone: ZoneInfo, onset: datetime, before: timedelta, instant: datetime) -> _Observance:
    local = instant.astimezone(zone)
    is_daylight = (local.dst() or timedelta()) > timedelta()  # Casablanca's Ramadan is negative
    return _Observance(onset, before, _offset(zone, instant), local.tzname() or zone.key, is_daylight)


def _transition(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first whole second of the new offset, by bisection."""
    offset = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _midnight(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
