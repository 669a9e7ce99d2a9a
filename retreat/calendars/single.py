"""One session as a file: for a calendar that takes it over, and for one that asks for it again."""

from datetime import UTC, datetime
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from retreat.agenda.models import RevisedSession
from retreat.calendars import feeds
from retreat.calendars.facts import Form
from retreat.calendars.feeds import EDITION, FRAME_COLUMNS, LAST_REVISION, REVISION, Feed, Frame, NoSuchFeed, Week
from retreat.core.db import db

_NEVER = datetime.max.replace(tzinfo=UTC)


class NoHourYet(NoSuchFeed):
    """It is in the agenda, and nobody knows yet when it begins."""

    def __init__(self) -> None:
        super().__init__(_l("This session has no hour yet. It can be put into a calendar as soon as it has one."))


class Stamp(NamedTuple):
    """What says of a published session that its entry is another."""

    uid: str
    code: str
    sequence: int
    last_modified: datetime
    start_utc: datetime | None


_SESSION = RevisedSession.__table__
_STAMP_COLUMNS = tuple(_SESSION.c[name] for name in Stamp._fields)
_BY_CODE = (
    select(*_STAMP_COLUMNS, *FRAME_COLUMNS)
    .select_from(EDITION)
    .join(REVISION, LAST_REVISION)
    .join(_SESSION, _SESSION.c.revision_id == REVISION.c.id)
    .where(EDITION.c.slug == bindparam("edition_slug"), _SESSION.c.code == bindparam("code"), _SESSION.c.is_listed)
)


def session_file(edition_slug: str, code: str, *, language: str | None, form: Form) -> Feed:
    """A listed session of the last revision, cancelled ones too, in one query. Raises NoSuchFeed, NoHourYet.

    It is another file when the session was published anew, and not with each revision: others do not concern it.
    """
    row = db.session.connection().execute(_BY_CODE, {"edition_slug": edition_slug, "code": code}).one_or_none()
    if row is None:
        raise NoSuchFeed
    stamp, edition = Stamp(*row[: len(_STAMP_COLUMNS)]), Frame(*row[len(_STAMP_COLUMNS) :])
    if stamp.start_utc is None:
        raise NoHourYet
    spoken = edition.spoken(language)
    etag = feeds.digest("session", edition.uid, edition.slug, edition.main_language, stamp, spoken, form)

    def body() -> bytes:
        read = feeds.programme_of(edition)
        chosen = [session for session in read if session.uid == stamp.uid]
        week = Week.of(edition, stamp.last_modified)._replace(keeps_cancelled=True)
        return feeds.rendered(edition, read, chosen, None, language=spoken, form=form, week=week, is_private=False)

    return Feed(etag, stamp.last_modified, _NEVER, is_private=False, body=lambda: feeds.bodies.get(etag, body))
