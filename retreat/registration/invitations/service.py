"""Invitations: made, sent, answered, revoked.

    invite(edition, email=, prefill=, source=, at=, by=, …) -> Invitation      its mail is queued, unless told otherwise
    send(invitation, at=, by=) · send_again(invitation, at=, by=)              of many, and reminders: `batches`
    extend(invitation, until, at=, by=) · revoke(invitation, at=, by=)
    register(invitation, answers, at=, by=, …) -> Registration                  the person says yes
    decline(invitation, at=, by=)                                               the person says no, and may think again

Each flushes and writes an audit row; none commits. The edition's row is held first, as everywhere in this room.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from retreat.core import audit, zones
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import LANGUAGES
from retreat.editions import service as editions
from retreat.editions.models import Category, Edition
from retreat.network import likeness
from retreat.network.models import Person
from retreat.registration import answers as typed
from retreat.registration import service as registrations
from retreat.registration import states
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.invitations import mails
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.invitations.states import CannotAnswer, Stage, check_open, stage
from retreat.registration.models import Registration

PREFILLED = (
    "honorific",
    "given_name",
    "family_name",
    "badge_name",
    "native_name",
    "native_language",
    "position",
    "organisation",
    "city",
    "country",
    "section_id",
    "languages",
    "phone",
)
"""What a form may begin with; anything else that somebody gives is left out."""

BETWEEN_REMINDERS = timedelta(days=3)
LONGEST = timedelta(days=3 * 366)
"""How long an invitation may wait for its answer."""
AT_LEAST = timedelta(days=14)
"""How long it waits where every day of the edition has passed already."""


class NoAddress(RetreatError):
    def __init__(self, email: str) -> None:
        wrong = _l("“%(text)s” is not an e-mail address.", text=email)
        super().__init__(wrong if email else _l("An invitation needs an e-mail address."))


class AlreadyInvited(RetreatError):
    """The same name with the same address has an invitation that can still be answered, or was answered with no."""

    status = HTTPStatus.CONFLICT

    def __init__(self, invitation: Invitation) -> None:
        super().__init__(_l("This person has been invited already."))
        self.invitation = invitation


class AlreadyThere(RetreatError):
    """Who would be invited is registered here."""

    status = HTTPStatus.CONFLICT

    def __init__(self, registration: Registration) -> None:
        super().__init__(_l("This person is registered already, as %(code)s.", code=registration.code))
        self.registration = registration


class PersonErased(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("This person has asked to be forgotten, and is not invited."))


class ExpiryPast(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("The last day for an answer has passed already: choose a later one."))


class ExpiryTooFar(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("The last day for an answer is more than three years away: choose an earlier one."))


class EditionClosed(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This edition is closed: nobody can be invited to it any more."))


# Making ------------------------------------------------------------------------------------------------------------


def invite(
    edition: Edition,
    *,
    email: str,
    prefill: Mapping[str, Any],
    source: InvitationSource,
    at: datetime,
    by: Actor,
    source_name: str = "",
    category_id: int | None = None,
    person_id: int | None = None,
    delegation: Delegation | None = None,
    delegation_role: DelegationRole | None = None,
    language: str = "",
    skips_approval: bool = False,
    expires_at: datetime | None = None,
    is_sent: bool = True,
) -> Invitation:
    """Ask one person to register; `prefill` is what the form begins with, by the name of the column.

    The mail is queued unless `is_sent` is false. An invitation that has expired, or whose registration was withdrawn
    or turned down, makes room for the new one. Raises NoAddress, AlreadyInvited, AlreadyThere, PersonErased,
    ExpiryPast, EditionClosed and UnknownCategory.
    """
    address = typed.email(email.strip()) if email.strip() else None
    if address is None:
        raise NoAddress(email.strip())
    editions.hold_and_read(edition)
    expires_at = expires_at or default_expiry(edition, at)
    check(edition, expires_at, category_id, at)
    kept = {name: prefill[name] for name in PREFILLED if prefill.get(name)}
    key = typed.name_key(kept)
    person = _person(person_id)
    if (there := _registered(edition, address, key, person)) is not None:
        raise AlreadyThere(there)
    _make_room(edition, address, key, at)
    invitation = Invitation(
        edition=edition,
        category_id=category_id,
        person_id=person.id if person else None,
        delegation_id=delegation.id if delegation else None,
        delegation_role=delegation_role,
        source=source,
        source_name=source_name,
        email=address,
        name_key=key,
        prefill=kept,
        language=language if language in LANGUAGES else edition.main_language,
        skips_approval=skips_approval,
        expires_at=expires_at,
        created_at=at,
        created_by=str(by),
    )
    db.session.add(invitation)
    db.session.flush()
    audit.record("invitation.made", invitation, at=at, by=by, source=source.value, source_name=source_name)
    if is_sent:
        send(invitation, at=at, by=by)
    return invitation


def check(edition: Edition, expires_at: datetime, category_id: int | None, at: datetime) -> None:
    """Whether anybody can be invited like this. Raises EditionClosed, ExpiryPast, ExpiryTooFar, UnknownCategory."""
    if edition.closed_at is not None and edition.closed_at <= at:
        raise EditionClosed
    _check_expiry(expires_at, at)
    if category_id is not None:
        category = db.session.get(Category, category_id)
        if category is None or category.edition_id != edition.id:
            raise registrations.UnknownCategory


def _check_expiry(expires_at: datetime, at: datetime) -> None:
    if expires_at <= at:
        raise ExpiryPast
    if expires_at > at + LONGEST:
        raise ExpiryTooFar


def _person(person_id: int | None) -> Person | None:
    person = db.session.get(Person, person_id) if person_id is not None else None
    if person is not None and person.erased_at is not None:
        raise PersonErased
    return person


def _registered(edition: Edition, email: str, key: str, person: Person | None) -> Registration | None:
    """Who is live here and has this address and name, or is this Person."""
    found = db.session.scalars(
        select(Registration)
        .where(
            Registration.edition_id == edition.id,
            Registration.status.in_(sorted(states.LIVE)),
            (Registration.email == email) | (Registration.person_id == (person.id if person else 0)),
        )
        .order_by(Registration.id)
    )
    for one in found:
        is_person = person is not None and one.person_id == person.id
        if is_person or typed.name_key({name: getattr(one, name) for name in typed.NAMES}) == key:
            return one
    return None


def _make_room(edition: Edition, email: str, key: str, at: datetime) -> None:
    known = db.session.scalar(
        select(Invitation).where(
            Invitation.edition_id == edition.id,
            Invitation.email == email,
            Invitation.name_key == key,
            Invitation.revoked_at.is_(None),
        )
    )
    if known is None:
        return
    if known.registration_id is None and known.expires_at > at:
        raise AlreadyInvited(known)
    known.revoked_at = at
    db.session.flush()


def default_expiry(edition: Edition, at: datetime) -> datetime:
    """The end of the day on which registration closes, else of the first day, else of the last, else in two weeks."""
    today = at.astimezone(zones.zone(edition.zone)).date()
    days = [day for day in (edition.registration_closes, edition.starts_on, edition.ends_on) if day and day >= today]
    return end_of_day(edition, days[0] if days else today + AT_LEAST)


_FIRST, _LAST = date(1970, 1, 1), date(9000, 1, 1)
"""Beyond these a calendar has no next day, or a zone no rules."""


def end_of_day(edition: Edition, day: date) -> datetime:
    """The instant at which the day is over on the clocks of the edition's city."""
    # Where the clocks change at midnight either reading will do: nobody answers in that minute.
    midnight = datetime.combine(
        min(max(day, _FIRST), _LAST) + timedelta(days=1), time(), tzinfo=zones.zone(edition.zone)
    )
    return midnight.astimezone(UTC)


