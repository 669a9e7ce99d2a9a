"""Two rows of the address book become one: whatever points to the one that goes points to the other from then on.

    pointing(person) -> dict[str, int]                      by table, how many rows point to this person
    merge(keep, lose, from_lost=, at=, by=) -> Person       `lose` is gone; raises BothRegistered

Every foreign key to a person is found in the tables themselves, so that a column which is added tomorrow moves with
the others. Only where two rows would say the same, or a database would refuse the second, there is a rule here.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Column, Select, Table, and_, delete, func, or_, select, update
from sqlalchemy.orm import aliased

from retreat.agenda import waiting
from retreat.agenda.models import AgendaSession, Place, PlaceState, RevisedPart, RevisedSession, Revision, Star
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import Model, db
from retreat.core.errors import RetreatError
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.editions.service import touch_agenda
from retreat.network.models import Office, Person, Seat, TwoPeople
from retreat.notices.models import CalendarInvitation
from retreat.registration.invitations.models import Invitation
from retreat.registration.models import Registration

FIELDS: dict[str, tuple[str, ...]] = {
    "honorific": ("honorific",),
    "given_name": ("given_name",),
    "family_name": ("family_name",),
    "badge_name": ("badge_name",),
    "native_name": ("native_name", "native_language"),
    "position": ("position",),
    "organisation": ("organisation", "organisation_id"),
    "email": ("email",),
}
"""What is chosen of one or the other, and the columns that go with it."""

CEREMONY = "award"
"""Not counted where anybody reads: that somebody is named there can be a secret."""


class OneAndTheSame(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Choose two different people."))


class PersonForgotten(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("One of the two has been erased from the address book."))


class NameNeeded(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Keep at least one name: a given name, a family name or a name on the badge."))


class BothRegistered(RetreatError):
    """A person has one registration at an edition; which of the two holds is for an organiser to say first."""

    status = HTTPStatus.CONFLICT

    def __init__(self, edition: str, one: str, other: str) -> None:
        super().__init__(edition, one, other)
        self.edition, self.one, self.other = edition, one, other

    @property
    def message(self) -> str:
        return _(
            "Both are registered at the edition %(edition)s, as %(one)s and as %(other)s: "
            "they cannot become one person.",
            edition=self.edition,
            one=self.one,
            other=self.other,
        )


def pointers() -> Iterator[tuple[Table, Column[Any]]]:
    """Every column of every table that names a person."""
    for table in Model.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == Person.__tablename__ for key in column.foreign_keys):
                yield table, column


def pointing(person: Person) -> dict[str, int]:
    """By table, how many rows point to this person; tables without any are left out."""
    counted = [
        (table.name, select(func.count()).select_from(table).where(column == person.id).scalar_subquery())
        for table, column in pointers()
    ]
    found: dict[str, int] = {}
    for (name, _query), number in zip(
        counted, db.session.execute(select(*(query for _name, query in counted))).one(), strict=True
    ):
        found[name] = found.get(name, 0) + number
    return {name: number for name, number in found.items() if number}


def check(keep: Person, lose: Person) -> None:
    """Whether the two can become one. Raises OneAndTheSame, PersonForgotten and BothRegistered."""
    if keep.id == lose.id:
        raise OneAndTheSame
    if keep.erased_at is not None or lose.erased_at is not None:
        raise PersonForgotten
    first, second = aliased(Registration), aliased(Registration)
    both = db.session.execute(
        select(Edition.slug, first.code, second.code)
        .select_from(first)
        .join(second, second.edition_id == first.edition_id)
        .join(Edition, Edition.id == first.edition_id)
        .where(first.person_id == keep.id, second.person_id == lose.id)
        .order_by(Edition.id.desc())
    ).first()
    if both is not None:
        raise BothRegistered(*both)


def merge(keep: Person, lose: Person, *, from_lost: Collection[str], at: datetime, by: Actor) -> Person:
    """`lose` is gone and everything that was theirs is of `keep`, who takes the fields `from_lost` of the other.

    Raises OneAndTheSame, PersonForgotten, NameNeeded and BothRegistered.
    """
    _lock(keep, lose)
    check(keep, lose)
    chosen = {
        field: getattr(lose if name in from_lost else keep, field)
        for name, fields in FIELDS.items()
        for field in fields
    }
    if not (chosen["given_name"] or chosen["family_name"] or chosen["badge_name"]):
        raise NameNeeded
    names = keep.printed_name, lose.printed_name
    kept_id, lost_id = keep.id, lose.id
    moved = {name: number for name, number in pointing(lose).items() if name != CEREMONY}
    for settle in _COLLISIONS.values():
        settle(kept_id, lost_id, at)
    _touch_programmes(lost_id)
    for table, column in pointers():
        db.session.execute(update(table).where(column == lost_id).values({column.name: kept_id}))
    # By hand and not by the session, which would take along what it believes to be the lost one's still.
    db.session.execute(delete(Person).where(Person.id == lost_id).execution_options(synchronize_session=False))
    db.session.expire_all()
    for field, value in chosen.items():
        setattr(keep, field, value)
    db.session.flush()
    audit.record("person.merged", keep, at=at, by=by, kept=names[0], gone=names[1], gone_id=lost_id, moved=moved)
    return keep


def _touch_programmes(lost_id: int) -> None:
    """Whose part it is decides what is in a person's week, and processes keep programmes in memory."""
    where = Edition.id.in_(_spoken_at(lost_id))
    for edition in db.session.scalars(select(Edition).where(where).order_by(Edition.id)).all():
        touch_agenda(edition)


