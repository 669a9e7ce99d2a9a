"""Passwords: which are good enough, and their Argon2id hashes. Knows nothing of the database."""

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l

from retreat.core.errors import RetreatError

MIN_LENGTH = 12
MAX_LENGTH = 256
"""Longer ones would only let a stranger make the machine work."""

_hasher = PasswordHasher()


class WeakPassword(RetreatError):
    """The sentence says what a better one needs."""


def check(password: str, *, email: str) -> None:
    """Raises WeakPassword."""
    if len(password) < MIN_LENGTH:
        raise WeakPassword(_l("Choose a password of at least %(count)s characters.", count=MIN_LENGTH))
    if len(password) > MAX_LENGTH:
        raise WeakPassword(_l("Choose a password of at most %(count)s characters.", count=MAX_LENGTH))
    if password.strip().lower() in {email.lower(), email.lower().partition("@")[0]}:
        raise WeakPassword(_l("Choose a password that is not your e-mail address."))
    if len(set(password)) < 4:
        raise WeakPassword(_l("Choose a password of more than a few repeated characters."))


def hashed(password: str) -> str:
    return _hasher.hash(_composed(password))


def _composed(password: str) -> str:
    """As NFC: some keyboards send é as one character, others as two."""
    return unicodedata.normalize("NFC", password)


def verify(password: str, password_hash: str | None) -> bool:
    """Whether they belong together. Without a hash the work is done all the same, so that time tells nothing."""
    try:
        # What is longer was never accepted, and is not hashed in full either.
        given = _composed(password[: MAX_LENGTH + 1])
        _hasher.verify(password_hash or _nobodys_hash(), given)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(24))


def generated() -> str:
    """A password to be read aloud or typed once: four groups of five, 118 bits."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789ACDEFGHJKLMNPQRSTUVWXYZ"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))