# Sending -----------------------------------------------------------------------------------------------------------


def send(invitation: Invitation, *, at: datetime, by: Actor) -> None:
    """Queue the mail, for the first time or again; the address in it works from then on."""
    invitation.sent_at = at
    db.session.flush()
    audit.record("invitation.sent", invitation, at=at, by=by)
    mails.invite(invitation, at=at, by=by)


def send_again(invitation: Invitation, *, at: datetime, by: Actor) -> None:
    """The invitation itself once more, with a further link. Raises CannotAnswer."""
    lock(invitation)
    check_open(invitation, at)
    send(invitation, at=at, by=by)


# Changing ----------------------------------------------------------------------------------------------------------


def lock(invitation: Invitation) -> None:
    """Read the row anew and hold it, the edition's before: of two who answer at once the second sees the first."""
    editions.hold_and_read(invitation.edition)
    db.session.refresh(invitation, with_for_update={"key_share": True, "of": Invitation})


def extend(invitation: Invitation, until: datetime, *, at: datetime, by: Actor) -> None:
    """Another last moment for the answer. Raises ExpiryPast, and CannotAnswer where there is none to wait for."""
    lock(invitation)
    _check_expiry(until, at)
    if (now := stage(invitation, at)) in (Stage.REGISTERED, Stage.REVOKED):
        raise CannotAnswer(now)
    before, invitation.expires_at = invitation.expires_at, until
    db.session.flush()
    audit.record("invitation.extended", invitation, at=at, by=by, before=before.isoformat(), after=until.isoformat())


