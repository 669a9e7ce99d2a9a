"""Files that jobs make and people fetch: under the data folder, with an hour to live."""

import re
import secrets
from datetime import timedelta
from pathlib import Path

from flask import current_app

KEPT_FOR = timedelta(hours=1)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}(?:\.[A-Za-z0-9]{1,10})+")
"""Of a stored file: whatever else a form sends is the name of none."""


def data_folder(*parts: str) -> Path:
    """A folder under $RETREAT_DATA, made when missing."""
    folder = Path(current_app.config["DATA"]).joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def store(content: bytes, suffix: str, *, key: str = "") -> str:
    """Write under a random name, or under `key`, which says the content; returns the name that `path` takes."""
    name = (key or secrets.token_hex(16)) + suffix
    target = data_folder("files") / name
    partial = target.with_suffix(f".{secrets.token_hex(4)}.part")
    partial.write_bytes(content)
    partial.replace(target)
    return name


def path(name: str) -> Path | None:
    """Where a stored file is; None when it has been removed."""
    if not _NAME.fullmatch(name):
        return None
    candidate = data_folder("files") / name
    return candidate if candidate.is_file() else None


def remove_older_than(seconds: float, now: float) -> int:
    """Remove what has lived its hour; returns how many."""
    removed = 0
    for file in data_folder("files").iterdir():
        if file.is_file() and now - file.stat().st_mtime > seconds:
            file.unlink(missing_ok=True)
            removed += 1
    return removed
