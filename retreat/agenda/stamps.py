"""SEQUENCE and LAST-MODIFIED: what calendars go by, grown with each published change of what they say and nothing else.

ICSx5 ignores a change whose LAST-MODIFIED is not newer, and Google one whose SEQUENCE has not grown.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, get_type_hints

from sqlalchemy import func, select

from retreat.agenda.diff import RENDERED, told_of_parts
from retreat.agenda.models import RevisedPart, RevisedSession, Revision
from retreat.agenda.published import PublishedSession
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition

_KINDS = get_type_hints(PublishedSession)
_OWN = tuple(sorted(RENDERED - {"parts"}))
_TEXTS = tuple(name for name in sorted(RENDERED) if _KINDS[name] is Translated)


class Stamps(Protocol):
    @property
    def created_at(self) -> datetime: ...
    @property
    def sequence(self) -> int: ...
    @property
    def changes(self) -> int: ...
    @property
    def last_modified(self) -> datetime: ...


class Earlier(NamedTuple):
    """What calendars were last told of a session that was in no revision since."""

    uid: str
    created_at: datetime
    sequence: int
    changes: int
    last_modified: datetime


def stamped(
    session: PublishedSession, before: Stamps | None, *, is_changed: bool, is_told: bool, at: datetime
) -> PublishedSession:
    """With the stamps that it is published with; `is_told` when calendars say anything else of it than before.

    In whole seconds, as calendars have them.
    """
    if before is None:
        return replace(session, sequence=0, changes=0, last_modified=at.replace(microsecond=0))
    sequence, last_modified = _next(before, at) if is_told else (before.sequence, before.last_modified)
    return replace(
        session,
        created_at=before.created_at,
        sequence=sequence,
        changes=before.changes + is_changed,
        last_modified=last_modified,
    )


def earlier(edition: Edition, uids: Collection[str]) -> dict[str, Earlier]:
    """Of sessions that come back: to a calendar, which may hold it still, each is the event that it was."""
    rows = db.session.execute(
        select(
            RevisedSession.uid,
            func.min(RevisedSession.created_at),
            func.max(RevisedSession.sequence),
            func.max(RevisedSession.changes),
            func.max(RevisedSession.last_modified),
        )
        .join(Revision, Revision.id == RevisedSession.revision_id)
        .where(Revision.edition_id == edition.id, RevisedSession.uid.in_(uids))
        .group_by(RevisedSession.uid)
    )
    return {row[0]: Earlier(*row) for row in rows}


def said(session: PublishedSession) -> tuple[object, ...]:
    """All that decides what an entry of a calendar says of a session, but for the language and the form. Pure."""
    known = session.uid, session.created_at, session.sequence, session.last_modified
    return (*known, *(getattr(session, name) for name in _OWN), *told_of_parts(session))


def said_otherwise(sessions: Iterable[PublishedSession], before: str, after: str) -> set[str]:
    """Sessions of which some text is another, in some language, since the edition has another main one. Pure."""
    if before == after:
        return set()
    return {
        session.uid
        for session in sessions
        for text in (getattr(session, name) for name in _TEXTS)
        if any(text.text(asked, before) != text.text(asked, after) for asked in LANGUAGES)
    }


def told_otherwise(
    changes: Iterable[tuple[PublishedSession | None, PublishedSession]], before: str, after: str
) -> set[str]:
    """Sessions, each as it was and as it is, of which an entry says another thing in some language. Pure.

    `before` and `after` are the edition's main language then and now.
    """
    return {now.uid for was, now in changes if was is None or _told(was, before) != _told(now, after)}


def _told(session: PublishedSession, main: str) -> tuple[object, ...] | None:
    """As readers of every language read it: a name that is now also given in French may be what they read before."""
    if not session.is_timed:
        return None
    said = {name: getattr(session, name) for name in _OWN}
    of_language = []
    for asked in LANGUAGES:
        words = {name: said[name].text(asked, main) for name in _TEXTS}
        place = dict.fromkeys((words.pop("hall_name"), words.pop("venue_name"), session.city))
        categories = words.pop("track_name"), words.pop("body_name")
        of_language.append((words, [*filter(None, place)], [*filter(None, categories)]))
    # What has no page shows no code.
    code = session.code if session.is_listed else ""
    others = [value for name, value in said.items() if name not in {*_TEXTS, "code", "city"}]
    return of_language, code, others, told_of_parts(session)


def grow(edition: Edition, person_id: int, *, at: datetime) -> None:
    """Of the sessions in which this person has a part, when the last revision itself was rewritten to forget a name."""
    editions.hold(edition.id)
    last = select(func.max(Revision.number)).where(Revision.edition_id == edition.id).scalar_subquery()
    rows = db.session.scalars(
        select(RevisedSession)
        .join(Revision, Revision.id == RevisedSession.revision_id)
        .where(Revision.edition_id == edition.id, Revision.number == last)
        .where(RevisedSession.parts.any(RevisedPart.person_id == person_id))
        .order_by(RevisedSession.id)
        .execution_options(populate_existing=True)
    )
    for row in rows:
        row.sequence, row.last_modified = _next(row, at)
    editions.touch_agenda(edition)


def _next(before: Stamps, at: datetime) -> tuple[int, datetime]:
    return before.sequence + 1, max(at.replace(microsecond=0), before.last_modified + timedelta(seconds=1))
