"""Whom a change of the agenda concerns, and why: computed for all changes at once, in a constant number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from blinker import Signal
from sqlalchemy import select

from retreat.agenda.access import Attendee, may_attend, may_see
from retreat.agenda.attendees import attendees_of
from retreat.agenda.diff import Change
from retreat.agenda.models import Access, Place, PlaceState, Star
from retreat.agenda.published import PublishedSession
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.network.models import Person, Seat

subscribers_asked = Signal()
"""Sent with the edition and the states of changed sessions, before and after.

The room of calendars answers with who subscribed to a personal calendar that holds them: people by uid.
"""


class Reason(StrEnum):
    PART = "part"
    SIGNED_UP = "signed-up"
    WAITING = "waiting"
    INVITED = "invited"
    SEAT = "seat"
    STARRED = "starred"
    SUBSCRIBED = "subscribed"


_BY_PLACE = {
    PlaceState.TAKEN: Reason.SIGNED_UP,
    PlaceState.WAITING: Reason.WAITING,
    PlaceState.INVITED: Reason.INVITED,
}


class Somebody(NamedTuple):
    """A person, or a name of the programme behind which nobody is known."""

    id: int | None
    name: str

    @property
    def key(self) -> int | str:
        """Two names of one person count once."""
        return self.name if self.id is None else self.id


People = dict[int | str, str]
"""Names by who it is."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """People by uid of the changed session and by reason; somebody may have several."""

    by_uid: Mapping[str, Mapping[Reason, People]] = field(default_factory=dict)

    def of(self, uid: str) -> Mapping[Reason, People]:
        return self.by_uid.get(uid, {})

    def number(self, uid: str) -> int:
        """How many people one change concerns, each once."""
        return len({key for people in self.of(uid).values() for key in people})

    @property
    def total(self) -> int:
        """How many people all changes concern, each once."""
        return len({key for reasons in self.by_uid.values() for people in reasons.values() for key in people})

    @property
    def by_reason(self) -> dict[Reason, list[str]]:
        """Names in order, each person once a reason."""
        found: dict[Reason, People] = {}
        for reasons in self.by_uid.values():
            for reason, people in reasons.items():
                found.setdefault(reason, {}).update(people)
        return {reason: sorted(found[reason].values(), key=str.casefold) for reason in Reason if reason in found}


def concerned(edition: Edition, changes: Iterable[Change[PublishedSession]]) -> Concerned:
    """For the whole difference: a constant number of queries, and those of the rooms that answer."""
    counted = [change for change in changes if change.concerns_people]
    found: dict[str, dict[Reason, People]] = {change.session.uid: {} for change in counted}

    def note(uid: str, reason: Reason, who: Somebody) -> None:
        found[uid].setdefault(reason, {}).setdefault(who.key, who.name)

    for change in counted:
        for state in (change.before, change.after):
            for part in state.parts if state else ():
                if part.person_id is not None or part.printed_name:
                    note(change.session.uid, Reason.PART, Somebody(part.person_id, part.printed_name))
    for uid, reason, who in [*_by_place(counted), *_by_seat(counted), *_by_star(edition, counted)]:
        note(uid, reason, who)
    states = [state for change in counted for state in (change.before, change.after) if state is not None]
    for _, subscribers in subscribers_asked.send(edition, sessions=states):
        for uid, people in subscribers.items():
            for person_id, name in people.items():
                note(uid, Reason.SUBSCRIBED, Somebody(person_id, name))
    return Concerned({uid: reasons for uid, reasons in found.items() if reasons})


def _by_place(changes: list[Change[PublishedSession]]) -> Iterable[tuple[str, Reason, Somebody]]:
    uids = {change.session.session_id: change.session.uid for change in changes if change.session.session_id}
    rows = db.session.execute(
        select(Place.session_id, Place.state, Person)
        .join(Person, Place.person_id == Person.id)
        .where(Place.session_id.in_(uids), Place.state.in_(_BY_PLACE), Person.erased_at.is_(None))
    )
    for session_id, state, person in rows:
        yield uids[session_id], _BY_PLACE[state], Somebody(person.id, person.printed_name)


def _by_seat(changes: list[Change[PublishedSession]]) -> Iterable[tuple[str, Reason, Somebody]]:
    """Seats of the body that meets or that is let in, on the day of the session."""
    meetings: dict[int, set[tuple[str, date | None]]] = {}
    for change in changes:
        for state in (change.before, change.after):
            for body_id in (state.body_id, state.access_body_id) if state else ():
                if body_id is not None and state is not None:
                    meetings.setdefault(body_id, set()).add((state.uid, state.date))
    rows = db.session.execute(
        select(Seat, Person)
        .join(Person, Seat.person_id == Person.id)
        .where(Seat.body_id.in_(meetings), Person.erased_at.is_(None))
    )
    for seat, person in rows:
        for uid, day in meetings[seat.body_id]:
            if day is None or seat.covers(day):
                yield uid, Reason.SEAT, Somebody(person.id, person.printed_name)


def _by_star(edition: Edition, changes: list[Change[PublishedSession]]) -> Iterable[tuple[str, Reason, Somebody]]:
    """Who may attend the session, as it was or will be: any other star is in nobody's week."""
    states = {change.session.session_id: (change.before, change.after) for change in changes}
    starred = db.session.execute(
        select(Star.session_id, Person)
        .join(Person, Star.person_id == Person.id)
        .where(Star.session_id.in_([number for number in states if number]), Person.erased_at.is_(None))
        .order_by(Star.id)
    ).all()
    if not starred:
        return
    attendees = attendees_of(edition.id, select(Star.person_id).where(Star.session_id.in_(states)))
    for session_id, person in starred:
        for state in states[session_id]:
            if state is not None and _is_for(state, attendees[person.id]):
                yield state.uid, Reason.STARRED, Somebody(person.id, person.printed_name)


def _is_for(session: PublishedSession, attendee: Attendee) -> bool:
    return may_see(session, attendee) and may_attend(session, attendee)


@dataclass(frozen=True, slots=True)
class Feeds:
    """Public calendars that will change. Nobody signs in to them: who reads them is not known."""

    tracks: tuple[Translated, ...]
    halls: tuple[Translated, ...]
    bodies: tuple[Translated, ...]

    def __bool__(self) -> bool:
        return bool(self.tracks or self.halls or self.bodies)


def feeds_of(changes: Iterable[Change[PublishedSession]]) -> Feeds:
    """Tracks and halls of listed sessions, bodies of those that are open, as they are and as they were."""
    tracks: dict[str, Translated] = {}
    halls: dict[str, Translated] = {}
    bodies: dict[str, Translated] = {}
    for change in changes:
        for state in (change.after, change.before):
            if change.concerns_calendars and state is not None and state.is_listed:
                if state.track_slug:
                    tracks.setdefault(state.track_slug, state.track_name)
                if state.hall_slug:
                    halls.setdefault(state.hall_slug, state.hall_name)
                if state.body_slug and state.access is Access.OPEN:
                    bodies.setdefault(state.body_slug, state.body_name)
    return Feeds(tuple(tracks.values()), tuple(halls.values()), tuple(bodies.values()))
