"""Personal data at rest that not even a copy of the database gives away: sealed with a key made from SECRET_KEY.

    seal({"number": …}) -> text        open_sealed(text) -> dict         match_key("letter", "Ivanov") -> hash

Fernet (AES-128-CBC with HMAC-SHA256) from `cryptography`; the key is derived by HKDF, so that it is good for nothing
else that SECRET_KEY signs. With another SECRET_KEY what was sealed cannot be opened: `CannotOpen` says so.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from retreat.core.errors import RetreatError


class CannotOpen(RetreatError):
    def __init__(self) -> None:
        super().__init__(
            _l("What was sealed here cannot be opened: this installation's SECRET_KEY is not the one that sealed it.")
        )


def seal(values: dict[str, Any]) -> str:
    """Plain JSON values as a text that only this installation can open; each time another."""
    from cryptography.fernet import Fernet

    plain = json.dumps(values, ensure_ascii=False, sort_keys=True).encode()
    return Fernet(_key(b"sealed")).encrypt(plain).decode()


def open_sealed(sealed: str) -> dict[str, Any]:
    """What was sealed. Raises CannotOpen."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        opened: dict[str, Any] = json.loads(Fernet(_key(b"sealed")).decrypt(sealed.encode()))
    except InvalidToken:
        raise CannotOpen from None
    return opened


def match_key(purpose: str, text: str) -> str:
    """The same for the same text and purpose, and of no use without SECRET_KEY: 64 hexadecimal digits."""
    return hmac.new(_key(purpose.encode()), text.encode(), hashlib.sha256).hexdigest()


def _key(purpose: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    secret = str(current_app.config["SECRET_KEY"]).encode()
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"retreat " + purpose).derive(secret)
    return base64.urlsafe_b64encode(derived)
