"""Secrets that travel in links: made here, stored only as SHA-256."""

import hashlib
import secrets
from typing import NewType

Token = NewType("Token", str)
"""The secret itself; it goes into a link and is never stored."""

TokenHash = NewType("TokenHash", str)
"""SHA-256 of a Token, in hexadecimal: what the database knows."""

# No 0/O or 1/I/L: the desk may have to type what a worn badge says.
_BADGE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new() -> Token:
    return Token(secrets.token_urlsafe(24))


def hashed(token: str) -> TokenHash:
    return TokenHash(hashlib.sha256(token.encode()).hexdigest())


def new_badge_token() -> str:
    """Twelve upper-case characters (59 bits): QR's alphanumeric mode keeps such a code small."""
    return "".join(secrets.choice(_BADGE_ALPHABET) for _ in range(12))
