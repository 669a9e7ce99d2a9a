"""The coordinator's secret links: only their hashes are kept, and several may live at once."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from retreat.core import tokens
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.core.tokens import Token
from retreat.editions.models import Edition
from retreat.registration.delegations.models import Delegation, DelegationToken


class UnknownLink(NotFound):
    def __init__(self) -> None:
        super().__init__(
            _l(
                "This link leads to no delegation. It may have been cut off, or a newer one has been sent: "
                "look for the latest mail."
            )
        )


def new_link(delegation: Delegation, *, at: datetime) -> Token:
    """A further link; the text itself is given once and never stored."""
    token = tokens.new()
    db.session.add(DelegationToken(delegation_id=delegation.id, token_hash=tokens.hashed(token), created_at=at))
    db.session.flush()
    return token


def delegation_of_link(edition: Edition, token: str) -> Delegation:
    """The delegation at this edition that the link opens. Raises UnknownLink."""
    delegation = db.session.scalar(
        select(Delegation)
        .join(Delegation.tokens)
        .where(
            DelegationToken.token_hash == tokens.hashed(token),
            DelegationToken.revoked_at.is_(None),
            Delegation.edition_id == edition.id,
        )
        .options(joinedload(Delegation.organisation))
    )
    if delegation is None:
        raise UnknownLink
    return delegation


def revoke_links(delegation: Delegation, *, at: datetime) -> int:
    """Every link to this delegation ends; how many there were."""
    rows = db.session.scalars(
        select(DelegationToken).where(
            DelegationToken.delegation_id == delegation.id, DelegationToken.revoked_at.is_(None)
        )
    ).all()
    for row in rows:
        row.revoked_at = at
    db.session.flush()
    return len(rows)


def live_links(delegation: Delegation) -> int:
    """How many links open the delegation's page."""
    query = select(func.count()).where(
        DelegationToken.delegation_id == delegation.id, DelegationToken.revoked_at.is_(None)
    )
    return db.session.scalar(query) or 0
