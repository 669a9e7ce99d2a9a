"""Feeds: which sessions, under which ETag, from which bytes.

One query decides the ETag; the body is joined from kept parts, or not needed at all. The ETag names everything that
decides the bytes, therefore it is also the key under which they are kept: nothing is stale in any process.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import babel
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, bindparam, exists, func, literal_column, null, or_, select

from retreat.agenda import published, stamps
from retreat.agenda.cards import Reader
from retreat.agenda.models import Access, AgendaSession, RevisedSession, Revision, Track
from retreat.agenda.published import LastRevision, Programme, PublishedSession
from retreat.calendars.byte_cache import ByteCache
from retreat.calendars.entries import entry
from retreat.calendars.facts import CalendarFacts, Form
from retreat.core import dates, zones
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.core.http import absolute_url, base_url
from retreat.core.i18n import LANGUAGES, Translated, catalogues
from retreat.editions.models import Edition, Hall
from retreat.network.models import Body

RENDERER = f"3/{babel.__version__}"
"""Part of every ETag: raise the number with any change of how bytes are made. Babel writes the dates."""

REFRESH = timedelta(hours=1)
REFRESH_IN_THE_WEEK = timedelta(minutes=15)
CANCELLED_KEPT_FOR = timedelta(days=30)
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
COLOUR = "midnightblue"
TRACK_COLOURS = ("midnightblue", "teal", "purple", "sienna", "darkgreen", "darkgoldenrod", "steelblue", "crimson")
"""The nearest that CSS 3 has a name for, by the track's colour number less one."""

# A week's feed has some 100 kB, an entry 1 kB.
bodies = ByteCache(max_bytes=48_000_000)
entries = ByteCache(max_bytes=24_000_000)


class NoSuchFeed(NotFound):
    """The address names no feed."""

    def __init__(self, message: object = None) -> None:
        super().__init__(message or _l("There is no calendar at this address."))


class ScopeKind(StrEnum):
    ALL = "agenda"
    TRACK = "track"
    HALL = "hall"
    BODY = "body"


class Scope(NamedTuple):
    """Which public sessions: all, one track's, one hall's, or those of one body that are open to everybody."""

    kind: ScopeKind
    slug: str = ""

    def holds(self, session: PublishedSession) -> bool:
        if self.kind is ScopeKind.TRACK:
            return session.track_slug == self.slug
        if self.kind is ScopeKind.BODY:
            return session.body_slug == self.slug and session.access is Access.OPEN
        return self.kind is ScopeKind.ALL or session.hall_slug == self.slug

    def name_in(self, session: PublishedSession) -> Translated:
        """What the track, hall or body was called when this session was published."""
        if self.kind is ScopeKind.TRACK:
            return session.track_name
        return session.body_name if self.kind is ScopeKind.BODY else session.hall_name


WHOLE_AGENDA = Scope(ScopeKind.ALL)


@dataclass(frozen=True, slots=True)
class Feed:
    """What answers a request: tag and date at once, the bytes when they are asked for."""

    etag: str
    modified: datetime
    until: datetime
    """When the clock alone makes it another."""
    is_private: bool
    body: Callable[[], bytes]


class Frame(NamedTuple):
    """The columns that decide an ETag, of an edition and its last revision."""

    id: int
    uid: str
    slug: str
    title: Translated
    city: str
    zone: str
    main_language: str
    starts_on: date
    ends_on: date
    agenda_rev: int
    created_at: datetime
    closed_at: datetime | None
    revision_id: int | None
    revision: int | None
    published_at: datetime | None
    tzdata: str | None

    def spoken(self, asked: str | None) -> str:
        """The language that was asked for, or the edition's."""
        return asked if asked in LANGUAGES else self.main_language

    def reader(self, language: str, now: datetime) -> Reader:
        return Reader(language=language, main_language=self.main_language, zone=self.zone, city=self.city, now=now)


# Tables and not models: the ORM takes as long over a row as the database does.
EDITION, REVISION = Edition.__table__, Revision.__table__
FRAME_COLUMNS = (
    EDITION.c.id,
    EDITION.c.uid,
    EDITION.c.slug,
    EDITION.c.title,
    EDITION.c.city,
    EDITION.c.zone,
    EDITION.c.main_language,
    EDITION.c.starts_on,
    EDITION.c.ends_on,
    EDITION.c.agenda_rev,
    EDITION.c.created_at,
    EDITION.c.closed_at,
    REVISION.c.id,
    REVISION.c.number,
    REVISION.c.published_at,
    REVISION.c.tzdata,
)
LAST_REVISION = and_(
    REVISION.c.edition_id == EDITION.c.id,
    REVISION.c.number
    == select(func.max(REVISION.c.number))
    .where(REVISION.c.edition_id == EDITION.c.id)
    .correlate(EDITION)
    .scalar_subquery(),
)


