"""Waiting for a seat: in the order of asking, and given one by itself when a seat frees.

    promote(session_id, at=) -> list[Place]     who has a seat now, in order
    promote_all(edition, at=)                   the same wherever a seat is free
    number_in_queue(place) -> int               1 is next
    numbers(registration) -> dict[int, int]     the same for one person, by the session

Whoever frees a seat promotes in the same transaction, so there is no moment at which a seat is free while somebody
waits for it. The edition's row is held by then, as for every change of seats.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import aliased, joinedload

from retreat.agenda import mails, published
from retreat.agenda.access import Attendee, may_attend, may_see
from retreat.agenda.attendees import attendee_of
from retreat.agenda.models import AgendaSession, Place, PlaceState
from retreat.agenda.published import PublishedSession
from retreat.agenda.seats import Seats, takes_sign_up
from retreat.core import audit
from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.registration.models import Registration

_ORDER = (Place.created_at, Place.id)


def take(session_id: int) -> bool:
    """A seat, by one conditional UPDATE; False when every seat is taken."""
    taken = db.session.execute(
        update(AgendaSession)
        .where(
            AgendaSession.id == session_id,
            or_(AgendaSession.capacity.is_(None), AgendaSession.taken < AgendaSession.capacity),
        )
        .values(taken=AgendaSession.taken + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def give_back(session_id: int, *, at: datetime) -> list[Place]:
    """One seat fewer is taken; whoever waits gets it at once."""
    db.session.flush()
    db.session.execute(
        update(AgendaSession)
        .where(AgendaSession.id == session_id, AgendaSession.taken > 0)
        .values(taken=AgendaSession.taken - 1)
        .execution_options(synchronize_session=False)
    )
    return promote(session_id, at=at)


def is_open_to(session: PublishedSession, attendee: Attendee) -> bool:
    return may_see(session, attendee) and may_attend(session, attendee)


def promote(session_id: int, *, at: datetime) -> list[Place]:
    """Give free seats to those who wait and may still come, and tell them.

    Who may not come any more stays in the list and holds up nobody behind. The caller holds the edition's row.
    """
    db.session.flush()
    waiting = _waiting(session_id)
    if not waiting:
        return []
    session = db.session.get_one(AgendaSession, session_id, populate_existing=True)
    shown = next((one for one in published.programme(session.edition) if one.session_id == session_id), None)
    seats = Seats(session.takes_sign_up, session.capacity, session.taken)
    if session.edition.closed_at is not None or shown is None or not takes_sign_up(shown, seats, at):
        return []
    promoted = []
    for place, registration in _who_may_come(waiting, shown):
        if not take(session_id):
            break
        place.state = PlaceState.TAKEN
        audit.record(
            "place.promoted",
            place,
            at=at,
            by=SYSTEM,
            edition_id=registration.edition_id,
            session=shown.code,
            code=registration.code,
        )
        mails.tell_seat(registration, shown, at=at, by=SYSTEM)
        promoted.append(place)
    db.session.flush()
    db.session.expire(session, ["taken"])
    return promoted


def promote_all(edition: Edition, *, at: datetime) -> None:
    """What is published may open a session to those who wait, or bring one back that was cancelled."""
    lines = select(Place.session_id).where(Place.state == PlaceState.WAITING)
    for session_id in db.session.scalars(
        select(AgendaSession.id)
        .where(AgendaSession.edition_id == edition.id, AgendaSession.id.in_(lines))
        .where(or_(AgendaSession.capacity.is_(None), AgendaSession.taken < AgendaSession.capacity))
        .order_by(AgendaSession.id)
    ).all():
        promote(session_id, at=at)


def _waiting(session_id: int) -> list[tuple[Place, Registration]]:
    """In order, each with the registration that the seat would be for."""
    rows = db.session.execute(
        select(Place, Registration)
        .join(AgendaSession, AgendaSession.id == Place.session_id)
        .join(
            Registration,
            and_(Registration.person_id == Place.person_id, Registration.edition_id == AgendaSession.edition_id),
        )
        .where(Place.session_id == session_id, Place.state == PlaceState.WAITING)
        .options(joinedload(Registration.edition))
        .order_by(*_ORDER)
        .execution_options(populate_existing=True)
    )
    return [(place, registration) for place, registration in rows]


def _who_may_come(
    waiting: list[tuple[Place, Registration]], session: PublishedSession
) -> Iterator[tuple[Place, Registration]]:
    for place, registration in waiting:
        may_come = registration.status.takes_a_place and not registration.is_erased
        if may_come and is_open_to(session, attendee_of(registration.person_id, registration.edition_id)):
            yield place, registration


def number_in_queue(place: Place) -> int:
    """Its place in the line for the same session."""
    earlier = or_(Place.created_at < place.created_at, and_(Place.created_at == place.created_at, Place.id < place.id))
    here = (Place.session_id == place.session_id, Place.state == PlaceState.WAITING)
    return 1 + (db.session.scalar(select(func.count(Place.id)).where(*here, earlier)) or 0)


def numbers(registration: Registration) -> dict[int, int]:
    """`number_in_queue` of each session that this person waits for."""
    ahead, own = aliased(Place), aliased(Place)
    came = or_(ahead.created_at < own.created_at, and_(ahead.created_at == own.created_at, ahead.id <= own.id))
    rows = db.session.execute(
        select(own.session_id, func.count(ahead.id))
        .join(AgendaSession, AgendaSession.id == own.session_id)
        .join(ahead, and_(ahead.session_id == own.session_id, ahead.state == PlaceState.WAITING, came))
        .where(
            own.person_id == registration.person_id,
            own.state == PlaceState.WAITING,
            AgendaSession.edition_id == registration.edition_id,
        )
        .group_by(own.session_id)
    )
    return {session_id: number for session_id, number in rows}  # noqa: C416 - a Row is no pair to dict()
