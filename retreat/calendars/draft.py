"""Feeds of the draft: what an organiser is planning, behind a secret address.

Nobody publishes a draft, therefore nothing numbers its changes. A session's own version grows with each of them, as its
published SEQUENCE does; a new name of its hall, venue or track stands in the history. From these an entry's stamps are
worked out so that they grow whenever it is another.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import bindparam, func, select

from retreat.accounts.models import Organiser, Role
from retreat.accounts.roles import Permission, may
from retreat.agenda import published, publishing
from retreat.agenda.diff import difference
from retreat.agenda.models import AgendaSession
from retreat.agenda.published import PublishedSession
from retreat.agenda.service import draft_sessions
from retreat.calendars import feeds
from retreat.calendars.entries import entry
from retreat.calendars.facts import EventFacts, EventStatus, Form
from retreat.calendars.feeds import EDITION, FRAME_COLUMNS, LAST_REVISION, REVISION, Feed, Frame, NoSuchFeed, Week
from retreat.calendars.models import Subscription
from retreat.calendars.personal import FeedGone
from retreat.calendars.service import is_over
from retreat.core import tokens
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.http import absolute_url
from retreat.editions.models import Edition

COLOUR = "dimgray"
_PIECES = ("hall", "venue", "track")


class Reading(NamedTuple):
    """Who reads the draft, and by which link."""

    id: int
    language: str
    revoked_at: datetime | None
    last_fetched_at: datetime | None
    role: Role
    is_active: bool


class State(NamedTuple):
    """Another one whenever a session of the draft, or a name in its frame, is another."""

    sessions: int
    newest: int | None
    versions: int | None
    updated_at: datetime | None
    """SQLite gives the number of a session that is gone to the next one."""
    renamed: int | None


_SUBSCRIPTION, _ORGANISER = Subscription.__table__, Organiser.__table__
_SESSION, _HISTORY = AgendaSession.__table__, AuditEntry.__table__
_READING_COLUMNS = (
    _SUBSCRIPTION.c.id,
    _SUBSCRIPTION.c.language,
    _SUBSCRIPTION.c.revoked_at,
    _SUBSCRIPTION.c.last_fetched_at,
    _ORGANISER.c.role,
    _ORGANISER.c.is_active,
)
_IN_THE_DRAFT = _SESSION.c.edition_id == EDITION.c.id
_STATE_COLUMNS = tuple(
    select(column).where(_IN_THE_DRAFT).correlate(EDITION).scalar_subquery()
    for column in (func.count(), func.max(_SESSION.c.id), func.sum(_SESSION.c.version), func.max(_SESSION.c.updated_at))
)
_RENAMED = (
    select(func.max(_HISTORY.c.id))
    .where(_HISTORY.c.subject_kind.in_(_PIECES), _HISTORY.c.edition_id == EDITION.c.id)
    .correlate(EDITION)
    .scalar_subquery()
)
_BY_TOKEN = (
    select(*_READING_COLUMNS, *_STATE_COLUMNS, _RENAMED, *FRAME_COLUMNS)
    .select_from(_SUBSCRIPTION)
    .join(_ORGANISER, _ORGANISER.c.id == _SUBSCRIPTION.c.organiser_id)
    .join(EDITION, EDITION.c.id == _SUBSCRIPTION.c.edition_id)
    .outerjoin(REVISION, LAST_REVISION)
    .where(_SUBSCRIPTION.c.token_hash == bindparam("token_hash"))
)


def draft_feed(token: str, *, language: str | None, form: Form, at: datetime) -> tuple[Reading, Feed]:
    """The draft at a secret address, its ETag in one query. Raises NoSuchFeed, FeedGone."""
    row = db.session.connection().execute(_BY_TOKEN, {"token_hash": tokens.hashed(token)}).one_or_none()
    if row is None:
        raise NoSuchFeed
    reads, states = len(_READING_COLUMNS), len(_STATE_COLUMNS) + 1
    reading, edition = Reading(*row[:reads]), Frame(*row[reads + states :])
    state = State(*row[reads : reads + states])
    _refuse(reading, edition, at)
    spoken = reading.language if language is None else edition.spoken(language)
    week = Week.of(edition, at)
    week = week._replace(modified=max(week.modified, state.updated_at or week.modified))
    etag = feeds.digest("draft", edition, tuple(map(str, state)), spoken, form, week)
    body = _Body(edition, spoken, form, week)
    return reading, Feed(etag, week.modified, week.until, is_private=True, body=lambda: feeds.bodies.get(etag, body))


def _refuse(reading: Reading, edition: Frame, at: datetime) -> None:
    may_read = reading.is_active and may(reading.role, Permission.SEE_AGENDA)
    if reading.revoked_at is not None or is_over(edition.closed_at, at) or not may_read:
        raise FeedGone


@dataclass(frozen=True, slots=True)
class _Body:
    """Worked out as a whole, since every look at a draft is a new one; what an entry says is rendered once."""

    edition: Frame
    language: str
    form: Form
    week: Week

    def __call__(self) -> bytes:
        from retreat.calendars import ical

        edition = db.session.get_one(Edition, self.edition.id)
        drafts = draft_sessions(edition)
        sessions = publishing.as_published(drafts)
        before = {session.uid: session for session in published.programme(edition)}
        changes = difference(before.values(), sessions).by_uid
        renamed = _renamed_at(edition.id)
        shown: list[PublishedSession] = []
        events: list[bytes] = []
        for draft, session in zip(drafts, sessions, strict=True):
            if not session.is_timed or (session.is_cancelled and not self.week.keeps_cancelled):
                continue
            change = changes.get(session.uid)
            is_public = change is None or not change.concerns_calendars
            stamped = _stamped(session, draft, before.get(session.uid), renamed)
            shown.append(session)
            facts = self._facts(stamped, draft, is_public=is_public)
            events.append(feeds.entries.get(feeds.digest(facts, self.form), partial(ical.event, facts, self.form)))
        with force_locale(self.language):
            name = _("Draft: %(title)s", title=self.edition.title.text(self.language, self.edition.main_language))
        head = feeds.calendar_head(self.edition, name, self.language, self.week, COLOUR)
        return ical.calendar(head, events, feeds.timezones_of(shown) if self.form is Form.VENUE else ())

    def _facts(self, session: PublishedSession, draft: AgendaSession, *, is_public: bool) -> EventFacts:
        reader = self.edition.reader(self.language, self.week.modified)
        page = absolute_url("draft.session", edition_slug=self.edition.slug, code=session.code)
        # An unlisted session has no public page; the organisers' own has every session.
        facts = entry(replace(session, is_listed=True), reader, page=page, is_private=True)
        with force_locale(self.language):
            remarks = [] if is_public else [_("Not published like this yet")]
            if not session.is_listed:
                remarks.append(_("Not listed"))
            if note := reader.words(draft.note).text:
                remarks.append(_("Note for organisers: %(note)s", note=note))
        status = facts.status if is_public or facts.status is EventStatus.CANCELLED else EventStatus.TENTATIVE
        description = "\n\n".join(filter(None, (facts.description, "\n".join(remarks))))
        return replace(facts, status=status, description=description, is_opaque=False)


def _stamped(
    session: PublishedSession,
    draft: AgendaSession,
    before: PublishedSession | None,
    renamed: dict[tuple[str, int], datetime],
) -> PublishedSession:
    """With SEQUENCE and LAST-MODIFIED of the draft.

    Each step of the version adds a second, so that two changes within one second differ; and the seconds since the
    session was made number its changes.
    """
    pieces = zip(_PIECES, (session.hall_id, session.venue_id, session.track_id), strict=True)
    moments = [renamed[piece] for piece in pieces if piece in renamed]
    if before is not None:
        moments.append(before.last_modified)
    steps = draft.version + (before.sequence + 1 if before is not None else 0)
    last = max((draft.updated_at, *moments)).replace(microsecond=0) + timedelta(seconds=steps)
    return replace(session, last_modified=last, sequence=int((last - session.created_at).total_seconds()))


def _renamed_at(edition_id: int) -> dict[tuple[str, int], datetime]:
    """When each hall, venue and track was changed last."""
    rows = db.session.execute(
        select(AuditEntry.subject_kind, AuditEntry.subject_id, func.max(AuditEntry.at))
        .where(AuditEntry.subject_kind.in_(_PIECES), AuditEntry.edition_id == edition_id)
        .group_by(AuditEntry.subject_kind, AuditEntry.subject_id)
    )
    return {(kind, number): at for kind, number, at in rows}
