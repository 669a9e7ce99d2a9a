"""When halls are closed, and the walks between venues. Clashes and suggestions go by them; nothing is published."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import combinations
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from retreat.agenda.frame import FrameRefused
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.editions.models import Edition, Hall, HallClosure, Venue, Walk

LONGEST_WALK = 600
"""Minutes; farther apart, nobody walks."""
MOST_CLOSURES = 100

Pair = tuple[int, int]
"""Two venues by number, the smaller one first."""


class NoSuchClosure(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("This closure is there no more."))


def close_hall(
    hall: Hall, day: date, starts: time | None, ends: time | None, reason: str, *, at: datetime, by: Actor
) -> HallClosure:
    """From `starts` to `ends` on the wall of its venue, over midnight where the end is earlier; else the whole day.

    Raises FrameRefused.
    """
    if not 1900 <= day.year < 3000:
        raise FrameRefused("date", _l("This is not a year for a session."))
    if (starts is None) != (ends is None):
        missing = "starts" if starts is None else "ends"
        raise FrameRefused(missing, _l("Give both times, or none for the whole day."))
    if starts is not None and starts == ends:
        raise FrameRefused("ends", _l("The end is the same as the start."))
    known = [(one.date, one.starts, one.ends) for one in hall.closures]
    if (day, starts, ends) in known:
        raise FrameRefused("date", _l("The hall is closed then already."))
    if len(known) >= MOST_CLOSURES:
        raise FrameRefused("date", _l("There are %(most)d closures already; remove one first.", most=MOST_CLOSURES))
    closure = HallClosure(hall=hall, date=day, starts=starts, ends=ends, reason=reason)
    db.session.add(closure)
    db.session.flush()
    audit.record("hall.closed", hall, at=at, by=by, name=dict(hall.name), **_said(closure))
    return closure


def open_hall(hall: Hall, closure_id: int, *, at: datetime, by: Actor) -> None:
    """Take a closure back. Raises NoSuchClosure."""
    closure = next((one for one in hall.closures if one.id == closure_id), None)
    if closure is None:
        raise NoSuchClosure
    audit.record("hall.opened", hall, at=at, by=by, name=dict(hall.name), **_said(closure))
    hall.closures.remove(closure)
    db.session.flush()


def closures_by_hall(edition: Edition) -> dict[int, int]:
    """How many each hall has, by its number."""
    rows = db.session.execute(
        select(HallClosure.hall_id, func.count())
        .join(Hall, HallClosure.hall_id == Hall.id)
        .where(Hall.edition_id == edition.id)
        .group_by(HallClosure.hall_id)
    )
    return {row[0]: row[1] for row in rows}


def _said(closure: HallClosure) -> dict[str, Any]:
    hours = [f"{one:%H:%M}" if one else None for one in (closure.starts, closure.ends)]
    return {"date": closure.date.isoformat(), "starts": hours[0], "ends": hours[1], "reason": closure.reason}


def pairs(edition: Edition) -> Iterator[tuple[Venue, Venue]]:
    """Every two venues, in the order of the list."""
    return combinations(edition.venues, 2)


def pair_of(one: Venue, other: Venue) -> Pair:
    return (one.id, other.id) if one.id < other.id else (other.id, one.id)


def walks(edition: Edition) -> dict[Pair, int]:
    """The minutes that somebody has entered."""
    rows = db.session.execute(select(Walk.one_id, Walk.other_id, Walk.minutes).where(Walk.edition_id == edition.id))
    return {(one, other): minutes for one, other, minutes in rows}


def set_walks(edition: Edition, minutes: Mapping[Pair, int | None], *, at: datetime, by: Actor) -> None:
    """All that are given, or none: None forgets a walk. Raises FrameRefused, whose field is the pair."""
    known = {pair_of(one, other) for one, other in pairs(edition)}
    for pair, length in minutes.items():
        if pair not in known or (length is not None and not 1 <= length <= LONGEST_WALK):
            raise FrameRefused(
                f"{pair[0]}-{pair[1]}", _l("Enter minutes from 1 to %(most)d, or nothing.", most=LONGEST_WALK)
            )
    before = walks(edition)
    changed = {pair: length for pair, length in minutes.items() if before.get(pair) != length}
    for (one, other), length in changed.items():
        _set_walk(edition, one, other, length)
    if changed:
        said = [[*pair, before.get(pair), length] for pair, length in changed.items()]
        audit.record("walks.changed", edition, at=at, by=by, edition_id=edition.id, walks=said)


def _set_walk(edition: Edition, one: int, other: int, minutes: int | None) -> None:
    row = db.session.scalar(select(Walk).where(Walk.one_id == one, Walk.other_id == other))
    if minutes is None:
        if row is not None:
            db.session.delete(row)
    elif row is not None:
        row.minutes = minutes
    else:
        try:
            with db.session.begin_nested():
                db.session.add(Walk(edition_id=edition.id, one_id=one, other_id=other, minutes=minutes))
        except IntegrityError:
            # Somebody else has entered it a moment ago.
            db.session.scalars(select(Walk).where(Walk.one_id == one, Walk.other_id == other)).one().minutes = minutes
    db.session.flush()