def _public(kind: ScopeKind) -> Select[*tuple[Any, ...]]:
    """The frame of the edition with this slug, and the name of the scope; no row when either is unknown.

    A track or hall is known by the listed sessions of the last revision, so that no subscriber loses a feed between its
    deletion and the revision that leaves it out; and by the frame, unless only drafts and sessions that never were
    listed use it, whom its name would give away. A body is no part of the frame: only its open sessions make it known.
    """
    name = null() if kind is ScopeKind.ALL else _owner_of(kind, bindparam("slug"))
    query = select(*FRAME_COLUMNS, name).outerjoin_from(EDITION, REVISION, LAST_REVISION)
    query = query.where(EDITION.c.slug == bindparam("edition_slug"))
    if kind is ScopeKind.ALL:
        return query
    sessions, revisions, drafts = RevisedSession.__table__, Revision.__table__.alias(), AgendaSession.__table__
    shown = and_(sessions.c[f"{kind}_slug"] == bindparam("slug"), sessions.c.is_listed)
    if kind is ScopeKind.BODY:
        # Written out: the door gives values to the parameters of an address alone.
        shown = and_(shown, sessions.c.access == literal_column(f"'{Access.OPEN}'"))
    is_shown = exists().where(sessions.c.revision_id == REVISION.c.id, shown)
    was_shown = exists().where(revisions.c.edition_id == EDITION.c.id, sessions.c.revision_id == revisions.c.id, shown)
    if kind is ScopeKind.BODY:
        return query.where(or_(is_shown, and_(name.is_not(None), was_shown)))
    owner = _table_of(kind)
    is_used = exists().where(
        owner.c.edition_id == EDITION.c.id,
        owner.c.slug == bindparam("slug"),
        drafts.c[f"{kind}_id"] == owner.c.id,
    )
    return query.where(or_(is_shown, and_(name.is_not(None), or_(was_shown, ~is_used))))


def _table_of(kind: ScopeKind) -> Any:
    return (Track if kind is ScopeKind.TRACK else Hall).__table__


def _owner_of(kind: ScopeKind, slug: Any) -> Any:
    """The name of the track, hall or body itself."""
    if kind is ScopeKind.BODY:
        return select(Body.name).where(Body.slug == slug).scalar_subquery()
    owner = _table_of(kind)
    found = select(owner.c.name).where(owner.c.edition_id == EDITION.c.id, owner.c.slug == slug)
    return found.correlate(EDITION).scalar_subquery()


PUBLIC = {kind: _public(kind) for kind in ScopeKind}


def public_feed(edition_slug: str, scope: Scope, *, language: str | None, form: Form, at: datetime) -> Feed:
    """A feed that anyone may read: exactly the listed sessions that have a start. Raises NoSuchFeed."""
    values = {"edition_slug": edition_slug, "slug": scope.slug} if scope.slug else {"edition_slug": edition_slug}
    row = db.session.connection().execute(PUBLIC[scope.kind], values).one_or_none()
    if row is None:
        raise NoSuchFeed
    *columns, scope_name = row
    edition = Frame(*columns)
    spoken = edition.spoken(language)
    week = Week.of(edition, at)
    etag = digest(edition, scope, scope_name, spoken, form, week)

    def body() -> bytes:
        read = programme_of(edition)
        chosen = [session for session in published.listed(read) if scope.holds(session)]
        head = _public_head(edition, scope, scope_name, chosen, spoken, week)
        return rendered(edition, read, chosen, head, language=spoken, form=form, week=week, is_private=False)

    return Feed(etag, week.modified, week.until, is_private=False, body=lambda: bodies.get(etag, body))


