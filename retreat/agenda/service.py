"""The draft: sessions and who has a part in them. Nothing here is public until it is published."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import flag_modified

from retreat.agenda import waiting
from retreat.agenda.models import (
    Access,
    AgendaSession,
    Kind,
    Part,
    RevisedSession,
    SessionStatus,
)
from retreat.agenda.people import People
from retreat.agenda.points import points_of, rows_of
from retreat.agenda.times import instants
from retreat.agenda.values import Appearance, SessionRefused, SessionValues, placed, refuse
from retreat.core import audit, zones
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.network.models import Person

_SEATS = frozenset({"capacity", "takes_sign_up"})
"""In force at once, and not with the next publication."""


class UnknownSession(NotFound):
    def __init__(self, code: str) -> None:
        super().__init__(_l("There is no session “%(code)s” in this edition.", code=code))
        self.code = code


class EditedMeanwhile(RetreatError):
    """Someone else has saved this session since it was opened; nothing was overwritten."""

    def __init__(self, session: AgendaSession) -> None:
        super().__init__(
            _l(
                "%(name)s has changed “%(title)s” since you opened it. Nothing was overwritten: look at it again.",
                name=session.updated_by,
                title=str(session.title),
            )
        )
        self.by = session.updated_by
        self.at = session.updated_at
        self.version = session.version


_LOCKED = {
    "date": _l("day"),
    "starts": _l("start"),
    "ends": _l("end"),
    "zone_override": _l("time zone"),
    "hall": _l("hall"),
    "venue": _l("venue"),
}
"""What stays as it is while a session is locked."""


class SessionLocked(RetreatError):
    """`fields` are those that would have changed; without them the sentence speaks of all."""

    def __init__(self, session: AgendaSession, fields: Sequence[str] = ()) -> None:
        title = str(session.title)
        super().__init__(
            _l(
                "“%(title)s” is locked: its time and hall stay. Unlock it first, then change: %(what)s.",
                title=title,
                what=", ".join(str(_LOCKED[name]) for name in fields),
            )
            if fields
            else _l("“%(title)s” is locked: its time and hall stay. Unlock it first.", title=title)
        )


class SessionPublished(RetreatError):
    def __init__(self, session: AgendaSession) -> None:
        super().__init__(
            _l(
                "“%(title)s” has been published and is in calendars: cancel it instead of removing it.",
                title=str(session.title),
            )
        )


class SessionInUse(RetreatError):
    def __init__(self, session: AgendaSession) -> None:
        super().__init__(_l("Something belongs to “%(title)s”; remove that first.", title=str(session.title)))


# Finding -----------------------------------------------------------------------------------------------------------


def session_by_code(edition: Edition, code: str) -> AgendaSession:
    """The draft session of this code, with what a form shows of it. Raises UnknownSession."""
    found = db.session.scalar(
        select(AgendaSession)
        .where(AgendaSession.edition_id == edition.id, AgendaSession.code == code)
        .options(selectinload(AgendaSession.parts).joinedload(Part.person), selectinload(AgendaSession.points))
    )
    if found is None:
        raise UnknownSession(code)
    return found


def draft_sessions(edition: Edition) -> list[AgendaSession]:
    """Every session of the draft with everything it names: timed by time, then those without time, then without day."""
    return list(
        db.session.scalars(
            select(AgendaSession)
            .where(AgendaSession.edition_id == edition.id)
            .options(
                selectinload(AgendaSession.parts),
                selectinload(AgendaSession.points),
                *(
                    selectinload(relation)
                    for relation in (
                        AgendaSession.parent,
                        AgendaSession.track,
                        AgendaSession.venue,
                        AgendaSession.hall,
                        AgendaSession.body,
                        AgendaSession.access_body,
                    )
                ),
            )
            .order_by(
                AgendaSession.date.is_(None),
                AgendaSession.date,
                AgendaSession.start_utc.is_(None),
                AgendaSession.start_utc,
                AgendaSession.code,
            )
        )
    )


def is_published(session: AgendaSession) -> bool:
    """Whether any revision holds it."""
    return bool(
        db.session.scalar(
            select(func.count()).select_from(RevisedSession).where(RevisedSession.session_id == session.id)
        )
    )


# Changing ----------------------------------------------------------------------------------------------------------


def create_session(
    edition: Edition, values: SessionValues, *, at: datetime, by: Actor, people: People | None = None
) -> AgendaSession:
    """A new session of the draft; its code is made when none is given. Raises SessionRefused or BadTime."""
    code = values.get("code") or new_codes(edition, 1)[0]
    try:
        with db.session.begin_nested():
            session = add_session(edition, {**values, "code": code}, at=at, by=by, people=people)
    except IntegrityError as error:
        raise SessionRefused("code", _l("Another session has this code.")) from error
    audit.record("session.created", session, at=at, by=by, code=session.code)
    return session


def update_session(
    session: AgendaSession,
    values: SessionValues,
    *,
    at: datetime,
    by: Actor,
    expected_version: int | None = None,
    people: People | None = None,
) -> AgendaSession:
    """Change what `values` says. `expected_version` is what the editor saw.

    Raises EditedMeanwhile, SessionLocked, SessionRefused or BadTime; then nothing is changed.
    """
    if not _SEATS.isdisjoint(values):
        # Those who wait may get a seat: the edition's row first, as everywhere.
        editions.hold(session.edition_id)
    # Locks the row on PostgreSQL; on SQLite the transaction already holds the one write lock.
    db.session.refresh(session, with_for_update={"key_share": True})
    if expected_version is not None and session.version != expected_version:
        raise EditedMeanwhile(session)
    if session.is_locked and values.get("is_locked", True) and (moved := _moved(session, values)):
        raise SessionLocked(session, moved)
    changed = change_session(session, values, at=at, by=by, people=people)
    db.session.flush()
    if changed:
        audit.record("session.changed", session, at=at, by=by, code=session.code, fields=changed)
    if not _SEATS.isdisjoint(changed):
        waiting.promote(session.id, at=at)
    return session


def cancel_session(
    session: AgendaSession, *, at: datetime, by: Actor, expected_version: int | None = None
) -> AgendaSession:
    """It keeps its place in the programme and in feeds, marked as cancelled."""
    return update_session(session, {"status": SessionStatus.CANCELLED}, at=at, by=by, expected_version=expected_version)


def delete_session(session: AgendaSession, *, at: datetime, by: Actor, expected_version: int | None = None) -> None:
    """Remove a session that was never published. Raises SessionPublished, SessionInUse or EditedMeanwhile."""
    db.session.refresh(session, with_for_update={"key_share": True})
    if expected_version is not None and session.version != expected_version:
        raise EditedMeanwhile(session)
    if is_published(session):
        raise SessionPublished(session)
    refusal = SessionInUse(session)
    audit.record("session.removed", session, at=at, by=by, code=session.code, title=dict(session.title))
    try:
        with db.session.begin_nested():
            db.session.delete(session)
    except IntegrityError as error:
        raise refusal from error


def new_codes(edition: Edition, count: int) -> list[str]:
    """The next free codes, such as S20-017. The counter is moved by one UPDATE: two editors never get the same."""
    taken = set(db.session.scalars(select(AgendaSession.code).where(AgendaSession.edition_id == edition.id)))
    codes: list[str] = []
    while len(codes) < count:
        last = db.session.scalars(
            update(Edition)
            .where(Edition.id == edition.id)
            .values(last_session_number=Edition.last_session_number + count - len(codes))
            .returning(Edition.last_session_number)
            .execution_options(synchronize_session=False)
        ).one()
        numbers = range(last - (count - len(codes)) + 1, last + 1)
        made = (f"S{edition.starts_on.year % 100:02d}-{number:03d}" for number in numbers)
        codes += [code for code in made if code not in taken]
    db.session.expire(edition, ["last_session_number"])
    return codes


# Shared with the import, which changes many at once ---------------------------------------------------------------


def add_session(
    edition: Edition, values: SessionValues, *, at: datetime, by: Actor, people: People | None = None
) -> AgendaSession:
    """As `create_session`, without flush and audit; `values` has a code."""
    session = AgendaSession(
        uid=str(uuid.uuid4()),
        edition=edition,
        title=Translated(),
        description=Translated(),
        note=Translated(),
        kind=Kind.OTHER,
        languages=[],
        access=Access.OPEN,
        is_listed=True,
        status=SessionStatus.CONFIRMED,
        taken=0,
        link="",
        registration_link="",
        tags=[],
        is_locked=False,
        tzdata="",
        zone=edition.zone,
        created_at=at,
        updated_at=at,
        updated_by=str(by),
    )
    with db.session.no_autoflush:
        change_session(session, values, at=at, by=by, people=people)
    db.session.add(session)
    return session


def change_session(
    session: AgendaSession, values: SessionValues, *, at: datetime, by: Actor, people: People | None = None
) -> list[str]:
    """Write `values` into the session and derive its instants; returns the names of what is different now.

    Refuses before it changes anything, and does not flush.
    """
    values = placed(session, values)
    refuse(session, values)
    zone = zone_of(session, values)
    derived = instants(
        values.get("date", session.date),
        values.get("starts", session.starts),
        values.get("ends", session.ends),
        zone,
    )
    parts, points = values.pop("parts", None), values.pop("points", None)
    # A hall's or parent's own foreign key changes with it only at the flush; the comparison is by object.
    changed = [name for name, value in values.items() if getattr(session, name) != value]
    for name in changed:
        setattr(session, name, values[name])  # type: ignore[literal-required]
    session.zone = zone
    session.start_utc, session.end_utc = (derived.start, derived.end) if derived else (None, None)
    session.tzdata = zones.tzdata_version()
    if parts is not None and tuple(parts) != appearances(session):
        people = people or People(session.edition)
        here = appearances(session)
        session.parts = [_part(appearance, _person(appearance, here, people, at)) for appearance in parts]
        for position, part in enumerate(session.parts):
            part.position = position
        changed.append("parts")
    if points is not None and tuple(points) != points_of(session.points):
        session.points = rows_of(points)
        changed.append("points")
    if changed:
        session.updated_at, session.updated_by = at, str(by)
        # A change of parts or points alone is a change of the session: the other editor must be told.
        flag_modified(session, "updated_at")
    return changed


def zone_of(session: AgendaSession, values: SessionValues) -> str:
    """The zone in force: the session's own, else its venue's, else the edition's."""
    venue = values.get("venue", session.venue)
    return values.get("zone_override", session.zone_override) or (venue.zone if venue else session.edition.zone)


