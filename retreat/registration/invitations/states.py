"""Where an invitation stands, and what the person reads who opens its link. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_

from retreat.core import dates
from retreat.core.errors import RetreatError
from retreat.registration.invitations.models import Invitation


class Stage(StrEnum):
    UNSENT = "unsent"
    SENT = "sent"
    OPENED = "opened"
    REGISTERED = "registered"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


LABELS: dict[Stage, Any] = {
    Stage.UNSENT: _l("not sent"),
    Stage.SENT: _l("sent"),
    Stage.OPENED: _l("opened"),
    Stage.REGISTERED: _l("registered"),
    Stage.DECLINED: _l("does not come"),
    Stage.EXPIRED: _l("expired"),
    Stage.REVOKED: _l("revoked"),
}

WAITING = frozenset({Stage.UNSENT, Stage.SENT, Stage.OPENED})
"""The person may still answer."""


def stage(invitation: Invitation, at: datetime) -> Stage:
    """The one word for an invitation: an answer counts for more than a date that has passed."""
    if invitation.registration_id is not None:
        return Stage.REGISTERED
    if invitation.revoked_at is not None:
        return Stage.REVOKED
    if invitation.declined_at is not None:
        return Stage.DECLINED
    if invitation.expires_at <= at:
        return Stage.EXPIRED
    if invitation.opened_at is not None:
        return Stage.OPENED
    return Stage.SENT if invitation.sent_at is not None else Stage.UNSENT


def is_waiting(at: datetime) -> ColumnElement[bool]:
    """The condition of the database for `stage(…) in WAITING`."""
    return and_(
        Invitation.registration_id.is_(None),
        Invitation.declined_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > at,
    )


class CannotAnswer(RetreatError):
    """The link is known, and nothing can be answered by it any more."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, stage: Stage) -> None:
        super().__init__(_SENTENCES[stage])
        self.stage = stage


_SENTENCES: dict[Stage, Any] = {
    Stage.REGISTERED: _l("Somebody has registered by this invitation already."),
    Stage.REVOKED: _l("The secretariat has taken this invitation back."),
    Stage.EXPIRED: _l("This invitation has expired."),
    Stage.DECLINED: _l("This invitation has expired."),
}


def check_open(invitation: Invitation, at: datetime) -> None:
    """Raises CannotAnswer unless the person may still say yes or no; a no can be taken back."""
    if invitation.registration_id is not None:
        raise CannotAnswer(Stage.REGISTERED)
    if invitation.revoked_at is not None:
        raise CannotAnswer(Stage.REVOKED)
    if invitation.expires_at <= at:
        raise CannotAnswer(Stage.EXPIRED)


def last_day(invitation: Invitation, zone: str) -> date:
    """The day at whose end the invitation expires, in that zone."""
    return day_before(invitation.expires_at, zone)


def day_before(instant: datetime, zone: str) -> date:
    """The day that is over at that instant, on the clocks of that zone."""
    return dates.on_wall(instant - timedelta(seconds=1), zone).date()
