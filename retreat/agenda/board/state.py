"""Whether the board is still what somebody saw: one query answers a page that asks every few seconds."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, case, cast, func, literal, select

from retreat.accounts.models import Organiser
from retreat.agenda.board import presence
from retreat.agenda.board.models import Presence, Step
from retreat.agenda.models import AcceptedClash, AgendaSession, Part, Revision, Track
from retreat.core.db import db
from retreat.editions.models import Day, Edition, Hall, HallClosure, Venue, Walk
from retreat.editions.service import UnknownEdition
from retreat.network.models import Body, Person, Seat

_BETWEEN, _ROW = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True)
class State:
    """What the board depends on: it is another one whenever that changes."""

    edition_id: int
    facts: tuple[Any, ...]
    seen_at: datetime | None
    """When this organiser was here last."""

    def tag(self, *asked: object) -> str:
        """An ETag; `asked` is what else the answer depends on: day, filters, language, reader."""
        return hashlib.sha256(repr((self.edition_id, self.facts, asked)).encode()).hexdigest()[:24]


def state(slug: str, organiser_id: int | None, *, at: datetime) -> State:
    """One query. Raises UnknownEdition.

    What there is much of is counted and summed up: a session that changes has another version, one that goes or comes
    another count or a higher number; undo and redo write sessions too. What there is little of, and what changes
    without a version, is read as it is: the edition's frame, who sits on the bodies that meet, who is here.
    """
    of = Edition.id
    sessions, parts = _of(AgendaSession, of), select(Part).join(Part.session).where(AgendaSession.edition_id == of)
    columns: list[Select[Any]] = [
        sessions.with_only_columns(func.count()),
        sessions.with_only_columns(func.max(AgendaSession.id)),
        sessions.with_only_columns(func.sum(AgendaSession.version)),
        # Whoever signs up takes a seat and leaves the version as it is.
        sessions.with_only_columns(func.sum(_paired(AgendaSession.id, AgendaSession.taken))),
        # SQLite gives the number of a session that is gone to the next one.
        sessions.with_only_columns(func.max(AgendaSession.updated_at)),
        # Two persons who were one and the same pass their parts to one of them.
        parts.with_only_columns(func.sum(_paired(Part.id, Part.person_id))),
        _of(Step, of).with_only_columns(func.max(Step.number)),
        _of(Step, of).where(Step.is_undone).with_only_columns(func.count()),
        _of(Step, of).where(Step.is_passed_by).with_only_columns(func.count()),
        _of(Revision, of).with_only_columns(func.max(Revision.number)),
        *_small_facts(of, organiser_id, at=at),
        select(Presence.seen_at).where(Presence.edition_id == of, Presence.organiser_id == (organiser_id or 0)),
    ]
    edition = (
        *(Edition.agenda_rev, Edition.last_session_number, Edition.starts_on, Edition.ends_on),
        *(Edition.zone, Edition.main_language),
    )
    row = db.session.execute(
        select(of, *edition, *(column.scalar_subquery() for column in columns)).where(Edition.slug == slug)
    ).first()
    if row is None:
        raise UnknownEdition(slug)
    edition_id, *values, seen_at = tuple(row)
    return State(edition_id, tuple(_plain(value) for value in values), seen_at)


def _small_facts(of: Any, organiser_id: int | None, *, at: datetime) -> Iterator[Select[Any]]:
    """Each is one text: all rows of a small table, as far as the board shows them or a clash follows from them."""
    meeting = select(AgendaSession.body_id).where(AgendaSession.edition_id == of, AgendaSession.body_id.is_not(None))
    held = case((Presence.held_until > at, Presence.session_id))
    yield _rows(Day.date, Day.title).where(Day.edition_id == of)
    yield _rows(Track.id, Track.slug, Track.name, Track.colour, Track.position).where(Track.edition_id == of)
    yield _rows(Venue.id, Venue.name, Venue.zone).where(Venue.edition_id == of)
    yield _rows(
        *(Hall.id, Hall.slug, Hall.name, Hall.venue_id, Hall.position),
        *(Hall.capacity, Hall.booths, Hall.language_pairs),
    ).where(Hall.edition_id == of)
    yield (
        _rows(HallClosure.hall_id, HallClosure.date, HallClosure.starts, HallClosure.ends, HallClosure.reason)
        .join(Hall, HallClosure.hall_id == Hall.id)
        .where(Hall.edition_id == of)
    )
    yield _rows(Walk.one_id, Walk.other_id, Walk.minutes).where(Walk.edition_id == of)
    yield _rows(AcceptedClash.id, AcceptedClash.sides, AcceptedClash.reason, AcceptedClash.accepted_by).where(
        AcceptedClash.edition_id == of
    )
    yield _rows(Body.id, Body.name).where(Body.id.in_(meeting.correlate(Edition)))
    yield (
        _rows(
            *(Seat.id, Seat.body_id, Seat.person_id, Seat.starts_on, Seat.ends_on),
            *(Person.badge_name, Person.given_name, Person.family_name),
        )
        .join(Person, Seat.person_id == Person.id)
        .where(Seat.body_id.in_(meeting.correlate(Edition)))
    )
    yield (
        _rows(Presence.organiser_id, Organiser.name, Organiser.email, held)
        .join(Organiser, Presence.organiser_id == Organiser.id)
        .where(
            Presence.edition_id == of,
            Presence.seen_at > at - presence.HERE,
            Presence.organiser_id != (organiser_id or 0),
        )
    )


def _rows(*columns: Any) -> Select[Any]:
    """Facts differ in kind, so each is text; a column between two others cannot be taken for one of them."""
    texts: list[ColumnElement[str]] = [func.coalesce(cast(column, String), "-") for column in columns]
    row = reduce(lambda before, text: before + literal(_BETWEEN) + text, texts)
    return select(func.aggregate_strings(row, _ROW)).select_from(columns[0].class_)


def _paired(one: Any, other: Any) -> ColumnElement[int]:
    """A number that is another one when two rows change places, too."""
    return cast(one, BigInteger) * cast(other, BigInteger)


def _plain(value: Any) -> Any:
    """The databases differ in what a sum is, and in which order they give rows."""
    if isinstance(value, str):
        return tuple(sorted(value.split(_ROW)))
    return value.isoformat() if isinstance(value, date) else None if value is None else int(value)


def _of(model: Any, edition_id: Any) -> Select[Any]:
    return select(model).where(model.edition_id == edition_id)
