"""The draft's clashes: three narrow queries, and `clashes.find` decides; a fourth says which are accepted."""

import json
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Date, String, cast, func, literal, null, select, union_all

from retreat.agenda.acceptances import Acceptance, accepted, sides_digest
from retreat.agenda.clashes import Clash, Closure, Occupant, Room, Slot, Week, find
from retreat.agenda.models import AgendaSession, Part, PartRole, SessionStatus
from retreat.agenda.times import closed
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition, Hall, HallClosure, Venue, Walk
from retreat.network.models import Body, Person, Seat


@dataclass(frozen=True, slots=True)
class Place:
    """A hall of the frame, as a clash names it and a suggestion sends it."""

    id: int
    slug: str
    name: Translated
    room: Room
    venue: Occupant
    zone: str


@dataclass(frozen=True, slots=True)
class Side:
    """A session as the list of clashes names it."""

    id: int
    code: str
    stored_title: str
    kind: str
    version: int
    is_locked: bool
    date: date | None
    starts: time | None
    ends: time | None
    zone_override: str | None
    place: Place | None
    venue: Translated
    parts: Mapping[int, tuple[Occupant, PartRole]]
    """Who does what in it, by the person's number."""
    slot: Slot

    @property
    def title(self) -> Translated:
        return Translated(json.loads(self.stored_title))

    def role_of(self, person: Hashable) -> PartRole | None:
        return self.parts[person][1] if isinstance(person, int) and person in self.parts else None


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that can clash in the draft of one edition."""

    sides: Mapping[str, Side]
    """By code, in the order of codes."""
    places: tuple[Place, ...]
    """In the order of the board's columns."""
    week: Week

    def clashes(self) -> tuple[Clash, ...]:
        return find((side.slot for side in self.sides.values()), self.week)


@dataclass(frozen=True, slots=True)
class NumberedClash:
    """A clash with its sides, the earlier one first. The open ones are numbered in the order of time."""

    clash: Clash
    sides: tuple[Side, ...]
    number: int | None = None
    """None where it is accepted."""
    accepted: Acceptance | None = None

    @property
    def digest(self) -> str:
        """Of what both sides are, as far as this clash is concerned."""
        return sides_digest(self.clash, [side.slot for side in self.sides])

    @property
    def is_reopened(self) -> bool:
        """It was accepted, and one of its sides has changed since."""
        return self.accepted is not None and self.accepted.sides != self.digest

    @property
    def is_open(self) -> bool:
        return self.accepted is None or self.is_reopened

    @property
    def days(self) -> frozenset[date]:
        return frozenset(side.date for side in self.sides if side.date)


def board_clashes(edition: Edition, draft: Draft | None = None) -> tuple[NumberedClash, ...]:
    """Every clash of the draft: the open ones numbered in the order of time, then those that are accepted."""
    draft = draft or draft_of(edition)
    known = accepted(edition)
    open_ones: list[NumberedClash] = []
    settled: list[NumberedClash] = []
    for clash in sorted(draft.clashes(), key=lambda clash: (clash.start, clash.end, clash.sessions, clash.kind)):
        sides = tuple(sorted((draft.sides[code] for code in clash.sessions), key=_since))
        acceptance = known.get((clash.kind, tuple(sorted(side.id for side in sides))))
        one = NumberedClash(clash, sides, len(open_ones) + 1, acceptance)
        if one.is_open:
            open_ones.append(one)
        else:
            settled.append(NumberedClash(clash, sides, None, acceptance))
    return (*open_ones, *settled)


def _since(side: Side) -> tuple[Any, ...]:
    return (side.slot.start is None, side.slot.start, side.code)


def open_clashes(edition: Edition) -> tuple[NumberedClash, ...]:
    return tuple(one for one in board_clashes(edition) if one.is_open)


def draft_clashes(edition: Edition) -> tuple[Clash, ...]:
    """Every clash of the draft, accepted or not, in the order of the sessions' codes. Three queries."""
    return draft_of(edition).clashes()