class Week(NamedTuple):
    """What the clock decides: how often to look, whether cancelled sessions are still told; since when, until when."""

    refresh: timedelta
    keeps_cancelled: bool
    modified: datetime
    until: datetime

    @classmethod
    def of(cls, edition: Frame, at: datetime) -> "Week":
        zone = zones.zone(edition.zone)
        # The day before belongs to it: people travel, and the last changes are made.
        begins = datetime.combine(edition.starts_on - timedelta(days=1), time(), zone).astimezone(UTC)
        ends = datetime.combine(edition.ends_on + timedelta(days=1), time(), zone).astimezone(UTC)
        forgets = edition.closed_at + CANCELLED_KEPT_FOR if edition.closed_at else None
        turns = [begins, ends, *([forgets] if forgets else [])]
        return cls(
            REFRESH_IN_THE_WEEK if begins <= at < ends else REFRESH,
            forgets is None or at < forgets,
            max(edition.published_at or edition.created_at, *(turn for turn in turns if turn <= at), _EARLIEST),
            min((turn for turn in turns if turn > at), default=_LATEST),
        )


def digest(*decisive: object) -> str:
    """A strong ETag (RFC 9110 §8.8.3) of everything that decides the bytes, without its quotation marks."""
    text = repr((RENDERER, catalogues(), zones.tzdata_version(), base_url(), decisive))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def programme_of(edition: Frame) -> Programme:
    """Of the very revision that the ETag was made from: what is published in between belongs under the next one."""
    if edition.revision_id is None:
        return published.programme_of(edition, None)
    assert edition.revision is not None
    assert edition.published_at is not None
    last = LastRevision(edition.revision_id, edition.revision, edition.published_at, edition.tzdata or "")
    return published.programme_of(edition, last)


def rendered(
    edition: Frame,
    read: Programme,
    sessions: Iterable[PublishedSession],
    head: CalendarFacts | None,
    *,
    language: str,
    form: Form,
    week: Week,
    is_private: bool,
) -> bytes:
    """The calendar of those sessions that have a start, joined from entries that are kept one by one."""
    from retreat.calendars import ical

    told = [session for session in sessions if week.keeps_cancelled or not session.is_cancelled]
    shown = [session for session in told if session.is_timed]
    reader = edition.reader(language, week.modified)

    # What an entry says, and not which revision says it: an unchanged session is rendered once for all of them.
    said = read.keep("said", lambda: {session.uid: digest(stamps.said(session)) for session in read.sessions})

    def one(session: PublishedSession) -> bytes:
        def render() -> bytes:
            page = absolute_url("agenda.session", edition_slug=edition.slug, code=session.code)
            return ical.event(entry(session, reader, page=page, is_private=is_private), form)

        key = (said[session.uid], edition.slug, language, edition.main_language, form, is_private)
        return entries.get(key, render)

    timezones = timezones_of(shown) if form is Form.VENUE else ()
    return ical.calendar(head, [one(session) for session in shown], timezones)


def timezones_of(sessions: list[PublishedSession]) -> list[bytes]:
    """One VTIMEZONE for each zone that sessions are in."""
    from retreat.calendars import ical

    spans: dict[str, tuple[datetime, datetime]] = {}
    for session in sessions:
        assert session.start_utc
        assert session.end_utc
        first, last = spans.get(session.zone, (session.start_utc, session.end_utc))
        spans[session.zone] = (min(first, session.start_utc), max(last, session.end_utc))
    return [ical.timezone(zone, *spans[zone]) for zone in sorted(spans)]


def calendar_head(edition: Frame, name: str, language: str, week: Week, colour: str = COLOUR) -> CalendarFacts:
    days = dates.date_range(edition.starts_on, edition.ends_on, language)
    return CalendarFacts(
        name=name,
        description=f"{edition.city}, {days}",
        zone=edition.zone,
        refresh=week.refresh,
        modified=week.modified,
        colour=colour,
    )


def _public_head(
    edition: Frame,
    scope: Scope,
    scope_name: Translated | None,
    sessions: list[PublishedSession],
    language: str,
    week: Week,
) -> CalendarFacts:
    title = edition.title.text(language, edition.main_language)
    if scope.kind is ScopeKind.ALL:
        return calendar_head(edition, title, language, week)
    colour = COLOUR
    for session in sessions[:1]:
        # As published; the frame's own name may be newer.
        scope_name = scope.name_in(session)
        colour = TRACK_COLOURS[(session.track_colour or 1) - 1] if scope.kind is ScopeKind.TRACK else COLOUR
    part = (scope_name or Translated()).text(language, edition.main_language)
    return calendar_head(edition, f"{title}: {part}" if part else title, language, week, colour)
