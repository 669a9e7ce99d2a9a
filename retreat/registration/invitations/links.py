"""Secret links of invitations: only their hashes are kept, and each mail mints a further one."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.core import tokens
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.core.tokens import Token
from retreat.editions.models import Edition
from retreat.registration.invitations.models import Invitation, InvitationToken


class UnknownInvitation(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("This link leads to no invitation. It may have been cut off: try the whole address."))


def new_link(invitation: Invitation, *, at: datetime) -> Token:
    """A further link; the text itself is given once and never stored."""
    token = tokens.new()
    db.session.add(InvitationToken(invitation_id=invitation.id, token_hash=tokens.hashed(token), created_at=at))
    db.session.flush()
    return token


def invitation_of_link(edition: Edition, token: str) -> Invitation:
    """The invitation to this edition that the link opens, whatever has become of it. Raises UnknownInvitation."""
    invitation = db.session.scalar(
        select(Invitation)
        .join(InvitationToken, InvitationToken.invitation_id == Invitation.id)
        .where(InvitationToken.token_hash == tokens.hashed(token), Invitation.edition_id == edition.id)
        .options(joinedload(Invitation.category), joinedload(Invitation.person))
    )
    if invitation is None:
        raise UnknownInvitation
    return invitation
