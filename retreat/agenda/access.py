"""Who may know of a session, and who may attend it: what pages, feeds, print and search all ask. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from retreat.agenda.models import Access


class HasPerson(Protocol):
    @property
    def person_id(self) -> int | None: ...


class Session(Protocol):
    """What is asked of a session as published."""

    @property
    def session_id(self) -> int | None: ...
    @property
    def access(self) -> Access: ...
    @property
    def access_body_id(self) -> int | None: ...
    @property
    def body_id(self) -> int | None: ...
    @property
    def is_listed(self) -> bool: ...
    @property
    def date(self) -> "date | None": ...
    @property
    def parts(self) -> Sequence[HasPerson]: ...


@dataclass(frozen=True, slots=True)
class SeatHeld:
    """A seat on a body from the first day to the last; open-ended where no day is given."""

    body_id: int
    starts_on: date | None = None
    ends_on: date | None = None

    def covers(self, day: date) -> bool:
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """What access goes by. `places` are ids of draft sessions with an invitation or a seat.

    `stars` are ids of those that the person put into the own week: they decide what is in it and let nobody in.
    """

    person_id: int | None = None
    is_organiser: bool = False
    has_section: bool = False
    is_member: bool = False
    """The organisation is a member of UCLG."""
    seats: tuple[SeatHeld, ...] = ()
    places: tuple[int, ...] = ()
    stars: tuple[int, ...] = ()
    has_left: bool = False
    """Declined, withdrawn or cancelled: what one has a part in is all that is left of the own week."""

    def has_part_in(self, session: Session) -> bool:
        return self.person_id is not None and any(part.person_id == self.person_id for part in session.parts)

    def has_place_in(self, session: Session) -> bool:
        return session.session_id is not None and session.session_id in self.places

    def has_starred(self, session: Session) -> bool:
        return session.session_id is not None and session.session_id in self.stars

    def has_seat_on(self, body_id: int | None, day: date | None) -> bool:
        """On that day; on any while the day is not known."""
        return any(seat.body_id == body_id and (day is None or seat.covers(day)) for seat in self.seats)

    def is_concerned_by(self, session: Session) -> bool:
        """Personally: by a part, a place, or a seat on the body that meets or that is let in."""
        return (
            self.has_part_in(session)
            or self.has_place_in(session)
            or any(
                body_id is not None and self.has_seat_on(body_id, session.date)
                for body_id in (session.body_id, session.access_body_id)
            )
        )


STRANGER = Attendee()
ORGANISER = Attendee(is_organiser=True)


def may_see(session: Session, attendee: Attendee) -> bool:
    """Whether this reader may know that the session exists: everyone when it is listed.

    Otherwise only a known person who may attend it; "open" does not open an unlisted session to the street.
    """
    return session.is_listed or (
        attendee.is_organiser or (attendee.person_id is not None and may_attend(session, attendee))
    )


def may_attend(session: Session, attendee: Attendee) -> bool:
    """Whether this reader may come, and therefore see the link to join. A part or a place always admits."""
    if attendee.is_organiser or attendee.has_part_in(session) or attendee.has_place_in(session):
        return True
    match session.access:
        case Access.OPEN:
            return True
        case Access.SECTION:
            return attendee.has_section
        case Access.MEMBER:
            return attendee.is_member
        case Access.BODY:
            return attendee.has_seat_on(session.access_body_id, session.date)
        case Access.INVITED:
            return False
