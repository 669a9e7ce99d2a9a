"""How many of a filter there are by Section, category, language, organisation, city, country and status.

One query for the people and one for each kind of name, however many there are.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from retreat.core import dates
from retreat.core.db import db
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.network.models import Organisation
from retreat.network.service import sections
from retreat.registration import lists, states
from retreat.registration.filters import FACETS, NONE, Filter, conditions
from retreat.registration.models import Registration, Status


class Row(NamedTuple):
    value: str
    """Of the facet, for the address of those who are counted here."""
    label: str
    people: int


@dataclass(frozen=True, slots=True)
class Table:
    """One facet, the most frequent first where the values have no order of their own."""

    facet: str
    label: str
    rows: list[Row]
    people: int
    """Of the whole filter; somebody with two languages counts in two rows."""
    most: int
    """Of the longest row."""
    is_shared: bool = False
    """Whether one person may be in several rows."""

    @property
    def named(self) -> int:
        """How many different ones somebody said."""
        return sum(row.value != NONE for row in self.rows)


def counts(edition: Edition, asked: Filter, language: str) -> list[Table]:
    """The tables of a filter."""
    people = db.session.execute(
        select(
            Registration.status,
            Registration.section_id,
            Registration.category_id,
            Registration.organisation_id,
            Registration.organisation,
            Registration.city,
            Registration.country,
            Registration.languages,
        )
        .where(*conditions(edition, asked))
        .order_by(Registration.id)
    ).all()
    total = len(people)

    def table(facet: str, rows: list[Row], *, is_shared: bool = False) -> Table:
        most = max((row.people for row in rows), default=1)
        return Table(facet, str(FACETS[facet].label), rows, total, most, is_shared)

    statuses = Counter(one.status for one in people)
    spoken = Counter(code for one in people for code in (one.languages or [NONE]))
    return [
        table("section", _sections(Counter(one.section_id for one in people), edition, language)),
        table("category", _categories(Counter(one.category_id for one in people), edition, language)),
        table("language", _most_first(_language_rows(spoken, language)), is_shared=True),
        table("status", [Row(one.value, str(states.LABELS[one]), statuses[one]) for one in Status if statuses[one]]),
        table("organisation", _organisations(people, edition, language)),
        table("city", _written(one.city for one in people)),
        table("country", _written(one.country for one in people)),
    ]


def _sections(found: Counter[int | None], edition: Edition, language: str) -> list[Row]:
    rows = [
        Row(one.slug, one.name.text(language, edition.main_language), found[one.id])
        for one in sections()
        if found[one.id]
    ]
    return [*rows, *([Row(NONE, _("no Section"), found[None])] if found[None] else [])]


def _categories(found: Counter[int], edition: Edition, language: str) -> list[Row]:
    return [
        Row(one.slug, one.name.text(language, edition.main_language), found[one.id])
        for one in lists.categories_of(edition)
        if found[one.id]
    ]


def _language_rows(found: Counter[str], language: str) -> list[Row]:
    return [Row(code, _name(code, language), count) for code, count in found.items()]


def _name(code: str, language: str) -> str:
    return _("not said") if code == NONE else dates.language_name(code, language)


def _organisations(people: Iterable[Any], edition: Edition, language: str) -> list[Row]:
    """A known organisation is one, however its people wrote it; others are what they wrote."""
    people = list(people)
    known = Counter(one.organisation_id for one in people if one.organisation_id is not None)
    names = db.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(known)))
    rows = [Row(str(key), name.text(language, edition.main_language), known[key]) for key, name in names]
    return _most_first([*rows, *_written(one.organisation for one in people if one.organisation_id is None)])


def _written(texts: Iterable[str]) -> list[Row]:
    """By what people wrote, whatever its case and accents; called as most of them wrote it."""
    spellings = Counter(texts)
    found: Counter[str] = Counter()
    called: dict[str, str] = {}
    for text, count in spellings.most_common():
        key = search_key(text)
        found[key] += count
        called.setdefault(key, text)
    return _most_first([Row(called[key] or NONE, called[key] or _("not said"), count) for key, count in found.items()])


def _most_first(rows: Iterable[Row]) -> list[Row]:
    """Who said nothing comes last."""
    return sorted(rows, key=lambda row: (row.value == NONE, -row.people, search_key(row.label)))
