"""Note an arrival, and take it back.

    note_arrival(registration, at=, by=) · undo_arrival(registration, at=, by=)

Both are one conditional UPDATE: of two desks that press at once, one notes and the other reads since when. The
version of the row stays: an arrival changes no answer, and nobody who is typing one is to be refused for it.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from retreat.core import audit, dates
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.registration.models import Registration, Status
from retreat.registration.service import HasBeenErased


class NotApproved(RetreatError):
    """Whoever stands at the desk without a place goes to the secretariat first."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("Only an approved registration can arrive: the secretariat decides first."))


class AlreadyArrived(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self, since: datetime, zone: str) -> None:
        super().__init__(
            _l("The arrival has been noted already, at %(hour)s.", hour=dates.clock(dates.on_wall(since, zone)))
        )
        self.since = since


class NotArrived(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("No arrival is noted for this person."))


def note_arrival(registration: Registration, *, at: datetime, by: Actor) -> Registration:
    """The person has been seen at the desk. Raises NotApproved, AlreadyArrived and HasBeenErased."""
    if _set(
        registration,
        at,
        Registration.arrived_at.is_(None),
        Registration.status == Status.APPROVED,
        Registration.email != "",
    ):
        audit.record("registration.arrived", registration, at=at, by=by, code=registration.code)
        db.session.flush()
        return registration
    if registration.is_erased:
        raise HasBeenErased
    if registration.arrived_at is not None:
        raise AlreadyArrived(registration.arrived_at, registration.edition.zone)
    raise NotApproved


def undo_arrival(registration: Registration, *, at: datetime, by: Actor) -> Registration:
    """It was somebody else, or a slip of the hand. Raises NotArrived."""
    if not _set(registration, None, Registration.arrived_at.is_not(None)):
        raise NotArrived
    audit.record("registration.arrival_undone", registration, at=at, by=by, code=registration.code)
    db.session.flush()
    return registration


def _set(registration: Registration, arrived_at: datetime | None, *conditions: Any) -> bool:
    changed = db.session.execute(
        update(Registration)
        .where(Registration.id == registration.id, *conditions)
        .values(arrived_at=arrived_at)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(registration, ["arrived_at", "status", "email"])
    return bool(changed.rowcount)  # type: ignore[attr-defined]
