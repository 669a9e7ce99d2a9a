"""The photograph of a registration: one, kept in the database, gone with the registration.

keep(registration, content, box, at=, by=) · remove(registration, at=, by=)

The badge prints it: whoever changes it reads the badge again.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from retreat.core import audit, stored
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.registration import photo
from retreat.registration.models import Photograph, Registration
from retreat.registration.photo import Box, PhotographRefused
from retreat.registration.service import lock_registration
from retreat.registration.states import LIVE


def photograph_of(registration: Registration) -> Photograph:
    """Raises NotFound."""
    found = db.session.scalar(select(Photograph).where(Photograph.registration_id == registration.id))
    if found is None:
        raise NotFound
    return found


def keep(registration: Registration, content: bytes, box: Box | None, *, at: datetime, by: Actor) -> Photograph:
    """In place of the one before. Raises PhotographRefused; then the one before stays."""
    clean = photo.portrait(content, box)
    values = stored.values_of(clean, name=f"{registration.code}.jpg", media_type=photo.MEDIA_TYPE)
    lock_registration(registration)
    if registration.status not in LIVE:
        raise PhotographRefused(_l("There is no badge for the photograph: this registration has ended."))
    kept = db.session.scalar(select(Photograph).where(Photograph.registration_id == registration.id))
    if kept is not None and kept.digest == values["digest"]:
        return kept
    if kept is None:
        kept = Photograph(registration_id=registration.id, created_at=at, **values)
        db.session.add(kept)
    else:
        kept.created_at = at
        for name, value in values.items():
            setattr(kept, name, value)
    _changed(registration, at)
    audit.record("registration.photograph_kept", registration, at=at, by=by, code=registration.code)
    return kept


def remove(registration: Registration, *, at: datetime, by: Actor) -> bool:
    """Whether there was one."""
    lock_registration(registration)
    kept = db.session.scalar(select(Photograph).where(Photograph.registration_id == registration.id))
    if kept is None:
        return False
    db.session.delete(kept)
    _changed(registration, at)
    audit.record("registration.photograph_removed", registration, at=at, by=by, code=registration.code)
    return True


def _changed(registration: Registration, at: datetime) -> None:
    registration.updated_at = at
    if registration.proof_approved_at is not None:
        registration.proof_approved_at, registration.proof_reopened_at = None, at
    db.session.flush()
    db.session.expire(registration, ["photograph"])
