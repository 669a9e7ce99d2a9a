"""A schedule of other tools into the draft, through the import of our own files: all of it or nothing.

An event is known again by its guid: a session of ours that went out and comes back is itself, and one that came from
elsewhere has a code made of it. What the format does not know (office, interpretation, who may come) stays as it is.
"""

import hashlib
import re
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from retreat.agenda import imports, rows
from retreat.agenda.exchange import schedule_json
from retreat.agenda.exchange.schedule_json import Event, Problem, ReadSchedule
from retreat.agenda.import_plan import Names
from retreat.agenda.imports import AgendaImport
from retreat.agenda.models import AgendaSession, Kind, PartRole
from retreat.agenda.service import draft_sessions
from retreat.core import sheets, zones
from retreat.core.audit import Actor
from retreat.core.i18n import LANGUAGES
from retreat.core.names import search_key, slug
from retreat.core.sheets import Findings, Sheet, SheetError, SheetErrors, SheetRow
from retreat.editions.models import Edition, Hall, Venue

KINDS = {
    **{kind.value: kind for kind in Kind},
    **dict.fromkeys(("pause", "coffee-break", "lunch", "lunch-break"), Kind.BREAK),
    **dict.fromkeys(("keynote", "opening", "closing"), Kind.PLENARY),
    **dict.fromkeys(("panel-discussion", "podium", "discussion"), Kind.PANEL),
    **dict.fromkeys(("dinner", "reception", "party", "social-event"), Kind.SOCIAL),
    **dict.fromkeys(("excursion", "field-visit"), Kind.VISIT),
}
"""Types of event by what other tools call them; each has words of its own, most of which mean nothing here."""

