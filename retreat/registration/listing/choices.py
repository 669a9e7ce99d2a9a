"""What the filter's form offers: the values of each facet that somebody of this edition has."""

import json
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import String, cast, select
from sqlalchemy.orm import joinedload

from retreat.core import dates
from retreat.core.db import db
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.network.service import sections
from retreat.registration import lists
from retreat.registration.delegations.models import Delegation
from retreat.registration.filters import ANSWER, ANY, FACETS, NO, NONE, YES, Filter
from retreat.registration.models import Registration
from retreat.registration.questions import service as questions
from retreat.registration.questions.models import Question, QuestionKind

Choices = list[tuple[str, str]]
SEVERAL = frozenset({"status", "section", "category", "language", "proof"})
WRITTEN = ("organisation", "city", "country")


@dataclass(frozen=True, slots=True)
class Control:
    """One facet in the form."""

    name: str
    label: str
    values: list[str]
    """Chosen now."""
    choices: Choices = field(default_factory=list)
    """Empty for a text that is typed."""
    suggestions: list[str] = field(default_factory=list)

    @property
    def is_several(self) -> bool:
        return self.name in SEVERAL


def controls(edition: Edition, asked: Filter, language: str, *, may_read_private: bool) -> list[Control]:
    """Every facet that this organiser may filter by, in their order, then the edition's questions."""
    offered = _offered(edition, language)
    found = [
        Control(
            name,
            str(facet.label),
            list(asked.chosen.get(name, ())),
            offered.get(name) or [(value, str(words)) for value, words in facet.choices.items()],
            _suggestions(edition, name) if name in WRITTEN else [],
        )
        for name, facet in FACETS.items()
        if may_read_private or not facet.is_private
    ]
    if may_read_private:
        found += [_answer(one, asked, edition, language) for one in questions.questions_of(edition)]
    shown = [control for control in found if control.choices or control.name in WRITTEN or _is_typed(control)]
    return sorted(shown, key=lambda control: not control.is_several)


def _is_typed(control: Control) -> bool:
    return control.name.startswith(ANSWER)


def _offered(edition: Edition, language: str) -> dict[str, Choices]:
    main = edition.main_language
    named = [(one.slug, one.name.text(language, main)) for one in sections()]
    return {
        "section": [*named, (NONE, _("no Section"))],
        "category": [(one.slug, one.name.text(language, main)) for one in lists.categories_of(edition)],
        "language": [*_languages(edition, language), (NONE, _("not said"))],
        "delegation": _delegations(edition, language),
        "arrival": _days(Registration.arrival, edition, language),
        "departure": _days(Registration.departure, edition, language),
    }


def _languages(edition: Edition, language: str) -> Choices:
    # Compared as text: PostgreSQL has no equality for JSON.
    stored = cast(Registration.languages, String)
    texts = db.session.scalars(select(stored).where(Registration.edition_id == edition.id).distinct())
    codes = {code for text in texts for code in json.loads(text)}
    return sorted(((code, dates.language_name(code, language)) for code in codes), key=lambda one: search_key(one[1]))


def _delegations(edition: Edition, language: str) -> Choices:
    found = db.session.scalars(
        select(Delegation).where(Delegation.edition_id == edition.id).options(joinedload(Delegation.organisation))
    )
    named = [(str(one.id), one.organisation.name.text(language, edition.main_language)) for one in found]
    return [(ANY, _("any")), (NONE, _("none")), *sorted(named, key=lambda one: search_key(one[1]))]


def _days(column: Any, edition: Edition, language: str) -> Choices:
    days = db.session.scalars(
        select(column).where(Registration.edition_id == edition.id, column.is_not(None)).distinct().order_by(column)
    )
    return [*((day.isoformat(), dates.long_date(day, language)) for day in days), (NONE, _("not said"))]


def _suggestions(edition: Edition, name: str) -> list[str]:
    column = getattr(Registration, name)
    texts = db.session.scalars(select(column).where(Registration.edition_id == edition.id, column != "").distinct())
    return sorted(texts, key=search_key)


def _answer(question: Question, asked: Filter, edition: Edition, language: str) -> Control:
    name = ANSWER + question.slug
    choices: Choices = []
    if question.kind.has_options:
        choices = [(one.slug, one.label.text(language, edition.main_language)) for one in question.options]
    elif question.kind is QuestionKind.YES_NO:
        choices = [(YES, _("yes")), (NO, _("no"))]
    elif question.kind is QuestionKind.FILE:
        choices = [(ANY, _("any"))]
    return Control(
        name,
        question.label.text(language, edition.main_language),
        list(asked.chosen.get(name, ())),
        [*choices, (NONE, _("not answered"))] if choices else [],
    )
