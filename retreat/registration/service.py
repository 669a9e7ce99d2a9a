"""Registering, correcting, deciding.

    register(edition, answers, at=, by=, …) -> Registration      submitted, or waitlisted when every place is taken
    correct(registration, answers, version=, at=, by=)
    approve_proof(registration, seen, at=, by=)                  the delegate's own word on the badge
    approve(registration, at=, by=) · decline(registration, reason, at=, by=) · cancel(registration, reason, at=, by=)
    withdraw(registration, at=, by=)                             the delegate's own step
    pass_on(outgoing, answers, reason, at=, by=, …)              somebody else comes instead, on the same place

Each flushes, writes an audit row and queues its mail; none commits. Whatever frees a place gives it to the next who
waits (`waiting.promote`). `imports.import_registrations` reads files.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any, TypedDict

from flask_babel import lazy_gettext as _l
from sqlalchemy import Update, func, or_, select, true, union, update

from retreat.core import audit, tokens
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.names import search_key
from retreat.core.tokens import Token
from retreat.editions import service as editions
from retreat.editions.models import Category, Edition
from retreat.network import offices
from retreat.network import service as network
from retreat.network.models import Organisation, Person
from retreat.registration import answers as typed
from retreat.registration import consent, links, mails, places, proof, states, steps, waiting
from retreat.registration.delegations import quotas
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.letters import upkeep
from retreat.registration.models import Gender, Registration, Status
from retreat.registration.questions.replies import Replies, follow, settle
from retreat.registration.window import RegistrationClosed, window

AT_ONCE = timedelta(minutes=2)
"""The same answers once more within this time are the same press of a button."""

PERSON_FIELDS = (
    "honorific",
    "given_name",
    "family_name",
    "badge_name",
    "native_name",
    "native_language",
    "position",
    "organisation",
    "email",
)


class Answers(TypedDict):
    """A registration's own values, cleaned: see `answers.cleaned`."""

    honorific: str
    given_name: str
    family_name: str
    badge_name: str
    native_name: str
    native_language: str
    position: str
    organisation: str
    city: str
    country: str
    section_id: int | None
    category_id: int
    email: str
    phone: str
    languages: list[str]
    arrival: date | None
    arrival_time: time | None
    arrival_flight: str
    departure: date | None
    departure_time: time | None
    departure_flight: str
    hotel: str
    companion: str
    diet: str
    access_needs: str
    visa_letter: bool
    gender: Gender | None
    is_shown: bool


class AlreadyRegistered(RetreatError):
    """The same name with the same e-mail address is registered, with other answers or some time ago."""

    status = HTTPStatus.CONFLICT

    def __init__(self, registration: Registration) -> None:
        super().__init__(_l("A registration with this name and this e-mail address has already been sent."))
        self.registration = registration


class NoPlaceLeft(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("Every place of the edition or of the category is taken."))


class NoPlaceToPassOn(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _l("Only somebody who has a place can pass it on. Withdraw this person, then add the other one.")
        )


