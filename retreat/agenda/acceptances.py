"""Which clashes somebody has accepted, and what both sides were when that was done."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from retreat.agenda.clashes import Clash, Slot
from retreat.agenda.models import AcceptedClash
from retreat.core.db import db
from retreat.editions.models import Edition


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a clash may stay, who said so and when; `sides` is the digest of what it was about."""

    reason: str
    by: str
    at: datetime
    sides: str


def accepted(edition: Edition) -> dict[tuple[str, tuple[int, ...]], Acceptance]:
    """Every acceptance of the edition by kind and the sessions' numbers, smallest first. One query."""
    rows = db.session.execute(
        select(
            AcceptedClash.kind,
            AcceptedClash.one_id,
            AcceptedClash.other_id,
            AcceptedClash.reason,
            AcceptedClash.accepted_by,
            AcceptedClash.accepted_at,
            AcceptedClash.sides,
        ).where(AcceptedClash.edition_id == edition.id)
    )
    return {
        (kind, (one,) if other is None else (one, other)): Acceptance(reason, by, at, sides)
        for kind, one, other, reason, by, at, sides in rows
    }


def sides_digest(clash: Clash, slots: Iterable[Slot]) -> str:
    """Of what matters to this clash: the instants and halls of its sides, who or what they share, and why it is one.

    A new title or another speaker who is free leaves it as it is.
    """
    sides = [
        (slot.code, slot.start, slot.end, slot.day, slot.hall and slot.hall.key, slot.venue and slot.venue.key)
        for slot in sorted(slots, key=lambda slot: slot.code)
    ]
    about = (clash.kind.value, sides, sorted(map(repr, clash.keys)), clash.why)
    return hashlib.sha256(repr(about).encode()).hexdigest()
