"""What becomes of passport, letters and photograph as a registration changes. Below `registration.service`."""

from datetime import datetime

from sqlalchemy import delete, select

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.registration import states
from retreat.registration.letters.models import Letter, LetterState, Passport
from retreat.registration.models import Photograph, Registration, Status


def wish_is_gone(registration: Registration) -> None:
    """No letter is wanted any more: what was asked for it only is not kept."""
    db.session.execute(delete(Passport).where(Passport.registration_id == registration.id))


def status_changed(registration: Registration, before: Status, *, at: datetime, by: Actor) -> None:
    """Whoever does not come needs no passport here, and is not invited: who verifies the letter is told so."""
    if registration.status not in states.LIVE:
        wish_is_gone(registration)
    if registration.status is Status.WITHDRAWN:
        # Nothing leads back from here, so no badge will ever print it; what an organiser decided may be taken back.
        db.session.execute(delete(Photograph).where(Photograph.registration_id == registration.id))
        db.session.expire(registration, ["photograph"])
    if before is Status.APPROVED and registration.status is not Status.APPROVED:
        _revoke(registration, at=at, by=by)


def _revoke(registration: Registration, *, at: datetime, by: Actor) -> None:
    valid = select(Letter).where(Letter.registration_id == registration.id, Letter.state == LetterState.VALID)
    for letter in db.session.scalars(valid.order_by(Letter.id)).all():
        letter.state = LetterState.REVOKED
        db.session.flush()
        audit.record("letter.revoked", letter, at=at, by=by, number=letter.number, status=registration.status.value)
