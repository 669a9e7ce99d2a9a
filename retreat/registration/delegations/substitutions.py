"""Somebody else is to come: proposed by the coordinator, decided by an organiser.

    propose(registration, answers, at=, by=) -> Substitution · take_back(substitution, at=, by=)
    approve(substitution, at=, by=) -> Registration · refuse(substitution, reason, at=, by=)

The successor's answers are kept with the proposal and become a registration when it is approved, with the place, the
category and the role of whoever does not come. Once it is decided the answers are emptied.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum
from http import HTTPStatus
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Enum, Time, inspect, select
from sqlalchemy.orm import joinedload

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.editions.models import Edition
from retreat.registration import service
from retreat.registration.delegations import mails
from retreat.registration.delegations.labels import name_of
from retreat.registration.delegations.models import Substitution, SubstitutionState
from retreat.registration.delegations.service import RegisteredElsewhere, refuse_when_closed
from retreat.registration.models import Registration
from retreat.registration.service import Answers, ReasonNeeded

CONSENT = "consent_number"
"""Beside the answers of a proposal: the version of the text that was agreed to."""


class AlreadyProposed(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("Somebody is proposed for this person already. Take that back first."))


class AlreadyDecided(RetreatError):
    """Another organiser, or the coordinator, was quicker."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This substitution has been decided, or was taken back."))


class UnknownSubstitution(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("There is no such substitution."))


# Finding -----------------------------------------------------------------------------------------------------------


def open_of_edition(edition: Edition) -> list[Substitution]:
    """Those that an organiser has to decide, the oldest first."""
    return list(
        db.session.scalars(
            _open()
            .where(Registration.edition_id == edition.id)
            .options(joinedload(Substitution.registration).joinedload(Registration.delegation))
        )
    )


def open_of(registrations: Iterable[Registration]) -> dict[int, Substitution]:
    """By the id of whoever is not to come."""
    keys = [one.id for one in registrations]
    return {one.registration_id: one for one in db.session.scalars(_open().where(Registration.id.in_(keys)))}


def _open() -> Any:
    return (
        select(Substitution)
        .join(Substitution.registration)
        .where(Substitution.state == SubstitutionState.PROPOSED)
        .order_by(Substitution.proposed_at, Substitution.id)
    )


def substitution_of(edition: Edition, number: int) -> Substitution:
    """Raises UnknownSubstitution."""
    found = db.session.scalar(
        select(Substitution)
        .join(Substitution.registration)
        .where(Substitution.id == number, Registration.edition_id == edition.id)
    )
    if found is None:
        raise UnknownSubstitution
    return found


def answers_of(substitution: Substitution) -> Answers:
    """What was proposed, as `service.register` takes it."""
    given = {name: value for name, value in substitution.values.items() if name != CONSENT}
    return cast(Answers, {name: _read(name, value) for name, value in given.items()})


def kept(answers: Answers) -> dict[str, Any]:
    """The answers as JSON, which `_read` turns back."""
    return {name: _plain(value) for name, value in answers.items()}


def _plain(value: object) -> Any:
    match value:
        case date() | time():
            return value.isoformat()
        case StrEnum():
            return value.value
        case _:
            return value


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    match inspect(Registration).columns[name].type:
        case Date():
            return date.fromisoformat(value)
        case Time():
            return time.fromisoformat(value)
        case Enum(enum_class=kind) if kind is not None:
            return kind(value)
        case _:
            return value


# The coordinator's steps -------------------------------------------------------------------------------------------


def propose(
    registration: Registration,
    answers: Answers,
    *,
    consent_number: int | None = None,
    at: datetime,
    by: Actor,
) -> Substitution:
    """`consent_number` is the version of the consent that the form showed.

    Raises RegistrationClosed, NoPlaceToPassOn, AlreadyProposed and RegisteredElsewhere.
    """
    edition = registration.edition
    refuse_when_closed(edition, at)
    service.lock_registration(registration)
    if not registration.status.takes_a_place:
        raise service.NoPlaceToPassOn
    if open_of([registration]):
        raise AlreadyProposed
    if service.registered_as(edition, answers) is not None:
        raise RegisteredElsewhere
    substitution = Substitution(
        registration=registration,
        values={**kept({**answers, "category_id": registration.category_id}), CONSENT: consent_number},
        proposed_at=at,
        proposed_by=str(by),
    )
    db.session.add(substitution)
    db.session.flush()
    audit.record("substitution.proposed", registration, at=at, by=by, code=registration.code)
    return substitution


def take_back(substitution: Substitution, *, at: datetime, by: Actor) -> Substitution:
    """Raises AlreadyDecided."""
    _lock(substitution)
    return _decided(substitution, SubstitutionState.TAKEN_BACK, "", at=at, by=by)


# The organisers' steps ---------------------------------------------------------------------------------------------


def approve(substitution: Substitution, *, at: datetime, by: Actor) -> Registration:
    """The place passes on, and all three are told. Raises AlreadyDecided, NoPlaceToPassOn and AlreadyRegistered."""
    _lock(substitution)
    outgoing, delegation = substitution.registration, substitution.registration.delegation
    successor = service.pass_on(
        outgoing,
        answers_of(substitution),
        _("%(name)s comes instead", name=name_of(substitution)),
        at=at,
        by=by,
        language=delegation.language if delegation else outgoing.language,
        filled_by_name=substitution.proposed_by,
        consented_at=substitution.proposed_at,
        consent_number=substitution.values.get(CONSENT),
    )
    substitution.successor = successor
    _decided(substitution, SubstitutionState.APPROVED, "", at=at, by=by)
    mails.tell_substituted(outgoing, successor, at=at, by=by)
    return successor


def refuse(substitution: Substitution, reason: str, *, at: datetime, by: Actor) -> Substitution:
    """Raises ReasonNeeded and AlreadyDecided."""
    if not reason.strip():
        raise ReasonNeeded
    _lock(substitution)
    substitution.reason = reason.strip()
    mails.tell_proposal_refused(substitution, at=at, by=by)
    return _decided(substitution, SubstitutionState.REFUSED, reason.strip(), at=at, by=by)


def _lock(substitution: Substitution) -> None:
    """The edition's row, then the registration's, then this: as everywhere, from the large to the small."""
    service.lock_registration(substitution.registration)
    db.session.refresh(substitution, with_for_update={"key_share": True, "of": Substitution})
    if substitution.state is not SubstitutionState.PROPOSED:
        raise AlreadyDecided


def _decided(
    substitution: Substitution, state: SubstitutionState, reason: str, *, at: datetime, by: Actor
) -> Substitution:
    substitution.state = state
    substitution.values = {}
    substitution.decided_at, substitution.decided_by = at, str(by)
    db.session.flush()
    registration = substitution.registration
    action = f"substitution.{state.value.replace('-', '_')}"
    audit.record(action, registration, at=at, by=by, code=registration.code, reason=reason)
    return substitution
