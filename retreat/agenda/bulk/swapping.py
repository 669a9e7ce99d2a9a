"""Two sessions change places: each begins where the other began, in the other's hall.

Each keeps its own length, since a workshop does not become shorter for standing elsewhere; whoever wants it exchanges
the slots as they are. Where one of the two has no time, only the slots as they are can be exchanged. Timed parts go
along by the same way, and into the new hall where they were in the same one; a locked one stays, and is named.
"""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from retreat.agenda.board.models import StepKind
from retreat.agenda.board.moves import Wall
from retreat.agenda.bulk.outcome import Line, NothingToDo, Outcome, all_sessions, put_all, spot
from retreat.agenda.models import AgendaSession
from retreat.agenda.service import SessionLocked, UnknownSession
from retreat.agenda.values import SessionRefused, SessionValues
from retreat.core.audit import Actor
from retreat.editions import service as editions
from retreat.editions.models import Edition


def swap(edition: Edition, one: str, other: str, *, slots_exactly: bool, at: datetime, by: Actor) -> Outcome:
    """Exchange two sessions by their codes, as one step. Raises UnknownSession, SessionRefused, SessionLocked,
    NothingToDo or CannotStandThere; then nothing is changed.
    """
    editions.hold(edition.id)
    sessions = all_sessions(edition)
    by_code = {session.code: session for session in sessions}
    pair = [by_code.get(code) for code in (one, other)]
    for code, session in zip((one, other), pair, strict=True):
        if session is None:
            raise UnknownSession(code)
        if session.is_locked:
            raise SessionLocked(session)
    first, second = (session for session in pair if session is not None)
    if first is second:
        raise SessionRefused("other", _l("Choose two different sessions."))
    if first.parent is second or second.parent is first:
        raise SessionRefused("other", _l("One of them is part of the other; they cannot change places."))
    goes = {
        first.id: _to(first, second, slots_exactly=slots_exactly),
        second.id: _to(second, first, slots_exactly=slots_exactly),
    }
    along = [
        (part, values)
        for session, place in ((first, second), (second, first))
        for part in sessions
        if part.parent is session and (values := _along(part, session, place, goes))
    ]
    left = tuple(Line(part.code, part.title, spot(part), why=_l("locked")) for part, _values in along if part.is_locked)
    wanted = [(session, goes[session.id]) for session in (first, second)]
    wanted += [(part, values) for part, values in along if not part.is_locked]
    lines, step = put_all(edition, StepKind.SWAPPED, wanted, at=at, by=by)
    if not lines:
        raise NothingToDo
    return Outcome(lines=lines, left=left, step=step)


def _to(session: AgendaSession, place: AgendaSession, *, slots_exactly: bool) -> SessionValues:
    was, there = _wall(session), _wall(place)
    values: SessionValues = {
        "date": place.date,
        "starts": place.starts,
        "ends": place.ends,
        "hall": place.hall,
        "venue": place.venue,
        "zone_override": place.zone_override,
    }
    if not slots_exactly and was.start and was.end and there.start:
        end = there.start + (was.end - was.start)
        values["ends"] = end.time()
    return values


def _along(
    part: AgendaSession, session: AgendaSession, place: AgendaSession, goes: dict[int, SessionValues]
) -> SessionValues | None:
    """A part keeps its distance from the beginning; without times on both sides it stays."""
    was, there, own = _wall(session), _wall(place), _wall(part)
    if part.id in goes or not (was.start and there.start and own.start):
        return None
    there_by: timedelta = there.start - was.start
    moved = own.shifted(there_by)
    values: SessionValues = {"date": moved.day, "starts": moved.starts, "ends": moved.ends}
    if part.hall is not None and part.hall is session.hall:
        values["hall"], values["venue"] = place.hall, place.venue
    return values


def _wall(session: AgendaSession) -> Wall:
    return Wall(session.date, session.starts, session.ends)
