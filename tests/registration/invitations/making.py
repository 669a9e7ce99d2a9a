"""Invitations to answer."""

from typing import Any

from retreat.core.db import db
from retreat.core.tokens import Token
from retreat.editions.models import Edition
from retreat.registration.invitations import links, service
from retreat.registration.invitations.models import Invitation, InvitationSource
from tests.registration.making import AT, REGISTRAR

ANA: dict[str, Any] = {"honorific": "Hon.", "given_name": "Ana", "family_name": "Fernández", "position": "Mayor"}


def invite(of: Edition, **values: Any) -> Invitation:
    """Ana is asked to come; her mail is queued."""
    given = {"email": "ana@example.org", "prefill": ANA, "source": InvitationSource.HAND, "at": AT, "by": REGISTRAR}
    return service.invite(of, **{**given, **values})


def link_of(invitation: Invitation) -> Token:
    """A link that works, committed."""
    token = links.new_link(invitation, at=AT)
    db.session.commit()
    return token
