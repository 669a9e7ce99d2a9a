"""Who a person is to the agenda at one edition: circle, membership, seats on bodies, places, stars. Read live."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from retreat.agenda.access import Attendee, SeatHeld
from retreat.agenda.models import AgendaSession, Place, PlaceState, Star
from retreat.core.db import db
from retreat.network.models import Organisation, Person, Seat
from retreat.registration.models import Registration, Status
from retreat.registration.states import LIVE

_REGISTRATION, _PERSON, _ORGANISATION = Registration.__table__, Person.__table__, Organisation.__table__
_SEAT, _PLACE, _SESSION = Seat.__table__, Place.__table__, AgendaSession.__table__
_STAR = Star.__table__

IS_MEMBER_OF = _ORGANISATION.c.id == func.coalesce(_REGISTRATION.c.organisation_id, _PERSON.c.organisation_id)
"""The organisation that decides whether a person comes as a member."""

ADMITS = and_(_PLACE.c.state != PlaceState.DECLINED, or_(_PLACE.c.state != PlaceState.WAITING, _PLACE.c.is_invited))
"""The places that let somebody in."""


class Circles(Protocol):
    """What the registration says of somebody; None throughout where there is none."""

    @property
    def section_id(self) -> int | None: ...
    @property
    def is_member(self) -> bool | None: ...
    @property
    def status(self) -> Status | None: ...


def _circles(is_asked: Callable[[Any], ColumnElement[bool]], edition_id: Any) -> Select[Any]:
    return (
        select(_PERSON.c.id, _REGISTRATION.c.section_id, _ORGANISATION.c.is_member, _REGISTRATION.c.status)
        .select_from(_PERSON)
        .outerjoin(
            _REGISTRATION, (_REGISTRATION.c.edition_id == edition_id) & (_REGISTRATION.c.person_id == _PERSON.c.id)
        )
        .outerjoin(_ORGANISATION, IS_MEMBER_OF)
        .where(is_asked(_PERSON.c.id))
    )


def _choices(
    is_asked: Callable[[Any], ColumnElement[bool]], edition_id: Any, *, within: tuple[Any, ...] = ()
) -> CompoundSelect[Any]:
    """Rows of (person, what it is, body or session, first day, last day); `within` are tables of a query around it."""

    def of_sessions(kind: str, table: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
        # Not joined: before its first ANALYZE, PostgreSQL would begin with every session of the edition.
        edition = select(_SESSION.c.edition_id).where(_SESSION.c.id == table.c.session_id)
        return (
            select(
                table.c.person_id,
                literal(kind).label("kind"),
                table.c.session_id.label("number"),
                cast(null(), Date).label("starts_on"),
                cast(null(), Date).label("ends_on"),
            )
            .where(is_asked(table.c.person_id), edition.correlate(table).scalar_subquery() == edition_id, *conditions)
            .correlate(*within)
        )

    return union_all(
        select(
            _SEAT.c.person_id,
            literal("seat").label("kind"),
            _SEAT.c.body_id.label("number"),
            _SEAT.c.starts_on,
            _SEAT.c.ends_on,
        )
        .where(is_asked(_SEAT.c.person_id))
        .correlate(*within),
        of_sessions("place", _PLACE, ADMITS),
        of_sessions("star", _STAR),
    )


def choices_as_text(person_id: ColumnElement[int], edition_id: ColumnElement[int], within: Any) -> ScalarSelect[str]:
    """What `with_choices` reads, in one column of a query of the table `within`: for who only asks if it changed."""

    def is_asked(column: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = column == person_id
        return found

    rows = _choices(is_asked, edition_id, within=(within,)).subquery()
    days = [func.coalesce(cast(day, String), "") for day in (rows.c.starts_on, rows.c.ends_on)]
    one = rows.c.kind.concat(" ").concat(cast(rows.c.number, String))
    for day in days:
        one = one.concat(" ").concat(day)
    # Written out: a separator that is a parameter is only known to a statement that runs.
    separator: Any = literal_column("','")
    return select(func.aggregate_strings(one, separator)).scalar_subquery()


def _is_the_one(column: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column == bindparam("person_id")
    return found


# Made once: a personal feed asks the second before it knows whether anything has changed.
_CIRCLES_OF_ONE = _circles(_is_the_one, bindparam("edition_id"))
CHOICES_OF_ONE = _choices(_is_the_one, bindparam("edition_id"))


def attendee_of(person_id: int, edition_id: int) -> Attendee:
    """What access goes by for this person at this edition, in two queries."""
    found = db.session.execute(_CIRCLES_OF_ONE, {"person_id": person_id, "edition_id": edition_id}).one()
    return with_choices(person_id, edition_id, found)


def with_choices(person_id: int, edition_id: int, circles: Circles) -> Attendee:
    """The same where the circles are known already."""
    rows = db.session.connection().execute(CHOICES_OF_ONE, {"person_id": person_id, "edition_id": edition_id})
    return _attendee(person_id, circles, [row[1:] for row in rows])


def attendees_of(edition_id: int, whose: Select[Any]) -> dict[int, Attendee]:
    """The same of many people, in two queries however many they are; `whose` selects their ids."""

    def is_asked(column: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = column.in_(whose)
        return found

    people = db.session.execute(_circles(is_asked, edition_id)).all()
    choices: dict[int, list[Sequence[Any]]] = {row.id: [] for row in people}
    for person_id, *choice in db.session.execute(_choices(is_asked, edition_id)):
        choices[person_id].append(choice)
    return {row.id: _attendee(row.id, row, choices[row.id]) for row in people}


def _attendee(person_id: int, circles: Circles, choices: Iterable[Sequence[Any]]) -> Attendee:
    seats: set[SeatHeld] = set()
    sessions: dict[str, set[int]] = {"place": set(), "star": set()}
    for kind, number, starts_on, ends_on in choices:
        if kind == "seat":
            seats.add(SeatHeld(number, starts_on, ends_on))
        else:
            sessions[kind].add(number)
    return Attendee(
        person_id=person_id,
        has_section=circles.section_id is not None,
        is_member=bool(circles.is_member),
        has_left=circles.status is not None and circles.status not in LIVE,
        seats=tuple(sorted(seats, key=_in_order)),
        places=tuple(sorted(sessions["place"])),
        stars=tuple(sorted(sessions["star"])),
    )


def _in_order(seat: SeatHeld) -> tuple[int, date, date]:
    return (seat.body_id, seat.starts_on or date.min, seat.ends_on or date.max)
