"""Who a person is to the agenda at one edition: circle, membership, seats on bodies, places. Read live."""

from datetime import date

from sqlalchemy import Date, and_, bindparam, cast, func, literal, null, or_, select, union_all

from retreat.agenda.access import Attendee, SeatHeld
from retreat.agenda.models import AgendaSession, Place, PlaceState
from retreat.core.db import db
from retreat.network.models import Organisation, Person, Seat
from retreat.registration.models import Registration

_REGISTRATION, _PERSON, _ORGANISATION = Registration.__table__, Person.__table__, Organisation.__table__
_SEAT, _PLACE, _SESSION = Seat.__table__, Place.__table__, AgendaSession.__table__

IS_MEMBER_OF = _ORGANISATION.c.id == func.coalesce(_REGISTRATION.c.organisation_id, _PERSON.c.organisation_id)
"""The organisation that decides whether a person comes as a member."""

ADMITS = and_(_PLACE.c.state != PlaceState.DECLINED, or_(_PLACE.c.state != PlaceState.WAITING, _PLACE.c.is_invited))
"""The places that let somebody in."""

_CIRCLES = (
    select(_REGISTRATION.c.section_id, _ORGANISATION.c.is_member)
    .select_from(_PERSON)
    .outerjoin(
        _REGISTRATION,
        (_REGISTRATION.c.edition_id == bindparam("edition_id")) & (_REGISTRATION.c.person_id == _PERSON.c.id),
    )
    .outerjoin(_ORGANISATION, IS_MEMBER_OF)
    .where(_PERSON.c.id == bindparam("person_id"))
)
_CHOICES = union_all(
    select(literal("seat"), _SEAT.c.body_id, _SEAT.c.starts_on, _SEAT.c.ends_on).where(
        _SEAT.c.person_id == bindparam("person_id")
    ),
    select(literal("place"), _PLACE.c.session_id, cast(null(), Date), cast(null(), Date))
    .join(_SESSION, _SESSION.c.id == _PLACE.c.session_id)
    .where(
        _PLACE.c.person_id == bindparam("person_id"),
        _SESSION.c.edition_id == bindparam("edition_id"),
        ADMITS,
    ),
)


def attendee_of(person_id: int, edition_id: int) -> Attendee:
    """What access goes by for this person at this edition, in two queries."""
    found = db.session.execute(_CIRCLES, {"person_id": person_id, "edition_id": edition_id}).one()
    return with_choices(person_id, edition_id, found.section_id is not None, bool(found.is_member))


def with_choices(person_id: int, edition_id: int, has_section: bool, is_member: bool) -> Attendee:
    """The same where the circles are known already."""
    seats, places = set(), set()
    for kind, number, starts_on, ends_on in db.session.connection().execute(
        _CHOICES, {"person_id": person_id, "edition_id": edition_id}
    ):
        if kind == "seat":
            seats.add(SeatHeld(number, starts_on, ends_on))
        else:
            places.add(number)
    return Attendee(
        person_id=person_id,
        has_section=has_section,
        is_member=is_member,
        seats=tuple(sorted(seats, key=_in_order)),
        places=tuple(sorted(places)),
    )


def _in_order(seat: SeatHeld) -> tuple[int, date, date]:
    return (seat.body_id, seat.starts_on or date.min, seat.ends_on or date.max)