def revoke(invitation: Invitation, *, at: datetime, by: Actor) -> bool:
    """Its links end; a registration made by it stays. False when it had been revoked. Raises CannotAnswer."""
    lock(invitation)
    if invitation.registration_id is not None:
        raise CannotAnswer(Stage.REGISTERED)
    if invitation.revoked_at is not None:
        return False
    invitation.revoked_at = at
    db.session.flush()
    audit.record("invitation.revoked", invitation, at=at, by=by)
    return True


# Answering ---------------------------------------------------------------------------------------------------------


def opened(invitation: Invitation, *, at: datetime) -> None:
    """Somebody has opened the link; only the first time is noted."""
    db.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.opened_at.is_(None))
        .values(opened_at=at)
        .execution_options(synchronize_session=False)
    )


def register(
    invitation: Invitation, answers: registrations.Answers, *, at: datetime, by: Actor, **beside: Any
) -> Registration:
    """The person says yes. `beside` is what `registration.service.register` takes besides the answers.

    The same form sent twice gives the one registration. Somebody who is registered already has answered: raises
    AlreadyRegistered. Raises CannotAnswer and EditionClosed.
    """
    edition = invitation.edition
    lock(invitation)
    if (earlier := _same_press(invitation, beside.get("submission_key"))) is not None:
        return earlier
    check_open(invitation, at)
    if edition.closed_at is not None and edition.closed_at <= at:
        raise EditionClosed
    if invitation.category_id is not None:
        answers = {**answers, "category_id": invitation.category_id}
    if invitation.delegation is not None:
        beside |= {
            "delegation": invitation.delegation,
            "delegation_role": invitation.delegation_role,
            "invitation_id": invitation.id,
        }
    try:
        registration = registrations.register(
            edition,
            answers,
            at=at,
            by=by,
            even_when_closed=True,
            person=_who(invitation, answers),
            is_approved=invitation.skips_approval,
            **beside,
        )
    except registrations.AlreadyRegistered as refusal:
        known = refusal.registration
        if known.email == invitation.email or known.person_id == invitation.person_id:
            _answered(invitation, known, at=at, by=by)
        raise
    _answered(invitation, registration, at=at, by=by)
    return registration


def _same_press(invitation: Invitation, submission_key: str | None) -> Registration | None:
    registration = invitation.registration
    if registration is None or submission_key is None or registration.submission_key != submission_key:
        return None
    return registration


def _who(invitation: Invitation, answers: Mapping[str, Any]) -> Person | None:
    """The Person who was invited, unless somebody of quite another name answers: a link may have been passed on."""
    # Asked by its number: while we waited for the row two people may have become one.
    person = db.session.get(Person, invitation.person_id) if invitation.person_id is not None else None
    if person is None or person.erased_at is not None:
        return None
    return person if likeness.may_be_named(likeness.names_of(person), likeness.names_of(answers)) else None


def _answered(invitation: Invitation, registration: Registration, *, at: datetime, by: Actor) -> None:
    """One registration answers one invitation: the first that it was given to."""
    elsewhere = select(Invitation.id).where(Invitation.registration_id == registration.id)
    if db.session.scalar(elsewhere) is not None:
        return
    invitation.registration_id, invitation.declined_at = registration.id, None
    db.session.flush()
    audit.record("invitation.answered", invitation, at=at, by=by, code=registration.code)


def decline(invitation: Invitation, *, at: datetime, by: Actor) -> None:
    """The person says that they do not come; the link stays, should they think again. Raises CannotAnswer."""
    lock(invitation)
    check_open(invitation, at)
    if invitation.declined_at is None:
        invitation.declined_at = at
        db.session.flush()
        audit.record("invitation.declined", invitation, at=at, by=by)
