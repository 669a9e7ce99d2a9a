"""Seats in sessions, dinners and visits: signed up for, accepted, given back.

    offers(registration, at=) -> tuple[Offer, …]                 what this person may sign up for, and has
    held(registration) -> tuple[PublishedSession, …]             where this person has a seat
    sign_up(session_id, registration, at=, by=) -> Place         also accepts an invitation
    give_back(session_id, registration, at=, by=)                also declines one
    invite(session, registration, at=, by=) -> Place             an organiser's
    free(session, place_id, at=, by=)                            an organiser's
    give_up_all(registration, at=, by=)                          of somebody who does not come

A seat is one conditional UPDATE, exact however many ask at once. Who waits comes before who asks now. Whoever asks
holds the edition's row and the registration's first: nobody gets a seat while somebody else ends the registration.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.agenda import published, waiting
from retreat.agenda.access import Attendee, may_see
from retreat.agenda.attendees import attendee_of
from retreat.agenda.models import AgendaSession, Place, PlaceState
from retreat.agenda.published import PublishedSession
from retreat.agenda.seats import Seats, at_the_same_time, is_over, takes_sign_up
from retreat.agenda.waiting import is_open_to
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.http import language
from retreat.core.names import search_key
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration.models import Registration
from retreat.registration.service import lock_registration
from retreat.registration.steps import place_lost


class NoSignUp(RetreatError):
    """The same sentence for what does not exist, is hidden, is over and takes no sign-ups."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("You cannot sign up for this session: it is over, is not open to you, or takes none."))


