"""From draft to revision: frozen rows that pages, feeds and print read, and the stamps that calendars go by."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from blinker import Signal
from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select

from retreat.agenda import stamps, waiting
from retreat.agenda.diff import Difference, difference
from retreat.agenda.models import AgendaSession, RevisedPart, RevisedPoint, RevisedSession, Revision, Track
from retreat.agenda.published import (
    PublishedPart,
    PublishedPoint,
    PublishedSession,
    columns_of,
    sessions_of_revision,
)
from retreat.agenda.service import draft_sessions
from retreat.agenda.times import BadTime, instants
from retreat.agenda.values import SessionRefused
from retreat.core import audit, zones
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall, Venue
from retreat.network.models import Body

published = Signal()
"""Sent with the edition, in the transaction of a revision that somebody decided whom to tell of.

`revision` is the new one, `difference` what it changed, `telling` the decision, `at` and `by` as everywhere.
"""

_NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)


class Telling(NamedTuple):
    """Who is to have a mail about a revision. What an invitation put into a calendar is corrected in any case."""

    urgent: bool = True
    """Those whose own week changes within two days."""
    invitations: bool = False
    """Everybody with a part or a personal invitation gets each session as a calendar invitation."""


class NothingToPublish(RetreatError):
    """The draft says what the last revision says; no revision was made."""

    def __init__(self, number: int | None) -> None:
        super().__init__(
            _l("Nothing has changed since revision %(number)s: no new one was made.", number=number)
            if number
            else _l("There is no session yet: nothing was published.")
        )
        self.number = number


class SeenAnother(RetreatError):
    """The draft, or the last revision, is another than when the changes were shown; nothing was published."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _l("The draft has changed since you opened this page. Nothing is published yet: look at the changes again.")
        )


def connect() -> None:
    editions.language_changed.connect(republish)


def last_revision(edition: Edition) -> Revision | None:
    return db.session.scalar(
        select(Revision).where(Revision.edition_id == edition.id).order_by(Revision.number.desc()).limit(1)
    )


def difference_to_publish(
    edition: Edition, draft: Iterable[AgendaSession] | None = None
) -> Difference[PublishedSession]:
    """What publishing the draft would change since the last revision; `draft` where its sessions were read already."""
    last = last_revision(edition)
    after = draft_as_published(edition) if draft is None else as_published(draft)
    return difference(sessions_of_revision(last.id) if last else (), after)


def draft_as_published(edition: Edition) -> tuple[PublishedSession, ...]:
    """The draft in the form in which it would be published, for a preview too; its stamps say nothing."""
    return as_published(draft_sessions(edition))


def as_published(sessions: Iterable[AgendaSession]) -> tuple[PublishedSession, ...]:
    """The same of sessions that were read already."""
    return tuple(_as_published(session) for session in sessions)


