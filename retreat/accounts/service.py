"""Organisers: made, invited, given a role, and let in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from retreat.accounts import passwords
from retreat.accounts.models import AccountToken, Organiser, Role, TokenPurpose
from retreat.core import audit, clock, http, jobs, mail, tokens
from retreat.core.audit import SYSTEM, Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.i18n import LANGUAGES

LIFETIMES = {TokenPurpose.INVITATION: timedelta(days=7), TokenPurpose.RESET: timedelta(hours=2)}
"""How long a link to set a password works, counted from the moment its mail is sent."""


class BadEmail(RetreatError):
    def __init__(self, email: str) -> None:
        super().__init__(_l("“%(email)s” is not an e-mail address.", email=email))
        self.email = email


class OrganiserExists(RetreatError):
    def __init__(self, email: str) -> None:
        super().__init__(_l("There is already an organiser %(email)s.", email=email))
        self.email = email


class UnknownOrganiser(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("There is no such organiser."))


class LastAdministrator(RetreatError):
    def __init__(self) -> None:
        super().__init__(
            _l("This is the last active administrator: make somebody else an administrator first, or nobody could.")
        )


class LinkNoLongerValid(RetreatError):
    """Used, expired, replaced or never made: the answer does not say which."""

    status = HTTPStatus.GONE

    def __init__(self) -> None:
        super().__init__(_l("This link has been used or has expired. Ask for a new one."))


class WrongPassword(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("This is not your present password."))


class AlreadyJoined(RetreatError):
    def __init__(self, email: str) -> None:
        super().__init__(_l("%(email)s has chosen a password already.", email=email))


def normal_email(text: str) -> str:
    """Lower case, as the database keeps it. Raises BadEmail."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise BadEmail(text) from None


def organiser_by_id(number: int) -> Organiser:
    """Raises UnknownOrganiser."""
    found = db.session.get(Organiser, number)
    if found is None:
        raise UnknownOrganiser
    return found


def organiser_by_email(text: str) -> Organiser | None:
    return db.session.scalar(select(Organiser).where(Organiser.email == text.strip().lower()))


def organisers() -> Sequence[Organiser]:
    """All of them, the active first, by address."""
    return db.session.scalars(select(Organiser).order_by(Organiser.is_active.desc(), Organiser.email)).all()


def create_organiser(
    email: str,
    *,
    role: Role,
    at: datetime,
    by: Actor,
    name: str = "",
    language: str = "en",
    password: str | None = None,
) -> Organiser:
    """An organiser; without a password, one who must first follow an invitation.

    Raises BadEmail, OrganiserExists, passwords.WeakPassword.
    """
    address = normal_email(email)
    if organiser_by_email(address) is not None:
        raise OrganiserExists(address)
    if password is not None:
        passwords.check(password, email=address)
    organiser = Organiser(
        email=address,
        name=name.strip(),
        role=role,
        language=language if language in LANGUAGES else "en",
        password_hash=None if password is None else passwords.hashed(password),
        password_changed_at=None if password is None else at,
        created_at=at,
    )
    db.session.add(organiser)
    db.session.flush()
    audit.record("organiser.created", organiser, at=at, by=by, email=address, role=role.value)
    return organiser


def invite(email: str, *, role: Role, at: datetime, by: Actor, name: str = "", language: str = "en") -> Organiser:
    """A new organiser, and the mail by which a password is chosen. Raises what create_organiser does."""
    organiser = create_organiser(email, role=role, at=at, by=by, name=name, language=language)
    _mail_link(organiser, TokenPurpose.INVITATION, at=at, by=by)
    return organiser


def invite_again(organiser: Organiser, *, at: datetime, by: Actor) -> None:
    """Another mail for who has not come in yet. Raises AlreadyJoined."""
    if organiser.password_hash is not None:
        raise AlreadyJoined(organiser.email)
    _mail_link(organiser, TokenPurpose.INVITATION, at=at, by=by)
    audit.record("organiser.invited_again", organiser, at=at, by=by)


def invitation_link(organiser: Organiser, *, at: datetime, by: Actor) -> str:
    """A link to hand over by other means than mail; shown once. Raises AlreadyJoined."""
    if organiser.password_hash is not None:
        raise AlreadyJoined(organiser.email)
    audit.record("organiser.link_shown", organiser, at=at, by=by)
    return _mint(organiser.id, TokenPurpose.INVITATION, at)


def ask_for_reset(email: str, *, at: datetime) -> None:
    """A link by mail, if this is an active organiser. Who asks learns nothing either way, not even from the time
    it takes: looking for the address is a job's work.
    """
    jobs.enqueue("accounts.reset", {"email": email.strip().lower()[:254]}, at=at, by=SYSTEM)


@jobs.task("accounts.reset")
def _mail_reset(work: jobs.Work) -> None:
    organiser = organiser_by_email(work.arguments["email"])
    if organiser is not None and organiser.is_active:
        is_new = organiser.password_hash is None
        _mail_link(organiser, TokenPurpose.INVITATION if is_new else TokenPurpose.RESET, at=clock.now(), by=SYSTEM)


def _mail_link(organiser: Organiser, purpose: TokenPurpose, *, at: datetime, by: Actor) -> None:
    mail.queue(
        f"accounts/mail/{purpose.value}.txt",
        to=organiser.email,
        language=organiser.language,
        values={"name": organiser.name, "role": organiser.role.value, "by": by.name if by.kind == "organiser" else ""},
        links={"link": (f"account {purpose.value}", organiser.id)},
        at=at,
        by=by,
        about=organiser,
    )


