"""What a public page of the agenda is made of, without reading the programme: what its ETag goes by.

Time is part of it. Within the event a page says what runs now; it is another page when a session begins or ends, and
every five minutes in between, when the line of the hour has moved on. Pages are made for that instant and not for the
minute of the request: the same ETag is the same page. On other days a page lasts until midnight, or until it is
published anew.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from retreat.agenda.kept import Kept
from retreat.agenda.models import AgendaSession, RevisedSession
from retreat.agenda.published import LastRevision, revision_of
from retreat.agenda.seats import Seats
from retreat.core import zones
from retreat.core.db import db
from retreat.editions.models import Edition

_MINUTES = 5
_COUNTERS = frozenset({"taken", "last_registration_number", "last_session_number", "last_letter_number"})
"""Columns of an edition that no page of the agenda shows, and that change with every registration."""

_known: "Kept[Boundaries]" = Kept(32)


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Instants at which a listed session begins or is over, in order; the days that have one."""

    instants: tuple[datetime, ...] = ()
    days: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Freshness:
    """`facts` decide about every page of the agenda; `moment` is the instant that a page is made for."""

    facts: tuple[object, ...]
    moment: datetime
    last: LastRevision | None

    @property
    def revision_id(self) -> int | None:
        return self.last.id if self.last else None


def freshness(edition: Edition, now: datetime) -> Freshness:
    """In one query, and a second one the first time after a publication."""
    last = revision_of(edition)
    boundaries = _known.get((edition.uid, *last), lambda: _boundaries(last.id)) if last else Boundaries()
    moment = moment_of(boundaries, edition, now)
    return Freshness((*columns_of(edition), *(last or ()), moment), moment, last)


def columns_of(edition: Edition) -> tuple[str, ...]:
    """Of the edition's row, whatever a public page may show."""
    columns = (column.key for column in Edition.__mapper__.column_attrs if column.key not in _COUNTERS)
    return tuple(repr(getattr(edition, name)) for name in columns)


def moment_of(boundaries: Boundaries, edition: Edition, now: datetime) -> datetime:
    """The last instant, up to now, since which the pages have been what they are. Pure."""
    wall = now.astimezone(zones.zone(edition.zone))
    moment = datetime.combine(wall.date(), time(), tzinfo=wall.tzinfo).astimezone(UTC)
    if edition.starts_on <= wall.date() <= edition.ends_on or wall.date() in boundaries.days:
        moment = max(
            moment, now - timedelta(minutes=now.minute % _MINUTES, seconds=now.second, microseconds=now.microsecond)
        )
    passed = bisect_right(boundaries.instants, now)
    return max(moment, boundaries.instants[passed - 1]) if passed else moment


def boundaries_of(rows: Iterable[tuple[date | None, datetime | None, datetime | None, str]]) -> Boundaries:
    """Of (day, start, end, zone) of listed sessions; one without an hour is over with its day. Pure."""
    instants: set[datetime] = set()
    days: set[date] = set()
    for day, start, end, zone in rows:
        if day is not None:
            days.add(day)
            midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zones.zone(zone))
            instants |= {start, end} if start and end else {midnight.astimezone(UTC)}
    return Boundaries(tuple(sorted(instants)), frozenset(days))


def _boundaries(revision_id: int) -> Boundaries:
    rows = db.session.execute(
        select(RevisedSession.date, RevisedSession.start_utc, RevisedSession.end_utc, RevisedSession.zone).where(
            RevisedSession.revision_id == revision_id, RevisedSession.is_listed
        )
    )
    return boundaries_of((day, start, end, zone) for day, start, end, zone in rows)


def seats_of(revision_id: int | None, code: str) -> tuple[object, ...]:
    """What a session's page shows as it is now and not as published; papers grow `agenda_rev`. One query."""
    row = db.session.execute(
        select(AgendaSession.takes_sign_up, AgendaSession.capacity, AgendaSession.taken)
        .join(RevisedSession, RevisedSession.session_id == AgendaSession.id)
        .where(RevisedSession.revision_id == revision_id, RevisedSession.code == code)
    ).one_or_none()
    return tuple(row) if row else ()


def full_of(edition: Edition, revision_id: int | None) -> dict[int, Seats]:
    """Listed sessions of which every seat is taken at this moment, by the session's id. One query."""
    if edition.closed_at is not None:
        return {}
    rows = db.session.execute(
        select(AgendaSession.id, AgendaSession.takes_sign_up, AgendaSession.capacity, AgendaSession.taken)
        .join(RevisedSession, RevisedSession.session_id == AgendaSession.id)
        .where(RevisedSession.revision_id == revision_id, RevisedSession.is_listed)
        .where(AgendaSession.capacity > 0, AgendaSession.taken >= AgendaSession.capacity)
        .order_by(AgendaSession.id)
    )
    return {row.id: Seats(row.takes_sign_up, row.capacity, row.taken) for row in rows}
