"""What becomes of passport and letters when a registration changes. Below `registration.service`, which calls it."""

from datetime import datetime

from sqlalchemy import delete, select

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.registration.letters.models import Letter, LetterState, Passport
from retreat.registration.models import Registration


def wish_is_gone(registration: Registration) -> None:
    """No letter is wanted any more: what was asked for it only is not kept."""
    db.session.execute(delete(Passport).where(Passport.registration_id == registration.id))


def approval_is_gone(registration: Registration, *, at: datetime, by: Actor) -> None:
    """Whoever does not come is not invited: whoever verifies the letter is told that it has been revoked."""
    for letter in db.session.scalars(
        select(Letter)
        .where(Letter.registration_id == registration.id, Letter.state == LetterState.VALID)
        .order_by(Letter.id)
    ).all():
        letter.state = LetterState.REVOKED
        db.session.flush()
        audit.record("letter.revoked", letter, at=at, by=by, number=letter.number, status=registration.status.value)
