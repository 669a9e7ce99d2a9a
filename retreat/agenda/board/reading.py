"""What the board shows, read in a few narrow queries: one day and the shelf, never the whole week's objects."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from retreat.agenda.board.models import Step, StepKind
from retreat.agenda.checks import Draft
from retreat.agenda.models import AgendaSession, Kind, Part, PartRole, PartState, Revision, SessionStatus, Track
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Day, Edition, Hall, Venue


@dataclass(frozen=True, slots=True)
class HallRead:
    id: int
    slug: str
    name: Translated
    capacity: int | None
    zone: str


@dataclass(frozen=True, slots=True)
class TrackRead:
    slug: str
    name: Translated


@dataclass(frozen=True, slots=True)
class PartRead:
    name: str
    role: PartRole
    state: PartState


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRead:
    """One session of the draft, as far as its card says it."""

    id: int
    code: str
    version: int
    parent: str | None
    title: Translated
    date: date | None
    starts: time | None
    ends: time | None
    zone: str
    kind: Kind
    track: str | None
    track_name: Translated
    colour: int | None
    hall: str | None
    venue: Translated
    languages: tuple[str, ...]
    is_open: bool
    is_listed: bool
    status: SessionStatus
    is_locked: bool
    parts: tuple[PartRead, ...]


@dataclass(frozen=True, slots=True)
class StepRead:
    """One step of the history."""

    number: int
    at: datetime
    organiser_id: int | None
    by: str
    kind: StepKind
    changes: list[dict[str, Any]]
    is_undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Everything of one look at the board."""

    days: dict[date, Translated]
    dates: dict[str, date | None]
    """The day of every session of the edition, by code."""
    halls: tuple[HallRead, ...]
    tracks: tuple[TrackRead, ...]
    sessions: tuple[SessionRead, ...]
    shelf: tuple[SessionRead, ...]
    minutes: dict[int, int]
    """How long a session of the shelf was when it was taken off the board, by id."""
    revision: int | None
    touched: int
    """How many sessions were changed after the last revision."""


def read(edition: Edition, day: date, draft: Draft) -> Read:
    """Six queries; halls and days are known from the draft that was read for its clashes."""
    titles = db.session.execute(select(Day.date, Day.title).where(Day.edition_id == edition.id))
    tracks = db.session.execute(
        select(Track.slug, Track.name).where(Track.edition_id == edition.id).order_by(Track.position, Track.id)
    )
    found = _sessions(edition, day)
    shelf = tuple(session for session in found if session.date is None)
    revision, touched = _since_published(edition)
    return Read(
        days={row.date: row.title for row in titles},
        dates={code: side.date for code, side in draft.sides.items()},
        halls=tuple(HallRead(place.id, place.slug, place.name, place.room.seats, place.zone) for place in draft.places),
        tracks=tuple(TrackRead(*row) for row in tracks),
        sessions=tuple(session for session in found if session.date is not None),
        shelf=shelf,
        minutes=_minutes_taken_off(edition) if shelf else {},
        revision=revision,
        touched=touched,
    )


def steps(edition: Edition, most: int) -> tuple[StepRead, ...]:
    """The last steps of everybody, latest first."""
    found = db.session.execute(
        select(Step.number, Step.at, Step.organiser_id, Step.by, Step.kind, Step.changes, Step.is_undone)
        .where(Step.edition_id == edition.id)
        .order_by(Step.number.desc())
        .limit(most)
    )
    return tuple(StepRead(*row) for row in found)


def _sessions(edition: Edition, day: date) -> list[SessionRead]:
    """Those of the day and those without one, in order of time. Two queries."""
    parent = aliased(AgendaSession)
    chosen = or_(AgendaSession.date == day, AgendaSession.date.is_(None))
    people: dict[int, list[PartRead]] = defaultdict(list)
    for row in db.session.execute(
        select(Part.session_id, Part.printed_name, Part.role, Part.state)
        .join(AgendaSession, Part.session_id == AgendaSession.id)
        .where(AgendaSession.edition_id == edition.id, chosen)
        .order_by(Part.session_id, Part.position, Part.id)
    ):
        people[row.session_id].append(PartRead(row.printed_name, row.role, row.state))
    rows = db.session.execute(
        select(
            AgendaSession.id,
            AgendaSession.code,
            AgendaSession.version,
            parent.code.label("parent"),
            AgendaSession.title,
            AgendaSession.date,
            AgendaSession.starts,
            AgendaSession.ends,
            AgendaSession.zone,
            AgendaSession.kind,
            Track.slug.label("track"),
            Track.name.label("track_name"),
            Track.colour,
            Hall.slug.label("hall"),
            Venue.name.label("venue"),
            AgendaSession.languages,
            AgendaSession.access,
            AgendaSession.is_listed,
            AgendaSession.status,
            AgendaSession.is_locked,
        )
        .outerjoin(parent, AgendaSession.parent_id == parent.id)
        .outerjoin(Track, AgendaSession.track_id == Track.id)
        .outerjoin(Hall, AgendaSession.hall_id == Hall.id)
        .outerjoin(Venue, AgendaSession.venue_id == Venue.id)
        .where(AgendaSession.edition_id == edition.id, chosen)
        .order_by(AgendaSession.starts.is_(None), AgendaSession.starts, AgendaSession.code)
    )
    return [
        SessionRead(
            id=row.id,
            code=row.code,
            version=row.version,
            parent=row.parent,
            title=row.title,
            date=row.date,
            starts=row.starts,
            ends=row.ends,
            zone=row.zone,
            kind=row.kind,
            track=row.track,
            track_name=row.track_name or Translated(),
            colour=row.colour,
            hall=row.hall,
            venue=row.venue or Translated(),
            languages=tuple(row.languages),
            is_open=row.access == "open",
            is_listed=row.is_listed,
            status=row.status,
            is_locked=row.is_locked,
            parts=tuple(people[row.id]),
        )
        for row in rows
    ]


def _minutes_taken_off(edition: Edition) -> dict[int, int]:
    """The board forgets the hours of what is taken off it; its step does not."""
    found = db.session.scalars(
        select(Step.changes)
        .where(Step.edition_id == edition.id, Step.kind == StepKind.TAKEN_OFF)
        .order_by(Step.number.desc())
        .limit(100)
    )
    minutes: dict[int, int] = {}
    for changes in found:
        for change in changes:
            before = change["before"] or {}
            if before.get("starts") and before.get("ends"):
                length = length_of(time.fromisoformat(before["starts"]), time.fromisoformat(before["ends"]))
                minutes.setdefault(change["id"], length)
    return minutes


def length_of(starts: time, ends: time) -> int:
    """Minutes on the wall; an end before the start is on the next day."""
    length = (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
    return length + 24 * 60 if length < 0 else length


def _since_published(edition: Edition) -> tuple[int | None, int]:
    """The last revision, and how many sessions were changed after it."""
    last = (
        select(Revision.number, Revision.published_at)
        .where(Revision.edition_id == edition.id)
        .order_by(Revision.number.desc())
        .limit(1)
        .subquery()
    )
    touched = (
        select(func.count())
        .where(AgendaSession.edition_id == edition.id, AgendaSession.updated_at > last.c.published_at)
        .correlate(last)
        .scalar_subquery()
    )
    everything = select(func.count()).where(AgendaSession.edition_id == edition.id).scalar_subquery()
    row = db.session.execute(select(last.c.number, touched)).first()
    return (row[0], row[1]) if row else (None, db.session.scalar(select(everything)) or 0)
