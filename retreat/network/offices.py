"""Offices: what a person was, and where, as they themselves have said it from year to year.

A registration notes its position and organisation. The day on which it was first and last said is ours; the day on
which an office begins and ends is the organisers', and no registration ever touches it.
"""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.names import search_key
from retreat.network.models import Office, Person


class EndsBeforeItBegins(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("The last day of an office cannot come before its first."))


def note(person: Person, *, at: datetime) -> Office | None:
    """The person has just given this position and organisation; None when they gave neither.

    A new Person has no offices yet, so that nothing is asked of the database.
    """
    if not (person.position or person.organisation):
        return None
    today = at.date()
    known = next((one for one in person.offices if _key(one) == _key(person)), None) if _is_known(person) else None
    if known is None and (known := _mistyped(person, today)) is None:
        known = Office(seen_first=today, seen_last=today)
        person.offices.append(known)
    known.position, known.organisation = person.position, person.organisation
    known.seen_first, known.seen_last = min(known.seen_first, today), max(known.seen_last, today)
    known.organisation_id = person.organisation_id or known.organisation_id
    return known


def _mistyped(person: Person, today: date) -> Office | None:
    """What was first said today and is said otherwise the same day was no office of its own."""
    if not _is_known(person):
        return None
    return next(
        (one for one in person.offices if one.seen_first == today and one.starts_on is None and one.ends_on is None),
        None,
    )


def _is_known(person: Person) -> bool:
    state = inspect(person)
    return state.persistent or bool(state.dict.get("offices"))


def _key(one: Office | Person) -> tuple[str, str]:
    return search_key(one.position), search_key(one.organisation)


def newest_first(offices: list[Office]) -> list[Office]:
    """What is held now before what has ended, then by the day on which it was last heard of."""
    return sorted(
        offices,
        key=lambda one: (one.ends_on or date.max, one.starts_on or one.seen_first, one.seen_last, one.id or 0),
        reverse=True,
    )


def set_dates(office: Office, starts_on: date | None, ends_on: date | None, *, at: datetime, by: Actor) -> None:
    """The organisers' own knowledge of an office. Raises EndsBeforeItBegins."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise EndsBeforeItBegins
    office.starts_on, office.ends_on = starts_on, ends_on
    db.session.flush()
    audit.record(
        "office.dated",
        office,
        at=at,
        by=by,
        starts_on=starts_on.isoformat() if starts_on else None,
        ends_on=ends_on.isoformat() if ends_on else None,
    )