class ChangedMeanwhile(RetreatError):
    """Somebody else changed the registration since the form was shown; nothing has been overwritten."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _l("The registration was changed by someone else while you were typing. Nothing has been overwritten.")
        )


class HasBeenErased(RetreatError):
    """Nobody puts a person back into a row that is only counted, nor decides about it."""

    status = HTTPStatus.GONE

    def __init__(self) -> None:
        super().__init__(_l("Who it was has been erased: nothing of this registration can be changed any more."))


class ProofRefused(RetreatError):
    """Nobody approves what they have not seen, nor a badge that they do not have yet."""

    status = HTTPStatus.CONFLICT


class UnknownCategory(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Choose one of the categories of this edition."))


class ReasonNeeded(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Give a reason: the person reads it in the mail."))


# Registering -------------------------------------------------------------------------------------------------------


def register(
    edition: Edition,
    answers: Answers,
    *,
    at: datetime,
    by: Actor,
    language: str = "",
    submission_key: str | None = None,
    filled_by_name: str = "",
    filled_by_email: str = "",
    consented_at: datetime | None = None,
    consent_number: int | None = None,
    even_when_closed: bool = False,
    person: Person | None = None,
    is_approved: bool = False,
    delegation: Delegation | None = None,
    delegation_role: DelegationRole | None = None,
    invitation_id: int | None = None,
    place_of: Registration | None = None,
    replies: Replies | None = None,
) -> Registration:
    """A new registration with its Person, or the one that a double press has just made.

    `person` is who it is, where somebody knows: the row of the address book is used and says what was answered.
    With `is_approved` nothing is left to decide: whoever gets a place is approved at once.
    `invitation_id` is the invitation of a delegation that this answers: it counts no longer against the quota.
    `place_of` has given up a place for this one (see `pass_on`), which tells both in its own words.
    `replies` are the answers to the questions of the edition.
    `consent_number` is the version of the consent that the form showed; None is the one of today.
    Raises RegistrationClosed, UnknownCategory, AlreadyRegistered, ChoiceFull and, of a delegation, QuotaReached and
    HeadThere.
    """
    if not even_when_closed and not (open_window := window(edition, at)).is_open:
        raise RegistrationClosed(open_window, edition.city)
    _check_category(edition, answers["category_id"])
    # Counting up also holds the edition's row: from here on, one registration of an edition after the other.
    code, has_place = _next_code(edition, takes_place=place_of is None)
    candidates, member = _known_by(edition, answers, submission_key, person)
    known = next((one for one in candidates if _is_same_person(one, answers, person)), None)
    if known is not None:
        _give_back(edition, has_place=has_place)
        if place_of is not None:
            raise AlreadyRegistered(known)
        return _once_more(known, answers, submission_key, at=at, by=by, replies=replies)
    if any(one.submission_key == submission_key for one in candidates):
        # Back in the browser, and the same form for somebody else: the key has done its work.
        submission_key = None
    try:
        _check_quota(delegation, delegation_role, at=at, invitation_id=invitation_id)
    except RetreatError:
        _give_back(edition, has_place=has_place)
        raise
    if person is None or any(one.person_id == person.id for one in candidates):
        # Somebody who withdrew, or was declined, and registers again: what was decided then stays as it is.
        person = Person(created_at=at)
    for name in PERSON_FIELDS:
        setattr(person, name, answers[name])  # type: ignore[literal-required]
    person.organisation_id = member.id if member else None
    offices.note(person, at=at)
    has_place = place_of is not None or (has_place and places.take_of_category(edition.id, answers["category_id"]))
    db.session.expire(edition, ["taken", "last_registration_number"])
    registration = Registration(
        edition=edition,
        person=person,
        organisation_id=member.id if member else None,
        delegation=delegation,
        delegation_role=delegation_role if delegation is not None else None,
        code=code,
        status=states.placed(skips_approval=is_approved) if has_place else Status.WAITLISTED,
        skips_approval=is_approved,
        language=language or edition.main_language,
        submission_key=submission_key,
        filled_by_name=filled_by_name,
        filled_by_email=filled_by_email,
        consented_at=consented_at,
        consent_text_id=consent.agreed(edition.id, consent_number) if consented_at else None,
        badge_token=tokens.new_badge_token(),
        search_key=typed.searched({**answers, "code": code}),
        created_at=at,
        updated_at=at,
        **answers,
    )
    if registration.section_id is None and member is not None:
        registration.section_id = member.section_id
    db.session.add(registration)
    db.session.flush()
    settle(registration, replies, is_new=True)
    steps.note(registration, None, "", at=at, by=by, action="registration.made")
    if place_of is None:
        _tell_registered(registration, at=at, by=by)
    return registration


def _check_quota(
    delegation: Delegation | None, role: DelegationRole | None, *, at: datetime, invitation_id: int | None
) -> None:
    if delegation is not None and role is not None:
        quotas.check(delegation, role, at=at, invitation_id=invitation_id)


def _tell_registered(registration: Registration, *, at: datetime, by: Actor) -> None:
    if registration.status is Status.APPROVED:
        mails.tell_decision(registration, "", at=at, by=by)
    else:
        mails.confirm(registration, at=at, by=by)


def _next_code(edition: Edition, *, takes_place: bool) -> tuple[str, bool]:
    """The next reference, such as R20-0042, and with it a place of the edition if one is free.

    Both are counted in the database by one statement, which holds the edition's row.
    """
    number = None
    if takes_place:
        counted = _count(edition, 1).where(places.has_room(Edition)).values(taken=Edition.taken + 1)
        number = db.session.scalar(counted.returning(Edition.last_registration_number))
    has_place = number is not None
    if number is None:
        number = db.session.scalar(_count(edition, 1).returning(Edition.last_registration_number))
    return f"{code_prefix(edition)}{number:04d}", has_place


def _give_back(edition: Edition, *, has_place: bool) -> None:
    """Nobody has seen the number: it was counted in this transaction. The place goes with it."""
    db.session.execute(_count(edition, -1))
    if has_place:
        places.free_of_edition(edition.id)


def _count(edition: Edition, step: int) -> Update:
    return (
        update(Edition)
        .where(Edition.id == edition.id)
        .values(last_registration_number=Edition.last_registration_number + step)
        .execution_options(synchronize_session=False)
    )


def code_prefix(edition: Edition) -> str:
    return f"R{edition.starts_on.year % 100:02d}-"


def _check_category(edition: Edition, category_id: int) -> None:
    category = db.session.get(Category, category_id)
    if category is None or category.edition_id != edition.id:
        raise UnknownCategory


def _known_by(
    edition: Edition, answers: Answers, submission_key: str | None, person: Person | None
) -> tuple[list[Registration], Organisation | None]:
    """Whom these answers may be about, and the member that they name; one query for both.

    The live registrations with this address, that of this person, and the one that came from the same form.
    """
    here = select(Registration.id).where(Registration.edition_id == edition.id)
    ways = [here.where(Registration.email == answers["email"], Registration.status.in_(sorted(states.LIVE)))]
    if submission_key is not None:
        ways.append(here.where(Registration.submission_key == submission_key))
    if person is not None:
        ways.append(here.where(Registration.person_id == person.id))
    # Each way has an index of its own; with one OR instead, SQLite reads every registration of the edition.
    found = union(*ways).subquery()
    rows = db.session.execute(
        select(Registration, Organisation)
        .select_from(Edition)
        .outerjoin(found, true())
        .outerjoin(Registration, Registration.id == found.c.id)
        .outerjoin(Organisation, Organisation.name_key == search_key(answers["organisation"]))
        .where(Edition.id == edition.id)
        .order_by(Registration.id)
    ).all()
    return list(filter(None, (one for one, _ in rows))), rows[0][1]


def _is_same_person(one: Registration, answers: Answers, person: Person | None) -> bool:
    if one.status not in states.LIVE:
        return False
    if person is not None and one.person_id == person.id:
        return True
    return one.email == answers["email"] and typed.name_key(_names(one)) == typed.name_key(answers)


def registered_as(edition: Edition, answers: Answers) -> Registration | None:
    """Who means to come already under this name and address."""
    found, _ = _known_by(edition, answers, None, None)
    return next((one for one in found if _is_same_person(one, answers, None)), None)


def _names(registration: Registration) -> dict[str, str]:
    return {name: getattr(registration, name) for name in typed.SEARCHED}


def _once_more(
    known: Registration,
    answers: Answers,
    submission_key: str | None,
    *,
    at: datetime,
    by: Actor,
    replies: Replies | None = None,
) -> Registration:
    """The same form sent again corrects; the same answers within a moment are the same press of a button.

    Anybody else must not see `known`: raises AlreadyRegistered.
    """
    if submission_key is not None and known.submission_key == submission_key:
        if _says_the_same(known, answers):
            answers = {**answers, "section_id": known.section_id}
        return correct(known, answers, version=None, at=at, by=by, replies=replies)
    if at - known.created_at <= AT_ONCE and _says_the_same(known, answers):
        return known
    raise AlreadyRegistered(known)


def _says_the_same(known: Registration, answers: Answers) -> bool:
    return all(getattr(known, name) == value or _is_unsaid(name, value) for name, value in answers.items())


def _is_unsaid(name: str, value: object) -> bool:
    """A Section that was not chosen may have been filled in from the organisation."""
    return name == "section_id" and value is None


# Correcting --------------------------------------------------------------------------------------------------------


def correct(
    registration: Registration,
    answers: Answers,
    *,
    version: int | None,
    at: datetime,
    by: Actor,
    language: str | None = None,
    replies: Replies | None = None,
) -> Registration:
    """Replace the answers, and the language of the mails where it is given; `version` is what the form was made from.

    Raises ChangedMeanwhile, UnknownCategory, ChoiceFull and, when another category is full, NoPlaceLeft.
    """
    lock_registration(registration)
    if version is not None and version != registration.version:
        raise ChangedMeanwhile
    given = {**answers, "language": language or registration.language}
    differing = {name: value for name, value in given.items() if getattr(registration, name) != value}
    if "category_id" in differing:
        _check_category(registration.edition, answers["category_id"])
        if registration.status.takes_a_place and not places.move(
            registration.edition_id, registration.category_id, answers["category_id"]
        ):
            raise NoPlaceLeft
    approved = proof.printed(registration) if registration.proof_approved_at else []
    address = registration.email
    if differing:
        assign(registration, differing, at=at)
    fields = [*sorted(differing), *settle(registration, replies)]
    if not fields:
        return registration
    if registration.proof_approved_at and proof.printed(registration) != approved:
        registration.proof_approved_at, registration.proof_reopened_at = None, at
    registration.updated_at = at
    db.session.flush()
    # That somebody has said whether they are a woman or a man is theirs alone, as the answer is.
    said = [name for name in fields if name != "gender"]
    audit.record("registration.corrected", registration, at=at, by=by, fields=said)
    if "email" in differing:
        mails.tell_moved(registration, address, at=at, by=by)
    if "category_id" in differing:
        # A place of the old category is free, or somebody waits for another one now.
        waiting.promote(registration.edition, at=at)
    return registration


def assign(
    registration: Registration,
    values: Mapping[str, Any],
    *,
    at: datetime,
    members: Mapping[str, int] | None = None,
) -> None:
    """Write values to the registration and, as far as they say who it is, to its Person.

    `members` are organisations' ids by the key of their names, where the caller has them at hand.
    """
    approved = proof.printed(registration) if registration.proof_approved_at else []
    if registration.visa_letter and not values.get("visa_letter", True):
        upkeep.wish_is_gone(registration)
    for name, value in values.items():
        setattr(registration, name, value)
        if name in PERSON_FIELDS:
            setattr(registration.person, name, value)
    if "organisation" in values:
        registration.organisation_id = _member_id(values["organisation"], members)
        registration.person.organisation_id = registration.organisation_id
    if "organisation" in values or "position" in values:
        offices.note(registration.person, at=at)
    if approved and proof.printed(registration) != approved:
        registration.proof_approved_at, registration.proof_reopened_at = None, at
    registration.search_key = typed.searched(_names(registration))
    registration.updated_at = at


def _member_id(organisation: str, members: Mapping[str, int] | None) -> int | None:
    if not organisation:
        return None
    if members is not None:
        return members.get(search_key(organisation))
    member = network.organisation_named(organisation)
    return member.id if member else None


def approve_proof(registration: Registration, seen: str, *, at: datetime, by: Actor) -> Registration:
    """The person has read the badge and finds it right; `seen` is the fingerprint of what the page showed.

    Raises ProofRefused. Whoever presses twice has approved once.
    """
    lock_registration(registration)
    if registration.status not in proof.READABLE:
        raise ProofRefused(_l("There is a badge to approve as soon as you have a place."))
    if seen != proof.fingerprint(registration):
        raise ProofRefused(_l("Something on the badge has just changed. Read it once more, then approve it."))
    if registration.proof_approved_at is None:
        registration.proof_approved_at, registration.proof_reopened_at = at, None
        db.session.flush()
        audit.record("registration.proof_approved", registration, at=at, by=by, code=registration.code)
    return registration


# Deciding ----------------------------------------------------------------------------------------------------------


def approve(registration: Registration, *, at: datetime, by: Actor) -> Registration:
    """Say yes; somebody without a place takes one first. Raises StepRefused, NoPlaceLeft and ChoiceFull."""
    return _step(registration, Status.APPROVED, "", at=at, by=by)


def decline(registration: Registration, reason: str, *, at: datetime, by: Actor) -> Registration:
    """Say no, and why; the place is free again. Raises StepRefused and ReasonNeeded."""
    if not reason.strip():
        raise ReasonNeeded
    return _step(registration, Status.DECLINED, reason.strip(), at=at, by=by)


def cancel(registration: Registration, reason: str, *, at: datetime, by: Actor) -> Registration:
    """The secretariat's own withdrawal of what it had said. Raises StepRefused and ReasonNeeded."""
    if not reason.strip():
        raise ReasonNeeded
    return _step(registration, Status.CANCELLED, reason.strip(), at=at, by=by)


