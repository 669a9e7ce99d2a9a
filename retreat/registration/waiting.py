"""The waiting list: in the order of arrival, and promoted by itself when a place frees.

    promote(edition, at=) -> list[Registration]      who has a place now, in order
    number_in_list(registration) -> int | None       1 is next
    numbers(edition) -> dict[int, int]               the same of everybody who waits, in one query
    number(edition)                                  the same as a column of a query over a few registrations

Whoever frees a place promotes in the same transaction, so there is no moment at which a place is free while somebody
waits for it. The edition's row is held by then, as for every change of places.
"""

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.editions.models import Category, Edition
from retreat.editions.service import places_added
from retreat.registration import mails, places, states, steps
from retreat.registration.models import Registration, Status

_ORDER = (Registration.created_at, Registration.id)


def connect() -> None:
    places_added.connect(promote)


def promote(edition: Edition, *, at: datetime) -> list[Registration]:
    """Give the free places to those who wait, and tell them; nobody once the edition is closed.

    Somebody whose category is full stays where they are and holds up nobody behind them. The caller holds the
    edition's row.
    """
    promoted: list[Registration] = []
    while edition.closed_at is None and (next_one := _first_with_a_place(edition)) is not None:
        # Refused only when the category shrank in between: the next look sees that.
        if places.take(edition.id, next_one.category_id):
            _promote(next_one, at=at)
            promoted.append(next_one)
    if promoted:
        db.session.expire(edition, ["taken"])
    return promoted


def _promote(registration: Registration, *, at: datetime) -> None:
    before, registration.status = registration.status, states.placed(skips_approval=registration.skips_approval)
    registration.updated_at = at
    db.session.flush()
    steps.note(registration, before, "", at=at, by=SYSTEM, action="registration.promoted")
    if registration.status is Status.APPROVED:
        mails.tell_decision(registration, "", at=at, by=SYSTEM)
    else:
        mails.tell_promotion(registration, at=at, by=SYSTEM)


def _first_with_a_place(edition: Edition) -> Registration | None:
    """Read anew and held: of somebody who waits there may be an older copy in this session."""
    return db.session.scalar(
        select(Registration)
        .join(Registration.edition)
        .join(Registration.category)
        .where(
            Registration.edition_id == edition.id,
            Registration.status == Status.WAITLISTED,
            # Of somebody who has been erased the row still waits, to be counted.
            Registration.email != "",
            places.has_room(Edition),
            places.has_room(Category),
        )
        .order_by(*_ORDER)
        .limit(1)
        .with_for_update(key_share=True, of=Registration)
        .execution_options(populate_existing=True)
    )


def number_in_list(registration: Registration) -> int | None:
    """Among those who wait for the same: a place of the edition, or when it has some, one of the category."""
    if registration.status is not Status.WAITLISTED:
        return None
    edition = registration.edition
    here = [Registration.edition_id == edition.id, Registration.status == Status.WAITLISTED]
    if _has_places(edition):
        here.append(Registration.category_id == registration.category_id)
    earlier = or_(
        Registration.created_at < registration.created_at,
        and_(Registration.created_at == registration.created_at, Registration.id < registration.id),
    )
    return 1 + (db.session.scalar(select(func.count(Registration.id)).where(*here, earlier)) or 0)


def numbers(edition: Edition) -> dict[int, int]:
    """`number_in_list` of everybody who waits, by id."""
    rows = db.session.execute(
        select(Registration.id, Registration.category_id)
        .where(Registration.edition_id == edition.id, Registration.status == Status.WAITLISTED)
        .order_by(*_ORDER)
    )
    for_the_same: Counter[int] = Counter()
    found: dict[int, int] = {}
    for key, category_id in rows:
        wanted = category_id if _has_places(edition) else 0
        for_the_same[wanted] += 1
        found[key] = for_the_same[wanted]
    return found


def number(edition: Edition) -> ColumnElement[int | None]:
    """For a query over a page of registrations; over many it would count once for each who waits."""
    earlier = aliased(Registration)
    here = [earlier.edition_id == Registration.edition_id, earlier.status == Status.WAITLISTED]
    if _has_places(edition):
        here.append(earlier.category_id == Registration.category_id)
    came = or_(
        earlier.created_at < Registration.created_at,
        and_(earlier.created_at == Registration.created_at, earlier.id <= Registration.id),
    )
    counted = select(func.count(earlier.id)).where(*here, came).correlate(Registration).scalar_subquery()
    return case((Registration.status == Status.WAITLISTED, counted))


def _has_places(edition: Edition) -> bool:
    return edition.capacity is None or edition.taken < edition.capacity
