"""How many a delegation may bring, and how many it brings.

    quotas_of(delegations, at=) -> dict[int, Quotas]     by the delegation's id, in three queries
    check(delegation, role, at=)                         raises QuotaReached and HeadThere

Head and members count apart from aides and interpreters. A person who means to come counts, and so does an invitation
that is still open: nobody is asked to come and then told that there is no room. Whoever adds somebody holds the
edition's row before counting, so the count is exact however many add at once.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, func, select

from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.network.models import Organisation
from retreat.registration.delegations.models import Delegation, DelegationQuota, DelegationRole
from retreat.registration.invitations.models import Invitation
from retreat.registration.invitations.states import is_waiting
from retreat.registration.models import Registration
from retreat.registration.states import LIVE


class Quota(NamedTuple):
    """How many there are of how many; `most` is None where nobody counts."""

    taken: int
    most: int | None

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.taken >= self.most


class Quotas(NamedTuple):
    delegates: Quota
    support: Quota

    def of(self, role: DelegationRole) -> Quota:
        return self.delegates if role.is_delegate else self.support

    @property
    def people(self) -> int:
        return self.delegates.taken + self.support.taken


class QuotaReached(RetreatError):
    """The delegation is as large as it may be; the sentence says how large, and who can say otherwise."""

    status = HTTPStatus.CONFLICT

    def __init__(self, role: DelegationRole, most: int, contact_email: str) -> None:
        super().__init__(role, most, contact_email)
        self.role, self.most, self.contact_email = role, most, contact_email

    @property
    def message(self) -> str:
        if self.role.is_delegate:
            allowed = ngettext(
                "This delegation may bring one delegate, open invitations included.",
                "This delegation may bring %(num)d delegates, open invitations included.",
                self.most,
            )
        else:
            allowed = ngettext(
                "This delegation may bring one interpreter or aide, open invitations included.",
                "This delegation may bring %(num)d interpreters and aides, open invitations included.",
                self.most,
            )
        return f"{allowed} {who_to_ask(self.contact_email)}"


class HeadThere(RetreatError):
    """A delegation has one head who means to come."""

    status = HTTPStatus.CONFLICT

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def message(self) -> str:
        return _(
            "%(name)s is the head of this delegation. Make %(name)s a member first, or choose another role.",
            name=self.name,
        )


def who_to_ask(contact_email: str) -> str:
    if contact_email:
        return _("If more should come, write to %(email)s.", email=contact_email)
    return _("If more should come, write to the secretariat.")


def check(
    delegation: Delegation,
    role: DelegationRole,
    *,
    at: datetime,
    registration_id: int | None = None,
    invitation_id: int | None = None,
) -> None:
    """Whether one more may come in this role. The caller holds the edition's row.

    `registration_id` and `invitation_id` are those of the person in question, who do not count against themselves.
    Raises HeadThere and QuotaReached.
    """
    if role is DelegationRole.HEAD and (head := _other_head(delegation, registration_id)) is not None:
        raise HeadThere(head.printed_name)
    found = quotas_of([delegation], at=at, registration_id=registration_id, invitation_id=invitation_id)
    quota = found[delegation.id].of(role)
    if quota.most is not None and quota.is_full:
        raise QuotaReached(role, quota.most, delegation.edition.contact_email)


def quotas_of(
    delegations: Iterable[Delegation],
    *,
    at: datetime,
    registration_id: int | None = None,
    invitation_id: int | None = None,
) -> dict[int, Quotas]:
    """Read anew from the database, whatever this session remembers."""
    keys = [one.id for one in delegations]
    taken: Counter[tuple[int, bool]] = Counter()
    for kind, comes, but_for in (
        (Registration, Registration.status.in_(sorted(LIVE)), registration_id),
        (Invitation, is_waiting(at), invitation_id),
    ):
        counted = (
            select(kind.delegation_id, kind.delegation_role, func.count())
            .where(kind.delegation_id.in_(keys), comes)
            .group_by(kind.delegation_id, kind.delegation_role)
        )
        if but_for is not None:
            counted = counted.where(kind.id != but_for)
        for key, role, number in db.session.execute(counted):
            if key is not None and role is not None:
                taken[key, role.is_delegate] += number
    return {
        key: Quotas(Quota(taken[key, True], delegates), Quota(taken[key, False], support))
        for key, delegates, support in _limits(keys)
    }


def _limits(keys: list[int]) -> list[tuple[int, int | None, int | None]]:
    """The delegation's own number, else that of its kind, else none."""
    of_kind = and_(DelegationQuota.edition_id == Delegation.edition_id, DelegationQuota.kind == Organisation.kind)
    rows = db.session.execute(
        select(
            Delegation.id,
            func.coalesce(Delegation.delegates, DelegationQuota.delegates),
            func.coalesce(Delegation.support, DelegationQuota.support),
        )
        .join(Organisation, Organisation.id == Delegation.organisation_id)
        .outerjoin(DelegationQuota, of_kind)
        .where(Delegation.id.in_(keys))
    )
    return [(key, delegates, support) for key, delegates, support in rows]


def _other_head(delegation: Delegation, registration_id: int | None) -> Registration | None:
    heads = select(Registration).where(
        Registration.delegation_id == delegation.id,
        Registration.delegation_role == DelegationRole.HEAD,
        Registration.status.in_(sorted(LIVE)),
    )
    if registration_id is not None:
        heads = heads.where(Registration.id != registration_id)
    return db.session.scalar(heads)
