"""Delegations: made, looked after, filled.

    make(edition, organisation, …) · change(delegation, …) · set_quotas(edition, …)        the organisers' steps
    place(registration, delegation, role, …) · take_out(registration, …)                   likewise
    send_link(delegation, …) · renew_link(delegation, …) · revoke_links(delegation, …)
    add(delegation, role, answers, …) · correct(registration, role, answers, …) · withdraw(registration, …)
                                                                                           the coordinator's steps

Each flushes and writes an audit row; none commits. `substitutions` and `several` hold the two larger steps.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.i18n import Translated
from retreat.core.names import search_key
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.network import service as network
from retreat.network.models import Organisation, OrganisationKind
from retreat.registration import service, states
from retreat.registration.delegations import links, mails, quotas
from retreat.registration.delegations.models import Delegation, DelegationQuota, DelegationRole
from retreat.registration.models import Registration, Status
from retreat.registration.questions.replies import Replies
from retreat.registration.service import Answers, ChangedMeanwhile
from retreat.registration.window import RegistrationClosed, may_correct, window

ROLE_ORDER = {role: number for number, role in enumerate(DelegationRole)}


class DelegationThere(RetreatError):
    """An organisation has one delegation at an edition."""

    status = HTTPStatus.CONFLICT

    def __init__(self, delegation: Delegation) -> None:
        super().__init__(_l("This organisation has a delegation already."))
        self.delegation = delegation


class UnknownDelegation(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("There is no such delegation at this edition."))


class UnknownOrganisation(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("No organisation is known by this name. Choose one of the list, or have it added."))


class NotOfThisDelegation(NotFound):
    """The same words whether the person is in another delegation, in none, or nowhere."""

    def __init__(self) -> None:
        super().__init__(_l("Nobody with this reference is in this delegation."))


class NobodyToWriteTo(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Enter the coordinator's e-mail address first."))


class RegisteredElsewhere(RetreatError):
    """Somebody with this name and address is registered, and not in this delegation."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _l(
                "A registration with this name and this e-mail address has already been sent. "
                "The secretariat can put it into your delegation."
            )
        )


# Finding -----------------------------------------------------------------------------------------------------------


def delegations_of(edition: Edition) -> list[Delegation]:
    """By the name of their organisation."""
    return list(
        db.session.scalars(
            select(Delegation)
            .join(Delegation.organisation)
            .where(Delegation.edition_id == edition.id)
            .options(joinedload(Delegation.organisation))
            .order_by(Organisation.name_key)
        )
    )


def delegation_of(edition: Edition, number: int) -> Delegation:
    """By its number. Raises UnknownDelegation."""
    found = db.session.scalar(
        select(Delegation)
        .where(Delegation.id == number, Delegation.edition_id == edition.id)
        .options(joinedload(Delegation.organisation))
    )
    if found is None:
        raise UnknownDelegation
    return found


def delegation_of_organisation(edition: Edition, organisation_id: int) -> Delegation | None:
    return db.session.scalar(
        select(Delegation).where(Delegation.edition_id == edition.id, Delegation.organisation_id == organisation_id)
    )


class Members(NamedTuple):
    """Those who mean to come, by their role, and those who do not come any more."""

    live: list[Registration]
    gone: list[Registration]

    @property
    def head(self) -> Registration | None:
        return next((one for one in self.live if one.delegation_role is DelegationRole.HEAD), None)


def members_of(delegation: Delegation) -> Members:
    found = db.session.scalars(
        select(Registration)
        .where(Registration.delegation_id == delegation.id)
        .options(joinedload(Registration.category))
        .order_by(func.lower(Registration.family_name), func.lower(Registration.given_name), Registration.id)
    ).all()
    live = [one for one in found if one.status in states.LIVE]
    live.sort(key=lambda one: ROLE_ORDER[one.delegation_role or DelegationRole.MEMBER])
    return Members(live, [one for one in found if one.status not in states.LIVE])


def member_with_code(delegation: Delegation, code: str) -> Registration:
    """Somebody of this delegation and of no other. Raises NotOfThisDelegation."""
    found = db.session.scalar(
        select(Registration)
        .where(Registration.delegation_id == delegation.id, Registration.code == code.replace("\x00", ""))
        .options(joinedload(Registration.category), joinedload(Registration.section), joinedload(Registration.person))
    )
    if found is None:
        raise NotOfThisDelegation
    return found


def named_without_delegation(delegations: Iterable[Delegation]) -> dict[int, list[Registration]]:
    """By the delegation's id: those who mean to come, name its organisation, and are in no delegation."""
    by_organisation = {one.organisation_id: one.id for one in delegations}
    editions = {one.edition_id for one in delegations}
    found: dict[int, list[Registration]] = {}
    for one in db.session.scalars(
        select(Registration)
        .where(
            Registration.edition_id.in_(editions),
            Registration.organisation_id.in_(by_organisation),
            *_is_free(),
        )
        .order_by(Registration.id)
    ):
        if one.organisation_id is not None:
            found.setdefault(by_organisation[one.organisation_id], []).append(one)
    return found


