"""Awards and the running order of a ceremony: made, changed, announced."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from retreat.agenda.models import AgendaSession, Kind
from retreat.ceremony import order
from retreat.ceremony.models import Award, RunningOrderItem
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.i18n import Translated


class UnknownCeremony(NotFound):
    def __init__(self, code: str) -> None:
        super().__init__(_l("“%(code)s” is no session with a ceremony, and none of its parts is one.", code=code))
        self.code = code


class UnknownStep(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("This step or award is not there any more."))


class NoPrize(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Enter the prize in at least one language."))


class NoTitle(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Enter what happens, in at least one language."))


def ceremonies(edition_id: int) -> list[AgendaSession]:
    """Sessions of the kind ceremony, and any other that has awards or a running order, by time."""
    return list(
        db.session.scalars(
            select(AgendaSession)
            .where(
                AgendaSession.edition_id == edition_id,
                or_(
                    AgendaSession.kind == Kind.CEREMONY,
                    select(Award.id).where(Award.session_id == AgendaSession.id).exists(),
                    select(RunningOrderItem.id).where(RunningOrderItem.session_id == AgendaSession.id).exists(),
                ),
            )
            .options(joinedload(AgendaSession.hall), joinedload(AgendaSession.venue), joinedload(AgendaSession.parent))
            .order_by(AgendaSession.date, AgendaSession.starts, AgendaSession.id)
        )
    )


def ceremony_of(edition_id: int, code: str) -> AgendaSession:
    """The ceremony with this code, or the one that is part of the session with this code. Raises UnknownCeremony."""
    for session in ceremonies(edition_id):
        if session.code == code or (session.parent is not None and session.parent.code == code):
            return session
    raise UnknownCeremony(code)


def awards_of(session_id: int) -> list[Award]:
    """In the order of the stage: the highest last."""
    return list(
        db.session.scalars(
            select(Award)
            .where(Award.session_id == session_id)
            .options(joinedload(Award.winner), joinedload(Award.recipient), joinedload(Award.presenter))
            .order_by(Award.position, Award.id)
        )
    )


def running_order_of(session_id: int) -> list[RunningOrderItem]:
    return list(
        db.session.scalars(
            select(RunningOrderItem)
            .where(RunningOrderItem.session_id == session_id)
            .options(joinedload(RunningOrderItem.award))
            .order_by(RunningOrderItem.position)
        )
    )


def award_by_id(session_id: int, award_id: int) -> Award:
    award = db.session.scalar(select(Award).where(Award.session_id == session_id, Award.id == award_id))
    if award is None:
        raise UnknownStep
    return award


def step_by_id(session_id: int, step_id: int) -> RunningOrderItem:
    step = db.session.scalar(
        select(RunningOrderItem).where(RunningOrderItem.session_id == session_id, RunningOrderItem.id == step_id)
    )
    if step is None:
        raise UnknownStep
    return step


def save_award(
    session: AgendaSession, award: Award | None, values: Mapping[str, Any], *, at: datetime, by: Actor
) -> Award:
    """Add an award, last in order, or change one; `values` by the model's names."""
    if not values.get("prize", award.prize if award else None):
        raise NoPrize
    action = "award.changed" if award else "award.added"
    if award is None:
        last = db.session.scalar(select(func.max(Award.position)).where(Award.session_id == session.id)) or 0
        award = Award(session_id=session.id, position=last + 1)
        db.session.add(award)
    for name, value in values.items():
        setattr(award, name, value)
    db.session.flush()
    audit.record(action, award, at=at, by=by, edition_id=session.edition_id, prize=dict(award.prize))
    return award


def remove_award(session: AgendaSession, award: Award, *, at: datetime, by: Actor) -> None:
    """Steps of the running order that named it stay, without it."""
    audit.record("award.removed", award, at=at, by=by, edition_id=session.edition_id, prize=dict(award.prize))
    for step in running_order_of(session.id):
        if step.award_id == award.id:
            step.award_id = None
    db.session.delete(award)
    db.session.flush()


def announce(session: AgendaSession, awards: list[Award], *, at: datetime, by: Actor) -> int:
    """Open these results to everyone from now on; returns how many were still sealed."""
    sealed = [award for award in awards if award.announced_at is None]
    for award in sealed:
        award.announced_at = at
        audit.record("award.announced", award, at=at, by=by, edition_id=session.edition_id)
    db.session.flush()
    return len(sealed)


def seal(session: AgendaSession, awards: list[Award], *, at: datetime, by: Actor) -> int:
    """Put results under embargo again: an announcement by mistake can be taken back at once."""
    opened = [award for award in awards if award.announced_at is not None]
    for award in opened:
        award.announced_at = None
        audit.record("award.sealed", award, at=at, by=by, edition_id=session.edition_id)
    db.session.flush()
    return len(opened)


def save_step(
    session: AgendaSession,
    step: RunningOrderItem | None,
    *,
    title: Translated,
    minutes: int,
    people: Translated,
    note: Translated,
    award_id: int | None,
    at: datetime,
    by: Actor,
) -> RunningOrderItem:
    """Add a step, last in order, or change one."""
    if not title:
        raise NoTitle
    if award_id is not None:
        award_by_id(session.id, award_id)
    if step is None:
        last = db.session.scalar(
            select(func.max(RunningOrderItem.position)).where(RunningOrderItem.session_id == session.id)
        )
        step = RunningOrderItem(session_id=session.id, position=(last or 0) + 1)
        db.session.add(step)
    step.title, step.minutes, step.people, step.note, step.award_id = title, minutes, people, note, award_id
    db.session.flush()
    audit.record("step.saved", step, at=at, by=by, edition_id=session.edition_id, title=dict(title))
    return step


def remove_step(session: AgendaSession, step: RunningOrderItem, *, at: datetime, by: Actor) -> None:
    audit.record("step.removed", step, at=at, by=by, edition_id=session.edition_id, title=dict(step.title))
    db.session.delete(step)
    db.session.flush()


def move_step(session: AgendaSession, step: RunningOrderItem, places: int, *, at: datetime, by: Actor) -> None:
    """One place up is -1, one down is 1."""
    steps = {one.id: one for one in running_order_of(session.id)}
    wanted = order.moved(list(steps), step.id, places)
    # Two passes: (session, position) is unique, and the database checks each row as it comes.
    for position, step_id in enumerate(wanted, start=1):
        steps[step_id].position = -position
    db.session.flush()
    for position, step_id in enumerate(wanted, start=1):
        steps[step_id].position = position
    db.session.flush()
    audit.record("step.moved", step, at=at, by=by, edition_id=session.edition_id, places=places)
