"""Visa letters: passport data, issuing, revoking, and what is left of both when their time is over.

    keep_passport(registration, data, at=, by=)          sealed; passport_of(registration) opens it
    issue(registration, at=, by=, language=, …) -> Letter  numbered, its facts frozen; an earlier one is replaced
    revoke(letter, reason, at=, by=) · remind(edition, at=, by=)
    purge(at=, by=)                                      what they say goes, the numbers stay

Passport data is in `Passport.sealed` and `Letter.sealed` and nowhere else: no audit row, mail or message has any of it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import Delete, Update, delete, select, update

from retreat.core import audit, dates, sealed
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.http import absolute_url
from retreat.core.i18n import LANGUAGES
from retreat.editions.models import Edition
from retreat.registration import mails, states
from retreat.registration.letters import lists, numbers, signatories
from retreat.registration.letters import passport as rules
from retreat.registration.letters.facts import Costs, LetterFacts
from retreat.registration.letters.models import Letter, LetterState, Passport
from retreat.registration.letters.passport import PassportData, Problem
from retreat.registration.models import Registration, Status
from retreat.registration.privacy import PASSPORT_DAYS
from retreat.registration.service import ReasonNeeded, lock_registration

KEPT_AFTER_CLOSING = timedelta(days=PASSPORT_DAYS)
"""For so long after an edition has been closed a letter can still be printed again; then passport data goes."""
BETWEEN_REMINDERS = timedelta(days=1)
_MATCHES = "letter"


class NotAskedFor(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This registration does not ask for a visa letter."))


class EditionIsOver(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This edition is closed: no letter is issued for it any more."))


class PassportUnfit(RetreatError):
    """A letter cannot be written from these passport data; `problems` says why, by field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = tuple(problems)


class PassportMissing(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("The passport data for this letter has not been given yet."))


class NotApprovedYet(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("A letter is issued for an approved registration only."))


class IssuedMeanwhile(RetreatError):
    """Somebody else has issued a letter since the page was shown; no second one was made."""

    status = HTTPStatus.CONFLICT

    def __init__(self, number: str) -> None:
        super().__init__(_l("A letter has been issued meanwhile: %(number)s.", number=number))
        self.number = number


