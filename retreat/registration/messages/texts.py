"""A message's texts: what stands in braces, and who reads which language. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from retreat.core.i18n import LANGUAGES, Translated

PLACEHOLDERS = ("name", "city", "code", "link")
"""The person's own: name as addressed, city, reference, and a fresh link to the own page."""
LINK = "{link}"

_IN_BRACES = re.compile(r"\{([^{}\n]*)\}")


def unknown_placeholder(text: str, known: Iterable[str] = PLACEHOLDERS) -> str | None:
    """The first thing in braces that is no placeholder, as written."""
    return next((found.group() for found in _IN_BRACES.finditer(text) if found.group(1) not in set(known)), None)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Each placeholder replaced once: braces in somebody's name are that person's own."""
    return _IN_BRACES.sub(lambda found: values.get(found.group(1), found.group()), text)


def parts(text: str, values: Mapping[str, str]) -> list[str]:
    """The text filled in, cut where the secret link goes, which is known to the mail alone."""
    return [filled(part, values) for part in text.split(LINK)]


@dataclass(frozen=True, slots=True)
class Fallback:
    """People who read one language and get another."""

    asked: str
    given: str
    people: int


@dataclass(frozen=True, slots=True)
class Languages:
    """How many get each language, in the order of the interface's; who gets another than they read."""

    counts: Mapping[str, int]
    fallbacks: tuple[Fallback, ...]


def language_for(asked: str, body: Translated, main: str) -> str:
    """The person's own language → the edition's main one → English → any that there is."""
    return body.best(asked, main).language


def languages_of(asked: Iterable[str], body: Translated, main: str) -> Languages:
    """What is given to readers of these languages, one for each person."""
    if not body:
        return Languages({}, ())
    given: Counter[str] = Counter()
    fallbacks: Counter[tuple[str, str]] = Counter()
    for wanted, people in Counter(asked).items():
        got = language_for(wanted, body, main)
        given[got] += people
        if got != wanted:
            fallbacks[wanted, got] += people
    order = list(LANGUAGES)
    return Languages(
        {code: given[code] for code in sorted(given, key=lambda code: _place(code, order))},
        tuple(Fallback(*pair, people) for pair, people in fallbacks.most_common()),
    )


def _place(code: str, order: list[str]) -> tuple[int, str]:
    return (order.index(code) if code in order else len(order), code)


def problems(subject: Translated, body: Translated) -> list[str]:
    """Why it cannot be sent as it stands, in sentences."""
    if not body:
        return [_("There is no text yet: write it in at least one language.")]
    return [
        _("%(language)s has a text but no subject.", language=LANGUAGES.get(code, code))
        for code in body
        if code not in subject
    ]


def warnings(subject: Translated, body: Translated) -> list[str]:
    """What was perhaps forgotten."""
    return [
        _("%(language)s has a subject but no text: nobody gets it.", language=LANGUAGES.get(code, code))
        for code in subject
        if body and code not in body
    ]