def fingerprint(found: Difference[PublishedSession]) -> str:
    """Of what would change: whoever publishes gets what was shown, or is told that it is another by now."""
    instants_only = {"start_utc", "end_utc"}
    # Publishing derives instants anew where the rules of a zone are newer; a page does not.
    facts = [
        (change.session.uid, change.after and replace(change.after, start_utc=None, end_utc=None))
        for change in found.changes
        if not change.fields or not instants_only.issuperset(change.fields)
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def publish(
    edition: Edition,
    *,
    at: datetime,
    by: Actor,
    note: Translated | None = None,
    seen: str | None = None,
    telling: Telling | None = None,
) -> Revision:
    """Freeze the draft as the next revision; `seen` is the fingerprint of the changes that were shown.

    Without `telling` nobody has a mail: so it is with the demo edition.

    Raises NothingToPublish; SeenAnother; SessionRefused when a time exists no more.

    A session that is new starts at SEQUENCE 0; one of which calendars say anything else gets one more and a
    LAST-MODIFIED that is later than its last; every other keeps both. Two who publish at once come one after the other.
    """
    hold(edition)
    _derive_again(edition)
    last = last_revision(edition)
    before = sessions_of_revision(last.id) if last else ()
    after = draft_as_published(edition)
    found = difference(before, after)
    if not found:
        raise NothingToPublish(last.number if last else None)
    if seen is not None and fingerprint(found) != seen:
        raise SeenAnother
    revision = _freeze(edition, last, found, before, after, at=at, by=by, note=note or Translated())
    audit.record("agenda.published", revision, at=at, by=by, number=revision.number, changes=len(found.changes))
    waiting.promote_all(edition, at=at)
    if telling is not None:
        published.send(edition, revision=revision, difference=found, telling=telling, at=at, by=by)
    return revision


def republish(
    edition: Edition,
    *,
    at: datetime,
    by: Actor,
    action: str = "agenda.names_published",
    telling: Telling | None = None,
) -> Revision | None:
    """The last revision again as it is said today: names of halls, venues, tracks and bodies, rules of time zones, and
    the main language, in which is said what has no text in the language asked for.

    The draft stays where it is; `action` is what the history calls it, and without `telling` nobody has a mail. None
    when nothing is different, or nothing has been published yet.
    """
    hold(edition)
    last = last_revision(edition)
    if last is None:
        return None
    db.session.flush()
    before = sessions_of_revision(last.id)
    after = _with_current_names(edition, before)
    found = difference(before, after)
    otherwise = stamps.said_otherwise(before, last.main_language, edition.main_language)
    if not found and not otherwise:
        return None
    revision = _freeze(edition, last, found, before, after, at=at, by=by, note=Translated())
    count = len(otherwise.union(found.by_uid))
    audit.record(action, revision, at=at, by=by, number=revision.number, changes=count)
    if telling is not None:
        published.send(edition, revision=revision, difference=found, telling=telling, at=at, by=by)
    return revision


def hold(edition: Edition) -> None:
    """One at a time who publishes or changes the whole draft."""
    editions.hold(edition.id)
    # What was read before the lock may have been published by the other since.
    db.session.expire_all()


def _derive_again(edition: Edition) -> None:
    """Instants of drafts that were derived with another release of the time zone rules."""
    version = zones.tzdata_version()
    stale = db.session.scalars(
        select(AgendaSession)
        .where(AgendaSession.edition_id == edition.id, AgendaSession.tzdata != version)
        .order_by(AgendaSession.id)
    )
    for session in stale:
        try:
            derived = instants(session.date, session.starts, session.ends, session.zone)
        except BadTime as error:
            raise SessionRefused(error.field, f"{session.code}: {error}") from error
        session.start_utc, session.end_utc = (derived.start, derived.end) if derived else (None, None)
        session.tzdata = version
    db.session.flush()


def _freeze(
    edition: Edition,
    last: Revision | None,
    found: Difference[PublishedSession],
    before: Iterable[PublishedSession],
    after: Iterable[PublishedSession],
    *,
    at: datetime,
    by: Actor,
    note: Translated,
) -> Revision:
    revision = Revision(
        edition_id=edition.id,
        number=last.number + 1 if last else 1,
        published_at=at,
        published_by=str(by),
        note=note,
        tzdata=zones.tzdata_version(),
        main_language=edition.main_language,
    )
    db.session.add(revision)
    edition.agenda_rev += 1
    db.session.flush()
    old = {session.uid: session for session in before}
    changed = {change.session.uid for change in found.changes if change.concerns_people}
    main = last.main_language if last is not None else edition.main_language
    told = stamps.told_otherwise(
        ((change.before, change.after) for change in found.changes if change.after and change.concerns_calendars),
        main,
        edition.main_language,
    )
    earlier: Mapping[str, stamps.Stamps] = {}
    if last is not None:
        told |= stamps.said_otherwise(old.values(), main, edition.main_language)
        earlier = stamps.earlier(edition, [session.uid for session in after if session.uid not in old])
    stamped = []
    for session in after:
        uid = session.uid
        known = old.get(uid) or earlier.get(uid)
        stamped.append(stamps.stamped(session, known, is_changed=uid in changed, is_told=uid in told, at=at))
    _insert(revision, stamped)
    return revision


def _insert(revision: Revision, sessions: Sequence[PublishedSession]) -> None:
    if not sessions:
        return
    rows = [{**_plain(session), "revision_id": revision.id} for session in sessions]
    # One executemany and a look at the ids cost half of what INSERT … RETURNING does, page by page.
    db.session.execute(insert(RevisedSession), rows)
    found = select(RevisedSession.uid, RevisedSession.id).where(RevisedSession.revision_id == revision.id)
    ids = {row.uid: row.id for row in db.session.execute(found)}
    for name, model in (("parts", RevisedPart), ("points", RevisedPoint)):
        inside = [
            {**_plain(one), "revised_session_id": ids[session.uid]}
            for session in sessions
            for one in getattr(session, name)
        ]
        if inside:
            db.session.execute(insert(model), inside)


def _plain(row: PublishedSession | PublishedPart | PublishedPoint) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in columns_of(type(row))}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _as_published(session: AgendaSession) -> PublishedSession:
    track, venue, hall = session.track, session.venue, session.hall
    return PublishedSession(
        session_id=session.id,
        uid=session.uid,
        code=session.code,
        sequence=0,
        created_at=session.created_at.replace(microsecond=0),
        last_modified=_NOT_YET,
        parent_code=session.parent.code if session.parent else None,
        title=session.title,
        description=session.description,
        # The note is the organisers' own; a revision never holds it.
        note=Translated(),
        date=session.date,
        starts=session.starts,
        ends=session.ends,
        zone=session.zone,
        start_utc=session.start_utc,
        end_utc=session.end_utc,
        kind=session.kind,
        track_id=session.track_id,
        track_slug=track.slug if track else None,
        track_name=track.name if track else Translated(),
        track_colour=track.colour if track else None,
        venue_id=session.venue_id,
        venue_slug=venue.slug if venue else None,
        venue_name=venue.name if venue else Translated(),
        city=venue.city if venue else "",
        hall_id=session.hall_id,
        hall_slug=hall.slug if hall else None,
        hall_name=hall.name if hall else Translated(),
        hall_position=hall.position if hall else None,
        hall_capacity=hall.capacity if hall else None,
        languages=tuple(session.languages),
        access=session.access,
        access_body_id=session.access_body_id,
        access_body_name=session.access_body.name if session.access_body else Translated(),
        body_id=session.body_id,
        body_slug=session.body.slug if session.body else None,
        body_name=session.body.name if session.body else Translated(),
        is_listed=session.is_listed,
        status=session.status,
        capacity=session.capacity,
        link=session.link,
        registration_link=session.registration_link,
        tags=tuple(session.tags),
        parts=tuple(
            PublishedPart(
                person_id=part.person_id,
                role=part.role,
                state=part.state,
                printed_name=part.printed_name,
                office=part.office,
                organisation=part.organisation,
                position=position,
            )
            for position, part in enumerate(session.parts)
        ),
        points=tuple(
            PublishedPoint(title=point.title, kind=point.kind, minutes=point.minutes, position=position)
            for position, point in enumerate(session.points)
        ),
    )