def draft_of(edition: Edition) -> Draft:
    """What every session of the draft occupies. Three queries, no objects of the ORM: a thousand rows are quick."""
    places, venues = _frame(edition)
    asked = _people_and_walks(edition)
    main = edition.main_language
    venue_names = {key: Occupant(key, name.text(main, main)) for key, name in venues.items()}
    rows = _session_rows(edition)
    codes = {row[0]: row[1] for row in rows}
    sides: dict[str, Side] = {}
    for row in rows:
        number, code, parent, title, kind, version, is_locked, day, starts, ends, zone, override = row[:12]
        start, end, status, hall_id, venue_id, body_id, expected, capacity, taken, languages = row[12:]
        place = places.get(hall_id)
        parts = asked.parts.get(number, _NOBODY)
        slot = Slot(
            code,
            start,
            end,
            place.room if place else None,
            tuple([person for person, _ in parts.values()]),
            codes.get(parent),
            status == SessionStatus.CANCELLED,
            day,
            zone,
            place.venue if place else venue_names.get(venue_id),
            asked.bodies.get(body_id),
            asked.members(body_id, day),
            max(expected or 0, capacity or 0, taken),
            _count_of(languages),
        )
        venue = venues.get(venue_id, _NOWHERE)
        sides[code] = Side(
            number, code, title, kind, version, is_locked, day, starts, ends, override, place, venue, parts, slot
        )
    return Draft(sides, tuple(places.values()), Week(edition.starts_on, edition.ends_on, asked.walks))


_NOBODY: Mapping[int, tuple[Occupant, PartRole]] = {}
_NOWHERE = Translated()


def _session_rows(edition: Edition) -> Sequence[Any]:
    """Plain columns; what is JSON or an enumeration stays text, since few rows are asked for it."""
    column = AgendaSession.__table__.c
    return db.session.execute(
        select(
            column.id,
            column.code,
            column.parent_id,
            cast(column.title, String),
            cast(column.kind, String),
            column.version,
            column.is_locked,
            column.date,
            column.starts,
            column.ends,
            column.zone,
            column.zone_override,
            column.start_utc,
            column.end_utc,
            cast(column.status, String),
            column.hall_id,
            column.venue_id,
            column.body_id,
            column.expected,
            column.capacity,
            column.taken,
            cast(column.languages, String),
        )
        .where(column.edition_id == edition.id)
        .order_by(column.code)
    ).all()


@cache
def _count_of(languages: str) -> int:
    """How many there are in a list of languages as it is stored; few such lists are ever different."""
    return len(set(json.loads(languages)))


class _Asked:
    """Who is asked for: parts by session, seats by body, and the walks between venues."""

    def __init__(self) -> None:
        self.parts: dict[int, dict[int, tuple[Occupant, PartRole]]] = defaultdict(dict)
        self.bodies: dict[int | None, Occupant] = {}
        self.seats: dict[int | None, list[tuple[Occupant, date | None, date | None]]] = defaultdict(list)
        self.walks: dict[frozenset[Any], int] = {}
        self._members: dict[tuple[int, date], frozenset[Occupant]] = {}

    def members(self, body_id: int | None, day: date | None) -> frozenset[Occupant]:
        """Who holds a seat on the body that day; the same object each time, so that nobody compares them twice."""
        if body_id is None or day is None or body_id not in self.seats:
            return frozenset()
        if (body_id, day) not in self._members:
            self._members[body_id, day] = frozenset(
                person
                for person, since, until in self.seats[body_id]
                if (since is None or since <= day) and (until is None or day <= until)
            )
        return self._members[body_id, day]


