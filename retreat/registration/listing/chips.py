"""A filter in words: what the chips above the list say, and a printed list under its title."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.core import dates
from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.network.models import Organisation
from retreat.network.service import sections
from retreat.registration import filters, lists
from retreat.registration.delegations.models import Delegation
from retreat.registration.filters import ANSWER, ANY, NO, NONE, YES, Filter
from retreat.registration.questions.models import Question


class Chip(NamedTuple):
    name: str
    """Of the facet, in the address."""
    label: str
    values: list[str]
    """In words."""


class Said(NamedTuple):
    asked: Filter
    """Without what names something that is not there."""
    chips: list[Chip]


def said(edition: Edition, asked: Filter, language: str) -> Said:
    """The filter without what nobody knows, and in words. Asks the database only for the names that it needs."""
    chips, kept = [], {}
    questions = _questions(edition, asked)
    for name, values in asked.chosen.items():
        facet, question = filters.FACETS.get(name), questions.get(name)
        if question is not None:
            label, words = question.label.text(language, edition.main_language), _answers(question, values, language)
        elif facet is not None:
            label = str(facet.label)
            words = facet.choices or _WORDS.get(name, _as_written)(edition, values, language)
        else:
            continue
        if known := tuple(value for value in values if value in words):
            kept[name] = known
            chips.append(Chip(name, label, [str(words[value]) for value in known]))
    return Said(replace(asked, chosen=kept), chips)


def _questions(edition: Edition, asked: Filter) -> dict[str, Question]:
    slugs = [name.removeprefix(ANSWER) for name in asked.chosen if name.startswith(ANSWER)]
    if not slugs:
        return {}
    found = db.session.scalars(
        select(Question)
        .where(Question.edition_id == edition.id, Question.slug.in_(slugs))
        .options(joinedload(Question.options))
    ).unique()
    return {ANSWER + one.slug: one for one in found}


def _answers(question: Question, values: tuple[str, ...], language: str) -> Mapping[str, Any]:
    """A choice must be one of the question's; anything else is looked for as it is written."""
    fixed = {NONE: _("not answered"), ANY: _("any"), YES: _("yes"), NO: _("no")}
    if question.kind.has_options:
        return {**{one.slug: one.label.text(language) for one in question.options}, NONE: fixed[NONE]}
    return {value: fixed.get(value, value) for value in values}


def in_words(words: str, chips: Iterable[Chip]) -> str:
    """The whole filter as one line; empty for everybody."""
    parts = [f"“{words}”"] if words else []
    parts += [f"{chip.label}: {', '.join(chip.values)}" for chip in chips]
    return " · ".join(parts)


Words = Callable[[Edition, tuple[str, ...], str], Mapping[str, Any]]


def _as_written(_edition: Edition, values: tuple[str, ...], _language: str) -> dict[str, str]:
    return {value: _("not said") if value == NONE else value for value in values}


def _sections(edition: Edition, _values: tuple[str, ...], language: str) -> dict[str, str]:
    named = {one.slug: one.name.text(language, edition.main_language) for one in sections()}
    return {**named, NONE: _("no Section")}


def _categories(edition: Edition, _values: tuple[str, ...], language: str) -> dict[str, str]:
    return {one.slug: one.name.text(language, edition.main_language) for one in lists.categories_of(edition)}


def _organisations(edition: Edition, values: tuple[str, ...], language: str) -> dict[str, str]:
    ids = [int(value) for value in values if value.isdecimal()]
    named = {
        str(one.id): one.name.text(language, edition.main_language)
        for one in (db.session.scalars(select(Organisation).where(Organisation.id.in_(ids))) if ids else ())
    }
    return {**_as_written(edition, tuple(value for value in values if not value.isdecimal()), language), **named}


def _delegations(edition: Edition, values: tuple[str, ...], language: str) -> dict[str, str]:
    ids = [int(value) for value in values if value.isdecimal()]
    found = db.session.scalars(
        select(Delegation)
        .where(Delegation.edition_id == edition.id, Delegation.id.in_(ids))
        .options(joinedload(Delegation.organisation))
    )
    named = {str(one.id): one.organisation.name.text(language, edition.main_language) for one in (found if ids else ())}
    return {ANY: _("any"), NONE: _("none"), **named}


def _languages(_edition: Edition, values: tuple[str, ...], language: str) -> dict[str, str]:
    return {value: _("not said") if value == NONE else dates.language_name(value, language) for value in values}


def _days(_edition: Edition, values: tuple[str, ...], language: str) -> dict[str, str]:
    return {value: _("not said") if value == NONE else _day(date.fromisoformat(value), language) for value in values}


def _day(day: date, language: str) -> str:
    return f"{dates.short_weekday(day, language)} {dates.bare_date(day, language)}"


_WORDS: dict[str, Words] = {
    "section": _sections,
    "category": _categories,
    "organisation": _organisations,
    "delegation": _delegations,
    "language": _languages,
    "arrival": _days,
    "departure": _days,
}
