"""Who has the board open, and which card is in whose hand: a lease that runs out by itself."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from retreat.accounts.models import Organiser
from retreat.agenda.board.models import Presence
from retreat.agenda.models import AgendaSession
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.editions.models import Edition

LEASE = timedelta(seconds=30)
HERE = timedelta(seconds=30)
"""Who has not been seen for so long is not here any more; a page asks every four seconds."""
TOUCH_EVERY = timedelta(seconds=10)


def holder(session: AgendaSession, *, at: datetime, other_than: Actor) -> str | None:
    """Who else has this card in the hand, or the session it belongs to."""
    ids = [session.id] if session.parent_id is None else [session.id, session.parent_id]
    found = db.session.execute(
        select(Organiser.name, Organiser.email)
        .join(Presence, Presence.organiser_id == Organiser.id)
        .where(
            Presence.edition_id == session.edition_id,
            Presence.session_id.in_(ids),
            Presence.held_until > at,
            Presence.organiser_id != (other_than.id or 0),
        )
        .limit(1)
    ).first()
    return (found.name or found.email) if found else None


def in_hands(edition: Edition, *, at: datetime, other_than: Actor) -> dict[str, str]:
    """Which cards others have in the hand: their names by the sessions' codes."""
    found = db.session.execute(
        select(AgendaSession.code, Organiser.name, Organiser.email)
        .join(Presence, Presence.session_id == AgendaSession.id)
        .join(Organiser, Presence.organiser_id == Organiser.id)
        .where(
            Presence.edition_id == edition.id,
            Presence.held_until > at,
            Presence.organiser_id != (other_than.id or 0),
        )
        .order_by(AgendaSession.code)
    )
    return {code: name or email for code, name, email in found}


def hold(edition: Edition, session: AgendaSession, *, at: datetime, by: Actor) -> str | None:
    """Take a card into the hand, or keep it there, for half a minute; the name of who has it, if somebody else has.

    The edition's row is held by the caller, so that two who reach for one card come one after the other.
    """
    if other := holder(session, at=at, other_than=by):
        return other
    touch(edition.id, at=at, by=by, session_id=session.id, held_until=at + LEASE)
    return None


def let_go(edition: Edition, *, at: datetime, by: Actor) -> None:
    touch(edition.id, at=at, by=by, session_id=None, held_until=None)


def touch(edition_id: int, *, at: datetime, by: Actor, **held: object) -> None:
    """Note that an organiser is here; what is held changes only when it is said."""
    if by.id is None:
        return
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    values = {"seen_at": at, **held}
    statement = dialect.insert(Presence).values(edition_id=edition_id, organiser_id=by.id, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["edition_id", "organiser_id"], set_=values))