PLACES = {
    "code": "guid",
    "start": "start",
    "end": "duration",
    "hall": "room",
    "venue": "room",
    "speakers": "persons",
    "languages": "language",
    "kind": "type",
}
"""Our columns by the key of an event that they come from, where it has another name."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z")


def import_file(
    edition: Edition, name: str, content: bytes, *, at: datetime, by: Actor, dry_run: bool = False
) -> AgendaImport:
    """A table of ours, or a schedule.json: its content says which. All or nothing: raises SheetErrors."""
    if not (name.lower().endswith(".json") and schedule_json.looks_like_one(content)):
        return imports.import_agenda(edition, imports.read(name, content), at=at, by=by, dry_run=dry_run)
    return import_schedule(edition, name, schedule_json.read(content), at=at, by=by, dry_run=dry_run)


def import_schedule(
    edition: Edition, name: str, found: ReadSchedule, *, at: datetime, by: Actor, dry_run: bool = False
) -> AgendaImport:
    """What a schedule.json holds. Raises SheetErrors with the places in the file."""
    known = _Draft(edition, found)
    sheet = known.sheet(name)
    known.raise_if_any(name)
    try:
        done = imports.import_agenda(edition, sheet, at=at, by=by, dry_run=dry_run)
    except SheetErrors as errors:
        raise SheetErrors([known.placed(error) for error in errors.errors]) from errors
    told = [SheetError(name, problem.line, problem.path, problem.message) for problem in found.warnings]
    done.warnings = [*told, *(known.placed(warning) for warning in done.warnings)]
    return done


class _Room(NamedTuple):
    """A room of the file as our columns have it, and the zone that its walls will show."""

    cells: dict[str, str]
    zone: str


class _Draft:
    """The draft, asked what each event of the file means in it."""

    def __init__(self, edition: Edition, found: ReadSchedule) -> None:
        self.edition, self.found = edition, found
        self._by_uid = {session.uid: session for session in draft_sessions(edition)}
        self._halls, self._venues = Names(edition, Hall), Names(edition, Venue)
        self._nowhere = rows.NOBODY | _nowhere()
        self._zone = found.zone if found.zone in zones.names() else ""
        self._codes: Counter[str] = Counter()

    def raise_if_any(self, name: str) -> None:
        if self.found.problems:
            raise SheetErrors([SheetError(name, one.line, one.path, one.message) for one in self.found.problems])

    def placed(self, error: SheetError) -> SheetError:
        """An error of the ordinary import, whose line is the number of the event, at its place in the file."""
        if not 1 <= error.line <= len(self.found.events):
            return replace(error, line=1)
        event = self.found.events[error.line - 1]
        key = "date" if error.column == "start" and event.instant else PLACES.get(error.column, error.column)
        return replace(error, line=event.line, column=f"{event.path}.{key}")

    def sheet(self, name: str) -> Sheet:
        """The events as rows of an agenda file. A row has the columns that its event speaks of, and no other."""
        self._judge_zone()
        findings = Findings(name)
        made = []
        for number, event in enumerate(self.found.events, 1):
            cells = self._cells(event)
            clean = {column: sheets.cleaned(findings, number, column, text) for column, text in cells.items()}
            made.append(SheetRow(number, clean))
        for error in findings.errors:
            at = self.placed(error)
            self.found.problems.append(Problem(at.column, at.message, at.line))
        return Sheet(name, tuple(dict.fromkeys(column for row in made for column in row.cells)), tuple(made))

    def _judge_zone(self) -> None:
        """An unknown zone hurts only where a time has no offset of its own; another one is converted, and said."""
        path = "schedule.conference.time_zone_name"
        if self.found.zone and not self._zone:
            message = _l("“%(name)s” is not a time zone; write it like Africa/Casablanca.", name=self.found.zone[:60])
            needed = any(event.wall for event in self.found.events)
            (self.found.problems if needed else self.found.warnings).append(Problem(path, message))
        elif self._zone and self._zone != self.edition.zone:
            message = _l(
                "the file's times are those of %(theirs)s; here they stand as the wall of the hall shows them",
                theirs=self._zone,
            )
            self.found.warnings.append(Problem(path, message))

    def _cells(self, event: Event) -> dict[str, str]:
        session = self._by_uid.get(event.guid.lower())
        room = self._room(event, session)
        return {
            "code": session.code if session else self._code(event),
            "title": event.title,
            **self._times(event, room.zone),
            **room.cells,
            "track": event.track,
            "description": _description(event),
            **_kind(event, session),
            **self._language(event, session),
            "speakers": _speakers(event, session),
        }

    def _code(self, event: Event) -> str:
        """Two events of which nothing tells them apart are the first and the second in every version of the file."""
        code = _code(event)
        self._codes[code] += 1
        return code if self._codes[code] == 1 else f"{code}-{self._codes[code]}"[:24]

    def _room(self, event: Event, session: AgendaSession | None) -> _Room:
        name = event.room
        override = session.zone_override if session else None
        if name.casefold() in self._nowhere or not name:
            return _Room({"hall": ""}, override or self._zone_of(session.venue if session else None))
        halls = self._halls.all(name)
        own = session.venue if session else None
        hall = next((one for one in halls if one.venue is own), next(iter(halls), None))
        if hall:
            return _Room({"hall": name, "venue": self._name(hall.venue)}, override or hall.venue.zone)
        if venue := self._venues.find(name):
            return _Room({"venue": name, "hall": ""}, override or venue.zone)
        # Two halls of one name are told apart by their venue: see `schedule`.
        first, _comma, last = name.rpartition(", ")
        venue = self._venues.find(last)
        for one in self._halls.all(first):
            if one.venue is venue:
                return _Room({"hall": first, "venue": last}, override or venue.zone)
        # A hall that is made goes to the first venue.
        first_venue = next(iter(self.edition.venues), None)
        cells = {"hall": name, **({"venue": self._name(first_venue)} if first_venue else {})}
        return _Room(cells, override or self._zone_of(first_venue))

    def _zone_of(self, venue: Venue | None) -> str:
        return venue.zone if venue else self.edition.zone

    def _name(self, venue: Venue) -> str:
        return venue.name.text(self.edition.main_language, self.edition.main_language)

    def _times(self, event: Event, zone: str) -> dict[str, str]:
        """On the wall of the hall, whatever the wall was that the file speaks of."""
        start = event.instant or event.wall
        if start is None or event.length is None:
            return {}
        if event.instant is None and self._zone and self._zone != zone:
            try:
                start = zones.local_to_utc(start.date(), start.time(), self._zone)
            except (zones.NonexistentTime, zones.AmbiguousTime) as error:
                self.found.problems.append(Problem(f"{event.path}.start", error.args[0], event.line))
                return {}
        if start.tzinfo is None:
            end = start + event.length
        else:
            info = zones.zone(zone)
            end = (start.astimezone(UTC) + event.length).astimezone(info)
            start = start.astimezone(info)
        return {"date": _date(start), "start": _clock(start), "end": _clock(end)}

    def _language(self, event: Event, session: AgendaSession | None) -> dict[str, str]:
        """One language is less than the interpretation that a session of ours may have."""
        code = event.language.lower().replace("_", "-")
        if not code or (session and (code in session.languages or session.languages)):
            return {}
        if not _LANGUAGE.match(code):
            message = _l("“%(text)s” is not a language code such as en or fr", text=code)
            self.found.warnings.append(Problem(f"{event.path}.language", message, event.line))
            return {}
        return {"languages": code}


def _nowhere() -> frozenset[str]:
    """What a schedule of ours says where the hall is to come, in each language."""
    words = set()
    for language in LANGUAGES:
        with force_locale(language):
            words.add(_("Hall to be confirmed").casefold())
    return frozenset(words)


def _code(event: Event) -> str:
    """The same for the same event in every version of the file."""
    try:
        digits = uuid.UUID(event.guid).hex if event.guid else ""
    except ValueError:
        digits = _digest(event.guid)
    if digits:
        return f"{digits[:8]}-{digits[-12:]}"
    key = event.number or event.slug
    if key.isascii() and key.isdigit() and len(key) <= 20:
        return key
    # Some tools give their breaks nothing to know them by: then it is what they are, where and when.
    return _digest(key or "\n".join((event.title, event.room, str(event.instant or event.wall))))[:21]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _date(moment: datetime) -> str:
    return date(moment.year, moment.month, moment.day).isoformat()


def _clock(moment: datetime) -> str:
    return f"{time(moment.hour, moment.minute):%H:%M}"


def _description(event: Event) -> str:
    """The abstract, then the description; some tools write the one into the other."""
    abstract, description = (text.replace("\r\n", "\n").strip() for text in (event.abstract, event.description))
    if description.startswith(abstract):
        return description
    return "\n\n".join(text for text in (abstract, description) if text)


def _kind(event: Event, session: AgendaSession | None) -> dict[str, str]:
    """A word that means nothing here leaves the kind that an organiser gave."""
    kind = KINDS.get(slug(event.type, ""))
    if kind is None:
        return {} if session else {"kind": Kind.OTHER.value}
    return {"kind": kind.value}


def _speakers(event: Event, session: AgendaSession | None) -> str:
    """The persons who are not chair or moderator of ours already, each with the office that is known here."""
    parts = list(session.parts) if session else []
    leading = {search_key(part.printed_name) for part in parts if part.role is not PartRole.SPEAKER}
    known = {search_key(part.printed_name): part for part in parts if part.role is PartRole.SPEAKER}
    people = []
    for name in dict.fromkeys(event.persons):
        [given] = [rows.appearance(sheets.escaped(name))]
        key = search_key(given.name)
        if key in leading:
            continue
        if part := known.get(key):
            given = rows.Appearance(part.printed_name, part.office, part.organisation, given.state)
        people.append(given)
    people += [
        rows.Appearance("", part.office, part.organisation, part.state) for key, part in known.items() if not key
    ]
    return rows.people_cell(people)
