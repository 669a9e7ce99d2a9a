"""Stars of people who are known: rows, by person and session of the draft.

    starrable(read, attendee) -> sessions                  what a person may put into the own week
    star(person_id, session_id, edition, at=)               raises NotToBeStarred; twice is once
    unstar(person_id, session_id)
    star_all(person_id, sessions, at=) -> int               how many were new

A star lets nobody in: what its owner may not see or attend any more is in no list, week or feed.
"""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from retreat.agenda.access import Attendee, may_attend, may_see
from retreat.agenda.attendees import attendee_of
from retreat.agenda.models import Kind, Star
from retreat.agenda.published import Programme, PublishedSession, programme
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.editions.models import Edition


class NotToBeStarred(NotFound):
    """No session of the published agenda that this person may attend has this number."""

    def __init__(self) -> None:
        super().__init__(_l("This session is not in the agenda any more, or not for you."))


class TooManyStars(RetreatError):
    """More sessions than a week has, or than a cookie holds."""

    status = HTTPStatus.CONFLICT

    def __init__(self, most: int) -> None:
        super().__init__(_l("You have starred %(most)s sessions, which is as many as can be kept.", most=most))
        self.most = most


def can_be_starred(session: PublishedSession) -> bool:
    """Nobody stars a break."""
    return session.kind is not Kind.BREAK


def starrable(read: Programme, attendee: Attendee) -> tuple[PublishedSession, ...]:
    """Sessions of the last revision that this person may see and attend, but what has left the draft since."""
    return tuple(
        one
        for one in read.sessions
        if one.session_id is not None and can_be_starred(one) and may_see(one, attendee) and may_attend(one, attendee)
    )


def star(person_id: int, session_id: int, edition: Edition, *, at: datetime) -> None:
    """Put a session into one's own week. Raises NotToBeStarred."""
    attendee = attendee_of(person_id, edition.id)
    if not any(one.session_id == session_id for one in starrable(programme(edition), attendee)):
        raise NotToBeStarred
    star_all(person_id, [session_id], at=at)


def star_all(person_id: int, session_ids: Iterable[int], *, at: datetime) -> int:
    """Rows for those that have none yet; somebody who presses twice at once makes one."""
    rows = [{"person_id": person_id, "session_id": number, "created_at": at} for number in dict.fromkeys(session_ids)]
    if not rows:
        return 0
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    made = db.session.execute(dialect.insert(Star).values(rows).on_conflict_do_nothing().returning(Star.id))
    return len(made.all())


def unstar(person_id: int, session_id: int) -> None:
    """Also of a session that is not published any more."""
    db.session.execute(delete(Star).where(Star.person_id == person_id, Star.session_id == session_id))