def _mint(organiser_id: int, purpose: TokenPurpose, at: datetime) -> str:
    token = tokens.new()
    db.session.add(
        AccountToken(
            organiser_id=organiser_id,
            purpose=purpose,
            token_hash=tokens.hashed(token),
            created_at=at,
            expires_at=at + LIFETIMES[purpose],
        )
    )
    db.session.flush()
    return http.absolute_url("accounts.choose_password", token=token)


@mail.mints("account invitation")
def _invitation(organiser_id: int, at: datetime) -> str:
    return _mint(organiser_id, TokenPurpose.INVITATION, at)


@mail.mints("account reset")
def _reset(organiser_id: int, at: datetime) -> str:
    return _mint(organiser_id, TokenPurpose.RESET, at)


def organiser_of_link(token: str, *, at: datetime) -> Organiser:
    """Whose password this link sets. Raises LinkNoLongerValid."""
    found = db.session.scalar(
        select(AccountToken)
        .join(Organiser)
        .where(
            AccountToken.token_hash == tokens.hashed(token),
            AccountToken.used_at.is_(None),
            AccountToken.expires_at > at,
            Organiser.is_active,
        )
    )
    if found is None:
        raise LinkNoLongerValid
    return found.organiser


def choose_password(token: str, password: str, *, at: datetime) -> Organiser:
    """Set a password by a link, once. Raises LinkNoLongerValid, passwords.WeakPassword."""
    organiser = organiser_of_link(token, at=at)
    passwords.check(password, email=organiser.email)
    # One conditional statement: of two who follow the same link at once, one wins.
    used = db.session.execute(
        update(AccountToken)
        .where(AccountToken.token_hash == tokens.hashed(token), AccountToken.used_at.is_(None))
        .values(used_at=at)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        raise LinkNoLongerValid
    _set_password(organiser, password, at=at)
    audit.record("organiser.password_chosen", organiser, at=at, by=_self(organiser))
    return organiser


def _set_password(organiser: Organiser, password: str, *, at: datetime) -> None:
    """The new password ends every session and every open link."""
    organiser.password_hash = passwords.hashed(password)
    organiser.password_changed_at = at
    db.session.execute(
        update(AccountToken)
        .where(AccountToken.organiser_id == organiser.id, AccountToken.used_at.is_(None))
        .values(used_at=at)
    )
    db.session.flush()


def _self(organiser: Organiser) -> Actor:
    return Actor("organiser", organiser.name or organiser.email, organiser.id)


def change_password(organiser: Organiser, present: str, password: str, *, at: datetime) -> None:
    """Raises WrongPassword, passwords.WeakPassword."""
    if not passwords.verify(present, organiser.password_hash):
        raise WrongPassword
    passwords.check(password, email=organiser.email)
    _set_password(organiser, password, at=at)
    audit.record("organiser.password_changed", organiser, at=at, by=_self(organiser))


def set_password(organiser: Organiser, password: str, *, at: datetime, by: Actor) -> None:
    """By the command line, where nobody can read mail. Raises passwords.WeakPassword."""
    passwords.check(password, email=organiser.email)
    _set_password(organiser, password, at=at)
    audit.record("organiser.password_set", organiser, at=at, by=by)


def recognised(email: str, password: str) -> int | None:
    """The id of the active organiser with this address and password; as slow for any other. Writes nothing."""
    organiser = organiser_by_email(email)
    is_right = passwords.verify(password, organiser.password_hash if organiser else None)
    return organiser.id if organiser and is_right and organiser.is_active else None


def note_sign_in(organiser: Organiser, password: str, *, at: datetime) -> Organiser:
    """After `recognised`: when they came, and a stronger hash where settings have grown since."""
    if passwords.needs_rehash(organiser.password_hash or ""):
        organiser.password_hash = passwords.hashed(password)
    organiser.last_signed_in_at = at
    db.session.flush()
    return organiser


def update_account(organiser: Organiser, *, name: str, language: str, at: datetime) -> Organiser:
    """One's own name, as the history will show it, and the language of one's mails."""
    organiser.name = name.strip()
    if language in LANGUAGES:
        organiser.language = language
    db.session.flush()
    audit.record("organiser.account_changed", organiser, at=at, by=_self(organiser))
    return organiser


def set_role(organiser: Organiser, role: Role, *, at: datetime, by: Actor) -> Organiser:
    """Raises LastAdministrator."""
    if role is organiser.role:
        return organiser
    if role is not Role.ADMINISTRATOR:
        _refuse_last_administrator(organiser)
    before, organiser.role = organiser.role, role
    db.session.flush()
    audit.record("organiser.role", organiser, at=at, by=by, before=before.value, after=role.value)
    return organiser


def set_active(organiser: Organiser, is_active: bool, *, at: datetime, by: Actor) -> Organiser:
    """Let somebody in again, or end their sessions and links and keep them out. Raises LastAdministrator."""
    if is_active is organiser.is_active:
        return organiser
    if not is_active:
        _refuse_last_administrator(organiser)
    organiser.is_active = is_active
    db.session.flush()
    audit.record("organiser.activated" if is_active else "organiser.deactivated", organiser, at=at, by=by)
    return organiser


def _refuse_last_administrator(organiser: Organiser) -> None:
    if organiser.role is not Role.ADMINISTRATOR or not organiser.is_active:
        return
    # Locked, so that two administrators who demote each other at once do not both succeed.
    administrators = db.session.scalars(
        select(Organiser.id)
        .where(Organiser.role == Role.ADMINISTRATOR, Organiser.is_active, Organiser.password_hash.is_not(None))
        .order_by(Organiser.id)
        .with_for_update()
    ).all()
    if not set(administrators) - {organiser.id}:
        raise LastAdministrator


def has_organisers() -> bool:
    return bool(db.session.scalar(select(func.count()).select_from(Organiser)))
