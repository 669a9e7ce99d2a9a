"""Which sessions people sign up for, and what stands in somebody's way. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from retreat.agenda.models import Kind
from retreat.agenda.published import PublishedSession
from retreat.core import zones

BY_KIND = frozenset({Kind.SOCIAL, Kind.VISIT})
"""Somebody orders chairs, meals or a bus: people say that they come, unless the session says otherwise."""
NOT_BY_SEATS = frozenset(
    {Kind.PLENARY, Kind.PRESIDENCY, Kind.STATUTORY, Kind.COMMITTEE, Kind.CEREMONY, Kind.BREAK, Kind.TRAVEL}
)
"""A number of seats is the hall's here, and no reason to sign up."""


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of a session as they are at this moment: they do not wait for the next publication."""

    takes_sign_up: bool | None = None
    """None leaves it to the kind and to the number of seats."""
    capacity: int | None = None
    taken: int = 0

    @property
    def left(self) -> int | None:
        """None where nobody counts."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def is_full(self) -> bool:
        return self.left == 0


def is_over(session: PublishedSession, at: datetime) -> bool:
    """A session without a time is over with its day; one without a day is still to come."""
    if session.end_utc is not None:
        return session.end_utc <= at
    return session.date is not None and session.date < at.astimezone(zones.zone(session.zone)).date()


def takes_sign_up(session: PublishedSession, seats: Seats, at: datetime) -> bool:
    """Whether people sign up for a seat here, as far as the session goes; who may come is `access`'s to say."""
    if session.is_cancelled or session.registration_link or is_over(session, at):
        return False
    if seats.takes_sign_up is not None:
        return seats.takes_sign_up
    return session.kind in BY_KIND or (seats.capacity is not None and session.kind not in NOT_BY_SEATS)


def at_the_same_time(session: PublishedSession, others: Iterable[PublishedSession]) -> tuple[PublishedSession, ...]:
    """Those of `others` that run while this one does; a meeting and what is part of it are one."""
    return tuple(
        other
        for other in others
        if other.code != session.code
        and not other.is_cancelled
        and session.overlaps(other)
        and session.code != other.parent_code
        and other.code != session.parent_code
    )
