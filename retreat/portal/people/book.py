"""What the pages of the address book ask."""

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from retreat.agenda.models import AgendaSession, Part
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.editions.models import Edition
from retreat.network.models import Body, Office, Person, Seat
from retreat.network.offices import newest_first
from retreat.portal.people.merging import FIELDS
from retreat.registration.models import Registration


class Belongings(NamedTuple):
    """What is known of one person, over all editions."""

    offices: list[Office]
    seats: list[Seat]
    registrations: list[Registration]
    parts: list[Part]


def person_with(number: int) -> Person:
    """Raises NotFound, also for somebody who has been forgotten."""
    person = db.session.get(Person, number)
    if person is None or person.erased_at is not None:
        raise NotFound
    return person


def belongings(person: Person) -> Belongings:
    """Newest first."""
    seats = db.session.scalars(
        select(Seat).where(Seat.person_id == person.id).join(Seat.body).options(joinedload(Seat.body))
        .order_by(Body.position, Seat.id)
    )  # fmt: skip
    registrations = db.session.scalars(
        select(Registration)
        .where(Registration.person_id == person.id)
        .join(Registration.edition)
        .options(joinedload(Registration.edition), joinedload(Registration.category))
        .order_by(Edition.starts_on.desc(), Registration.id.desc())
    )
    parts = db.session.scalars(
        select(Part)
        .where(Part.person_id == person.id)
        .join(Part.session)
        .options(joinedload(Part.session).joinedload(AgendaSession.edition))
        .order_by(AgendaSession.edition_id.desc(), AgendaSession.date, Part.id)
    )
    return Belongings(newest_first(list(person.offices)), list(seats), list(registrations), list(parts))


def newer_of(one: Person, other: Person) -> Person:
    """Who was heard of last: what they said is what holds, until an organiser says otherwise."""
    rows = db.session.execute(
        select(Registration.person_id, func.max(Registration.updated_at).label("at"))
        .where(Registration.person_id.in_([one.id, other.id]))
        .group_by(Registration.person_id)
    )
    latest = {row.person_id: row.at for row in rows}
    return max(one, other, key=lambda person: (latest.get(person.id, person.created_at), person.id))


def proposed(keep: Person, lose: Person) -> frozenset[str]:
    """The fields that are taken of `lose` unless somebody chooses: the newer word, or the only one."""
    newer = newer_of(keep, lose)
    taken = set()
    for name, (column, *_rest) in FIELDS.items():
        mine, theirs = getattr(keep, column), getattr(lose, column)
        if theirs and (not mine or newer is lose):
            taken.add(name)
    return frozenset(taken)
