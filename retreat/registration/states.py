"""Every step that a registration may take, and who may take it. Pure."""

from http import HTTPStatus
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from retreat.core.errors import RetreatError
from retreat.registration.models import Status

LABELS: dict[Status, Any] = {
    Status.SUBMITTED: _l("submitted"),
    Status.APPROVED: _l("approved"),
    Status.WAITLISTED: _l("waitlisted"),
    Status.DECLINED: _l("declined"),
    Status.WITHDRAWN: _l("withdrawn"),
    Status.CANCELLED: _l("cancelled"),
}

LIVE = frozenset({Status.SUBMITTED, Status.APPROVED, Status.WAITLISTED})
"""The person means to come and nobody has said no."""

OUT = frozenset(Status) - LIVE

BULK_APPROVED = frozenset({Status.SUBMITTED, Status.WAITLISTED})
"""Whom approving many at once means: nobody else has been promised a look, and a no is taken back one by one."""

_BY_ORGANISER: dict[Status, frozenset[Status]] = {
    Status.SUBMITTED: frozenset({Status.APPROVED, Status.DECLINED, Status.CANCELLED}),
    Status.WAITLISTED: frozenset({Status.APPROVED, Status.DECLINED, Status.CANCELLED}),
    Status.APPROVED: frozenset({Status.CANCELLED}),
    # A decision can be taken back; a withdrawal is the person's own, who registers again.
    Status.DECLINED: frozenset({Status.APPROVED}),
    Status.CANCELLED: frozenset({Status.APPROVED}),
    Status.WITHDRAWN: frozenset(),
}


class StepRefused(RetreatError):
    """Somebody asked for a step that does not exist from here, often because another was quicker."""

    status = HTTPStatus.CONFLICT

    def __init__(self, before: Status, after: Status) -> None:
        super().__init__(before, after)
        self.before = before
        self.after = after

    @property
    def message(self) -> str:
        return _(
            "The registration is %(before)s; it cannot become %(after)s.",
            before=LABELS[self.before],
            after=LABELS[self.after],
        )


def placed(*, skips_approval: bool) -> Status:
    """What somebody is who gets a place: at once, or from the waiting list, which is the one step that nobody takes."""
    return Status.APPROVED if skips_approval else Status.SUBMITTED


def allowed(before: Status, *, is_organiser: bool) -> frozenset[Status]:
    """What may come after `before`; the delegate may only withdraw."""
    if is_organiser:
        return _BY_ORGANISER[before]
    return frozenset({Status.WITHDRAWN}) if before in LIVE else frozenset()


def check(before: Status, after: Status, *, is_organiser: bool) -> None:
    """Raises StepRefused."""
    if after not in allowed(before, is_organiser=is_organiser):
        raise StepRefused(before, after)
