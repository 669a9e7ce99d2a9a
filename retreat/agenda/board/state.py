"""Whether the board is still what somebody saw: one query answers a page that asks every few seconds."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from retreat.agenda.board import presence
from retreat.agenda.board.models import Presence, Step
from retreat.agenda.models import AcceptedClash, AgendaSession, Track
from retreat.core.db import db
from retreat.editions.models import Edition, Hall, HallClosure, Venue, Walk
from retreat.editions.service import UnknownEdition


@dataclass(frozen=True, slots=True)
class State:
    """What the board depends on, as numbers that change whenever it does."""

    edition_id: int
    numbers: tuple[Any, ...]
    seen_at: datetime | None
    """When this organiser was here last."""

    def tag(self, *asked: object) -> str:
        """An ETag; `asked` is what else the answer depends on: day, filters, language, reader."""
        return hashlib.sha256(repr((self.edition_id, self.numbers, asked)).encode()).hexdigest()[:24]


def state(slug: str, organiser_id: int | None, *, at: datetime) -> State:
    """One query. Raises UnknownEdition.

    A session that changes has another version, one that goes or comes another count or a higher id; undo and redo write
    sessions too. Of the people here the ids are enough: who comes and goes is in the sum of their squares.
    """
    of = Edition.id
    here = and_(
        Presence.edition_id == of, Presence.seen_at > at - presence.HERE, Presence.organiser_id != (organiser_id or 0)
    )
    held = case((Presence.held_until > at, Presence.session_id), else_=0)
    sessions = _of(AgendaSession, of)
    columns: list[Select[Any]] = [
        sessions.with_only_columns(func.count()),
        sessions.with_only_columns(func.max(AgendaSession.id)),
        sessions.with_only_columns(func.sum(AgendaSession.version)),
        # SQLite gives the number of a session that is gone to the next one.
        sessions.with_only_columns(func.max(AgendaSession.updated_at)),
        _of(Step, of).with_only_columns(func.max(Step.number)),
        _of(AcceptedClash, of).with_only_columns(func.count()),
        _of(AcceptedClash, of).with_only_columns(func.max(AcceptedClash.id)),
        _of(Hall, of).with_only_columns(func.count()),
        _of(Hall, of).with_only_columns(func.sum(Hall.position * Hall.id)),
        _of(Venue, of).with_only_columns(func.count()),
        _of(Track, of).with_only_columns(func.count()),
        _of(Walk, of).with_only_columns(func.sum(Walk.minutes * Walk.id)),
        select(func.max(HallClosure.id)).join(Hall, HallClosure.hall_id == Hall.id).where(Hall.edition_id == of),
        select(func.sum(Presence.organiser_id * Presence.organiser_id)).where(here),
        select(func.sum(Presence.organiser_id * func.coalesce(held, 0))).where(here),
        select(Presence.seen_at).where(Presence.edition_id == of, Presence.organiser_id == (organiser_id or 0)),
    ]
    row = db.session.execute(
        select(Edition.id, Edition.agenda_rev, *(column.scalar_subquery() for column in columns)).where(
            Edition.slug == slug
        )
    ).first()
    if row is None:
        raise UnknownEdition(slug)
    values = tuple(row)
    return State(values[0], tuple(_plain(value) for value in values[1:-1]), values[-1])


def _plain(value: Any) -> Any:
    """The databases differ in what a sum is."""
    return value.isoformat() if isinstance(value, datetime) else None if value is None else int(value)


def _of(model: Any, edition_id: Any) -> Select[Any]:
    return select(model).where(model.edition_id == edition_id)