def _is_free() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Registration.delegation_id.is_(None), Registration.status.in_(sorted(states.LIVE))


def organisation_names() -> list[str]:
    """What the form offers while somebody types."""
    return [str(one.name) for one in network.all_organisations()]


# The organisers' steps ---------------------------------------------------------------------------------------------


def organisation_for(name: str, *, kind: OrganisationKind | None, at: datetime, by: Actor) -> Organisation:
    """Known by its name in any language; with a kind one that is not known is added. Raises UnknownOrganisation."""
    key = search_key(name)
    if key and (found := network.organisation_named(name)) is not None:
        return found
    for one in network.all_organisations():
        if key and key in {search_key(text) for text in one.name.values()}:
            return one
    if kind is None or not key:
        raise UnknownOrganisation
    made = Organisation(name=Translated(en=name), name_key=key, kind=kind, is_member=False)
    db.session.add(made)
    db.session.flush()
    audit.record("organisation.added", made, at=at, by=by, name=name)
    return made


def make(
    edition: Edition,
    organisation: Organisation,
    *,
    coordinator_name: str = "",
    coordinator_email: str = "",
    language: str = "",
    delegates: int | None = None,
    support: int | None = None,
    at: datetime,
    by: Actor,
) -> Delegation:
    """The delegation of an organisation. Raises DelegationThere."""
    editions.hold_and_read(edition)
    if (known := delegation_of_organisation(edition, organisation.id)) is not None:
        raise DelegationThere(known)
    delegation = Delegation(
        edition=edition,
        organisation=organisation,
        coordinator_name=coordinator_name,
        coordinator_email=coordinator_email,
        language=language or edition.main_language,
        delegates=delegates,
        support=support,
        created_at=at,
        updated_at=at,
    )
    db.session.add(delegation)
    db.session.flush()
    audit.record("delegation.made", delegation, at=at, by=by, organisation=str(organisation.name))
    return delegation


def change(
    delegation: Delegation,
    *,
    coordinator_name: str,
    coordinator_email: str,
    language: str,
    delegates: int | None,
    support: int | None,
    version: int | None,
    at: datetime,
    by: Actor,
) -> Delegation:
    """The coordinator and the delegation's own numbers. A smaller number than there are people sends nobody away.

    Raises ChangedMeanwhile.
    """
    editions.hold_and_read(delegation.edition)
    db.session.refresh(delegation)
    if version is not None and version != delegation.version:
        raise ChangedMeanwhile
    given = {
        "coordinator_name": coordinator_name,
        "coordinator_email": coordinator_email,
        "language": language,
        "delegates": delegates,
        "support": support,
    }
    differing = sorted(name for name, value in given.items() if getattr(delegation, name) != value)
    for name in differing:
        setattr(delegation, name, given[name])
    if differing:
        delegation.updated_at = at
        db.session.flush()
        audit.record("delegation.changed", delegation, at=at, by=by, fields=differing)
    return delegation


Numbers = tuple[int | None, int | None]
"""Of delegates, and of interpreters and aides; None is as many as they like."""


def quotas_by_kind(edition: Edition) -> dict[OrganisationKind, Numbers]:
    rows = db.session.scalars(select(DelegationQuota).where(DelegationQuota.edition_id == edition.id))
    known = {row.kind: (row.delegates, row.support) for row in rows}
    return {kind: known.get(kind, (None, None)) for kind in OrganisationKind}


def set_quotas(edition: Edition, numbers: Mapping[OrganisationKind, Numbers], *, at: datetime, by: Actor) -> None:
    """How many a delegation of each kind may bring; kinds that are not named stay as they are."""
    editions.hold_and_read(edition)
    rows = db.session.scalars(select(DelegationQuota).where(DelegationQuota.edition_id == edition.id))
    known = {row.kind: row for row in rows}
    for kind, (delegates, support) in numbers.items():
        row = known.get(kind)
        if row is None:
            row = DelegationQuota(edition_id=edition.id, kind=kind)
            db.session.add(row)
        row.delegates, row.support = delegates, support
    db.session.flush()
    said = {kind.value: list(pair) for kind, pair in numbers.items()}
    audit.record("delegation.quotas", edition, at=at, by=by, edition_id=edition.id, quotas=said)


def place(
    registration: Registration, delegation: Delegation, role: DelegationRole, *, at: datetime, by: Actor
) -> Registration:
    """Into this delegation with this role, from another or from none. Raises QuotaReached and HeadThere."""
    if registration.edition_id != delegation.edition_id:
        raise UnknownDelegation
    service.lock_registration(registration)
    before = (registration.delegation_id, registration.delegation_role)
    if before == (delegation.id, role):
        return registration
    if registration.status in states.LIVE:
        quotas.check(delegation, role, at=at, registration_id=registration.id)
    registration.delegation, registration.delegation_role = delegation, role
    registration.updated_at = at
    db.session.flush()
    audit.record("registration.placed", registration, at=at, by=by, delegation=delegation.id, role=role.value)
    return registration