def withdraw(registration: Registration, *, at: datetime, by: Actor) -> Registration:
    """The delegate does not come; the place is free again. Raises StepRefused."""
    return _step(registration, Status.WITHDRAWN, "", at=at, by=by, is_organiser=False)


def pass_on(
    outgoing: Registration,
    answers: Answers,
    reason: str,
    *,
    at: datetime,
    by: Actor,
    language: str = "",
    filled_by_name: str = "",
    filled_by_email: str = "",
    consented_at: datetime | None = None,
    consent_number: int | None = None,
) -> Registration:
    """Somebody else comes instead: with the same place, decision, category, delegation and role.

    The place is never free in between, so the waiting list is not asked. Nobody is told: whoever decides this says
    it to all of them. Raises NoPlaceToPassOn and AlreadyRegistered.
    """
    lock_registration(outgoing)
    before = outgoing.status
    if not before.takes_a_place:
        raise NoPlaceToPassOn
    _step(outgoing, Status.WITHDRAWN, reason, at=at, by=by, is_organiser=False, passes_on=True)
    same_badge: Answers = {**answers, "category_id": outgoing.category_id}
    return register(
        outgoing.edition,
        same_badge,
        at=at,
        by=by,
        language=language,
        filled_by_name=filled_by_name,
        filled_by_email=filled_by_email,
        consented_at=consented_at,
        consent_number=consent_number,
        even_when_closed=True,
        is_approved=before is Status.APPROVED,
        delegation=outgoing.delegation,
        delegation_role=outgoing.delegation_role,
        place_of=outgoing,
    )


