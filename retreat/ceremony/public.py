"""What everyone may see of a ceremony: its running order, and each result from the moment it is announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from retreat.agenda.models import RevisedSession
from retreat.agenda.public import session_asked, session_shown
from retreat.agenda.published import PublishedSession
from retreat.ceremony import order
from retreat.ceremony.models import Award, RunningOrderItem
from retreat.core import clock
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the public running order. A sealed award gives its prize and nothing else."""

    starts: datetime | None
    title: Translated
    people: Translated
    award: Award | None
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Ceremony:
    code: str
    title: Translated
    steps: tuple[Step, ...]
    has_sealed: bool


def connect() -> None:
    session_shown.connect(panels)
    session_asked.connect(facts)


def panels(_edition: Edition, sessions: Sequence[PublishedSession]) -> list[tuple[str, dict[str, Any]]]:
    """Panels of the ceremonies among these sessions; sessions without steps have none. One query.

    Title and hour are the published ones, as everywhere on the page; the running order is not part of a revision.
    """
    by_session: dict[int, list[RunningOrderItem]] = {}
    for row in db.session.scalars(
        select(RunningOrderItem)
        .where(RunningOrderItem.session_id.in_([session.session_id for session in sessions]))
        .options(joinedload(RunningOrderItem.award))
        .order_by(RunningOrderItem.session_id, RunningOrderItem.position)
    ):
        by_session.setdefault(row.session_id, []).append(row)
    return [
        ("ceremony/panel.html", {"ceremony": ceremony(session, by_session[session.session_id], clock.now())})
        for session in sessions
        if session.session_id in by_session
    ]


def facts(_edition: Edition, revision_id: int | None, code: str) -> list[object]:
    """What those panels say of a session and its parts, results only once they are announced. One query."""
    now = clock.now()
    rows = db.session.execute(
        select(*RunningOrderItem.__table__.columns, *Award.__table__.columns, Award.announced_at.label("when"))
        .select_from(RunningOrderItem)
        .join(RevisedSession, RevisedSession.session_id == RunningOrderItem.session_id)
        .outerjoin(Award, RunningOrderItem.award_id == Award.id)
        .where(
            RevisedSession.revision_id == revision_id,
            or_(RevisedSession.code == code, RevisedSession.parent_code == code),
            RevisedSession.is_listed,
        )
        .order_by(RunningOrderItem.session_id, RunningOrderItem.position)
    )
    return [(*values, announced_at is not None and announced_at <= now) for *values, announced_at in rows]


def ceremony(session: PublishedSession, rows: Sequence[RunningOrderItem], at: datetime) -> Ceremony:
    """The running order as it may be said at this instant. Pure."""
    steps = tuple(
        _step(starts, row, at)
        for starts, row in zip(order.starts(session.local_start, [row.minutes for row in rows]), rows, strict=True)
    )
    return Ceremony(session.code, session.title, steps, any(step.is_sealed for step in steps))


def _step(starts: datetime | None, row: RunningOrderItem, at: datetime) -> Step:
    if row.award is not None and not row.award.is_announced(at):
        return Step(starts, row.award.prize, Translated(), None, is_sealed=True)
    return Step(starts, row.title, row.people, row.award, is_sealed=False)
