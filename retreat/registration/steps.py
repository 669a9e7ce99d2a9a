"""One step in the life of a registration, written down: a row of its own and an audit row."""

from datetime import datetime

from blinker import Signal

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.registration.models import Registration, Status, StatusChange

place_lost = Signal()
"""Sent with a registration, `at` and `by`, in the transaction in which it loses its place; the edition's row is held.

Rooms above give back what came with the place, such as seats at a dinner.
"""


def note(
    registration: Registration, before: Status | None, reason: str, *, at: datetime, by: Actor, action: str
) -> None:
    """From `before` to the status that the registration now has; it must have been flushed."""
    db.session.add(
        StatusChange(
            registration_id=registration.id, at=at, by=str(by), before=before, after=registration.status, reason=reason
        )
    )
    audit.record(
        action,
        registration,
        at=at,
        by=by,
        code=registration.code,
        before=before.value if before else None,
        after=registration.status.value,
        reason=reason,
    )
    if before is not None and before.takes_a_place and not registration.status.takes_a_place:
        place_lost.send(registration, at=at, by=by)
