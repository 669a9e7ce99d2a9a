"""What is counted of an edition: three queries, and the adding up as pure functions of rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from retreat.core import chart, dates
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.names import search_key
from retreat.editions.models import Category, Edition
from retreat.network.models import Section
from retreat.registration import states
from retreat.registration.models import Gender, Registration, Status, StatusChange
from retreat.registration.numbers.shares import Group, Shares, shares

DAYS_SHOWN = 35
"""A longer time is told week by week."""
_GROUPS = {Gender.WOMAN: Group.WOMEN, Gender.MAN: Group.MEN, Gender.ANOTHER: Group.ANOTHER, None: Group.UNANSWERED}


class Row(NamedTuple):
    """Of a live registration, what is counted."""

    status: Status
    arrived_at: datetime | None
    gender: Gender | None
    city: str
    country: str
    organisation: str
    section_id: int | None
    category_id: int
    languages: Sequence[str]
    created_at: datetime
    approved_at: datetime | None
    """When it was last approved; None also for those whose approval came with a file."""


class Named(NamedTuple):
    """A thing with a name in several languages; None is those who named none."""

    name: Translated | None
    number: int


class Counted(NamedTuple):
    """As most people wrote it."""

    name: str
    number: int


class Period(NamedTuple):
    """A day, or the week that begins with it: new ones, and how many there were by its end."""

    day: date
    registered: int
    approved: int
    registered_by: int
    approved_by: int


@dataclass(frozen=True, slots=True)
class OverTime:
    periods: tuple[Period, ...]
    is_weekly: bool
    chart: chart.Chart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    registered: int
    """Submitted, approved and waitlisted."""
    approved: int
    arrived: int
    waiting: int
    cities: tuple[Counted, ...]
    countries: tuple[Counted, ...]
    organisations: tuple[Counted, ...]
    languages: tuple[Counted, ...]
    """By code; a person may have named several."""
    sections: tuple[Named, ...]
    categories: tuple[Named, ...]
    shares: Shares
    over_time: OverTime


def numbers(edition: Edition) -> Numbers:
    """Of everybody who means to come, as it is now."""
    sections = db.session.execute(select(Section.id, Section.name).order_by(Section.position)).all()
    categories = db.session.execute(
        select(Category.id, Category.name)
        .where(Category.edition_id == edition.id)
        .order_by(Category.position, Category.id)
    ).all()
    return added_up(
        _rows(edition),
        sections=dict(sections),
        categories=dict(categories),
        zone=edition.zone,
    )


def _rows(edition: Edition) -> list[Row]:
    approved = (
        select(StatusChange.registration_id, func.max(StatusChange.at).label("at"))
        .join(Registration, Registration.id == StatusChange.registration_id)
        .where(Registration.edition_id == edition.id, StatusChange.after == Status.APPROVED)
        .group_by(StatusChange.registration_id)
        .subquery()
    )
    found = db.session.execute(
        select(
            Registration.status,
            Registration.arrived_at,
            Registration.gender,
            Registration.city,
            Registration.country,
            Registration.organisation,
            Registration.section_id,
            Registration.category_id,
            Registration.languages,
            Registration.created_at,
            approved.c.at,
        )
        .outerjoin(approved, approved.c.registration_id == Registration.id)
        .where(Registration.edition_id == edition.id, Registration.status.in_(sorted(states.LIVE)))
    )
    return [Row(*row) for row in found]


# Adding up ---------------------------------------------------------------------------------------------------------


def added_up(
    rows: Sequence[Row], *, sections: Mapping[int, Translated], categories: Mapping[int, Translated], zone: str
) -> Numbers:
    groups = Counter(_GROUPS[row.gender] for row in rows)
    approved = [row for row in rows if row.status is Status.APPROVED]
    return Numbers(
        registered=len(rows),
        approved=len(approved),
        arrived=sum(row.arrived_at is not None for row in approved),
        waiting=sum(row.status is Status.WAITLISTED for row in rows),
        cities=_cities(rows),
        countries=_spelt(row.country for row in rows),
        organisations=_spelt(row.organisation for row in rows),
        languages=_most_first(Counter(code for row in rows for code in set(row.languages))),
        sections=_named((row.section_id for row in rows), sections),
        categories=_named((row.category_id for row in rows), categories),
        shares=shares({group: groups[group] for group in Group}),
        over_time=_over_time(rows, zone),
    )


def _named(keys: Iterable[int | None], names: Mapping[int, Translated]) -> tuple[Named, ...]:
    """Most first, in their own order among equals; those who named none come last."""
    counted = Counter(keys)
    order = list(names)
    known = sorted((key for key in counted if key is not None), key=lambda key: (-counted[key], order.index(key)))
    none = [Named(None, counted[None])] if counted[None] else []
    return (*(Named(names[key], counted[key]) for key in known), *none)


def _spelt(texts: Iterable[str]) -> tuple[Counted, ...]:
    """However it is spelt: İzmir and IZMIR are one, under the spelling that most have."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for text, number in Counter(texts).items():
        if text:
            spellings[search_key(text)][text] += number
    return _most_first(Counter({_usual(one): one.total() for one in spellings.values()}))