def _spoken_at(person_id: int) -> Select[int]:
    """Editions of which a revision names this person."""
    return (
        select(Revision.edition_id)
        .join(RevisedSession, RevisedSession.revision_id == Revision.id)
        .join(RevisedPart, RevisedPart.revised_session_id == RevisedSession.id)
        .where(RevisedPart.person_id == person_id)
    )


def _lock(keep: Person, lose: Person) -> None:
    """The editions' rows first, as everywhere, then both people in the order of their numbers."""
    both = sorted((keep.id, lose.id))
    here = select(Registration.edition_id).where(Registration.person_id.in_(both))
    held = select(AgendaSession.edition_id).join(Place, Place.session_id == AgendaSession.id)
    held = held.where(Place.person_id.in_(both))
    # Somebody may be answering an invitation at this very moment, and becomes who it then names.
    invited = select(Invitation.edition_id).where(Invitation.person_id.in_(both))
    named = _spoken_at(lose.id)
    db.session.execute(
        select(Edition.id)
        .where(or_(*(Edition.id.in_(some) for some in (here, held, invited, named))))
        .order_by(Edition.id)
        .with_for_update(key_share=True)
    )
    rows = db.session.scalars(
        select(Person)
        .where(Person.id.in_(both))
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(rows) != len(set(both)):
        raise PersonForgotten


# Where two rows would meet -----------------------------------------------------------------------------------------

M = TypeVar("M", bound=Model)


def _both(model: type[M], same: str, kept_id: int, lost_id: int) -> list[tuple[M, M]]:
    """The rows of the one who stays and of the other that name the same session."""
    own: Any = aliased(model)
    other: Any = aliased(model)
    pairs = db.session.execute(
        select(own, other)
        .join(other, getattr(other, same) == getattr(own, same))
        .where(own.person_id == kept_id, other.person_id == lost_id)
        .order_by(getattr(own, same))
    )
    return [(mine, theirs) for mine, theirs in pairs]


_BETTER = (PlaceState.TAKEN, PlaceState.WAITING, PlaceState.INVITED, PlaceState.DECLINED)


def _places(kept_id: int, lost_id: int, at: datetime) -> None:
    """Of two places in one session the better stays; a second seat is free for somebody else."""
    freed = []
    for mine, theirs in _both(Place, "session_id", kept_id, lost_id):
        if mine.state is PlaceState.TAKEN and theirs.state is PlaceState.TAKEN:
            freed.append(mine.session_id)
        mine.is_invited = mine.is_invited or theirs.is_invited
        # Since when: of the place that stays. An old invitation puts nobody at the head of the line.
        better = min(mine, theirs, key=lambda one: (_BETTER.index(one.state), one.created_at))
        mine.state, mine.created_at = better.state, better.created_at
        db.session.delete(theirs)
    db.session.flush()
    for session_id in freed:
        waiting.give_back(session_id, at=at)


def _stars(kept_id: int, lost_id: int, _at: datetime) -> None:
    """A session that both have starred is starred once, since the first of the two."""
    for mine, theirs in _both(Star, "session_id", kept_id, lost_id):
        mine.created_at = min(mine.created_at, theirs.created_at)
        db.session.delete(theirs)
    db.session.flush()


def _calendar_invitations(kept_id: int, lost_id: int, _at: datetime) -> None:
    """Of two mails that put one session into a calendar the later counts; where they differ, the next one corrects."""
    for mine, theirs in _both(CalendarInvitation, "uid", kept_id, lost_id):
        if (mine.facts_hash, mine.is_cancelled) != (theirs.facts_hash, theirs.is_cancelled):
            mine.facts_hash, mine.is_cancelled = "", mine.is_cancelled and theirs.is_cancelled
        mine.sequence = max(mine.sequence, theirs.sequence)
        db.session.delete(theirs)
    db.session.flush()


def _seats(kept_id: int, lost_id: int, _at: datetime) -> None:
    """The same seat on the same body for the same days is one."""
    own, other = aliased(Seat), aliased(Seat)
    same = and_(
        own.body_id == other.body_id,
        own.role == other.role,
        own.starts_on.is_not_distinct_from(other.starts_on),
        own.ends_on.is_not_distinct_from(other.ends_on),
    )
    twice = db.session.scalars(
        select(other.id).join(own, same).where(own.person_id == kept_id, other.person_id == lost_id)
    )
    db.session.execute(delete(Seat).where(Seat.id.in_(twice.all())).execution_options(synchronize_session=False))


def _offices(kept_id: int, lost_id: int, _at: datetime) -> None:
    """The same office is one, seen from the first of the days to the last; a date that somebody entered stays."""

    def key(office: Office) -> tuple[str, str]:
        return search_key(office.position), search_key(office.organisation)

    own = {key(one): one for one in db.session.scalars(select(Office).where(Office.person_id == kept_id))}
    for theirs in db.session.scalars(select(Office).where(Office.person_id == lost_id)).all():
        mine = own.get(key(theirs))
        dates = {(mine.starts_on, mine.ends_on), (theirs.starts_on, theirs.ends_on)} - {(None, None)} if mine else set()
        if mine is None or len(dates) > 1:
            continue
        mine.starts_on, mine.ends_on = next(iter(dates), (None, None))
        mine.seen_first, mine.seen_last = min(mine.seen_first, theirs.seen_first), max(mine.seen_last, theirs.seen_last)
        db.session.delete(theirs)
    db.session.flush()


def _two_people(kept_id: int, lost_id: int, _at: datetime) -> None:
    """Who was told apart from the one is told apart from both; that of these two is overruled."""
    mine = (TwoPeople.one_id == kept_id) | (TwoPeople.other_id == kept_id)
    theirs = (TwoPeople.one_id == lost_id) | (TwoPeople.other_id == lost_id)
    known = {(one.one_id, one.other_id) for one in db.session.scalars(select(TwoPeople).where(mine))}
    for one in db.session.scalars(select(TwoPeople).where(theirs)).all():
        third = one.other_id if one.one_id == lost_id else one.one_id
        pair = (min(third, kept_id), max(third, kept_id))
        if third == kept_id or pair in known:
            db.session.delete(one)
        else:
            one.one_id, one.other_id = pair
            known.add(pair)
    db.session.flush()


_COLLISIONS: dict[str, Callable[[int, int, datetime], None]] = {
    "place": _places,
    "star": _stars,
    "calendar_invitation": _calendar_invitations,
    "seat": _seats,
    "office": _offices,
    "two_people": _two_people,
}
"""By table; `registration` is refused before."""