def leave_quietly(registration: Registration, *, at: datetime, by: Actor) -> Registration:
    """Give the place back without a mail: the person is about to be erased, and there is nobody to write to."""
    return _step(registration, Status.WITHDRAWN, "", at=at, by=by, is_organiser=False, is_told=False)


def _step(
    registration: Registration,
    after: Status,
    reason: str,
    *,
    at: datetime,
    by: Actor,
    is_organiser: bool = True,
    passes_on: bool = False,
    is_told: bool = True,
) -> Registration:
    """With `passes_on` the place stays taken, for somebody whom the caller registers now."""
    lock_registration(registration)
    before = registration.status
    states.check(before, after, is_organiser=is_organiser)
    if before not in states.LIVE and (of := registration.delegation) is not None and registration.delegation_role:
        # Somebody comes after all, whose number in the delegation another may have by now.
        quotas.check(of, registration.delegation_role, at=at, registration_id=registration.id)
    follow(registration, before, after)
    if after.takes_a_place and not before.takes_a_place:
        if not places.take(registration.edition_id, registration.category_id):
            follow(registration, after, before)
            raise NoPlaceLeft
    elif before.takes_a_place and not after.takes_a_place and not passes_on:
        places.free(registration.edition_id, registration.category_id)
    registration.status = after
    registration.updated_at = at
    db.session.flush()
    steps.note(registration, before, reason, at=at, by=by, action=f"registration.{after}")
    upkeep.status_changed(registration, before, at=at, by=by)
    if passes_on:
        return registration
    if is_told:
        mails.tell_decision(registration, reason, at=at, by=by)
    if before.takes_a_place and not after.takes_a_place:
        waiting.promote(registration.edition, at=at)
    return registration


