"""A day's breaks on other days: new sessions at the same wall times, in the same halls, in all their languages."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from flask_babel import lazy_gettext as _l

from retreat.agenda.board import steps
from retreat.agenda.board.models import StepKind
from retreat.agenda.bulk.outcome import Line, NothingToDo, Outcome, Spot, all_sessions, refuse_bad_times, spot
from retreat.agenda.models import AgendaSession, Kind, SessionStatus
from retreat.agenda.service import add_session, new_codes
from retreat.agenda.values import SessionValues
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.editions import service as editions
from retreat.editions.models import Edition


def copy_breaks(edition: Edition, day: date, to: Iterable[date], *, at: datetime, by: Actor) -> Outcome:
    """Copy the breaks of one day, as one step; where a day has one at that hour already, it is left as it is.

    Raises NothingToDo or CannotStandThere; then nothing is changed.
    """
    editions.hold(edition.id)
    sessions = all_sessions(edition)
    breaks = [session for session in sessions if session.date == day and _is_break(session)]
    there = {(session.date, session.starts, session.hall_id) for session in sessions if _is_break(session)}
    wanted, left = [], []
    for target in sorted(set(to) - {day}):
        for session in breaks:
            if (target, session.starts, session.hall_id) in there:
                left.append(Line(session.code, session.title, _at(session, target), why=_l("there already")))
            else:
                wanted.append((session, target))
    if not wanted:
        raise NothingToDo
    values = [_values(session, target) for session, target in wanted]
    refuse_bad_times((session, {"date": target}) for session, target in wanted)
    made = make(edition, values, at=at, by=by)
    step = steps.record(edition, StepKind.COPIED, [made_change(session) for session in made], at=at, by=by)
    lines = tuple(Line(session.code, session.title, None, spot(session)) for session in made)
    return Outcome(lines=lines, left=tuple(left), step=step)


def make(edition: Edition, values: list[SessionValues], *, at: datetime, by: Actor) -> list[AgendaSession]:
    """New sessions of the draft, with codes of their own; flushed."""
    codes = new_codes(edition, len(values))
    made = [add_session(edition, {**one, "code": code}, at=at, by=by) for one, code in zip(values, codes, strict=True)]
    db.session.flush()
    for session in made:
        audit.record("session.created", session, at=at, by=by, code=session.code)
    return made


def made_change(session: AgendaSession) -> steps.Change:
    """What a step says of a session that it made."""
    return {"id": session.id, "code": session.code, "before": None, "after": steps.placement(session)}


def _is_break(session: AgendaSession) -> bool:
    return session.kind is Kind.BREAK and session.status is not SessionStatus.CANCELLED


def _at(session: AgendaSession, day: date) -> Spot:
    return replace(spot(session), day=day)


def _values(session: AgendaSession, day: date) -> SessionValues:
    return {
        "title": session.title,
        "description": session.description,
        "kind": session.kind,
        "status": session.status,
        "is_listed": session.is_listed,
        "access": session.access,
        "access_body": session.access_body,
        "track": session.track,
        "tags": list(session.tags),
        "date": day,
        "starts": session.starts,
        "ends": session.ends,
        "hall": session.hall,
        "venue": session.venue,
        "zone_override": session.zone_override,
    }
