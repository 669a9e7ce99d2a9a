"""Secret links to the delegate's own page: only their hashes are kept, and several may live at once."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.core import tokens
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.core.tokens import Token
from retreat.editions.models import Edition
from retreat.registration.models import Registration, RegistrationToken


class UnknownLink(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("This link leads to no registration. It may have been cut off: try the whole address."))


def new_link(registration: Registration, *, at: datetime) -> Token:
    """A further link; the text itself is given once and never stored."""
    token = tokens.new()
    db.session.add(RegistrationToken(registration_id=registration.id, token_hash=tokens.hashed(token), created_at=at))
    db.session.flush()
    return token


def registration_of_link(edition: Edition, token: str) -> Registration:
    """The registration at this edition that the link opens. Raises UnknownLink."""
    registration = db.session.scalar(
        select(Registration)
        .join(Registration.tokens)
        .where(
            RegistrationToken.token_hash == tokens.hashed(token),
            RegistrationToken.revoked_at.is_(None),
            Registration.edition_id == edition.id,
        )
        .options(
            joinedload(Registration.category),
            joinedload(Registration.section),
            joinedload(Registration.person),
        )
    )
    if registration is None:
        raise UnknownLink
    return registration


def links_of(registration: Registration) -> list[RegistrationToken]:
    """Those that open it now, oldest first."""
    return list(
        db.session.scalars(
            select(RegistrationToken)
            .where(RegistrationToken.registration_id == registration.id, RegistrationToken.revoked_at.is_(None))
            .order_by(RegistrationToken.id)
        )
    )


def revoke_links(registration: Registration, *, at: datetime) -> int:
    """Every link that leads to this registration ends; returns how many."""
    ended = links_of(registration)
    for row in ended:
        row.revoked_at = at
    db.session.flush()
    return len(ended)
