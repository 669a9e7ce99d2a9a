"""Files that people handed in, on their way out: never run, never sniffed, never kept by a cache."""

from urllib.parse import quote

from flask import Response

from retreat.core.stored import FileColumns

_SHOWN = frozenset({"image/jpeg", "image/png", "application/pdf"})
"""What a browser may show in place; anything else is a download."""


def sent(file: FileColumns, *, is_inline: bool = False) -> Response:
    """A stored file as an answer. The type is the one that was checked when it came in."""
    return sent_bytes(file.content, file.file_name, file.media_type, is_inline=is_inline)


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
