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
from retreat.registration.filters import ANY, NONE, Filter


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
    for name, values in asked.chosen.items():
        facet = filters.facet(name)
        if facet is None:
            continue
        words = {**facet.choices} or _WORDS.get(name, _as_written)(edition, values, language)
        known = tuple(value for value in values if value in words)
        if known:
            kept[name] = known
            chips.append(Chip(name, str(facet.label), [str(words[value]) for value in known]))
    return Said(replace(asked, chosen=kept), chips)


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
