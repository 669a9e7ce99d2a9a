"""What an action on many sessions does, as plain values: the preview shows it, and doing it must come to the same."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from retreat.agenda.board import steps
from retreat.agenda.board.models import Step, StepKind
from retreat.agenda.models import AgendaSession
from retreat.agenda.service import zone_of
from retreat.agenda.times import BadTime, instants
from retreat.agenda.values import SessionValues
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.editions.models import Edition, Hall


class NothingToDo(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("No session is meant by this: nothing would change."))


class CannotStandThere(RetreatError):
    """Wall times that do not exist where the sessions would go; `sentences` names each of them."""

    def __init__(self, sentences: Sequence[Any]) -> None:
        super().__init__(
            _l("Some sessions cannot stand where they would go. Nothing was changed; move or lock these first.")
        )
        self.sentences = tuple(sentences)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a session stands, as a person reads it."""

    day: date | None
    starts: time | None
    ends: time | None
    hall: Translated


@dataclass(frozen=True, slots=True)
class Line:
    """One session before and after; `before` is None for a new one, `why` says why it stays as it is."""

    code: str
    title: Translated
    before: Spot | None
    after: Spot | None = None
    why: Any = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was done; `lines` are the sessions that changed, `left` those that were meant and stay."""

    lines: tuple[Line, ...]
    left: tuple[Line, ...] = ()
    made: tuple[str, ...] = ()
    """Names of halls, venues and tracks that had to be made."""
    days: tuple[date, date] | None = None
    """The edition's new first and last day, where they move."""
    step: Step | None = None

    @property
    def digest(self) -> str:
        """The same for the same consequences: who has looked at them gets those and no others."""
        seen = [(line.before, line.after, dict(line.title), line.code if line.before else "") for line in self.lines]
        left = [(line.code, dict(line.title)) for line in self.left]
        return hashlib.sha256(repr((seen, left, self.made, self.days)).encode()).hexdigest()[:32]


def spot(session: AgendaSession) -> Spot:
    return Spot(session.date, session.starts, session.ends, session.hall.name if session.hall else Translated())


def all_sessions(edition: Edition) -> list[AgendaSession]:
    """The draft in order of time, read anew and held, with what a step needs of each."""
    return list(
        db.session.scalars(
            select(AgendaSession)
            .where(AgendaSession.edition_id == edition.id)
            .options(
                selectinload(AgendaSession.hall).selectinload(Hall.venue),
                selectinload(AgendaSession.venue),
                selectinload(AgendaSession.parent),
            )
            .order_by(AgendaSession.date, AgendaSession.start_utc, AgendaSession.code)
            .with_for_update(key_share=True, of=AgendaSession)
            .execution_options(populate_existing=True)
        )
    )


def refuse_bad_times(wanted: Iterable[tuple[AgendaSession, SessionValues]]) -> None:
    """Every wall time that does not exist, or happens twice, told together. Raises CannotStandThere."""
    sentences = []
    for session, values in wanted:
        day = values.get("date", session.date)
        starts = values.get("starts", session.starts)
        ends = values.get("ends", session.ends)
        try:
            instants(day, starts, ends, zone_of(session, values))
        except BadTime as error:
            title = session.title.text(session.edition.main_language, "en")
            sentences.append(_l("%(code)s, “%(title)s”: %(reason)s", code=session.code, title=title, reason=error))
    if sentences:
        raise CannotStandThere(sentences)


def put_all(
    edition: Edition,
    kind: StepKind,
    wanted: Sequence[tuple[AgendaSession, SessionValues]],
    *,
    at: datetime,
    by: Actor,
    frame: dict[str, Any] | None = None,
) -> tuple[tuple[Line, ...], Step | None]:
    """Put each session where it goes, as one step; `frame` is what else the step has moved."""
    refuse_bad_times(wanted)
    lines, changes = [], []
    for session, values in wanted:
        before = spot(session)
        change = steps.put(session, values, at=at, by=by)
        if change["before"] != change["after"]:
            changes.append(change)
            lines.append(Line(session.code, session.title, before, spot(session)))
    db.session.flush()
    if frame is not None:
        changes.append(frame)
    step = steps.record(edition, kind, changes, at=at, by=by) if changes else None
    return tuple(lines), step
