"""What is asked of the secretariat's list: as it stands in an address, and as conditions of a query.

    Filter.of(request.args)            what an address says; a word that no facet knows counts as not said
    conditions(edition, asked)         for select(Registration).where(*…); an answer's question is looked up

Values of one facet are alternatives, facets add up. What names a thing that is not there, such as the slug of a Section
that nobody knows, finds nobody: a message to a filter must never go to more people than it was written for.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, and_, cast, false, func, or_, select

from retreat.core.db import db
from retreat.core.i18n import LANGUAGES
from retreat.core.names import search_key
from retreat.editions.models import Category, Edition
from retreat.network.models import Section
from retreat.registration import answers as typed
from retreat.registration import proof, states
from retreat.registration.models import Photograph, Registration, Status
from retreat.registration.proof import Proof
from retreat.registration.questions import service as questions
from retreat.registration.questions.models import Question

NONE, ANY, YES, NO = "none", "any", "yes", "no"
"""In an address: without it, with any of it, and the two answers to a question of yes or no."""
ANSWER = "q_"
"""A facet of this beginning asks for the answer to the question whose slug follows."""
DEFAULT_ORDER = "-registered"
PRIVATE_ORDERS = frozenset({"email", "arrival", "departure", "hotel", "filled_by", "visa"})

_LONGEST_WORDS, _LONGEST_VALUE, _MOST_VALUES, _MOST_COLUMNS = 200, 200, 40, 60
_SLUG = re.compile(r"[a-z0-9-]{1,60}\Z")
_COLUMN = re.compile(r"[a-z0-9_-]{1,60}\Z")
_ORDER = re.compile(r"-?[a-z_]{1,40}\Z")
_FORMER_ORDERS = {"newest": "-registered", "oldest": "registered", "changed": "-changed"}

Values = tuple[str, ...]
Condition = Callable[[Edition, Values], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that a list can be narrowed by."""

    name: str
    """In the address."""
    label: Any
    condition: Condition
    """Of one or more values that `reads` let through."""
    choices: Mapping[str, Any] = field(default_factory=dict)
    """The values there are, with their words; empty where they are not the same for every edition."""
    reads: Callable[[str], str] = str
    """A value of an address as it counts; empty is no value."""
    is_private: bool = False
    """For those only who may read what it asks for."""

    def values(self, given: Iterable[str]) -> Values:
        """What counts of the values in an address, each once."""
        read = (self.reads(" ".join(value[:_LONGEST_VALUE].replace("\x00", "").split())) for value in given)
        return tuple(dict.fromkeys(value for value in read if value and (not self.choices or value in self.choices)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked of the list, its order and its columns; empty is everybody, newest first, the usual columns."""

    words: str = ""
    chosen: Mapping[str, Values] = field(default_factory=dict)
    """By the name of the facet; none without a value."""
    order: str = DEFAULT_ORDER
    """The name of an order, with `-` before it when it runs down."""
    columns: Values = ()
    is_public: bool = False
    """Asked by somebody who may not read what is private: words find nobody by an e-mail address."""

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "Filter":
        """From an address, or from what `arguments` gave. `column` is what a form with a box a column sends."""
        chosen = {name: facet.values(_all(arguments, name)[:_MOST_VALUES]) for name, facet in FACETS.items()}
        for name in sorted(arguments):
            if name.startswith(ANSWER) and _COLUMN.match(name):
                chosen[name] = _facet(name).values(_all(arguments, name)[:_MOST_VALUES])
        order = _one(arguments, "order")
        order = _FORMER_ORDERS.get(order, order)
        columns = (_all(arguments, "column") or _one(arguments, "columns").split(","))[:_MOST_COLUMNS]
        return cls(
            words=" ".join(_one(arguments, "q")[:_LONGEST_WORDS].replace("\x00", "").split()),
            chosen={name: values for name, values in chosen.items() if values},
            order=order if _ORDER.match(order) else DEFAULT_ORDER,
            columns=tuple(dict.fromkeys(name for name in columns if _COLUMN.match(name))),
        )

    @property
    def statuses(self) -> frozenset[Status]:
        """Those asked for; empty is any."""
        return frozenset(map(Status, self.chosen.get("status", ())))

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves anybody out by more than the status, which has tabs of its own."""
        return bool(self.words or set(self.chosen) - {"status"})

    def arguments(self, **other: Any) -> dict[str, Any]:
        """As it stands in an address, with parts replaced; empty parts are left out, several values are a list."""
        said: dict[str, Any] = {
            "q": self.words,
            **{name: list(values) if len(values) > 1 else values[0] for name, values in self.chosen.items()},
            "order": "" if self.order == DEFAULT_ORDER else self.order,
            "columns": ",".join(self.columns),
            **other,
        }
        return {name: value for name, value in said.items() if value}

    def query(self) -> str:
        """As the query of an address; empty for everybody as usual."""
        return urlencode(self.arguments(), doseq=True)

    def public(self) -> "Filter":
        """What is left for somebody who may not read what is private: neither found by it nor sorted by it."""
        kept = {name: values for name, values in self.chosen.items() if name in FACETS and not FACETS[name].is_private}
        order = DEFAULT_ORDER if self.order.removeprefix("-") in PRIVATE_ORDERS else self.order
        return replace(self, chosen=kept, order=order, is_public=True)

    def cleared(self) -> "Filter":
        """Everybody of the same status, in the same order and columns."""
        kept = {name: values for name, values in self.chosen.items() if name == "status"}
        return replace(self, words="", chosen=kept)

    def without(self, facet: str) -> "Filter":
        """The same, but for one facet; `q` are the words."""
        kept = {name: values for name, values in self.chosen.items() if name != facet}
        return replace(self, chosen=kept, words="" if facet == "q" else self.words)


def facet(name: str) -> Facet | None:
    """By its name in the address."""
    return FACETS.get(name) or (_facet(name) if name.startswith(ANSWER) else None)


def conditions(edition: Edition, asked: Filter, *, but: str = "") -> list[ColumnElement[bool]]:
    """Who is meant, of this edition; `but` leaves one facet out."""
    found: list[ColumnElement[bool]] = [Registration.edition_id == edition.id]
    searched: Any = Registration.search_key
    if asked.is_public:
        searched = func.replace(searched, func.lower(Registration.email), "")
    found += [searched.contains(word, autoescape=True) for word in search_key(asked.words).split()]
    for name, values in asked.chosen.items():
        if name != but and (known := facet(name)) is not None:
            found.append(known.condition(edition, values))
    return found


# The facets --------------------------------------------------------------------------------------------------------


def _status(_edition: Edition, values: Values) -> ColumnElement[bool]:
    return Registration.status.in_([Status(value) for value in values])


def _section(_edition: Edition, values: Values) -> ColumnElement[bool]:
    named = Registration.section_id.in_(select(Section.id).where(Section.slug.in_(values)))
    return or_(named, Registration.section_id.is_(None)) if NONE in values else named


def _category(edition: Edition, values: Values) -> ColumnElement[bool]:
    return Registration.category_id.in_(
        select(Category.id).where(Category.edition_id == edition.id, Category.slug.in_(values))
    )


def _organisation(edition: Edition, values: Values) -> ColumnElement[bool]:
    """A number is that organisation of the directory, whatever its people wrote; anything else is what they wrote."""
    written = tuple(value for value in values if not value.isdecimal())
    known = [int(value) for value in values if value.isdecimal()]
    found: list[ColumnElement[bool]] = [Registration.organisation_id.in_(known)] if known else []
    if written:
        found.append(_written(Registration.organisation)(edition, written))
    return or_(*found)


def _written(column: Any) -> Condition:
    """What people wrote, whatever its case and accents: the whole of it where somebody wrote just that, else a part.

    The databases do not fold letters alike, so the texts that match are found here first.
    """

    def condition(edition: Edition, values: Values) -> ColumnElement[bool]:
        texts = db.session.scalars(select(column).where(Registration.edition_id == edition.id).distinct()).all()
        keys = {text: search_key(text) for text in texts}
        matching: set[str] = {"" for value in values if value == NONE}
        for wanted in (search_key(value) for value in values if value != NONE):
            if not wanted:
                continue  # An accent alone is part of nothing, and would be of everything.
            same = {text for text, key in keys.items() if key == wanted}
            matching |= same or {text for text, key in keys.items() if wanted in key}
        return column.in_(sorted(matching)) if matching else false()

    return condition


def _languages(_edition: Edition, values: Values) -> ColumnElement[bool]:
    """In the stored list: codes are letters only, so the code in its quotation marks is that entry and no other."""
    stored = cast(Registration.languages, String)
    found = [stored.contains(f'"{value}"', autoescape=True) for value in values if value != NONE]
    return or_(*found, *([stored == "[]"] if NONE in values else []))


def _mails(_edition: Edition, values: Values) -> ColumnElement[bool]:
    return Registration.language.in_(values)


_PROOFS: dict[Proof, ColumnElement[bool]] = {
    Proof.APPROVED: Registration.proof_approved_at.is_not(None),
    Proof.CHANGED: and_(Registration.proof_approved_at.is_(None), Registration.proof_reopened_at.is_not(None)),
    Proof.OPEN: and_(Registration.proof_approved_at.is_(None), Registration.proof_reopened_at.is_(None)),
}


def _proof(_edition: Edition, values: Values) -> ColumnElement[bool]:
    readable = Registration.status.in_(sorted(proof.READABLE))
    return and_(readable, or_(*(_PROOFS[Proof(value)] for value in values)))


def _day(column: Any) -> Condition:
    def condition(_edition: Edition, values: Values) -> ColumnElement[bool]:
        named = column.in_([date.fromisoformat(value) for value in values if value != NONE])
        return or_(named, column.is_(None)) if NONE in values else named

    return condition


def _delegation(_edition: Edition, values: Values) -> ColumnElement[bool]:
    column = Registration.delegation_id
    found: list[ColumnElement[bool]] = [column.in_([int(value) for value in values if value.isdecimal()])]
    found += [column.is_not(None)] if ANY in values else []
    found += [column.is_(None)] if NONE in values else []
    return or_(*found)


def _yes_or_no(yes: ColumnElement[bool]) -> Condition:
    def condition(_edition: Edition, values: Values) -> ColumnElement[bool]:
        found = [yes] if YES in values else []
        return or_(*found, *([~yes] if NO in values else []))

    return condition


_HAS_PHOTOGRAPH = (
    select(Photograph.id).where(Photograph.registration_id == Registration.id).correlate(Registration).exists()
)
_FILLED = or_(Registration.filled_by_email != "", Registration.filled_by_name != "")


def _answer(slug: str) -> Condition:
    def condition(edition: Edition, values: Values) -> ColumnElement[bool]:
        asked = db.session.scalar(select(Question).where(Question.edition_id == edition.id, Question.slug == slug))
        return or_(*(questions.condition(asked, value) for value in values)) if asked else false()

    return condition


# Reading a value ---------------------------------------------------------------------------------------------------


def _read_slug(value: str) -> str:
    return value if _SLUG.match(value) else ""


def _read_language(value: str) -> str:
    return value if value == NONE or typed.LANGUAGE_CODE.match(value) else ""


def _read_day(value: str) -> str:
    try:
        return value if value == NONE else date.fromisoformat(value).isoformat()
    except ValueError:
        return ""


def _read_delegation(value: str) -> str:
    return value if value in (ANY, NONE) or _is_row(value) else ""


def _read_organisation(value: str) -> str:
    return value if not value.isdecimal() or _is_row(value) else ""


def _is_row(value: str) -> bool:
    """A number that a database can hold."""
    return value.isascii() and value.isdecimal() and len(value) < 10


def _facet(name: str) -> Facet:
    return Facet(name, name.removeprefix(ANSWER), _answer(name.removeprefix(ANSWER)))


def _all(arguments: Mapping[str, Any], name: str) -> list[str]:
    """Every value under a name: of a request, or of the JSON that a saved list keeps."""
    getlist = getattr(arguments, "getlist", None)
    found = getlist(name) if getlist else arguments.get(name, [])
    return [found] if isinstance(found, str) else [value for value in found if isinstance(value, str)]


def _one(arguments: Mapping[str, Any], name: str) -> str:
    found = _all(arguments, name)
    return found[0] if found else ""


_ANSWERS = {YES: _l("yes"), NO: _l("no")}

FACETS: dict[str, Facet] = {
    one.name: one
    for one in (
        Facet("status", _l("Status"), _status, {status.value: label for status, label in states.LABELS.items()}),
        Facet("section", _l("Section"), _section, reads=_read_slug),
        Facet("category", _l("Category"), _category, reads=_read_slug),
        Facet("organisation", _l("Organisation"), _organisation, reads=_read_organisation),
        Facet("city", _l("City"), _written(Registration.city)),
        Facet("country", _l("Country or territory"), _written(Registration.country)),
        Facet("language", _l("Listens in"), _languages, reads=_read_language),
        Facet("mails", _l("Mails in"), _mails, LANGUAGES),
        Facet(
            "proof",
            _l("Badge proof"),
            _proof,
            {
                Proof.OPEN.value: _l("not approved yet"),
                Proof.APPROVED.value: _l("approved"),
                Proof.CHANGED.value: _l("changed since it was approved"),
            },
        ),
        Facet("delegation", _l("Delegation"), _delegation, reads=_read_delegation),
        Facet("arrival", _l("Arrives"), _day(Registration.arrival), reads=_read_day, is_private=True),
        Facet("departure", _l("Leaves"), _day(Registration.departure), reads=_read_day, is_private=True),
        Facet(
            "visa",
            _l("Visa letter asked for"),
            _yes_or_no(Registration.visa_letter.is_(True)),
            _ANSWERS,
            is_private=True,
        ),
        Facet("filled", _l("Registered by somebody else"), _yes_or_no(_FILLED), _ANSWERS, is_private=True),
        Facet("photograph", _l("Has a photograph"), _yes_or_no(_HAS_PHOTOGRAPH), _ANSWERS),
        Facet("arrived", _l("Has arrived"), _yes_or_no(Registration.arrived_at.is_not(None)), _ANSWERS),
    )
}
