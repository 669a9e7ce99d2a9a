"""The numbers as a file: one line each, what is counted, and how many. What a page hides is hidden here."""

from collections.abc import Callable, Iterator
from typing import Any

from retreat.core import sheets
from retreat.core.i18n import Translated
from retreat.registration.numbers.counts import Numbers
from retreat.registration.numbers.shares import Hidden, Shares

COLUMNS = ("about", "what", "number")
FEW = "fewer than 5"
NOT_SHOWN = "not shown"

Line = tuple[str, str, int | str]


def csv(numbers: Numbers, *, say: Callable[[Translated], str], is_public: bool) -> bytes:
    """`say` chooses the language of a name. The public file says what the public page says, and no more."""
    lines = [*_public(numbers, say), *(() if is_public else _internal(numbers, say))]
    rows = ({"about": about, "what": what, "number": str(number)} for about, what, number in lines)
    return sheets.csv_bytes(COLUMNS, rows)


def _public(numbers: Numbers, say: Callable[[Translated], str]) -> Iterator[Line]:
    yield "total", "registered", numbers.registered
    yield "total", "approved", numbers.approved
    yield "total", "arrived", numbers.arrived
    yield "total", "cities", len(numbers.cities)
    yield "total", "countries and territories", len(numbers.countries)
    yield "total", "organisations", len(numbers.organisations)
    yield from _named("Section", numbers.sections, say)
    for country in numbers.countries:
        yield "country or territory", country.name, country.number
    yield from _women_and_men(numbers.shares)
    since = "registered in the week from" if numbers.over_time.is_weekly else "registered on"
    for period in numbers.over_time.periods:
        yield since, period.day.isoformat(), period.registered
    for period in numbers.over_time.periods:
        yield since.replace("registered", "approved"), period.day.isoformat(), period.approved


def _internal(numbers: Numbers, say: Callable[[Translated], str]) -> Iterator[Line]:
    yield "total", "waiting", numbers.waiting
    yield from _named("category", numbers.categories, say)
    for about, counted in (
        ("city", numbers.cities),
        ("organisation", numbers.organisations),
        ("interpretation", numbers.languages),
    ):
        for one in counted:
            yield about, one.name, one.number


def _named(about: str, counted: Any, say: Callable[[Translated], str]) -> Iterator[Line]:
    for one in counted:
        yield about, say(one.name) if one.name is not None else "none", one.number


def _women_and_men(found: Shares) -> Iterator[Line]:
    if not found.groups:
        yield "women and men", "all", NOT_SHOWN
    for group, number in found.groups.items():
        said = {Hidden.FEW: FEW, Hidden.BESIDE: NOT_SHOWN}.get(number, number) if isinstance(number, Hidden) else number
        yield "women and men", group.value, said
