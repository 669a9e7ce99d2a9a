"""What people type, made fit to keep: order, case and script stay; what cannot be printed does not. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import time
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from retreat.core.names import search_key

LONGEST: Mapping[str, int] = {
    "honorific": 40,
    "given_name": 100,
    "family_name": 100,
    "badge_name": 100,
    "native_name": 100,
    "position": 200,
    "organisation": 200,
    "city": 100,
    "country": 100,
    "email": 254,
    "phone": 40,
    "arrival_flight": 100,
    "departure_flight": 100,
    "hotel": 200,
    "companion": 200,
    "diet": 1000,
    "access_needs": 1000,
    "filled_by_name": 200,
    "filled_by_email": 254,
}
"""Characters, by field."""

SEVERAL_LINES = frozenset({"diet", "access_needs"})
NAMES = ("given_name", "family_name", "badge_name")
SEARCHED = ("given_name", "family_name", "badge_name", "native_name", "organisation", "city", "email", "code")

LANGUAGE_CODE = re.compile(r"[a-z]{2,3}\Z")

# Whitespace of any kind that people paste; in one line each run of it becomes a blank.
_BLANKS = re.compile("[\\s\u0085\u00a0\u2028\u2029]+")
# Marks that word processors wrap round pasted text, and invisible leftovers: dropped without a word.
_DROPPED = re.compile("[\u00ad\u202a-\u202c\u2066-\u2069\ufeff]")
# An override makes Latin letters run backwards; nobody types it in good faith.
_OVERRIDES = re.compile("[\u202d\u202e]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


_TIME = re.compile(r"([0-9]{1,2})[:.hH]([0-9]{2})(?::00)?\Z")

# Letters that this Unicode release has not met yet (Cn) are letters to their readers.
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


class Cleaned(NamedTuple):
    """The text as it can be kept or shown again, and what was wrong with it, if anything."""

    text: str
    problem: Any = None


def cleaned(typed: str, longest: int, *, several_lines: bool = False) -> Cleaned:
    """NFC, blanks made single, invisible marks taken off; with a sentence where something was not as it should be."""
    text = _OVERRIDES.sub("", _CONTROLS.sub("", _DROPPED.sub("", typed)))
    text = unicodedata.normalize("NFC", _lines(text) if several_lines else _BLANKS.sub(" ", text).strip())
    text = text if _is_visible(text) else ""
    if bad := _CONTROLS.search(typed):
        return Cleaned(
            text,
            _l(
                "A character that cannot be printed (%(code)s) was in this answer. "
                "It has been taken out: please read the answer again.",
                code=_code(bad),
            ),
        )
    if bad := _OVERRIDES.search(typed):
        return Cleaned(
            text,
            _l(
                "An invisible character that turns text around (%(code)s) was in this answer. "
                "It has been taken out: please read the answer again.",
                code=_code(bad),
            ),
        )
    if len(text) > longest:
        return Cleaned(
            text,
            _l("Shorten this to %(longest)s characters; it has %(length)s.", longest=longest, length=len(text)),
        )
    return Cleaned(text)


def _lines(text: str) -> str:
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.strip().splitlines())


def _code(found: re.Match[str]) -> str:
    return f"U+{ord(found.group()):04X}"


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(character) not in _UNSEEN for character in text)


def email(text: str) -> str | None:
    """The address in its normal form and in lower case, by which people are found again; None when it is none.

    No name server is asked, and reserved names such as example.org are accepted: they are what samples use.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower() if "." in found.domain else None


def wall_time(text: str) -> time | None:
    """14:30, 9:05, 14.30 or 14h30; None when it is no time of the day."""
    found = _TIME.match(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


class BadgeLines(NamedTuple):
    """A name as the badge sets it: a small line, the large one, and the Latin letters under another script."""

    first: str
    main: str
    other: str
    language: str


def badge_lines(name: str, family_name: str, native_name: str, native_language: str) -> BadgeLines:
    """What the preview shows, by the rule of the printed badge."""
    if native_name and native_name != name:
        return BadgeLines("", native_name, name, native_language)
    if family_name and name != family_name and name.endswith(" " + family_name):
        return BadgeLines(name.removesuffix(family_name).strip(), family_name, "", "")
    return BadgeLines("", name, "", "")


def name_key(values: Mapping[str, Any]) -> str:
    """By which the same person is known again under one e-mail address: all names, whatever the case and accents."""
    full = " ".join(str(values.get(name) or "") for name in ("given_name", "family_name"))
    return search_key(full) or search_key(str(values.get("badge_name") or ""))


def searched(values: Mapping[str, Any]) -> str:
    """The text in which an organiser's search looks."""
    return " ".join(key for name in SEARCHED if (key := search_key(str(values.get(name) or ""))))


def printed_name(values: Mapping[str, Any]) -> str:
    """As on the badge when given, else given and family name in that order."""
    parts = (values.get("given_name"), values.get("family_name"))
    return str(values.get("badge_name") or "") or " ".join(str(part) for part in parts if part)