def _people_and_walks(edition: Edition) -> _Asked:
    """Parts, bodies, seats and walks: small facts of one shape, so that one query gets them all."""
    in_edition = AgendaSession.edition_id == edition.id
    meeting = select(AgendaSession.body_id).where(in_edition, AgendaSession.body_id.is_not(None))
    name = func.coalesce(
        func.nullif(Person.badge_name, ""), func.trim(Person.given_name + literal(" ") + Person.family_name)
    )
    no_day, nothing = cast(null(), Date), literal("", String)
    found: CompoundSelect[Any] = union_all(
        select(
            literal("part", String).label("what"),
            Part.session_id.label("one"),
            Part.person_id.label("other"),
            Part.position.label("number"),
            Part.printed_name.label("name"),
            cast(Part.role, String).label("role"),
            no_day.label("since"),
            no_day.label("until"),
        )
        .join(AgendaSession, Part.session_id == AgendaSession.id)
        .where(in_edition, Part.person_id.is_not(None)),
        select(
            literal("seat", String), Seat.body_id, Seat.person_id, Seat.id, name, nothing, Seat.starts_on, Seat.ends_on
        )
        .join(Person, Seat.person_id == Person.id)
        .where(Seat.body_id.in_(meeting)),
        select(
            literal("body", String), Body.id, Body.id, Body.id, cast(Body.name, String), nothing, no_day, no_day
        ).where(Body.id.in_(meeting)),
        select(
            literal("walk", String), Walk.one_id, Walk.other_id, Walk.minutes, nothing, nothing, no_day, no_day
        ).where(Walk.edition_id == edition.id),
    )
    asked = _Asked()
    main = edition.main_language
    people: dict[tuple[int, str], Occupant] = {}
    roles = {role.value: role for role in PartRole}
    for what, one, other, number, text, role, since, until in db.session.execute(
        found.order_by("what", "one", "number")
    ):
        if what == "part":
            person = people.setdefault((other, text), Occupant(other, text))
            asked.parts[one].setdefault(other, (person, roles[role]))
        elif what == "seat":
            asked.seats[one].append((people.setdefault((other, text), Occupant(other, text)), since, until))
        elif what == "body":
            asked.bodies[one] = Occupant(one, Translated(json.loads(text)).text(main, main))
        else:
            asked.walks[frozenset((one, other))] = number
    return asked


def _frame(edition: Edition) -> tuple[dict[int | None, Place], dict[int | None, Translated]]:
    """The halls with what they can do and when they are closed, and the names of the venues."""
    rows = db.session.execute(
        select(
            Venue.id,
            Venue.name,
            Venue.zone,
            Hall.id,
            Hall.slug,
            Hall.name,
            Hall.capacity,
            Hall.booths,
            Hall.language_pairs,
            HallClosure.date,
            HallClosure.starts,
            HallClosure.ends,
            HallClosure.reason,
        )
        .outerjoin(Hall, Hall.venue_id == Venue.id)
        .outerjoin(HallClosure, HallClosure.hall_id == Hall.id)
        .where(Venue.edition_id == edition.id)
        .order_by(Hall.position, Hall.id, HallClosure.date, HallClosure.starts, HallClosure.id)
    )
    main = edition.main_language
    venues: dict[int | None, Translated] = {}
    halls: dict[int, Any] = {}
    closures: dict[int, list[Closure]] = defaultdict(list)
    for venue_id, venue_name, zone, hall_id, *hall, day, starts, ends, reason in rows:
        venues[venue_id] = venue_name
        if hall_id is not None:
            halls[hall_id] = (venue_id, zone, *hall)
            if day is not None and (shut := closed(day, starts, ends, zone)):
                closures[hall_id].append(Closure(shut.start, shut.end, reason))
    places: dict[int | None, Place] = {}
    for hall_id, (venue_id, zone, slug, name, seats, booths, pairs) in halls.items():
        room = Room(hall_id, name.text(main, main), seats, booths, pairs, tuple(closures[hall_id]))
        venue = Occupant(venue_id, venues[venue_id].text(main, main))
        places[hall_id] = Place(hall_id, slug, name, room, venue, zone)
    return places, venues