def _with_current_names(edition: Edition, sessions: Iterable[PublishedSession]) -> tuple[PublishedSession, ...]:
    tracks, venues, halls = (
        {row.id: row for row in db.session.scalars(select(model).where(model.edition_id == edition.id))}
        for model in (Track, Venue, Hall)
    )
    bodies = {body.id: body for body in db.session.scalars(select(Body))}
    return tuple(_renamed(session, tracks, venues, halls, bodies) for session in sessions)


def _renamed(
    session: PublishedSession,
    tracks: dict[int, Any],
    venues: dict[int, Any],
    halls: dict[int, Any],
    bodies: dict[int, Body],
) -> PublishedSession:
    """Only printed names, and the instants of the same wall time; what no longer exists keeps its last name."""
    changed: dict[str, Any] = {}
    if track := tracks.get(session.track_id or 0):
        changed |= {"track_name": track.name, "track_colour": track.colour}
    if venue := venues.get(session.venue_id or 0):
        changed |= {"venue_name": venue.name, "city": venue.city}
    if hall := halls.get(session.hall_id or 0):
        changed |= {"hall_name": hall.name, "hall_position": hall.position, "hall_capacity": hall.capacity}
    if body := bodies.get(session.body_id or 0):
        changed["body_name"] = body.name
    if body := bodies.get(session.access_body_id or 0):
        changed["access_body_name"] = body.name
    try:
        derived = instants(session.date, session.starts, session.ends, session.zone)
    except BadTime:
        return replace(session, **changed)
    if derived:
        changed |= {"start_utc": derived.start, "end_utc": derived.end}
    return replace(session, **changed)