def lock_registration(registration: Registration) -> None:
    """Read the row anew and hold it: of two who decide at once the second sees what the first did.

    The edition's row comes first, as everywhere: approving many at once must not wait in a circle with anybody.
    Raises HasBeenErased: of a form and an erasure at once the form comes too late, whatever it is about.
    """
    editions.hold(registration.edition_id)
    db.session.refresh(registration, with_for_update={"key_share": True, "of": Registration})
    if registration.is_erased:
        raise HasBeenErased


# Lost links --------------------------------------------------------------------------------------------------------


def mail_link(registration: Registration, *, to: str, at: datetime, by: Actor) -> None:
    """A further link for one registration; `to` is one of its two addresses."""
    mails.send_link(registration, to=to, at=at, by=by)


def mail_links(edition: Edition, email: str, *, at: datetime, by: Actor) -> int:
    """One mail with a further link for each live registration of this address.

    How many there are is nobody's business outside.
    """
    found = db.session.scalars(
        select(Registration)
        .where(
            Registration.edition_id == edition.id,
            or_(Registration.email == email, func.lower(Registration.filled_by_email) == email),
            Registration.status.in_(sorted(states.LIVE)),
        )
        .order_by(Registration.id)
    ).all()
    if len(found) == 1:
        mails.send_link(found[0], to=email, at=at, by=by)
    elif found:
        mails.send_links(found, to=email, at=at, by=by)
    return len(found)


def renew_links(registration: Registration, *, at: datetime, by: Actor) -> Token:
    """Every link ends, also one that somebody should not have, and the person is mailed a new one.

    Returns a further link for whoever asked: what they look at goes on.
    """
    lock_registration(registration)
    ended = links.revoke_links(registration, at=at)
    mails.send_link(registration, to=registration.email, at=at, by=by, is_renewed=True)
    audit.record("registration.links_renewed", registration, at=at, by=by, code=registration.code, ended=ended)
    return links.new_link(registration, at=at)
