"""What everyone may see of a ceremony: its running order, and each result from the moment it is announced."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.agenda.models import AgendaSession
from retreat.agenda.public import session_shown
from retreat.ceremony import order
from retreat.ceremony.models import Award, RunningOrderItem
from retreat.core import clock, zones
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


def panels(edition: Edition, codes: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Panels of the ceremonies among these sessions; sessions without steps have none. Two queries."""
    rows = db.session.scalars(
        select(RunningOrderItem)
        .join(AgendaSession, RunningOrderItem.session_id == AgendaSession.id)
        .where(AgendaSession.edition_id == edition.id, AgendaSession.code.in_(codes), AgendaSession.is_listed)
        .options(joinedload(RunningOrderItem.award), joinedload(RunningOrderItem.session))
        .order_by(AgendaSession.code, RunningOrderItem.position)
    ).all()
    by_session: dict[int, list[RunningOrderItem]] = {}
    for row in rows:
        by_session.setdefault(row.session_id, []).append(row)
    return [
        ("ceremony/panel.html", {"ceremony": ceremony(steps[0].session, steps, clock.now())})
        for steps in by_session.values()
    ]


def ceremony(session: AgendaSession, rows: list[RunningOrderItem], at: datetime) -> Ceremony:
    """The running order as it may be said at this instant. Pure."""
    begins = session.start_utc.astimezone(zones.zone(session.zone)) if session.start_utc else None
    steps = tuple(
        _step(starts, row, at)
        for starts, row in zip(order.starts(begins, [row.minutes for row in rows]), rows, strict=True)
    )
    return Ceremony(session.code, session.title, steps, any(step.is_sealed for step in steps))


def _step(starts: datetime | None, row: RunningOrderItem, at: datetime) -> Step:
    if row.award is not None and not row.award.is_announced(at):
        return Step(starts, row.award.prize, Translated(), None, is_sealed=True)
    return Step(starts, row.title, row.people, row.award, is_sealed=False)
