"""Files that people hand in, on their way in: what they are is read from their bytes, and most kinds are refused.

    checked(content, name) -> FileValues      raises UploadRefused with a sentence

Nothing is run, unpacked or converted. A page or a drawing with a program in it (HTML, SVG) is no kind that is known
here, whatever its name says.
"""

import io
import re
import unicodedata
import zipfile
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any

from flask_babel import lazy_gettext as _l

from retreat.core.errors import RetreatError
from retreat.core.stored import FileValues, values_of

LARGEST = 5 * 1024 * 1024
"""Bytes."""
MOST_PIXELS = 40_000_000
_MOST_PARTS = 5_000
_LONGEST_NAME = 100

_OFFICE = "application/vnd.openxmlformats-officedocument."
ENDINGS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    f"{_OFFICE}wordprocessingml.document": ".docx",
    f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
}
"""The kinds that are taken, with the ending that each gets."""

ACCEPTED = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx"
"""For the control of a form: what a file chooser offers."""

_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]')


class UploadRefused(RetreatError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


def checked(content: bytes, name: str) -> FileValues:
    """The file as columns, under a name that no file system and no header minds."""
    if not content:
        raise UploadRefused(_l("The file is empty."))
    if len(content) > LARGEST:
        raise UploadRefused(_l("The file is too large: at most 5 MB can be sent."))
    media_type = _kind(content)
    if media_type is None:
        raise UploadRefused(_l("This kind of file is not taken. Send a PDF, a PNG or JPEG picture, a DOCX or an XLSX."))
    return values_of(content, name=_named(name, ENDINGS[media_type]), media_type=media_type)


def _kind(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _picture(content, "PNG", "image/png")
    if content.startswith(b"\xff\xd8\xff"):
        return _picture(content, "JPEG", "image/jpeg")
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return None


def _picture(content: bytes, kind: str, media_type: str) -> str:
    """Opened by a library that reads the head only, and refuses what would fill the memory once it is unpacked."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            width, height = picture.size
            picture.verify()
    except Image.DecompressionBombError:
        raise UploadRefused(_too_many_pixels()) from None
    except Exception:  # noqa: BLE001  (a damaged picture fails in as many ways as there are formats)
        raise UploadRefused(_l("The picture is damaged: it cannot be opened.")) from None
    if width * height > MOST_PIXELS:
        raise UploadRefused(_too_many_pixels())
    return media_type


def _too_many_pixels() -> Any:
    return _l("The picture has too many pixels: at most 40 million can be sent.")


def _office(content: bytes) -> str | None:
    """By what the archive holds; it is listed and never unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if len(names) > _MOST_PARTS or "[Content_Types].xml" not in names:
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UploadRefused(_l("The file has macros in it. Send it without them, or as a PDF."))
    if "word/document.xml" in names:
        return f"{_OFFICE}wordprocessingml.document"
    return f"{_OFFICE}spreadsheetml.sheet" if "xl/workbook.xml" in names else None


def _named(name: str, ending: str) -> str:
    """The last part of what the person called it, with the ending of what it is."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = _NOT_IN_A_NAME.sub("", unicodedata.normalize("NFC", last)).rsplit(".", 1)[0].strip(" .")
    return (stem[:_LONGEST_NAME].strip(" .") or "file") + ending