def appearances(session: AgendaSession) -> tuple[Appearance, ...]:
    """The parts of a session as plain values, in their order."""
    return tuple(
        Appearance(part.role, part.printed_name, part.office, part.organisation, part.state, part.person)
        for part in session.parts
    )


def _moved(session: AgendaSession, values: SessionValues) -> list[str]:
    return [name for name in _LOCKED if name in values and values[name] != getattr(session, name)]  # type: ignore[literal-required]


def _person(appearance: Appearance, here: Sequence[Appearance], people: People, at: datetime) -> Person | None:
    """Who this is. Somebody who is in the session already stays the same, even where another has the same name."""
    if not appearance.printed_name:
        return None
    if appearance.person is not None:
        return appearance.person
    of_name = [one for one in here if one.person is not None and one.printed_name == appearance.printed_name]
    same = [one.person for one in of_name if one.organisation == appearance.organisation]
    if same:
        return same[0]
    known = people.sure(appearance)
    if known is None and len({one.person for one in of_name}) == 1:
        return of_name[0].person
    return known or people.person(appearance, at)


def _part(appearance: Appearance, person: Person | None) -> Part:
    return Part(
        person=person,
        role=appearance.role,
        state=appearance.state,
        printed_name=appearance.printed_name,
        office=appearance.office,
        organisation=appearance.organisation,
    )
