"""What pages ask of registrations: lists with their filters, and what a form suggests.

listed(edition, asked, page)    one page of the secretariat's list, the same number of queries whatever its length
all_of(edition, asked)          everybody whom a filter means, for a file, a message, a decision
ids_of(edition, asked)          the same as numbers, for what is done later or many at a time
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from retreat.core.db import db
from retreat.core.names import search_key
from retreat.editions.models import Category, Edition
from retreat.network.models import Organisation, Section
from retreat.registration import states, waiting
from retreat.registration.filters import DEFAULT_ORDER, NONE, Filter, conditions
from retreat.registration.models import Registration, Status

__all__ = [
    "NO_SECTION",
    "PAGE_SIZE",
    "Filter",
    "ListPage",
    "Suggestions",
    "Totals",
    "all_of",
    "categories_of",
    "ids_of",
    "listed",
    "registration_with_code",
    "suggestions",
]

PAGE_SIZE = 50
NO_SECTION = NONE
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

_SECTION = select(Section.position).where(Section.id == Registration.section_id).scalar_subquery()
_CATEGORY = select(Category.position).where(Category.id == Registration.category_id).scalar_subquery()
_STATUS = case({status: number for number, status in enumerate(Status)}, value=Registration.status)
_PROOF = case(
    (Registration.proof_approved_at.is_not(None), 2), (Registration.proof_reopened_at.is_not(None), 1), else_=0
)

_BY_VALUE: dict[str, Any] = {
    "registered": Registration.created_at,
    "changed": Registration.updated_at,
    "code": Registration.code,
    "section": _SECTION,
    "category": _CATEGORY,
    "status": _STATUS,
    "proof": _PROOF,
    "arrival": Registration.arrival,
    "departure": Registration.departure,
    "arrived": Registration.arrived_at,
    "visa": Registration.visa_letter,
    "email": Registration.email,
    "role": Registration.delegation_role,
}
"""Orders that the database knows."""

_BY_LETTERS: dict[str, tuple[Any, ...]] = {
    "name": (
        case(
            (Registration.family_name != "", Registration.family_name),
            (Registration.badge_name != "", Registration.badge_name),
            else_=Registration.given_name,
        ),
        Registration.given_name,
    ),
    "given_name": (Registration.given_name, Registration.family_name),
    "position": (Registration.position,),
    "organisation": (Registration.organisation,),
    "office": (Registration.organisation, Registration.position),
    "city": (Registration.city,),
    "country": (Registration.country, Registration.city),
    "hotel": (Registration.hotel,),
    "filled_by": (Registration.filled_by_name, Registration.filled_by_email),
}
"""Orders of people's own words: by their letters, without regard to case and accents, scripts in the order of Unicode.
SQLite folds ASCII only and a PostgreSQL as it was set up, so these are sorted here, the same on both."""

ORDERS = frozenset(_BY_VALUE) | frozenset(_BY_LETTERS)


Conditions = Sequence[ColumnElement[bool]]

_SHOWN = (joinedload(Registration.category), joinedload(Registration.section))


class Totals(NamedTuple):
    """Of the whole edition, whatever is filtered."""

    people: int
    approved: int
    cities: int


class ListPage(NamedTuple):
    registrations: list[Registration]
    page: int
    pages: int
    total: int
    counts: dict[Status, int]
    """Of every status under the other filters."""
    totals: Totals
    numbers: dict[int, int]
    """In the waiting list, of those shown who wait, by id."""

    def reachable(self, asked: Filter) -> int:
        """How many a message to the filter would reach: those who mean to come, unless a status is asked for."""
        return self.total if asked.statuses else sum(self.counts.get(status, 0) for status in states.LIVE)

    @property
    def first(self) -> int:
        """The number in the list of the first one shown."""
        return (self.page - 1) * PAGE_SIZE + 1


def registration_with_code(edition: Edition, code: str) -> Registration | None:
    """One registration with what its page shows."""
    if "\x00" in code:  # which PostgreSQL refuses to compare with
        return None
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


def listed(edition: Edition, asked: Filter, page: int = 1, *, loads: Iterable[ORMOption] = ()) -> ListPage:
    """One page of the list, in as many queries whatever its length; `loads` is what its columns need besides."""
    # Made once for both: some of them ask the database what they mean.
    others = conditions(edition, asked, but="status")
    counts, totals = _counts(edition, others)
    total = sum(number for status, number in counts.items() if not asked.statuses or status in asked.statuses)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    wanted = [*others, Registration.status.in_(sorted(asked.statuses))] if asked.statuses else others
    rows = _slice(edition, asked, wanted, (page - 1) * PAGE_SIZE, loads)
    numbers = {one.id: number for one, number in rows if number is not None}
    return ListPage([one for one, _ in rows], page, pages, total, counts, totals, numbers)


def all_of(edition: Edition, asked: Filter, *, loads: Iterable[ORMOption] = ()) -> list[Registration]:
    """Every registration of the filter in its order, with category and Section."""
    name, _is_down = _order(asked)
    query = select(Registration).where(*conditions(edition, asked)).options(*_SHOWN, *loads)
    if name in _BY_VALUE:
        return list(db.session.scalars(query.order_by(*_in_database(asked))))
    found = {one.id: one for one in db.session.scalars(query)}
    return [found[key] for key in _by_letters(asked, conditions(edition, asked)) if key in found]


def ids_of(edition: Edition, asked: Filter) -> list[int]:
    """Whom the filter means, as numbers in its order."""
    name, _is_down = _order(asked)
    if name in _BY_LETTERS:
        return _by_letters(asked, conditions(edition, asked))
    here = select(Registration.id).where(*conditions(edition, asked))
    return list(db.session.scalars(here.order_by(*_in_database(asked))))


def _slice(
    edition: Edition, asked: Filter, wanted: Conditions, start: int, loads: Iterable[ORMOption]
) -> list[tuple[Registration, int | None]]:
    """A page's registrations with their numbers in the waiting list, which are counted for these only."""
    if _order(asked)[0] in _BY_LETTERS:
        keys = _by_letters(asked, wanted)[start : start + PAGE_SIZE]
        found = {one.id: (one, number) for one, number in db.session.execute(_page(edition, keys, loads))}
        return [found[key] for key in keys if key in found]
    order = _in_database(asked)
    ids = select(Registration.id).where(*wanted).order_by(*order).limit(PAGE_SIZE).offset(start)
    return list(db.session.execute(_page(edition, ids, loads).order_by(*order)))


