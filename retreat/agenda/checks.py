"""The draft's clashes: a few narrow queries, and `clashes.find` decides."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from retreat.agenda import clashes
from retreat.agenda.clashes import Clash, Occupant, Slot
from retreat.agenda.models import AgendaSession, Part, SessionStatus
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition, Hall


@dataclass(frozen=True, slots=True)
class Side:
    """A session as the list of clashes names it."""

    code: str
    title: Translated
    slot: Slot


def draft_sides(edition: Edition) -> dict[str, Side]:
    """Every session of the draft by code, with what it occupies. Two queries."""
    people: dict[int, list[Occupant]] = defaultdict(list)
    for session_id, person_id, name in db.session.execute(
        select(Part.session_id, Part.person_id, Part.printed_name)
        .join(AgendaSession, Part.session_id == AgendaSession.id)
        # Who is not named yet can be in two places.
        .where(AgendaSession.edition_id == edition.id, Part.person_id.is_not(None))
        .order_by(Part.session_id, Part.position, Part.id)
    ):
        people[session_id].append(Occupant(person_id, name))
    parent = aliased(AgendaSession)
    found = db.session.execute(
        select(
            AgendaSession.id,
            AgendaSession.code,
            AgendaSession.title,
            AgendaSession.start_utc,
            AgendaSession.end_utc,
            AgendaSession.status,
            Hall.id,
            Hall.name,
            parent.code,
        )
        .outerjoin(Hall, AgendaSession.hall_id == Hall.id)
        .outerjoin(parent, AgendaSession.parent_id == parent.id)
        .where(AgendaSession.edition_id == edition.id)
        .order_by(AgendaSession.code)
    )
    main = edition.main_language
    sides = {}
    for session_id, code, title, start, end, status, hall_id, hall_name, parent_code in found:
        hall = Occupant(hall_id, hall_name.text(main, main)) if hall_id else None
        is_cancelled = status == SessionStatus.CANCELLED
        slot = Slot(code, start, end, hall, tuple(people[session_id]), parent_code, is_cancelled)
        sides[code] = Side(code, title, slot)
    return sides


def draft_clashes(edition: Edition) -> tuple[Clash, ...]:
    """Every clash of the draft, in the order of the sessions' codes."""
    return clashes.find(side.slot for side in draft_sides(edition).values())
