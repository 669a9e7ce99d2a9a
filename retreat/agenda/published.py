"""The agenda as published: what pages, feeds and print read. Nothing here touches the draft.

A revision's rows never change, therefore a programme is kept in memory under what it was read from.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from retreat.agenda.access import STRANGER, may_see
from retreat.agenda.kept import Kept
from retreat.agenda.models import (
    Access,
    Kind,
    PartRole,
    PartState,
    PointKind,
    RevisedPart,
    RevisedPoint,
    RevisedSession,
    Revision,
    SessionStatus,
)
from retreat.core import zones
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition

_MOST_KEPT = 20_000
"""Pieces worked out of one programme, such as cards in a language; then it begins anew."""

T = TypeVar("T")
_programmes: "Kept[Programme]" = Kept(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPart:
    """Who does what, with name and office as printed; the name is empty while nobody is named yet."""

    person_id: int | None
    role: PartRole
    state: PartState
    printed_name: str
    office: str
    organisation: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPoint:
    """One point of a meeting; its number is its place in the list."""

    title: Translated
    kind: PointKind
    minutes: int | None
    position: int


_APART = frozenset({"parts", "points"})
"""Fields of a session that are rows of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSession:
    """One session of a revision. Instants are aware, in UTC; `starts` and `ends` are the wall's of `zone`."""

    session_id: int | None
    uid: str
    code: str
    sequence: int
    changes: int = 0
    created_at: datetime
    last_modified: datetime
    parent_code: str | None
    title: Translated
    description: Translated
    note: Translated
    date: date | None
    starts: time | None
    ends: time | None
    zone: str
    start_utc: datetime | None
    end_utc: datetime | None
    kind: Kind
    track_id: int | None
    track_slug: str | None
    track_name: Translated
    track_colour: int | None
    venue_id: int | None
    venue_slug: str | None
    venue_name: Translated
    city: str
    hall_id: int | None
    hall_slug: str | None
    hall_name: Translated
    hall_position: int | None
    hall_capacity: int | None
    languages: tuple[str, ...]
    access: Access
    access_body_id: int | None
    access_body_name: Translated
    body_id: int | None
    body_slug: str | None
    body_name: Translated
    is_listed: bool
    status: SessionStatus
    capacity: int | None
    link: str
    registration_link: str
    tags: tuple[str, ...]
    parts: tuple[PublishedPart, ...] = ()
    points: tuple[PublishedPoint, ...] = ()

    @property
    def is_timed(self) -> bool:
        return self.start_utc is not None

    @property
    def is_cancelled(self) -> bool:
        return self.status is SessionStatus.CANCELLED

    @property
    def local_start(self) -> datetime | None:
        """Start on the wall of the session's zone, aware."""
        return self.start_utc and self.start_utc.astimezone(zones.zone(self.zone))

    @property
    def local_end(self) -> datetime | None:
        return self.end_utc and self.end_utc.astimezone(zones.zone(self.zone))

    def overlaps(self, other: "PublishedSession") -> bool:
        """Whether both run at some instant; ends are exclusive, and an untimed session overlaps nothing."""
        if not (self.start_utc and self.end_utc and other.start_utc and other.end_utc):
            return False
        return self.start_utc < other.end_utc and other.start_utc < self.end_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The last revision of an edition; `revision` is None before the first. Sessions are in order of time."""

    edition_id: int
    edition_slug: str
    edition_uid: str
    revision: int | None = None
    published_at: datetime | None = None
    tzdata: str = ""
    sessions: tuple[PublishedSession, ...] = ()
    _kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def __iter__(self) -> Iterator[PublishedSession]:
        return iter(self.sessions)

    def session(self, code: str) -> PublishedSession | None:
        return next((session for session in self.sessions if session.code == code), None)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, worked out once for as long as this programme is kept in memory.

        The key names all that decides about it, other than the programme. Two who come at once may both work it out.
        """
        found: T | None = self._kept.get(key)
        if found is None:
            found = make()
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        return found

    def on(self, day: date) -> tuple[PublishedSession, ...]:
        """Sessions of that day, on the wall of their own zones."""
        return tuple(session for session in self.sessions if session.date == day)


class OfEdition(Protocol):
    """What is asked of an edition, or of its columns as somebody read them."""

    @property
    def id(self) -> int: ...
    @property
    def uid(self) -> str: ...
    @property
    def slug(self) -> str: ...
    @property
    def agenda_rev(self) -> int: ...