def take_out(registration: Registration, *, at: datetime, by: Actor) -> Registration:
    """Out of the delegation; the registration itself stays as it is."""
    service.lock_registration(registration)
    if registration.delegation_id is not None:
        before = registration.delegation_id
        registration.delegation, registration.delegation_role = None, None
        registration.updated_at = at
        db.session.flush()
        audit.record("registration.taken_out", registration, at=at, by=by, delegation=before)
    return registration


def send_link(delegation: Delegation, *, at: datetime, by: Actor) -> None:
    """A further link for the coordinator; older ones stay. Raises NobodyToWriteTo."""
    if not delegation.coordinator_email:
        raise NobodyToWriteTo
    mails.send_link(delegation, is_renewed=False, at=at, by=by)
    audit.record("delegation.link_sent", delegation, at=at, by=by, to=delegation.coordinator_email)


def renew_link(delegation: Delegation, *, at: datetime, by: Actor) -> None:
    """A new link by mail, and all older ones end. Raises NobodyToWriteTo, and then none has ended."""
    if not delegation.coordinator_email:
        raise NobodyToWriteTo
    links.revoke_links(delegation, at=at)
    mails.send_link(delegation, is_renewed=True, at=at, by=by)
    audit.record("delegation.link_renewed", delegation, at=at, by=by, to=delegation.coordinator_email)


def mail_links(edition: Edition, email: str, *, at: datetime, by: Actor) -> int:
    """A further link to each coordinator with this address whose page is open; what was closed stays closed."""
    found = db.session.scalars(
        select(Delegation)
        .where(Delegation.edition_id == edition.id, func.lower(Delegation.coordinator_email) == email)
        .order_by(Delegation.id)
    )
    opened = [one for one in found if links.live_links(one)]
    for one in opened:
        send_link(one, at=at, by=by)
    return len(opened)


def revoke_links(delegation: Delegation, *, at: datetime, by: Actor) -> int:
    """The page is closed until another link is sent; how many links ended."""
    ended = links.revoke_links(delegation, at=at)
    audit.record("delegation.links_revoked", delegation, at=at, by=by, links=ended)
    return ended


# The coordinator's steps -------------------------------------------------------------------------------------------


def actor(delegation: Delegation) -> Actor:
    """Whoever has the link, as the history knows them."""
    return Actor("coordinator", delegation.coordinator_name or str(delegation.organisation.name), delegation.id)


def refuse_when_closed(edition: Edition, at: datetime) -> None:
    """What is there can be read for ever, and changed until registration closes. Raises RegistrationClosed."""
    if not may_correct(edition, at):
        raise RegistrationClosed(window(edition, at), edition.city)


def add(
    delegation: Delegation,
    role: DelegationRole,
    answers: Answers,
    *,
    language: str = "",
    submission_key: str | None = None,
    replies: Replies | None = None,
    consent_number: int | None = None,
    at: datetime,
    by: Actor,
) -> Registration:
    """A person more, by the ordinary rules. Raises what `register` raises, and RegisteredElsewhere.

    The coordinator's address is not kept with it: they have a page of their own, and the person's secret link goes to
    the person alone.
    """
    try:
        registration = service.register(
            delegation.edition,
            answers,
            at=at,
            by=by,
            language=language or delegation.language,
            submission_key=submission_key,
            filled_by_name=delegation.coordinator_name or str(delegation.organisation.name),
            consented_at=at,
            consent_number=consent_number,
            replies=replies,
            delegation=delegation,
            delegation_role=role,
        )
    except service.AlreadyRegistered as refusal:
        if refusal.registration.delegation_id == delegation.id:
            raise
        raise RegisteredElsewhere from refusal
    if registration.delegation_id != delegation.id:
        raise RegisteredElsewhere
    return registration


def correct(
    registration: Registration,
    role: DelegationRole,
    answers: Answers,
    *,
    version: int | None,
    replies: Replies | None = None,
    at: datetime,
    by: Actor,
) -> Registration:
    """Answers and role; `version` is what the form was made from. Raises what `service.correct` and `place` raise."""
    refuse_when_closed(registration.edition, at)
    if registration.delegation is None:
        raise NotOfThisDelegation
    service.correct(registration, answers, version=version, replies=replies, at=at, by=by)
    return place(registration, registration.delegation, role, at=at, by=by)


def withdraw(registration: Registration, *, version: int | None, at: datetime, by: Actor) -> Registration:
    """The person does not come. Raises ChangedMeanwhile and StepRefused."""
    refuse_when_closed(registration.edition, at)
    service.lock_registration(registration)
    if version is not None and version != registration.version and registration.status is not Status.WITHDRAWN:
        raise ChangedMeanwhile
    return service.withdraw(registration, at=at, by=by)
