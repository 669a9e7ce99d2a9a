"""Those whom a coordinator asks to fill in the form themselves."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.editions import service as editions
from retreat.registration.delegations import quotas
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.delegations.service import RegisteredElsewhere
from retreat.registration.invitations import service as invitations
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.invitations.states import is_waiting

LEAST_TIME = timedelta(days=7)
"""To answer in: an invitation of the last evening is none."""


class UnknownInvitation(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("This delegation has no such invitation."))


def open_invitations(delegation: Delegation, *, at: datetime) -> list[Invitation]:
    """Those that count: they can still be answered."""
    return list(
        db.session.scalars(
            select(Invitation)
            .where(Invitation.delegation_id == delegation.id, is_waiting(at))
            .order_by(Invitation.created_at, Invitation.id)
        )
    )


def invite(
    delegation: Delegation,
    role: DelegationRole,
    *,
    email: str,
    given_name: str,
    family_name: str,
    language: str,
    at: datetime,
    by: Actor,
) -> Invitation:
    """Raises QuotaReached, HeadThere, RegisteredElsewhere and what `invitations.service.invite` raises."""
    edition, of = delegation.edition, delegation.organisation
    editions.hold_and_read(edition)
    quotas.check(delegation, role, at=at)
    name = of.name.text(language or delegation.language, edition.main_language)
    prefill = {
        "given_name": given_name,
        "family_name": family_name,
        "organisation": name,
        "city": of.city,
        "country": of.country,
        "section_id": of.section_id,
    }
    try:
        return invitations.invite(
            edition,
            email=email,
            prefill=prefill,
            source=InvitationSource.DELEGATION,
            source_name=name,
            delegation=delegation,
            delegation_role=role,
            language=language,
            expires_at=max(invitations.default_expiry(edition, at), at + LEAST_TIME),
            at=at,
            by=by,
        )
    except invitations.AlreadyThere as refusal:
        # Its sentence names the reference, which is nobody's business outside.
        raise RegisteredElsewhere from refusal


def revoke(delegation: Delegation, number: int, *, at: datetime, by: Actor) -> None:
    """Raises UnknownInvitation, and CannotAnswer when it has been answered."""
    invitation = db.session.scalar(
        select(Invitation).where(Invitation.id == number, Invitation.delegation_id == delegation.id)
    )
    if invitation is None:
        raise UnknownInvitation
    invitations.revoke(invitation, at=at, by=by)
