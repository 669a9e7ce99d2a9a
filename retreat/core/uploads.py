"""Files that people hand in, on their way in: what they are is read from their bytes, and most kinds are refused.

    checked(content, name) -> FileValues      raises UploadRefused with a sentence
    checked_paper(content, name)              the same for a paper of a session: larger, and of more kinds

Nothing is run, unpacked or converted. A page or a drawing with a program in it (HTML, SVG) is no kind that is known
here, whatever its name says.
"""

import io
import re
import unicodedata
import zipfile
import zlib
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
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LONGEST_NAME = 100

LARGEST_PAPER = 25 * 1024 * 1024
"""Bytes of a paper, which an organiser hands in."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
ENDINGS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    f"{_OFFICE}wordprocessingml.document": ".docx",
    f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
}
"""The kinds that are taken, with the ending that each gets."""

PAPERS = {
    **ENDINGS,
    f"{_OFFICE}presentationml.presentation": ".pptx",
    f"{_ODF}text": ".odt",
    f"{_ODF}spreadsheet": ".ods",
    f"{_ODF}presentation": ".odp",
    "text/plain; charset=utf-8": ".txt",
}
"""The same for papers."""

ACCEPTED = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx"
"""For the control of a form: what a file chooser offers."""

ACCEPTED_PAPERS = ",".join(dict.fromkeys([*ACCEPTED.split(","), *PAPERS.values()]))

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
    if media_type not in ENDINGS:
        raise UploadRefused(_l("This kind of file is not taken. Send a PDF, a PNG or JPEG picture, a DOCX or an XLSX."))
    return values_of(content, name=_named(name, ENDINGS[media_type]), media_type=media_type)


def checked_paper(content: bytes, name: str) -> FileValues:
    """A PDF, an office document without macros, a picture, or plain text."""
    if not content:
        raise UploadRefused(_l("The file is empty."))
    if len(content) > LARGEST_PAPER:
        raise UploadRefused(_l("The file is too large: at most 25 MB can be sent."))
    media_type = _kind(content)
    if media_type is None and name.lower().endswith(".txt") and _is_text(content):
        media_type = "text/plain; charset=utf-8"
    if media_type is None:
        raise UploadRefused(
            _l(
                "This kind of file is not taken. Send a PDF, an office document (DOCX, XLSX, PPTX, ODT, ODS, ODP), "
                "a PNG or JPEG picture, or plain text (TXT) in UTF-8."
            )
        )
    return values_of(content, name=_named(name, PAPERS[media_type]), media_type=media_type)


def _is_text(content: bytes) -> bool:
    """UTF-8 without control characters, and no page or drawing."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(text) and not text.lstrip("\ufeff \t\r\n").startswith("<")


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


def _odf_kind(archive: zipfile.ZipFile) -> str:
    """What the first part of an OpenDocument file says that it is; it is stored as it stands, and short."""
    parts = archive.infolist()
    if not parts or parts[0].filename != "mimetype" or parts[0].file_size > 100:
        return ""
    return archive.read(parts[0]).decode("ascii", "replace")


def _office(content: bytes) -> str | None:
    """By what the archive holds; it is listed and never unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            kind = _odf_kind(archive)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError, OSError):
        return None
    if len(names) > _MOST_PARTS:
        return None
    if any(_has_program(name.lower()) for name in names):
        raise UploadRefused(_l("The file has macros in it. Send it without them, or as a PDF."))
    if "[Content_Types].xml" in names:
        return next((media_type for part, media_type in _PARTS.items() if part in names), None)
    return kind if kind in PAPERS else None


_PARTS = {
    "word/document.xml": f"{_OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}spreadsheetml.sheet",
    "ppt/presentation.xml": f"{_OFFICE}presentationml.presentation",
}
"""What an office document has that the others have not."""


def _has_program(part: str) -> bool:
    return part.endswith("vbaproject.bin") or part.startswith(("basic/", "scripts/"))


def _named(name: str, ending: str) -> str:
    """The last part of what the person called it, with the ending of what it is."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = _NOT_IN_A_NAME.sub("", unicodedata.normalize("NFC", last)).rsplit(".", 1)[0].strip(" .")
    return (stem[:_LONGEST_NAME].strip(" .") or "file") + ending
