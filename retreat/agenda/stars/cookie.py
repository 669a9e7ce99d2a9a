"""The stars of somebody whom nobody knows: a signed cookie of the browser, one for each edition. Pure.

A browser keeps 4,096 bytes of a cookie and two hundred UIDs are more than that: what is kept of a session is the
beginning of a digest of its UID. Two of the thousand sessions of an edition would share one in one of 10^15 editions.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

from itsdangerous import BadSignature, Signer

NAME = "retreat_stars"
ANSWERED = "retreat_stars_answered"
"""Of one's own page: which of the browser's stars somebody has been asked about."""
MOST = 200
_BYTES = 9

Marks = tuple[bytes, ...]
"""What stands for sessions, in the order in which they were starred."""


def mark(uid: str) -> bytes:
    return hashlib.sha256(uid.encode()).digest()[:_BYTES]


def read(text: str | None, *, secret: str, edition_uid: str) -> Marks:
    """What the browser sent; nothing, if it is none of ours or of another edition."""
    if not text:
        return ()
    try:
        packed = urlsafe_b64decode(_signer(secret, edition_uid).unsign(text.encode()))
    except (BadSignature, ValueError):
        return ()
    marks = (packed[at : at + _BYTES] for at in range(0, len(packed), _BYTES))
    return tuple(dict.fromkeys(one for one in marks if len(one) == _BYTES))[:MOST]


def write(marks: Iterable[bytes], *, secret: str, edition_uid: str) -> str:
    """Empty for no stars: the cookie goes then."""
    packed = b"".join(dict.fromkeys(marks))
    return _signer(secret, edition_uid).sign(urlsafe_b64encode(packed)).decode() if packed else ""


def _signer(secret: str, edition_uid: str) -> Signer:
    return Signer(secret, salt=f"retreat.stars.{edition_uid}", digest_method=hashlib.sha256)
