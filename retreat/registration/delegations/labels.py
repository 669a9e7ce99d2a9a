"""Words for what a delegation's pages show."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from retreat.core.dates import language_name
from retreat.network.models import OrganisationKind
from retreat.registration import proof
from retreat.registration.answers import printed_name
from retreat.registration.delegations.models import DelegationRole, Substitution, SubstitutionState
from retreat.registration.delegations.quotas import Quota, Quotas
from retreat.registration.models import Registration, Status
from retreat.registration.proof import Proof

ROLES: dict[DelegationRole, Any] = {
    DelegationRole.HEAD: _l("Head of delegation"),
    DelegationRole.MEMBER: _l("Member"),
    DelegationRole.AIDE: _l("Aide"),
    DelegationRole.INTERPRETER: _l("Interpreter"),
}

KINDS: dict[OrganisationKind, Any] = {
    OrganisationKind.CITY: _l("Cities"),
    OrganisationKind.REGION: _l("Regions"),
    OrganisationKind.ASSOCIATION: _l("Associations"),
    OrganisationKind.PARTNER: _l("Partners"),
    OrganisationKind.SECRETARIAT: _l("Secretariats"),
    OrganisationKind.OTHER: _l("Other organisations"),
}

STATES: dict[SubstitutionState, Any] = {
    SubstitutionState.PROPOSED: _l("to be decided"),
    SubstitutionState.APPROVED: _l("approved"),
    SubstitutionState.REFUSED: _l("refused"),
    SubstitutionState.TAKEN_BACK: _l("taken back by the coordinator"),
}

_STANDING: dict[Status, Any] = {
    Status.SUBMITTED: _l("Received; the secretariat decides next"),
    Status.APPROVED: _l("Approved"),
    Status.WAITLISTED: _l("On the waiting list; we write when a place is free"),
    Status.DECLINED: _l("Not accepted by the secretariat"),
    Status.WITHDRAWN: _l("Withdrawn"),
    Status.CANCELLED: _l("Cancelled by the secretariat"),
}

_PROOFS: dict[Proof, Any] = {
    Proof.OPEN: _l("Badge not read and approved yet"),
    Proof.APPROVED: _l("Badge approved"),
    Proof.CHANGED: _l("Badge changed: to be approved again"),
}


def standing(registration: Registration) -> str:
    """Where somebody stands, in plain words."""
    return str(_STANDING[registration.status])


def badge(registration: Registration) -> str:
    """What is still to do about the badge; empty for whoever has no badge to read."""
    return str(_PROOFS[proof.state(registration)]) if registration.status in proof.READABLE else ""


def counts(quotas: Quotas) -> str:
    """Such as "3 of 4 delegates, 1 of 2 interpreters and aides"."""
    return _("%(delegates)s, %(support)s", delegates=delegates(quotas.delegates), support=support(quotas.support))


def delegates(quota: Quota) -> str:
    if quota.most is None:
        return ngettext("%(num)d delegate", "%(num)d delegates", quota.taken)
    return ngettext("%(taken)d of %(num)d delegate", "%(taken)d of %(num)d delegates", quota.most, taken=quota.taken)


def support(quota: Quota) -> str:
    if quota.most is None:
        return ngettext("%(num)d interpreter or aide", "%(num)d interpreters and aides", quota.taken)
    return ngettext(
        "%(taken)d of %(num)d interpreter or aide",
        "%(taken)d of %(num)d interpreters and aides",
        quota.most,
        taken=quota.taken,
    )


def name_of(substitution: Substitution) -> str:
    """Of whoever is to come, as proposed; once that is emptied, as registered."""
    successor = substitution.successor
    return successor.printed_name if successor is not None else printed_name(substitution.values)


class Row(NamedTuple):
    """One answer of whoever is registered, and of whoever is to come instead."""

    label: str
    outgoing: str
    successor: str

    @property
    def differs(self) -> bool:
        return self.outgoing != self.successor


_COMPARED = (
    *("honorific", "given_name", "family_name", "badge_name", "native_name", "position", "organisation"),
    *("city", "country", "email", "phone", "languages", "arrival", "departure", "visa_letter"),
)


def side_by_side(substitution: Substitution, fields: Mapping[str, Any], spoken: str) -> list[Row]:
    """What an organiser compares; answers that neither has given are left out."""
    successor = substitution.successor
    rows = [
        Row(
            str(fields.get(name, name)),
            _shown(getattr(substitution.registration, name), spoken),
            _shown(getattr(successor, name) if successor else substitution.values.get(name), spoken),
        )
        for name in _COMPARED
    ]
    return [row for row in rows if row.outgoing or row.successor]


def _shown(value: object, spoken: str) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return _("yes")
        case list():
            return ", ".join(language_name(str(one), spoken) for one in value)
        case date():
            return value.isoformat()
        case _:
            return str(value)
