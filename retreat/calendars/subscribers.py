"""Whose personal calendar holds a session: what the agenda asks before it publishes."""

from collections.abc import Container, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, select

from retreat.agenda.access import Attendee
from retreat.agenda.attendees import attendees_of
from retreat.agenda.models import Access
from retreat.agenda.own_week import FOR_EVERYONE, belongs
from retreat.agenda.published import PublishedSession, programme
from retreat.agenda.revisions.concerned import subscribers_asked
from retreat.calendars.models import Subscription
from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.network.models import Person
from retreat.registration.models import Registration
from retreat.registration.states import OUT


def connect() -> None:
    subscribers_asked.connect(subscribers_of)


def subscribers_of(edition: Edition, sessions: Sequence[PublishedSession]) -> dict[str, dict[int, str]]:
    """Names of people by uid: those with a calendar that still stands, whose week holds the session.

    The number of queries is the same for one session and for many.
    """
    owners = (
        select(Subscription.person_id)
        .where(
            Subscription.edition_id == edition.id,
            Subscription.revoked_at.is_(None),
            Subscription.person_id.is_not(None),
        )
        .distinct()
    )
    speaking = {part.person_id for session in programme(edition) for part in session.parts}
    names, attendees = attendees_among(edition, owners, speaking)
    found: dict[str, dict[int, str]] = {}
    for session in sessions:
        held = found.setdefault(session.uid, {})
        held |= {person_id: names[person_id] for person_id in holders(session, attendees)}
    return found


def holders(session: PublishedSession, attendees: dict[int, Attendee]) -> list[int]:
    """Who of these people has the session in the own week."""
    return [person_id for person_id in _candidates(session, attendees) if belongs(session, attendees[person_id])]


def _candidates(session: PublishedSession, attendees: dict[int, Attendee]) -> Iterable[int]:
    """Everyone, where a session may be in everyone's week; elsewhere those with a part, a place, a star or a seat."""
    if session.kind in FOR_EVERYONE and session.access is not Access.INVITED:
        return attendees
    parts = {part.person_id for part in session.parts}
    bodies = {session.body_id, session.access_body_id}
    return [
        person_id
        for person_id, attendee in attendees.items()
        if person_id in parts
        or attendee.has_place_in(session)
        or attendee.has_starred(session)
        or any(seat.body_id in bodies for seat in attendee.seats)
    ]


def attendees_among(
    edition: Edition, owners: Select[Any], speaking: Container[int | None]
) -> tuple[dict[int, str], dict[int, Attendee]]:
    """Names of these people, and who they are to the agenda, in three queries.

    Who withdrew is none of them, but for those who speak.
    """
    people = db.session.execute(
        select(Person, Registration.status)
        .outerjoin(Registration, (Registration.edition_id == edition.id) & (Registration.person_id == Person.id))
        .where(Person.id.in_(owners))
    ).all()
    attendees = attendees_of(edition.id, owners)
    names = {person.id: person.printed_name for person, status in people if status not in OUT or person.id in speaking}
    return names, {person_id: attendees[person_id] for person_id in names}
