"""An edition with halls and two organisers with accounts, for the board's tests."""

from datetime import date, datetime, time
from typing import Any

from retreat.accounts.models import Organiser, Role
from retreat.agenda.board import moves
from retreat.agenda.board.models import Step
from retreat.agenda.models import AgendaSession
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall
from tests.agenda.week import AT, NADIA, TUESDAY


def organiser(name: str, role: Role = Role.PROGRAMMER) -> Actor:
    """An organiser with an account, as services know them."""
    account = Organiser(email=f"{name.split(maxsplit=1)[0].lower()}@example.org", name=name, role=role, created_at=AT)
    db.session.add(account)
    db.session.flush()
    return Actor("organiser", name, account.id)


def hall(to: Edition, name: str, **values: Any) -> Hall:
    made = editions.add_hall(to, Translated(en=name), venue=values.pop("venue", None), at=AT, by=NADIA)
    for key, value in values.items():
        setattr(made, key, value)
    db.session.flush()
    return made


def clock(text: str) -> time:
    return time.fromisoformat(text)


def place(
    session: AgendaSession,
    hours: str = "",
    to: Hall | None = None,
    *,
    by: Actor,
    day: date | None = TUESDAY,
    at: datetime = AT,
    version: int | None = None,
) -> Step | None:
    """`place(session, "10:00-11:30", malabata, by=nadia)`; without hours, to a time to be confirmed."""
    starts, _, ends = hours.partition("-")
    return moves.place(
        session,
        day=day,
        starts=clock(starts) if starts else None,
        ends=clock(ends) if ends else None,
        hall=to,
        at=at,
        by=by,
        expected_version=version,
    )


def where(session: AgendaSession) -> str:
    """Where it stands, in short: "25 10:00-11:30 malabata"."""
    parts = (
        f"{session.date:%d}" if session.date else "",
        f"{session.starts:%H:%M}-{session.ends:%H:%M}" if session.starts and session.ends else "",
        session.hall.slug if session.hall else "",
    )
    return " ".join(part for part in parts if part)
