"""A day, or the whole edition, moved by days or by minutes: a delayed morning, a Retreat that is put off.

Wall times are what moves. By days, a session keeps its hours whatever the clocks do in between; by minutes it may pass
midnight, and then its date is another. What is locked stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l

from retreat.agenda.board import steps
from retreat.agenda.board.models import StepKind
from retreat.agenda.bulk.outcome import Line, NothingToDo, Outcome, all_sessions, put_all, spot
from retreat.agenda.models import AgendaSession
from retreat.agenda.values import SessionValues
from retreat.core.audit import Actor
from retreat.core.errors import RetreatError
from retreat.editions import service as editions
from retreat.editions.models import Edition

MOST_DAYS, MOST_MINUTES = 1_000, 24 * 60


class NoDistance(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Say by how many days, or by how many minutes: one of the two, and not 0."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What to move and how far. No halls or tracks means all of them."""

    day: date | None = None
    """None is every day of the edition."""
    days: int = 0
    minutes: int = 0
    halls: frozenset[int] = frozenset()
    tracks: frozenset[int] = frozenset()
    moves_edition: bool = False
    """The edition's own days go along, with their titles."""


def shift(edition: Edition, asked: Shift, *, at: datetime, by: Actor) -> Outcome:
    """Move them, as one step. Raises NoDistance, NothingToDo, CannotStandThere or BadDates; then nothing is changed."""
    if bool(asked.days) == bool(asked.minutes) or abs(asked.days) > MOST_DAYS or abs(asked.minutes) > MOST_MINUTES:
        raise NoDistance
    editions.hold(edition.id)
    sessions = all_sessions(edition)
    meant = [session for session in sessions if is_meant(session, asked)]
    left = tuple(
        Line(session.code, session.title, spot(session), why=_l("locked")) for session in meant if session.is_locked
    )
    wanted = [(session, moved(session, asked)) for session in meant if not session.is_locked]
    frame = None
    if asked.moves_edition and asked.days and asked.day is None:
        frame = _move_edition(edition, asked.days, at=at, by=by)
    if not wanted and frame is None:
        raise NothingToDo
    lines, step = put_all(edition, StepKind.SHIFTED, wanted, at=at, by=by, frame=frame)
    days = (edition.starts_on, edition.ends_on) if frame else None
    return Outcome(lines=lines, left=left, step=step, days=days)


def is_meant(session: AgendaSession, asked: Shift) -> bool:
    """A part goes where the session goes that it is part of, whatever hall and track it has itself."""
    if session.date is None or (asked.day is not None and session.date != asked.day):
        return False
    if asked.minutes and session.starts is None:
        return False
    return _is_chosen(session, asked) or (session.parent is not None and _is_chosen(session.parent, asked))


def _is_chosen(session: AgendaSession, asked: Shift) -> bool:
    return _is_among(session.hall_id, asked.halls) and _is_among(session.track_id, asked.tracks)


def _is_among(number: int | None, chosen: Iterable[int]) -> bool:
    return not chosen or number in set(chosen)


def moved(session: AgendaSession, asked: Shift) -> SessionValues:
    """Where it goes on the wall. Pure."""
    if session.date is None:
        raise ValueError(session.code)
    if asked.days:
        return {"date": session.date + timedelta(days=asked.days)}
    if session.starts is None or session.ends is None:
        raise ValueError(session.code)
    by = timedelta(minutes=asked.minutes)
    start = datetime.combine(session.date, session.starts) + by
    end = datetime.combine(session.date, session.ends) + by
    return {"date": start.date(), "starts": start.time(), "ends": end.time()}


def _move_edition(edition: Edition, days: int, *, at: datetime, by: Actor) -> steps.Change:
    before = steps.frame_of(edition)
    editions.move_edition(edition, days, at=at, by=by)
    return {"id": 0, "code": "", "frame": True, "before": before, "after": steps.frame_of(edition)}