class LastRevision(NamedTuple):
    id: int
    number: int
    published_at: datetime
    tzdata: str


def revision_of(edition: Edition) -> LastRevision | None:
    """Which revision everybody reads; None before the first. One query."""
    last = db.session.execute(
        select(Revision.id, Revision.number, Revision.published_at, Revision.tzdata)
        .where(Revision.edition_id == edition.id)
        .order_by(Revision.number.desc())
        .limit(1)
    ).one_or_none()
    return LastRevision(*last) if last else None


def programme(edition: Edition) -> Programme:
    """The last revision, in few queries. Includes unlisted sessions: see `listed`."""
    return programme_of(edition, revision_of(edition))


def programme_of(edition: OfEdition, last: LastRevision | None) -> Programme:
    """The same where the last revision is known already."""
    if last is None:
        return Programme(edition_id=edition.id, edition_slug=edition.slug, edition_uid=edition.uid)
    key = (edition.uid, edition.slug, edition.agenda_rev, last.id, last.number, last.published_at)

    def read() -> Programme:
        return Programme(
            edition_id=edition.id,
            edition_slug=edition.slug,
            edition_uid=edition.uid,
            revision=last.number,
            published_at=last.published_at,
            tzdata=last.tzdata,
            sessions=_sessions(last.id),
        )

    return _programmes.get(key, read)


def listed(read: Programme) -> tuple[PublishedSession, ...]:
    """What a stranger may know of: listed sessions, whatever their access; cancelled ones too."""
    return tuple(session for session in read.sessions if may_see(session, STRANGER))


def sessions_of_revision(revision_id: int) -> tuple[PublishedSession, ...]:
    """All sessions of one revision, in order of time."""
    return _sessions(revision_id)


def _columns(model: type[Any], kind: type[Any]) -> list[InstrumentedAttribute[Any]]:
    return [getattr(model, name) for name in columns_of(kind)]


def _sessions(revision_id: int) -> tuple[PublishedSession, ...]:
    return tuple(sorted(sessions_where(RevisedSession.revision_id == revision_id).values(), key=_in_order_of_time))


def sessions_where(condition: ColumnElement[bool]) -> dict[int, PublishedSession]:
    """Sessions of any revisions by the id of their rows; `condition` is on RevisedSession."""
    parts = _inside(condition, RevisedPart, PublishedPart)
    points = _inside(condition, RevisedPoint, PublishedPoint)
    rows = db.session.execute(select(RevisedSession.id, *_columns(RevisedSession, PublishedSession)).where(condition))
    return {row_id: _session(values, parts.get(row_id, []), points.get(row_id, [])) for row_id, *values in rows}


def _inside(condition: ColumnElement[bool], model: type[Any], kind: type[Any]) -> dict[int, list[Any]]:
    """The parts or points of sessions, in their order, by the id of the session's row."""
    names = columns_of(kind)
    found: dict[int, list[Any]] = {}
    for owner, *values in db.session.execute(
        select(model.revised_session_id, *_columns(model, kind))
        .join(RevisedSession, model.revised_session_id == RevisedSession.id)
        .where(condition)
        .order_by(model.revised_session_id, model.position, model.id)
    ):
        found.setdefault(owner, []).append(kind(**dict(zip(names, values, strict=True))))
    return found


def columns_of(kind: type[Any]) -> list[str]:
    """The fields of a published thing that are columns of its own row."""
    return [field.name for field in fields(kind) if field.name not in _APART]


def _session(values: list[Any], parts: list[PublishedPart], points: list[PublishedPoint]) -> PublishedSession:
    read = dict(zip(columns_of(PublishedSession), values, strict=True))
    read["languages"] = tuple(read["languages"])
    read["tags"] = tuple(read["tags"])
    return PublishedSession(**read, parts=tuple(parts), points=tuple(points))


_NEVER = datetime.max.replace(tzinfo=UTC)


def _in_order_of_time(session: PublishedSession) -> tuple[Any, ...]:
    """Days in order, timed sessions before untimed ones, whole meetings before their parts; unscheduled ones last."""
    start, end = session.start_utc or _NEVER, session.end_utc or _NEVER
    hall = session.hall_position if session.hall_position is not None else 1_000_000
    return (session.date or date.max, start, -end.timestamp(), hall, session.hall_slug or "", session.code)
