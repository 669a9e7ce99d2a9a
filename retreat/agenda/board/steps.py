"""The steps of the board: each is a row with what was before and after it, and undo writes its stored inverse.

Whoever takes a step holds the edition's row first: steps are numbered within the edition, and two organisers who move
the same session come one after the other.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import selectinload

from retreat.agenda import service
from retreat.agenda.board import made
from retreat.agenda.board.models import Step, StepKind
from retreat.agenda.models import AgendaSession
from retreat.agenda.service import SessionLocked
from retreat.agenda.values import SessionValues
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall, Venue

Placement = dict[str, Any]
"""Where a session stands, as plain JSON: `date`, `starts`, `ends`, `hall`, `venue`, `zone_override`."""

Change = dict[str, Any]
"""What a step did to one session: `id`, `code`, `before`, `after`; `made` where the step made the session.

The last one may be marked `frame`: then it is about the edition's own days, and its id is 0.
"""


class NothingToUndo(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("There is no step of yours to undo."))


class NothingToRedo(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("There is no step of yours to do again."))


class GoneSince(RetreatError):
    """What the step was about, or where it led, is not there any more."""

    step: int | None = None

    def __init__(self, what: str) -> None:
        super().__init__(_l("“%(what)s” has been removed since that step, so nothing was changed.", what=what))


class DaysMovedSince(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("The edition's days have been changed since that step, so nothing was changed."))


def placement(session: AgendaSession) -> Placement:
    """Where a session stands, as it is stored in a step."""
    return {
        "date": session.date.isoformat() if session.date else None,
        "starts": f"{session.starts:%H:%M}" if session.starts else None,
        "ends": f"{session.ends:%H:%M}" if session.ends else None,
        "hall": session.hall.id if session.hall else None,
        "venue": session.venue.id if session.venue else None,
        "zone_override": session.zone_override,
    }


def values_of(placed: Placement, halls: dict[int, Hall], venues: dict[int, Venue]) -> SessionValues:
    """A placement as values of a session. Raises GoneSince for a hall or venue that is not there any more."""
    hall, venue = placed["hall"], placed["venue"]
    if hall is not None and hall not in halls:
        raise GoneSince(str(_l("The hall")))
    if venue is not None and venue not in venues:
        raise GoneSince(str(_l("The venue")))
    return {
        "date": date.fromisoformat(placed["date"]) if placed["date"] else None,
        "starts": time.fromisoformat(placed["starts"]) if placed["starts"] else None,
        "ends": time.fromisoformat(placed["ends"]) if placed["ends"] else None,
        "hall": halls[hall] if hall is not None else None,
        "venue": venues[venue] if venue is not None else None,
        "zone_override": placed["zone_override"],
    }


def held_sessions(edition: Edition, ids: Iterable[int]) -> dict[int, AgendaSession]:
    """These sessions of the edition, read anew and held, by their ids.

    No outer joins: a row that is read so again cannot be locked by PostgreSQL.
    """
    found = db.session.scalars(
        select(AgendaSession)
        .where(AgendaSession.edition_id == edition.id, AgendaSession.id.in_(set(ids)))
        .options(selectinload(AgendaSession.hall), selectinload(AgendaSession.venue))
        .order_by(AgendaSession.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {session.id: session for session in found}


def put(session: AgendaSession, values: SessionValues, *, at: datetime, by: Actor) -> Change:
    """Write where a session stands, and what that changed. It does not flush. Raises SessionLocked or BadTime."""
    before = placement(session)
    fields = service.change_session(session, values, at=at, by=by)
    after = placement(session)
    if session.is_locked and before != after:
        raise SessionLocked(session)
    if fields:
        audit.record("session.changed", session, at=at, by=by, code=session.code, fields=fields)
    return {"id": session.id, "code": session.code, "before": before, "after": after}


def record(edition: Edition, kind: StepKind, changes: Sequence[Change], *, at: datetime, by: Actor) -> Step:
    """Note a step that has been taken; what its organiser had undone cannot be done again after it.

    `changes` hold an object a session: `id`, `code`, `before` (None where the step made the session) and `after`.
    """
    editions.hold(edition.id)
    last = db.session.scalar(select(func.max(Step.number)).where(Step.edition_id == edition.id))
    db.session.execute(
        update(Step)
        .where(_own(edition, by), Step.is_undone, ~Step.is_passed_by)
        .values(is_passed_by=True)
        .execution_options(synchronize_session="fetch")
    )
    step = Step(
        edition_id=edition.id,
        number=(last or 0) + 1,
        organiser_id=by.id,
        by=by.name,
        at=at,
        kind=kind,
        changes=made.with_snapshots(edition, changes),
        is_undone=False,
        is_passed_by=False,
    )
    db.session.add(step)
    db.session.flush()
    return step


def next_to_undo(edition: Edition, by: Actor) -> Step | None:
    """The last step of this organiser that stands, and was not left standing because of somebody else."""
    return db.session.scalar(
        select(Step).where(_own(edition, by), ~Step.is_undone, ~Step.is_passed_by).order_by(Step.number.desc()).limit(1)
    )


def next_to_redo(edition: Edition, by: Actor) -> Step | None:
    """The first of the steps that this organiser has undone, if nothing was done since."""
    return db.session.scalar(
        select(Step).where(_own(edition, by), Step.is_undone, ~Step.is_passed_by).order_by(Step.number).limit(1)
    )


def undo(edition: Edition, *, at: datetime, by: Actor) -> Step:
    """Write the inverse of the organiser's own last step.

    Raises NothingToUndo, TouchedSince, GoneSince, SessionLocked, or what the service says of a placement that cannot
    be any more; then nothing is changed.
    """
    editions.hold(edition.id)
    step = next_to_undo(edition, by)
    if step is None:
        raise NothingToUndo
    try:
        with db.session.begin_nested():
            _write(edition, step.changes, "after", "before", at=at, by=by)
            step.is_undone = True
    except (made.TouchedSince, GoneSince) as refusal:
        refusal.step = step.number
        raise
    audit.record("step.undone", step, at=at, by=by, number=step.number)
    return step


def let_stand(edition: Edition, number: int, *, by: Actor) -> Step | None:
    """Undo passes this step by from now on, as somebody else stands in its way; gives the one that comes next."""
    editions.hold(edition.id)
    db.session.execute(
        update(Step)
        .where(_own(edition, by), Step.number == number, ~Step.is_undone)
        .values(is_passed_by=True)
        .execution_options(synchronize_session="fetch")
    )
    return next_to_undo(edition, by)


def redo(edition: Edition, *, at: datetime, by: Actor) -> Step:
    """Do again what the organiser has undone last. Raises NothingToRedo, or what `undo` raises."""
    editions.hold(edition.id)
    step = next_to_redo(edition, by)
    if step is None:
        raise NothingToRedo
    with db.session.begin_nested():
        _write(edition, step.changes, "before", "after", at=at, by=by)
        step.is_undone = False
    audit.record("step.redone", step, at=at, by=by, number=step.number)
    return step


def _own(edition: Edition, by: Actor) -> ColumnElement[bool]:
    """Steps of this organiser; of a command, which has no account, those under its name."""
    if by.id is not None:
        return and_(Step.edition_id == edition.id, Step.organiser_id == by.id)
    return and_(Step.edition_id == edition.id, Step.organiser_id.is_(None), Step.by == by.name)


def _write(edition: Edition, changes: Sequence[Change], seen: str, wanted: str, *, at: datetime, by: Actor) -> None:
    """Bring every session of a step from one side of it to the other, if each is still on the first."""
    frame = next((change for change in changes if change.get("frame")), None)
    changes = [change for change in changes if not change.get("frame")]
    if frame is not None:
        _write_frame(edition, frame[seen], frame[wanted], at=at, by=by)
    sessions = held_sessions(edition, (change["id"] for change in changes))
    for change in changes:
        session = sessions.get(change["id"])
        if change[seen] is None:
            continue
        if session is None:
            raise GoneSince(change["code"])
        if placement(session) != change[seen]:
            raise made.TouchedSince(session)
    halls = {hall.id: hall for hall in db.session.scalars(select(Hall).where(Hall.edition_id == edition.id))}
    venues = {venue.id: venue for venue in db.session.scalars(select(Venue).where(Venue.edition_id == edition.id))}
    if away := [change for change in changes if change[wanted] is None]:
        made.remove_all(edition, away, at=at, by=by)
    if back := [change for change in changes if change[seen] is None]:
        made.make_all_again(edition, back, at=at, by=by)
    for change in changes:
        if change[wanted] is not None and change[seen] is not None:
            put(sessions[change["id"]], values_of(change[wanted], halls, venues), at=at, by=by)
    db.session.flush()


def frame_of(edition: Edition) -> dict[str, str]:
    """The edition's own days, as a step stores them."""
    return {"starts_on": edition.starts_on.isoformat(), "ends_on": edition.ends_on.isoformat()}


def _write_frame(edition: Edition, seen: dict[str, str], wanted: dict[str, str], *, at: datetime, by: Actor) -> None:
    db.session.refresh(edition)
    if frame_of(edition) != seen:
        raise DaysMovedSince
    days = date.fromisoformat(wanted["starts_on"]) - date.fromisoformat(seen["starts_on"])
    editions.move_edition(edition, days.days, at=at, by=by)