class NoPlaceYet(RetreatError):
    """Seats are for those who have a place at the edition."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("You can sign up for sessions as soon as you have a place."))


class SessionFull(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self, title: str) -> None:
        super().__init__(_l("Every seat of “%(title)s” is taken.", title=title))


class UnknownGuest(RetreatError):
    def __init__(self, code: str) -> None:
        super().__init__(_l("Nobody who comes to this edition has the reference “%(code)s”.", code=code))


class UnknownPlace(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("This person has no seat here any more."))


@dataclass(frozen=True, slots=True)
class Offer:
    """A session as one person may sign up for it. `clashes` are sign-ups and own parts at the same time."""

    session: PublishedSession
    seats: Seats
    state: PlaceState | None
    clashes: tuple[PublishedSession, ...]
    number: int | None = None
    """In the line of those who wait; 1 is next."""

    @property
    def is_mine(self) -> bool:
        return self.state is PlaceState.TAKEN

    @property
    def is_waiting(self) -> bool:
        return self.state is PlaceState.WAITING

    @property
    def is_invited(self) -> bool:
        return self.state in (PlaceState.INVITED, PlaceState.DECLINED)


def connect() -> None:
    place_lost.connect(give_up_all)


def offers(registration: Registration, *, at: datetime) -> tuple[Offer, ...]:
    """In order of time. An invitation is among them whatever the session takes, also one that was declined."""
    edition = registration.edition
    attendee = attendee_of(registration.person_id, edition.id)
    read, seats, places = published.programme(edition), _seats(edition.id), _places(registration)
    mine = [one for one in read if attendee.has_part_in(one) or places.get(one.session_id) is PlaceState.TAKEN]
    lines = waiting.numbers(registration) if PlaceState.WAITING in places.values() else {}
    found = []
    for session in read:
        if session.session_id not in seats or session.is_cancelled or is_over(session, at):
            continue
        of_session, state = seats[session.session_id], places.get(session.session_id)
        if state is None and not (takes_sign_up(session, of_session, at) and is_open_to(session, attendee)):
            continue
        if state is PlaceState.WAITING and not may_see(session, attendee):
            continue  # It was hidden since; being in the line lets nobody look behind.
        number = lines.get(session.session_id or 0)
        found.append(Offer(session, of_session, state, at_the_same_time(session, mine), number))
    return tuple(found)


def seats_shown(session: PublishedSession, edition: Edition, *, at: datetime) -> Seats | None:
    """The seats of a session as they are now, for its page; None where nobody signs up or nobody counts."""
    if edition.closed_at is not None or session.is_cancelled or is_over(session, at):
        return None
    row = db.session.execute(
        select(AgendaSession.takes_sign_up, AgendaSession.capacity, AgendaSession.taken).where(
            AgendaSession.id == session.session_id
        )
    ).one_or_none()
    seats = Seats(*row) if row is not None else None
    return seats if seats and seats.capacity and takes_sign_up(session, seats, at) else None


def held(registration: Registration) -> tuple[PublishedSession, ...]:
    """Where this person has a seat, in order of time, also what is over; cancelled sessions are not among them."""
    places = _places(registration)
    return tuple(
        one
        for one in published.programme(registration.edition)
        if places.get(one.session_id) is PlaceState.TAKEN and not one.is_cancelled
    )


def _seats(edition_id: int) -> dict[int | None, Seats]:
    rows = db.session.execute(
        select(AgendaSession.id, AgendaSession.takes_sign_up, AgendaSession.capacity, AgendaSession.taken).where(
            AgendaSession.edition_id == edition_id
        )
    )
    return {number: Seats(explicit, capacity, taken) for number, explicit, capacity, taken in rows}


def _places(registration: Registration) -> dict[int | None, PlaceState]:
    rows = db.session.execute(
        select(Place.session_id, Place.state)
        .join(Place.session)
        .where(Place.person_id == registration.person_id, AgendaSession.edition_id == registration.edition_id)
    )
    return {number: state for number, state in rows}  # noqa: C416 - a Row is no pair to dict()


def sign_up(session_id: int, registration: Registration, *, at: datetime, by: Actor) -> Place:
    """Take a seat; whoever asks twice has one. Raises NoPlaceYet, NoSignUp and SessionFull."""
    offer = _offer(session_id, registration, at)
    waiting.promote(session_id, at=at)
    place = _place(session_id, registration)
    if place is not None and place.state is PlaceState.TAKEN:
        return place
    if not waiting.take(session_id):
        raise SessionFull(offer.session.title.text(language(), registration.edition.main_language))
    return _set(place, PlaceState.TAKEN, "place.taken", offer, registration, at=at, by=by)


def wait(session_id: int, registration: Registration, *, at: datetime, by: Actor) -> Place:
    """Take a seat, or where every seat is taken a place in the line; whoever asks twice keeps the first.

    Raises NoPlaceYet and NoSignUp.
    """
    offer = _offer(session_id, registration, at)
    waiting.promote(session_id, at=at)
    place = _place(session_id, registration)
    if place is not None and place.state in (PlaceState.TAKEN, PlaceState.WAITING):
        return place
    if waiting.take(session_id):
        return _set(place, PlaceState.TAKEN, "place.taken", offer, registration, at=at, by=by)
    is_invited = place is not None  # Also one that was declined: it may be accepted after all.
    place = _set(place, PlaceState.WAITING, "place.waiting", offer, registration, at=at, by=by)
    place.is_invited, place.created_at = is_invited, at
    return place


def _set(
    place: Place | None,
    state: PlaceState,
    action: str,
    offer: Offer,
    registration: Registration,
    *,
    at: datetime,
    by: Actor,
) -> Place:
    if place is None:
        place = Place(session_id=offer.session.session_id, person_id=registration.person_id, created_at=at)
        db.session.add(place)
    place.state = state
    db.session.flush()
    _record(action, place, offer.session.code, registration, at=at, by=by)
    return place


def give_back(session_id: int, registration: Registration, *, at: datetime, by: Actor) -> None:
    """The seat goes to the next who waits. An invitation becomes declined, and may be accepted after all.

    Who waits leaves the line, and keeps the invitation there was. Raises NoPlaceYet and NoSignUp; whoever has no seat
    gives none back.
    """
    offer = _offer(session_id, registration, at)
    place = _place(session_id, registration)
    if place is None or place.state is PlaceState.DECLINED:
        return
    before = place.state
    _record(_GIVEN_BACK[before], place, offer.session.code, registration, at=at, by=by)
    if before is PlaceState.WAITING and place.is_invited:
        place.state = PlaceState.INVITED
    elif before is PlaceState.INVITED or (
        before is PlaceState.TAKEN and not is_open_to(offer.session, _without_places(registration))
    ):
        # Who was let in by the invitation alone keeps it: nobody else could undo a press of the wrong button.
        place.state = PlaceState.DECLINED
    else:
        db.session.delete(place)
    db.session.flush()
    if before is PlaceState.TAKEN:
        waiting.give_back(session_id, at=at)


_GIVEN_BACK = {
    PlaceState.TAKEN: "place.given_back",
    PlaceState.INVITED: "place.declined",
    PlaceState.WAITING: "place.waits_no_more",
}


def _without_places(registration: Registration) -> Attendee:
    attendee = attendee_of(registration.person_id, registration.edition_id)
    return Attendee(
        person_id=attendee.person_id,
        has_section=attendee.has_section,
        is_member=attendee.is_member,
        seats=attendee.seats,
    )


def _offer(session_id: int, registration: Registration, at: datetime) -> Offer:
    lock_registration(registration)
    if not registration.status.takes_a_place:
        raise NoPlaceYet
    if registration.edition.closed_at is not None:
        raise NoSignUp
    found = next((one for one in offers(registration, at=at) if one.session.session_id == session_id), None)
    if found is None:
        raise NoSignUp
    return found


def _place(session_id: int, registration: Registration) -> Place | None:
    return db.session.scalar(
        select(Place)
        .where(Place.session_id == session_id, Place.person_id == registration.person_id)
        .execution_options(populate_existing=True)
    )


def give_up_all(registration: Registration, *, at: datetime, by: Actor) -> int:
    """Whoever loses the place at the edition leaves every seat and every line; parts stay. Returns how many seats.

    In the order of the sessions, so that two who leave never wait for each other.
    """
    held = db.session.scalars(
        select(Place)
        .join(Place.session)
        .where(
            Place.person_id == registration.person_id,
            AgendaSession.edition_id == registration.edition_id,
            Place.state.in_((PlaceState.TAKEN, PlaceState.WAITING)),
        )
        .options(joinedload(Place.session))
        .order_by(Place.session_id)
    ).all()
    freed = [place.session_id for place in held if place.state is PlaceState.TAKEN]
    for place in held:
        _record(_GIVEN_BACK[place.state], place, place.session.code, registration, at=at, by=by)
        db.session.delete(place)
    db.session.flush()
    for session_id in freed:
        waiting.give_back(session_id, at=at)
    return len(freed)


# The organisers' side ---------------------------------------------------------------------------------------------


COLUMNS = ("code", "name", "organisation", "category", "state", "since")


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody with a seat or an invitation, as registered at the edition; who is not shows the person's own name."""

    place_id: int
    state: PlaceState
    since: datetime
    code: str
    name: str
    organisation: str
    category: str
    number: int | None = None
    """In the line of those who wait."""

    def cells(self) -> dict[str, str]:
        """For a file; the same names as the registrations' where they are the same."""
        return {
            "code": self.code,
            "name": self.name,
            "organisation": self.organisation,
            "category": self.category,
            "state": self.state.value,
            "since": f"{self.since:%Y-%m-%dT%H:%M:%SZ}",
        }


