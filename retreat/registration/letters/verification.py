"""What anybody may learn about a number: whether it is a letter's, and whether a name is the one it was issued for."""

import hmac
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.core import dates
from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.registration.letters import numbers
from retreat.registration.letters.models import Letter, LetterState
from retreat.registration.letters.service import match_key


@dataclass(frozen=True)
class Verdict:
    """The whole answer. Of an unknown number nothing is said but that it is unknown."""

    number: str
    """As it is kept, else as it was typed."""
    state: LetterState | None = None
    """None: there is no such letter."""
    edition: Edition | None = None
    issued_on: date | None = None
    name_matches: bool | None = None
    """None when no name was asked about, or none is known any more."""
    is_erased: bool = False
    """The person has been erased: of the letter only the number is left."""


def verify(number: str, family_name: str = "") -> Verdict:
    """As much work for a number that is unknown, or none at all, as for one that is known."""
    kept = numbers.as_kept(number) or ""
    letter = db.session.scalar(select(Letter).where(Letter.number == kept).options(joinedload(Letter.edition)))
    key = match_key(kept, family_name)
    is_same = hmac.compare_digest(key, letter.match_key if letter else match_key("", ""))
    if letter is None:
        return Verdict(number.strip()[:40])
    return Verdict(
        letter.number,
        letter.state,
        letter.edition,
        dates.on_wall(letter.issued_at, letter.edition.zone).date(),
        is_same if numbers.name_key(family_name) and letter.match_key else None,
        is_erased=not letter.match_key,
    )
