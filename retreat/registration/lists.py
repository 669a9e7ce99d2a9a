"""What pages ask of registrations: lists with their filters, and what a form suggests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from retreat.core.db import db
from retreat.core.names import search_key
from retreat.editions.models import Category, Edition
from retreat.network.models import Organisation, Section
from retreat.registration.models import Registration, Status

PAGE_SIZE = 50
NO_SECTION = "none"
"""In an address: those who named no Section."""
_SUGGESTED = 200


def categories_of(edition: Edition, *, is_public: bool = False) -> list[Category]:
    """In their order; only those that the public form offers, if asked so."""
    query = select(Category).where(Category.edition_id == edition.id).order_by(Category.position, Category.id)
    return list(db.session.scalars(query.where(Category.is_public) if is_public else query))


class Suggestions(NamedTuple):
    organisations: list[str]
    cities: list[str]
    countries: list[str]


def suggestions() -> Suggestions:
    """Names, cities and countries of members, as the secretariat writes them: what the form offers while typing."""
    rows = db.session.execute(
        select(Organisation.name, Organisation.city, Organisation.country)
        .where(Organisation.is_member)
        .order_by(Organisation.name_key)
        .limit(_SUGGESTED)
    ).all()
    return Suggestions(
        [str(name) for name, _city, _country in rows],
        sorted({city for _name, city, _country in rows if city}),
        sorted({country for _name, _city, country in rows if country}),
    )


# The secretariat's list --------------------------------------------------------------------------------------------

ORDERS = {
    "newest": (Registration.created_at.desc(), Registration.id.desc()),
    "oldest": (Registration.created_at, Registration.id),
    "changed": (Registration.updated_at.desc(), Registration.id.desc()),
    "name": (func.lower(Registration.family_name), func.lower(Registration.given_name), Registration.id),
    "code": (Registration.code, Registration.id),
}


class Totals(NamedTuple):
    """Of the whole edition, whatever is filtered."""

    people: int
    approved: int
    cities: int


def registration_with_code(edition: Edition, code: str) -> Registration | None:
    """One registration with what its page shows."""
    return db.session.scalar(
        select(Registration)
        .where(Registration.edition_id == edition.id, Registration.code == code)
        .options(
            joinedload(Registration.category),
            joinedload(Registration.section),
            joinedload(Registration.member),
            joinedload(Registration.person),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked of the list; empty is everything."""

    words: str = ""
    status: Status | None = None
    section: str = ""
    category: str = ""
    order: str = "newest"

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> "Filter":
        """From an address; what is unknown there counts as not said."""
        status, order = arguments.get("status", ""), arguments.get("order", "")
        return cls(
            words=" ".join(arguments.get("q", "")[:200].replace("\x00", "").split()),
            status=Status(status) if status in {one.value for one in Status} else None,
            section=arguments.get("section", "")[:60].replace("\x00", ""),
            category=arguments.get("category", "")[:60].replace("\x00", ""),
            order=order if order in ORDERS else "newest",
        )

    def arguments(self, **other: str) -> dict[str, str]:
        """As it stands in an address, with parts replaced; empty parts are left out."""
        said = {
            "q": self.words,
            "status": self.status.value if self.status else "",
            "section": self.section,
            "category": self.category,
            "order": "" if self.order == "newest" else self.order,
            **other,
        }
        return {name: value for name, value in said.items() if value}


class ListPage(NamedTuple):
    registrations: list[Registration]
    page: int
    pages: int
    total: int
    counts: dict[Status, int]
    """Of every status under the other filters."""
    totals: Totals


def listed(edition: Edition, asked: Filter, page: int = 1) -> ListPage:
    """One page of the list, in two queries whatever its length."""
    counts, totals = _counts(edition, asked)
    total = counts.get(asked.status, 0) if asked.status else sum(counts.values())
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = db.session.scalars(
        _loaded(edition, asked).order_by(*ORDERS[asked.order]).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    )
    return ListPage(list(rows), page, pages, total, counts, totals)


def all_of(edition: Edition, asked: Filter) -> list[Registration]:
    """Every registration of the filter, for a file."""
    return list(db.session.scalars(_loaded(edition, asked).order_by(*ORDERS[asked.order])))


def _counts(edition: Edition, asked: Filter) -> tuple[dict[Status, int], Totals]:
    here = Registration.edition_id == edition.id
    city = func.nullif(func.lower(Registration.city), "")
    cities = select(func.count(func.distinct(city))).where(here).scalar_subquery()
    matching = func.count().filter(*_conditions(edition, asked))
    rows = db.session.execute(
        select(Registration.status, matching, func.count(), cities).where(here).group_by(Registration.status)
    ).all()
    whole = {status: number for status, _, number, _ in rows}
    totals = Totals(sum(whole.values()), whole.get(Status.APPROVED, 0), rows[0][3] if rows else 0)
    return {status: number for status, number, _, _ in rows}, totals


def _loaded(edition: Edition, asked: Filter) -> Select[Registration]:
    query = select(Registration).where(*_conditions(edition, asked))
    if asked.status:
        query = query.where(Registration.status == asked.status)
    return query.options(joinedload(Registration.category), joinedload(Registration.section))


def _conditions(edition: Edition, asked: Filter) -> list[ColumnElement[bool]]:
    """Everything but the status: each tab counts its own."""
    found: list[ColumnElement[bool]] = [Registration.edition_id == edition.id]
    found += [Registration.search_key.contains(word, autoescape=True) for word in search_key(asked.words).split()]
    if asked.section == NO_SECTION:
        found.append(Registration.section_id.is_(None))
    elif asked.section:
        found.append(
            Registration.section_id == select(Section.id).where(Section.slug == asked.section).scalar_subquery()
        )
    if asked.category:
        chosen = select(Category.id).where(Category.slug == asked.category, Category.edition_id == edition.id)
        found.append(Registration.category_id == chosen.scalar_subquery())
    return found
