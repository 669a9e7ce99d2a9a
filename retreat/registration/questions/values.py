"""An answer as a value: read from what was typed, written as a file and as a page have it. Pure.

In the database an answer is text as a file has it (a number with a point, a date as YYYY-MM-DD, yes or no, a country
by its ISO code where it has one), or the options that were ticked, or a file.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import format_decimal
from flask_babel import force_locale
from flask_babel import gettext as _

from retreat.core import dates
from retreat.core.i18n import LANGUAGES
from retreat.core.names import search_key
from retreat.core.sheets import boolean, join_list
from retreat.registration.questions.models import Answer, Question, QuestionKind, QuestionOption

LONGEST: dict[QuestionKind, int] = {
    QuestionKind.TEXT: 300,
    QuestionKind.LONG_TEXT: 4000,
    QuestionKind.COUNTRY: 100,
    QuestionKind.PHONE: 40,
    QuestionKind.NUMBER: 30,
}
"""Characters, by kind."""

YES, NO = "yes", "no"
A_FILE = "file"
"""What a condition sees of a file."""

_BLANKS = re.compile("[\\s\u00a0\u202f'’]+")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,6})?\Z")


def number(text: str) -> str | None:
    """1 234,50 and 1234.5 are the same; None when it is no number."""
    plain = _BLANKS.sub("", text)
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not _NUMBER.match(plain):
        return None
    return f"{(Decimal(plain) or Decimal(0)).normalize():f}"


def day(text: str) -> str | None:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date().isoformat()
    except ValueError:
        return None


def yes_no(text: str) -> str | None:
    """In the words that a file may use."""
    answer = boolean(text)
    return None if answer is None else (YES if answer else NO)


# Countries ---------------------------------------------------------------------------------------------------------


@cache
def _territories(language: str) -> dict[str, str]:
    """Countries and territories by ISO code; continents and groupings have numbers or are no places to come from."""
    names = Locale.parse(language).territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in _NO_PLACES}


_NO_PLACES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"})


@cache
def _codes() -> dict[str, str]:
    return {search_key(name): code for spoken in LANGUAGES for code, name in _territories(spoken).items()}


def country(text: str) -> str:
    """The ISO code of a country that Babel knows by this name in one of our languages; else the label as typed."""
    label = text.strip()
    if len(label) == 2 and label.upper() in _territories("en"):
        return label.upper()
    return _codes().get(search_key(label), label)


def country_name(text: str, language: str) -> str:
    return _territories(language if language in LANGUAGES else "en").get(text, text)


def countries(language: str) -> list[str]:
    """What a form suggests, in the order of the alphabet."""
    return sorted(_territories(language if language in LANGUAGES else "en").values(), key=search_key)


# Choices -----------------------------------------------------------------------------------------------------------


def option_named(name: str, options: Iterable[QuestionOption]) -> QuestionOption | None:
    """By its slug, or by its label in any language."""
    key = search_key(name)
    known = list(options)
    by_slug = next((option for option in known if option.slug == name.strip().lower()), None)
    return by_slug or next((one for one in known if key in {search_key(text) for text in one.label.values()}), None)


# Showing -----------------------------------------------------------------------------------------------------------


def said(answer: Answer) -> frozenset[str]:
    """What a condition sees of an answer."""
    if answer.options:
        return frozenset(option.slug for option in answer.options)
    return frozenset({answer.text or A_FILE})


def cell(answer: Answer) -> str:
    """As a file has it: what an import reads back as the same answer."""
    if answer.question.kind is QuestionKind.FILE:
        return answer.file.file_name if answer.file else ""
    if answer.question.kind.has_options:
        return join_list(option.slug for option in answer.options)
    return answer.text


def answer_text(answer: Answer, language: str) -> str:
    """In the words of a page."""
    if answer.question.kind.has_options:
        return ", ".join(option.label.text(language) for option in answer.options)
    if answer.question.kind is QuestionKind.FILE:
        return answer.file.file_name if answer.file else ""
    return _SHOWN.get(answer.question.kind, _as_typed)(answer.text, language)


def _as_typed(text: str, _language: str) -> str:
    return text


def _yes_or_no(text: str, language: str) -> str:
    with force_locale(language):
        return _("Yes") if text == YES else _("No")


def _long_date(text: str, language: str) -> str:
    return dates.long_date(date.fromisoformat(text), language, year=True)


def _decimal(text: str, language: str) -> str:
    return format_decimal(Decimal(text), locale=language)


_SHOWN: dict[QuestionKind, Callable[[str, str], str]] = {
    QuestionKind.YES_NO: _yes_or_no,
    QuestionKind.DATE: _long_date,
    QuestionKind.NUMBER: _decimal,
    QuestionKind.COUNTRY: country_name,
}


def on_badge(answers: Iterable[Answer]) -> list[Answer]:
    """Those that the badge prints, in the order of their questions; a file cannot be printed."""
    shown = [one for one in answers if one.question.is_on_badge and one.question.kind is not QuestionKind.FILE]
    return sorted(shown, key=lambda one: order(one.question))


def order(question: Question) -> tuple[int, int]:
    return (question.position, question.id)
