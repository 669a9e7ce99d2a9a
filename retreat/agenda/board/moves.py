"""Where a session is put on the board: the rules of a move, and the move.

A session takes its parts along: those that are timed move by the same shift, and to the new hall when they were in the
same one. When only its start or only its end moves, the parts stay; when it goes off the board, so do they.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from retreat.agenda.board import presence, steps
from retreat.agenda.board.models import Step, StepKind
from retreat.agenda.models import AgendaSession
from retreat.agenda.service import UnknownSession
from retreat.agenda.times import BadTime
from retreat.agenda.values import SessionRefused, SessionValues
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall

STEP_MINUTES = 5
LONGEST_NIGHT = timedelta(hours=12)
"""An end before the start is on the next day; longer than this, somebody has mixed up the two."""


class MovedMeanwhile(RetreatError):
    """Somebody else was faster; nothing was overwritten."""

    status = HTTPStatus.CONFLICT

    def __init__(self, session: AgendaSession) -> None:
        super().__init__(
            _l(
                "%(name)s was faster: “%(title)s” is now here: %(where)s. Nothing was overwritten.",
                name=session.updated_by,
                title=title_of(session),
                where=where_words(session),
            )
        )
        self.code = session.code


class HeldBySomebody(RetreatError):
    """Somebody else has the card in the hand, or open."""

    def __init__(self, session: AgendaSession, name: str) -> None:
        super().__init__(
            _l(
                "%(name)s is editing “%(title)s” just now. Try again in half a minute.",
                name=name,
                title=title_of(session),
            )
        )
        self.code = session.code


@dataclass(frozen=True, slots=True)
class Wall:
    """A day and hours, as the wall at the venue shows them; any of them may be unknown."""

    day: date | None
    starts: time | None
    ends: time | None

    @property
    def start(self) -> datetime | None:
        return datetime.combine(self.day, self.starts) if self.day and self.starts else None

    @property
    def end(self) -> datetime | None:
        if not (self.day and self.starts and self.ends):
            return None
        end = datetime.combine(self.day, self.ends)
        return end + timedelta(days=1) if self.ends < self.starts else end

    def shifted(self, by: timedelta) -> "Wall":
        """The same length, so much later; a session without hours moves by whole days."""
        start, end = self.start, self.end
        if start is None or end is None:
            return Wall(self.day + timedelta(days=by.days) if self.day else None, None, None)
        return Wall((start + by).date(), (start + by).time(), (end + by).time())


def place(
    session: AgendaSession,
    *,
    day: date | None,
    starts: time | None,
    ends: time | None,
    hall: Hall | None,
    at: datetime,
    by: Actor,
    expected_version: int | None,
) -> Step | None:
    """Put a session somewhere: without a day off the board, without a hall "to be confirmed". None when it was there.

    Raises MovedMeanwhile when `expected_version` is not its version any more, HeldBySomebody, SessionLocked,
    SessionRefused or BadTime; then nothing is changed.
    """
    edition = session.edition
    editions.hold(edition.id)
    try:
        db.session.refresh(session, with_for_update={"key_share": True})
    except InvalidRequestError as gone:
        raise UnknownSession(session.code) from gone
    if expected_version is not None and session.version != expected_version:
        raise MovedMeanwhile(session)
    if holder := presence.holder(session, at=at, other_than=by):
        raise HeldBySomebody(session, holder)
    was = Wall(session.date, session.starts, session.ends)
    wanted = Wall(day, starts, ends) if day else Wall(None, None, None)
    if day is not None:
        refuse_wall(edition, was, wanted)
    with db.session.begin_nested():
        old_hall = session.hall
        changes = [steps.put(session, _values(wanted, hall), at=at, by=by)]
        for part, values in _parts_along(session, was, wanted, old_hall, hall):
            changes.append(steps.put(part, values, at=at, by=by))
        changes = [change for change in changes if change["before"] != change["after"]]
        if not changes:
            return None
        return steps.record(edition, kind_of(was, wanted, same_hall=old_hall is hall), changes, at=at, by=by)


def refuse_wall(edition: Edition, was: Wall, wanted: Wall) -> None:
    """Raise for a day outside the edition, hours off the grid, and an end that lies before the start."""
    day, starts, ends = wanted.day, wanted.starts, wanted.ends
    if day is None:
        return
    if day != was.day and not edition.starts_on <= day <= edition.ends_on:
        raise BadTime("date", _l("%(day)s is not a day of this edition.", day=f"{day:%Y-%m-%d}"))
    for field, hour, old in (("start", starts, was.starts), ("end", ends, was.ends)):
        if hour is not None and hour != old and (hour.minute % STEP_MINUTES or hour.second or hour.microsecond):
            raise BadTime(
                field, _l("%(time)s is not on the board: it goes in steps of five minutes.", time=f"{hour:%H:%M}")
            )
    if starts and ends and ends < starts and _length(wanted) > max(LONGEST_NIGHT, _length(was)):
        raise BadTime(
            "end",
            _l(
                "The end, %(ends)s, lies before the start, %(starts)s.",
                ends=f"{ends:%H:%M}",
                starts=f"{starts:%H:%M}",
            ),
        )


def _length(wall: Wall) -> timedelta:
    return wall.end - wall.start if wall.start and wall.end else timedelta()


def kind_of(was: Wall, wanted: Wall, *, same_hall: bool) -> StepKind:
    if was.day is None or (was.starts is None and wanted.starts is not None):
        return StepKind.PLACED if wanted.day else StepKind.MOVED
    if wanted.day is None:
        return StepKind.TAKEN_OFF
    return StepKind.RESIZED if same_hall and is_resized(was, wanted) else StepKind.MOVED


def is_resized(was: Wall, wanted: Wall) -> bool:
    """Whether one end stays where it is and the other does not."""
    if was.start is None or wanted.start is None:
        return False
    return (was.start == wanted.start) != (was.end == wanted.end)


def hall_of(edition: Edition, slug: str) -> Hall | None:
    """The hall of this edition; None for "to be confirmed". Raises SessionRefused for any other."""
    if not slug:
        return None
    found = db.session.scalar(select(Hall).where(Hall.edition_id == edition.id, Hall.slug == slug))
    if found is None:
        raise SessionRefused("hall", _l("There is no hall “%(hall)s” in this edition.", hall=slug[:60]))
    return found


def title_of(session: AgendaSession) -> str:
    return session.title.text(session.edition.main_language, "en")


def where_words(session: AgendaSession) -> str:
    """Like "2020-02-25, 10:00–11:30, Malabata": the same in every language, as errors are made before the page."""
    if session.date is None:
        return str(_l("not on the board"))
    hours = f"{session.starts:%H:%M}–{session.ends:%H:%M}" if session.starts and session.ends else ""
    hall = session.hall.name.text(session.edition.main_language, "en") if session.hall else ""
    return ", ".join(text for text in (f"{session.date:%Y-%m-%d}", hours, hall) if text)


def _values(wanted: Wall, hall: Hall | None) -> SessionValues:
    return {"date": wanted.day, "starts": wanted.starts, "ends": wanted.ends, "hall": hall}


def _parts_along(
    session: AgendaSession, was: Wall, wanted: Wall, old_hall: Hall | None, hall: Hall | None
) -> list[tuple[AgendaSession, SessionValues]]:
    """The parts that move with a session, and where to."""
    if was.day is None or is_resized(was, wanted):
        # From the shelf there is no shift to go by; and a longer meeting has its lunch when it had it.
        return []
    ids = db.session.scalars(select(AgendaSession.id).where(AgendaSession.parent_id == session.id)).all()
    if not ids:
        return []
    shift = _shift(was, wanted)
    moved: list[tuple[AgendaSession, SessionValues]] = []
    for part in steps.held_sessions(session.edition, ids).values():
        there = Wall(part.date, part.starts, part.ends)
        if there.day is None:
            continue
        goes = Wall(None, None, None) if wanted.day is None else there.shifted(shift)
        moved.append((part, _values(goes, hall if part.hall is old_hall else part.hall)))
    return moved


def _shift(was: Wall, wanted: Wall) -> timedelta:
    if was.start and wanted.start:
        return wanted.start - was.start
    return (wanted.day - was.day) if was.day and wanted.day else timedelta()
