"""Files that people hand in, kept in the database: they are deleted with the row that they belong to.

A table that keeps one file a row takes `FileColumns` and points to its owner with ON DELETE CASCADE. So a file goes
with its owner in the same transaction, a copy of the database is a whole copy, and several machines see the same.
"""

import hashlib
from typing import TypedDict

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column


class FileColumns:
    """A file as it was checked and kept. The content is read only when it is asked for."""

    file_name: Mapped[str] = mapped_column(String(200))
    """What the person called it, for a download's name; never a path of ours."""
    media_type: Mapped[str] = mapped_column(String(80))
    """From what the bytes are, and never from what a browser claimed."""
    size: Mapped[int]
    """Bytes."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the content, in hexadecimal."""
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class FileValues(TypedDict):
    """The columns of a file, for the constructor of the model that keeps it."""

    file_name: str
    media_type: str
    size: int
    digest: str
    content: bytes


def values_of(content: bytes, *, name: str, media_type: str) -> FileValues:
    """A checked file as columns."""
    return FileValues(
        file_name=name[:200],
        media_type=media_type,
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
    )
