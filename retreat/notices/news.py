"""Which changes cannot wait until a calendar asks again. Pure.

Google asks every 4 to 24 hours: what changes about a session of the next two days goes by mail.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from retreat.agenda.diff import Change, difference
from retreat.agenda.published import PublishedSession

WITHIN = timedelta(hours=48)


class News(StrEnum):
    CANCELLED = "cancelled"
    REINSTATED = "reinstated"
    TIME = "time"
    PLACE = "place"
    LINK = "link"


def news(before: PublishedSession, after: PublishedSession | None) -> frozenset[News]:
    """What of time, hall, link and cancellation is different; nothing else is worth a mail."""
    if after is None or after.is_cancelled:
        return frozenset() if before.is_cancelled else frozenset({News.CANCELLED})
    found = set()
    if before.is_cancelled:
        found.add(News.REINSTATED)
    if _time(before) != _time(after):
        found.add(News.TIME)
    # A hall that was only renamed is where it was; one that was made anew under the same name says nothing new.
    if _place(before) != _place(after) and _names(before) != _names(after):
        found.add(News.PLACE)
    if before.link != after.link:
        found.add(News.LINK)
    return frozenset(found)


def is_urgent(change: Change[PublishedSession], at: datetime) -> bool:
    """Whether it is news about a session that starts, or would have started, within two days and is not over."""
    before, after = change.before, change.after
    if before is None or not news(before, after):
        return False
    return _is_near(before, at) or (after is not None and _is_near(after, at))


def urgent(
    before: Sequence[PublishedSession], after: Sequence[PublishedSession], at: datetime
) -> tuple[Change[PublishedSession], ...]:
    return tuple(change for change in difference(before, after).changes if is_urgent(change, at))


def _is_near(session: PublishedSession, at: datetime) -> bool:
    if session.start_utc is None or session.end_utc is None:
        return False
    return session.start_utc <= at + WITHIN and session.end_utc > at


def _time(session: PublishedSession) -> tuple[object, ...]:
    return (session.date, session.starts, session.ends, session.zone, session.start_utc, session.end_utc)


def _place(session: PublishedSession) -> tuple[object, ...]:
    return (session.venue_id, session.hall_id)


def _names(session: PublishedSession) -> tuple[object, ...]:
    return (session.venue_name, session.hall_name, session.city)
