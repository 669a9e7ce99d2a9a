"""Whom mails about the agenda may go to: live registrations and people with a part, in few queries for all of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from retreat.agenda.access import Attendee
from retreat.agenda.diff import Change
from retreat.agenda.models import AgendaSession, Place, PlaceState
from retreat.agenda.published import PublishedSession
from retreat.calendars.subscribers import attendees_among, holders
from retreat.core.db import Model, db
from retreat.editions.models import Edition
from retreat.network.models import Person
from retreat.registration.models import Registration
from retreat.registration.states import LIVE


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person, how they are greeted, and where mail reaches them."""

    person: Person
    registration: Registration | None

    @property
    def name(self) -> str:
        of = self.registration or self.person
        return " ".join(filter(None, (of.honorific, of.printed_name)))

    @property
    def address(self) -> str:
        """Of the person alone; empty where none is known."""
        return (self.registration.email if self.registration else "") or self.person.email

    @property
    def addresses(self) -> tuple[str, ...]:
        """With that of whoever filled in the form."""
        both = (self.address, self.registration.filled_by_email if self.registration else "")
        return tuple(dict.fromkeys(filter(None, both)))

    @property
    def has_page(self) -> bool:
        """Whether the own week stands on a page of one's own; a speaker may be nowhere registered."""
        return self.registration is not None and self.registration.status in LIVE

    @property
    def about(self) -> Model:
        return self.registration or self.person

    def language(self, edition: Edition) -> str:
        return self.registration.language if self.registration else edition.main_language


@dataclass(frozen=True, slots=True)
class Held:
    """A changed session as one person had it and has it: None where it was not, or is not, in the own week."""

    change: Change[PublishedSession]
    before: PublishedSession | None
    after: PublishedSession | None


def concerned(
    edition: Edition, changes: Sequence[Change[PublishedSession]], speaking: Collection[int]
) -> dict[int, list[Held]]:
    """By person, the changed sessions that are or were in that person's week. `speaking` have a part anywhere."""
    if not changes:
        return {}
    registered = select(Registration.person_id).where(
        Registration.edition_id == edition.id, Registration.status.in_(LIVE)
    )
    people = select(Person.id).where(
        Person.erased_at.is_(None), or_(Person.id.in_(registered), Person.id.in_(speaking))
    )
    _, attendees = attendees_among(edition, people, speaking)
    found: dict[int, list[Held]] = {}
    for change in changes:
        had, has = (_holders(state, attendees) for state in (change.before, change.after))
        for person_id in sorted(had | has):
            held = Held(
                change,
                change.before if person_id in had else None,
                change.after if person_id in has else None,
            )
            found.setdefault(person_id, []).append(held)
    return found


def _holders(session: PublishedSession | None, attendees: dict[int, Attendee]) -> set[int]:
    return set(holders(session, attendees)) if session else set()


def recipients(edition: Edition, people: Collection[int]) -> dict[int, Recipient]:
    """Those of these people whom a mail reaches."""
    rows = db.session.execute(
        select(Person, Registration)
        .outerjoin(Registration, (Registration.edition_id == edition.id) & (Registration.person_id == Person.id))
        .where(Person.id.in_(people), Person.erased_at.is_(None))
    )
    found = (Recipient(person, registration) for person, registration in rows)
    return {one.person.id: one for one in found if one.address}


def entitled(edition: Edition, sessions: Sequence[PublishedSession]) -> dict[str, set[int]]:
    """People by UID who have a part in the session, or a personal invitation to it and no reason to stay away."""
    found = {
        session.uid: {part.person_id for part in session.parts if part.person_id is not None} for session in sessions
    }
    uids = {session.session_id: session.uid for session in sessions if session.session_id is not None}
    rows = db.session.execute(
        select(Place.session_id, Place.person_id)
        .join(AgendaSession, AgendaSession.id == Place.session_id)
        .outerjoin(
            Registration,
            (Registration.edition_id == AgendaSession.edition_id) & (Registration.person_id == Place.person_id),
        )
        .where(
            AgendaSession.edition_id == edition.id,
            or_(Place.is_invited, Place.state == PlaceState.INVITED),
            Place.state != PlaceState.DECLINED,
            or_(Registration.id.is_(None), Registration.status.in_(LIVE)),
        )
    )
    for session_id, person_id in rows:
        if session_id in uids:
            found[uids[session_id]].add(person_id)
    return found


def unanswered(edition: Edition) -> set[tuple[int, str]]:
    """People and UIDs of sessions: who was invited and has not said yet."""
    rows = db.session.execute(
        select(Place.person_id, AgendaSession.uid)
        .join(AgendaSession, AgendaSession.id == Place.session_id)
        .where(AgendaSession.edition_id == edition.id, Place.state == PlaceState.INVITED)
    )
    return {(person_id, uid) for person_id, uid in rows}