class NotValidAnyMore(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This letter has been replaced or revoked already."))


class ContentIsGone(RetreatError):
    """The letter's personal data was erased; it can still be verified, but not printed."""

    status = HTTPStatus.GONE

    def __init__(self) -> None:
        super().__init__(_l("What this letter said has been erased. Its number can still be verified."))


class UnknownLetter(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("There is no letter with this number."))


# Passports ---------------------------------------------------------------------------------------------------------


def keep_passport(registration: Registration, data: PassportData, *, at: datetime, by: Actor) -> Passport:
    """Seal passport data, in place of what was there. Raises NotAskedFor, EditionIsOver and PassportUnfit."""
    lock_registration(registration)
    if not registration.visa_letter or registration.status not in states.LIVE:
        raise NotAskedFor
    if registration.edition.closed_at is not None:
        raise EditionIsOver
    if found := rules.problems(data, ends_on=registration.edition.ends_on, today=_today(registration.edition, at)):
        raise PassportUnfit(found)
    kept = _passport(registration) or Passport(registration_id=registration.id)
    kept.sealed, kept.updated_at = sealed.seal(data.to_json()), at
    db.session.add(kept)
    db.session.flush()
    audit.record("passport.saved", registration, at=at, by=by, code=registration.code)
    return kept


def passport_of(registration: Registration) -> PassportData | None:
    """The passport data that was given. Raises CannotOpen."""
    kept = _passport(registration)
    return PassportData.of_json(sealed.open_sealed(kept.sealed)) if kept else None


def see_passport(registration: Registration, *, at: datetime, by: Actor) -> PassportData | None:
    """The same for an organiser's eyes: that they looked is written down."""
    data = passport_of(registration)
    if data is not None:
        audit.record("passport.seen", registration, at=at, by=by, code=registration.code)
        db.session.flush()
    return data


def _passport(registration: Registration) -> Passport | None:
    return db.session.scalar(
        select(Passport).where(Passport.registration_id == registration.id).execution_options(populate_existing=True)
    )


def _today(edition: Edition, at: datetime) -> date:
    return dates.on_wall(at, edition.zone).date()


# Letters -----------------------------------------------------------------------------------------------------------


def issue(
    registration: Registration,
    *,
    at: datetime,
    by: Actor,
    language: str = "",
    costs: Costs = Costs.UNSAID,
    seen: str | None = None,
) -> Letter:
    """A letter with the next number; a valid one that was there is replaced by it. The person has a mail.

    `seen` is the number of the valid letter that whoever issues knows of, or "" for none: of two who press the
    button at once the second is refused. Without it another letter is issued in any case.
    Raises NotApprovedYet, PassportMissing, PassportUnfit, SignatoriesMissing, EditionIsOver and IssuedMeanwhile.
    """
    lock_registration(registration)
    edition = registration.edition
    if edition.closed_at is not None:
        raise EditionIsOver
    if registration.status is not Status.APPROVED:
        raise NotApprovedYet
    before = valid_letter(registration)
    if before is not None and seen is not None and seen != before.number:
        raise IssuedMeanwhile(before.number)
    facts = _facts(registration, language=language or registration.language, costs=costs, at=at)
    letter = Letter(
        edition_id=edition.id,
        registration_id=registration.id,
        number=facts.number,
        language=facts.language,
        sealed=sealed.seal(facts.to_json()),
        match_key=match_key(facts.number, facts.passport.verified_name),
        issued_at=at,
        issued_by=str(by),
    )
    db.session.add(letter)
    db.session.flush()
    if before is not None:
        before.state, before.replaced_by_id = LetterState.REPLACED, letter.id
        db.session.flush()
    audit.record("letter.issued", letter, at=at, by=by, number=letter.number, replaces=before.number if before else "")
    mails.tell_letter(registration, is_new=before is None, at=at, by=by)
    return letter


def _facts(registration: Registration, *, language: str, costs: Costs, at: datetime) -> LetterFacts:
    edition = registration.edition
    spoken = language if language in LANGUAGES else edition.main_language
    data = passport_of(registration)
    if data is None:
        raise PassportMissing
    if found := rules.problems(data, ends_on=edition.ends_on, today=_today(edition, at)):
        raise PassportUnfit(found)
    secretariat, host = signatories.signed(edition, spoken)
    number = _next_number(edition)
    return LetterFacts(
        number=number,
        language=spoken,
        issued_on=_today(edition, at),
        passport=data,
        position=registration.position,
        organisation=registration.organisation,
        code=registration.code,
        arrival=registration.arrival,
        departure=registration.departure,
        event=edition.title.text(spoken, edition.main_language),
        city=edition.city,
        country=edition.country,
        starts_on=edition.starts_on,
        ends_on=edition.ends_on,
        contact_email=edition.contact_email,
        costs=costs,
        secretariat=secretariat,
        host=host,
        verify_url=absolute_url("verify.page", number=number),
    )


def _next_number(edition: Edition) -> str:
    """Counted in the database: of an edition's letters issued at once each has its own number, without a gap."""
    counted = db.session.scalar(
        update(Edition)
        .where(Edition.id == edition.id)
        .values(last_letter_number=Edition.last_letter_number + 1)
        .returning(Edition.last_letter_number)
        .execution_options(synchronize_session=False)
    )
    return numbers.made(edition.starts_on.year, counted or 0, numbers.new_check())


def match_key(number: str, name: str) -> str:
    """By which a name is recognised as the letter's, and nothing else can be learnt."""
    # With the number in it the same name has another key in each letter.
    return sealed.match_key(_MATCHES, f"{number} {numbers.name_key(name)}")


def valid_letter(registration: Registration) -> Letter | None:
    return db.session.scalar(
        select(Letter)
        .where(Letter.registration_id == registration.id, Letter.state == LetterState.VALID)
        .order_by(Letter.id.desc())
        .execution_options(populate_existing=True)
    )


def letter_numbered(edition: Edition, number: str) -> Letter:
    """Raises UnknownLetter."""
    kept = numbers.as_kept(number)
    letter = db.session.scalar(select(Letter).where(Letter.edition_id == edition.id, Letter.number == kept))
    if letter is None:
        raise UnknownLetter
    return letter


def facts_of(letter: Letter) -> LetterFacts:
    """What the letter says. Raises ContentIsGone and CannotOpen."""
    if not letter.sealed:
        raise ContentIsGone
    return LetterFacts.of_json(sealed.open_sealed(letter.sealed))


def see_letter(letter: Letter, *, at: datetime, by: Actor) -> LetterFacts:
    """The same for an organiser's eyes: a letter has the passport data in it. Raises ContentIsGone."""
    facts = facts_of(letter)
    audit.record("letter.seen", letter, at=at, by=by, number=letter.number)
    db.session.flush()
    return facts


def revoke(letter: Letter, reason: str, *, at: datetime, by: Actor) -> Letter:
    """The letter counts no more; the person reads why in a mail. Raises ReasonNeeded and NotValidAnyMore."""
    if not reason.strip():
        raise ReasonNeeded
    if letter.registration is not None:
        lock_registration(letter.registration)
    db.session.refresh(letter)
    if letter.state is not LetterState.VALID:
        raise NotValidAnyMore
    letter.state = LetterState.REVOKED
    db.session.flush()
    audit.record("letter.revoked", letter, at=at, by=by, number=letter.number, reason=reason.strip())
    if letter.registration is not None:
        mails.tell_letter_revoked(letter.registration, letter.number, reason.strip(), at=at, by=by)
    return letter


def remind(edition: Edition, *, at: datetime, by: Actor) -> int:
    """Mail those whose passport data is missing, but nobody twice within a day; how many that were."""
    due = [
        row.registration
        for row in lists.waiting_for_passport(edition)
        if row.reminded_at is None or at - row.reminded_at >= BETWEEN_REMINDERS
    ]
    for registration in due:
        mails.remind_of_passport(registration, at=at, by=by)
    if due:
        audit.record("letter.reminded", edition, at=at, by=by, edition_id=edition.id, people=len(due))
    return len(due)


# The end -----------------------------------------------------------------------------------------------------------


def purge(*, at: datetime, by: Actor) -> int:
    """Empty passports and letters of every edition that was closed thirty days ago; how many rows that were."""
    due = db.session.scalars(
        select(Edition).where(Edition.closed_at <= at - KEPT_AFTER_CLOSING).order_by(Edition.id)
    ).all()
    return sum(_purge(edition, at=at, by=by) for edition in due)


def _purge(edition: Edition, *, at: datetime, by: Actor) -> int:
    here = select(Registration.id).where(Registration.edition_id == edition.id)
    passports = _count_of(delete(Passport).where(Passport.registration_id.in_(here)))
    letters = _count_of(_emptied().where(Letter.edition_id == edition.id))
    if passports or letters:
        audit.record(
            "letter.purged", edition, at=at, by=by, edition_id=edition.id, passports=passports, letters=letters
        )
    return passports + letters


def _emptied() -> Update:
    return update(Letter).where(Letter.sealed != "").values(sealed="")


def _count_of(statement: Delete | Update) -> int:
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