def guests(session: AgendaSession, spoken: str) -> list[Guest]:
    """Everyone with a place here: seats by name, those who wait in their order, then invitations by name."""
    rows = db.session.execute(
        select(Place, Registration)
        .outerjoin(
            Registration,
            (Registration.person_id == Place.person_id) & (Registration.edition_id == session.edition_id),
        )
        .where(Place.session_id == session.id)
        .options(joinedload(Place.person), joinedload(Registration.category))
    )
    found = [_guest(place, registration, spoken) for place, registration in rows]
    line = sorted((one for one in found if one.state is PlaceState.WAITING), key=lambda one: (one.since, one.place_id))
    line = [replace(one, number=number) for number, one in enumerate(line, 1)]
    others = [one for one in found if one.state is not PlaceState.WAITING]
    order = {PlaceState.TAKEN: 0, PlaceState.INVITED: 2, PlaceState.DECLINED: 3}
    listed = sorted(others, key=lambda one: (order[one.state], search_key(one.name), one.code))
    seated = [one for one in listed if one.state is PlaceState.TAKEN]
    return [*seated, *line, *listed[len(seated) :]]


def _guest(place: Place, registration: Registration | None, spoken: str) -> Guest:
    shown = registration or place.person
    return Guest(
        place.id,
        place.state,
        place.created_at,
        registration.code if registration else "",
        shown.printed_name,
        str(shown.organisation or ""),
        registration.category.name.text(spoken, registration.edition.main_language) if registration else "",
    )


def is_open(session: AgendaSession, *, at: datetime) -> bool:
    """Whether anybody could sign up now: the session as it is published, its seats as they are."""
    read = published.programme(session.edition)
    shown = next((one for one in read if one.session_id == session.id), None)
    seats = Seats(session.takes_sign_up, session.capacity, session.taken)
    return session.edition.closed_at is None and shown is not None and takes_sign_up(shown, seats, at)


def has_guests(session: AgendaSession) -> bool:
    return db.session.scalar(select(Place.id).where(Place.session_id == session.id).limit(1)) is not None


def registration_by_code(edition: Edition, code: str) -> Registration:
    """Raises UnknownGuest, also for somebody who does not come."""
    found = db.session.scalar(
        select(Registration).where(Registration.edition_id == edition.id, Registration.code == code)
    )
    if found is None or not found.status.takes_a_place:
        raise UnknownGuest(code)
    return found


def invite(session: AgendaSession, registration: Registration, *, at: datetime, by: Actor) -> Place:
    """An invitation, which holds no seat until it is accepted. Who has a place here already keeps it."""
    lock_registration(registration)
    place = _place(session.id, registration)
    if place is not None and place.state is not PlaceState.DECLINED:
        place.is_invited = True
        return place
    if place is None:
        place = Place(session_id=session.id, person_id=registration.person_id, created_at=at)
        db.session.add(place)
    place.state, place.is_invited = PlaceState.INVITED, True
    db.session.flush()
    _record("place.invited", place, session.code, registration, at=at, by=by)
    return place


def free(session: AgendaSession, place_id: int, *, at: datetime, by: Actor) -> list[Place]:
    """Take a seat, a place in the line or an invitation back; who has the seat now. Raises UnknownPlace."""
    editions.hold_and_read(session.edition)
    place = db.session.scalar(
        select(Place)
        .where(Place.id == place_id, Place.session_id == session.id)
        .execution_options(populate_existing=True)
    )
    if place is None:
        raise UnknownPlace
    had_seat = place.state is PlaceState.TAKEN
    audit.record(
        "place.removed",
        place,
        at=at,
        by=by,
        edition_id=session.edition_id,
        session=session.code,
        person=place.person_id,
    )
    db.session.delete(place)
    db.session.flush()
    return waiting.give_back(session.id, at=at) if had_seat else []


def _record(
    action: str, place: Place, session_code: str, registration: Registration, *, at: datetime, by: Actor
) -> None:
    audit.record(
        action,
        place,
        at=at,
        by=by,
        edition_id=registration.edition_id,
        session=session_code,
        code=registration.code,
    )