def _cities(rows: Sequence[Row]) -> tuple[Counted, ...]:
    """Two cities of one name in two countries are two; who left the country out joins the only one, if it is."""
    spellings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    countries: dict[str, Counter[str]] = defaultdict(Counter)
    for (city, country), number in Counter((row.city, row.country) for row in rows if row.city).items():
        spellings[search_key(city), search_key(country)][city] += number
        countries[search_key(country)][country] += number
    lands: dict[str, set[str]] = defaultdict(set)
    for city, country in spellings:
        if country:
            lands[city].add(country)
    counted: Counter[str] = Counter()
    for city, country in list(spellings):
        if not country and len(lands[city]) == 1:
            (land,) = lands[city]
            spellings[city, land] += spellings.pop((city, country))
    for (city, country), spelling in spellings.items():
        name = _usual(spelling)
        counted[f"{name} ({_usual(countries[country])})" if country and len(lands[city]) > 1 else name] += sum(
            spelling.values()
        )
    return _most_first(counted)


def _usual(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda text: (-spellings[text], text))


def _most_first(counted: Counter[str]) -> tuple[Counted, ...]:
    return tuple(Counted(name, counted[name]) for name in sorted(counted, key=lambda name: (-counted[name], name)))


def _over_time(rows: Sequence[Row], zone: str) -> OverTime:
    """By the calendar of the host city, of those who are counted now."""
    registered = Counter(_day(row.created_at, zone) for row in rows)
    approved = Counter(
        _day(max(row.approved_at or row.created_at, row.created_at), zone)
        for row in rows
        if row.status is Status.APPROVED
    )
    days = sorted({*registered, *approved})
    is_weekly = bool(days) and (days[-1] - days[0]).days >= DAYS_SHOWN
    return OverTime(
        periods=_periods(registered, approved, days, is_weekly=is_weekly),
        is_weekly=is_weekly,
        chart=chart.chart(chart.cumulative(list(registered.items())), chart.cumulative(list(approved.items()))),
    )


def _periods(
    registered: Counter[date], approved: Counter[date], days: Sequence[date], *, is_weekly: bool
) -> tuple[Period, ...]:
    """Those in which something happened."""
    news: dict[date, tuple[int, int]] = {}
    for day in days:
        start = day - timedelta(days=day.weekday()) if is_weekly else day
        before = news.get(start, (0, 0))
        news[start] = (before[0] + registered[day], before[1] + approved[day])
    found: list[Period] = []
    sums = (0, 0)
    for start, (new, said_yes) in news.items():
        sums = (sums[0] + new, sums[1] + said_yes)
        found.append(Period(start, new, said_yes, *sums))
    return tuple(found)


def _day(instant: datetime, zone: str) -> date:
    return dates.on_wall(instant, zone).date()
