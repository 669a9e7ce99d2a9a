"""Files of personal data that wait for an hour: sealed, so that the folder alone gives nothing away."""

import base64

from retreat.core import files, sealed


def store(content: bytes) -> str:
    return files.store(sealed.seal({"content": base64.b64encode(content).decode()}).encode(), ".sealed")


def read(name: str) -> bytes | None:
    """None when its hour is over."""
    found = files.path(name)
    return base64.b64decode(sealed.open_sealed(found.read_text())["content"]) if found else None


def remove(name: str) -> None:
    found = files.path(name)
    if found:
        found.unlink(missing_ok=True)
