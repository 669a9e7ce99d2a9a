"""Files on their way out, those that people handed in and those made here: never run, sniffed or kept by a cache."""

from urllib.parse import quote

from flask import Response

from retreat.core.stored import FileColumns

TABLES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What a table is called on the wire, by the ending of its file: see `core.sheets`."""
_SHOWN = frozenset({"image/jpeg", "image/png", "application/pdf"})
"""What a browser may show in place; anything else is a download."""


def sent(file: FileColumns, *, is_inline: bool = False) -> Response:
    """A stored file as an answer. The type is the one that was checked when it came in."""
    return sent_bytes(file.content, file.file_name, file.media_type, is_inline=is_inline)


def sent_table(content: bytes, stem: str, kind: str = "csv") -> Response:
    """A table that `core.sheets` has written, as `stem` with the ending of its kind."""
    return sent_bytes(content, f"{stem}.{kind}", TABLES[kind])


def sent_bytes(content: bytes, name: str, media_type: str, *, is_inline: bool = False) -> Response:
    """Bytes as a file under a name; for a PDF that was just made, for instance."""
    response = Response(content, content_type=media_type)
    shown = "inline" if is_inline and media_type in _SHOWN else "attachment"
    # RFC 6266: the plain name for those who know nothing else, the other for everybody else.
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_. ") else "_" for letter in name)
    headers = response.headers
    headers["Content-Disposition"] = f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    headers["Cache-Control"] = "private, no-store"
    return response
