"""Whom the form offers for a part: those registered for the edition, then those known from elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select

from retreat.agenda import rows
from retreat.agenda.models import Part
from retreat.core.db import db
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.network.models import Person, Seat
from retreat.registration.models import Registration
from retreat.registration.states import LIVE

MOST = 10


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody as the programme would print them; `line` is what the field of the form takes."""

    name: str
    position: str
    organisation: str
    is_registered: bool

    @property
    def line(self) -> str:
        return rows.people_cell([rows.Appearance(self.name, self.position, self.organisation)])


def suggested(edition: Edition, words: str) -> list[Suggestion]:
    """At most ten whose name or organisation has all the words. An e-mail address finds nobody: it is not shown."""
    wanted = search_key(words).split()
    if not wanted or len("".join(wanted)) < 2:
        return []
    here = _registered(wanted, Registration.edition_id == edition.id, Registration.status.in_(LIVE))
    found = dict.fromkeys(_matching(here, wanted, is_registered=True))
    if len(found) < MOST:
        known = {(one.name, search_key(one.organisation)) for one in found}
        elsewhere = [
            *_registered(wanted, Registration.edition_id != edition.id),
            *(
                tuple(row)
                for row in db.session.execute(
                    select(*_of(Person))
                    .where(
                        Person.erased_at.is_(None),
                        or_(
                            exists().where(Seat.person_id == Person.id),
                            exists().where(Part.person_id == Person.id),
                        ),
                    )
                    .order_by(Person.family_name, Person.badge_name, Person.id)
                )
            ),
        ]
        for one in _matching(elsewhere, wanted, is_registered=False):
            if (one.name, search_key(one.organisation)) not in known:
                known.add((one.name, search_key(one.organisation)))
                found[one] = None
    return list(found)[:MOST]


def _of(kind: type[Person] | type[Registration]) -> tuple[ColumnElement[str], ...]:
    return (kind.badge_name, kind.given_name, kind.family_name, kind.position, kind.organisation)  # type: ignore[return-value]


def _registered(wanted: list[str], *where: ColumnElement[bool]) -> list[tuple[str, ...]]:
    rows_found = db.session.execute(
        select(*_of(Registration))
        .where(
            *where,
            Registration.email != "",
            *(Registration.search_key.contains(word, autoescape=True) for word in wanted),
        )
        .order_by(Registration.family_name, Registration.given_name, Registration.id)
        .limit(5 * MOST)
    )
    return [tuple(row) for row in rows_found]


def _matching(found: Iterable[tuple[str, ...]], wanted: list[str], *, is_registered: bool) -> Iterable[Suggestion]:
    for badge_name, given_name, family_name, position, organisation in found:
        name = badge_name or " ".join(filter(None, (given_name, family_name)))
        text = search_key(f"{name} {organisation}")
        if name and all(word in text for word in wanted):
            yield Suggestion(name, position, organisation, is_registered)