def _page(
    edition: Edition, ids: Sequence[int] | Select[int], loads: Iterable[ORMOption]
) -> Select[Registration, int | None]:
    query = select(Registration, waiting.number(edition)).where(Registration.id.in_(ids))
    return query.options(*_SHOWN, *loads)


def _order(asked: Filter) -> tuple[str, bool]:
    """The name of the order, and whether it runs down."""
    name = asked.order.removeprefix("-")
    if name not in ORDERS:
        return _order(Filter(order=DEFAULT_ORDER))
    return name, asked.order.startswith("-")


def _in_database(asked: Filter) -> tuple[ColumnElement[Any], ...]:
    """What says nothing comes last, either way; who is alike stands as they came, or the other way round."""
    name, is_down = _order(asked)
    column = _BY_VALUE[name]
    if is_down:
        return column.desc().nulls_last(), Registration.id.desc()
    return column.asc().nulls_last(), Registration.id.asc()


def _by_letters(asked: Filter, wanted: Conditions) -> list[int]:
    name, is_down = _order(asked)
    rows = db.session.execute(
        select(Registration.id, *_BY_LETTERS[name]).where(*wanted).order_by(Registration.id)
    ).all()
    said = [(tuple(map(search_key, texts)), key) for key, *texts in rows if any(texts)]
    # Reversed or not, sorting keeps those who are alike in the order in which they came.
    said.sort(key=itemgetter(0), reverse=is_down)
    return [key for _, key in said] + [key for key, *texts in rows if not any(texts)]


def _counts(edition: Edition, others: Conditions) -> tuple[dict[Status, int], Totals]:
    here = Registration.edition_id == edition.id
    city = func.nullif(func.lower(Registration.city), "")
    cities = select(func.count(func.distinct(city))).where(here).scalar_subquery()
    matching = func.count().filter(*others)
    rows = db.session.execute(
        select(Registration.status, matching, func.count(), cities).where(here).group_by(Registration.status)
    ).all()
    whole = {status: number for status, _, number, _ in rows}
    totals = Totals(sum(whole.values()), whole.get(Status.APPROVED, 0), rows[0][3] if rows else 0)
    return {status: number for status, number, _, _ in rows}, totals
