"""New rules of time zones: what they move in the draft and in what everybody reads, once for each edition.

Sessions keep their wall time. Where it has no instant any more, the old one stays until an organiser has chosen.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from retreat.agenda import publishing
from retreat.agenda.models import AgendaSession, Revision
from retreat.agenda.published import PublishedSession, sessions_of_revision
from retreat.agenda.times import Instants
from retreat.agenda.zone_rules.models import ZoneUpdate
from retreat.agenda.zone_rules.rules import Moved, Unclear, derive
from retreat.core import audit, zones
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.editions.models import Edition


class Unread(NamedTuple):
    """How many sessions, and how many of them wait for a time that there is."""

    sessions: int
    unclear: int


def outdated() -> list[int]:
    """The editions of which something was derived by another release than the one in use, and not looked at since."""
    version = zones.tzdata_version()
    looked: dict[int, tuple[str, datetime]] = {}
    for row in db.session.execute(
        select(ZoneUpdate.edition_id, ZoneUpdate.tzdata, ZoneUpdate.made_at).order_by(ZoneUpdate.made_at, ZoneUpdate.id)
    ):
        looked[row.edition_id] = (row.tzdata, row.made_at)
    last = select(func.max(Revision.id)).group_by(Revision.edition_id)
    stale: list[Any] = [
        *db.session.execute(
            select(AgendaSession.edition_id, func.max(AgendaSession.updated_at))
            .where(AgendaSession.tzdata != version)
            .group_by(AgendaSession.edition_id)
        ),
        *db.session.execute(
            select(Revision.edition_id, Revision.published_at).where(Revision.id.in_(last), Revision.tzdata != version)
        ),
    ]
    due = set()
    for edition_id, since in stale:
        release, at = looked.get(edition_id, ("", since))
        # A machine that still has the older release may have written after this one looked.
        if release != version or at < since:
            due.add(edition_id)
    return sorted(due)


def renew(edition: Edition, *, at: datetime, by: Actor) -> ZoneUpdate | None:
    """Derive every instant of this edition by the rules in use; publish what moved. None when it has been done.

    However many processes start at once, one does it: the others wait for the edition's row, and find it done.
    """
    publishing.hold(edition)
    if edition.id not in outdated():
        return None
    version = zones.tzdata_version()
    last = publishing.last_revision(edition)
    before = _oldest(edition, last)
    moved = _merged([*_of_the_draft(edition, at=at, by=by), *_of_the_revision(last)])
    revision = None
    if any(one.is_published and not isinstance(one.after, Unclear) for one in moved):
        # Invitations in calendars say instants: they are wrong until a mail corrects them, as feeds are until asked.
        revision = publishing.republish(
            edition, at=at, by=by, action="agenda.zones_published", telling=publishing.Telling()
        )
    found = _noted(edition, version, before, moved, revision, at=at)
    unclear = sum(isinstance(one.after, Unclear) for one in moved)
    audit.record(
        "zone_update.made", found, at=at, by=by, tzdata=version, before=before, moved=len(moved) - unclear, none=unclear
    )
    return found


def updates(edition: Edition) -> list[ZoneUpdate]:
    """The latest first."""
    return list(
        db.session.scalars(
            select(ZoneUpdate)
            .where(ZoneUpdate.edition_id == edition.id)
            .order_by(ZoneUpdate.made_at.desc(), ZoneUpdate.id.desc())
        )
    )


def unread(edition: Edition) -> Unread:
    """What a release has done to sessions of this edition, and nobody has said to have read."""
    found = db.session.scalars(
        select(ZoneUpdate.moved).where(ZoneUpdate.edition_id == edition.id, ZoneUpdate.read_at.is_(None))
    )
    each = [one for moved in found for one in moved]
    unclear = {one["code"] for one in each if "why" in one}
    waiting = open_codes(edition) if unclear else {}
    return Unread(len({one["code"] for one in each}), sum(waiting.get(code, False) for code in unclear))


def open_codes(edition: Edition) -> dict[str, bool]:
    """Of each session of the draft: whether it waits for a time that there is by the rules in use."""
    rows = db.session.execute(
        select(AgendaSession.code, AgendaSession.tzdata).where(AgendaSession.edition_id == edition.id)
    )
    return {row.code: row.tzdata != zones.tzdata_version() for row in rows}


def mark_read(edition: Edition, update_id: int, *, at: datetime, by: Actor) -> None:
    """For all organisers; who was first stays."""
    found = db.session.get(ZoneUpdate, update_id)
    if found is None or found.edition_id != edition.id or found.read_at is not None:
        return
    found.read_at, found.read_by = at, str(by)
    audit.record("zone_update.read", found, at=at, by=by, tzdata=found.tzdata)
    db.session.flush()


def _oldest(edition: Edition, last: Revision | None) -> str:
    drafts = db.session.scalars(select(AgendaSession.tzdata).where(AgendaSession.edition_id == edition.id).distinct())
    return min(filter(None, [*drafts, last.tzdata if last else ""]), default="")


def _of_the_draft(edition: Edition, *, at: datetime, by: Actor) -> list[Moved]:
    """Those that moved are another version, as after any change; of the others nobody need be told."""
    version = zones.tzdata_version()
    stale = (AgendaSession.edition_id == edition.id, AgendaSession.tzdata != version)
    found: list[Moved] = []
    unclear: list[int] = []
    query = select(AgendaSession).where(*stale).order_by(AgendaSession.id).with_for_update(of=AgendaSession)
    for session in db.session.scalars(query):
        moved = _moved(session)
        if moved is None:
            continue
        found.append(replace(moved, is_draft=True))
        if isinstance(moved.after, Unclear):
            # Its old release stays with it, so that publishing refuses it in words.
            unclear.append(session.id)
            continue
        session.start_utc, session.end_utc = moved.after.start, moved.after.end
        session.tzdata, session.updated_at, session.updated_by = version, at, str(by)
    db.session.flush()
    db.session.execute(
        update(AgendaSession)
        .where(*stale, AgendaSession.id.not_in(unclear))
        .values(tzdata=version)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return found


def _of_the_revision(last: Revision | None) -> list[Moved]:
    if last is None or last.tzdata == zones.tzdata_version():
        return []
    moved = map(_moved, sessions_of_revision(last.id))
    return [replace(one, is_published=True) for one in moved if one]


def _moved(session: AgendaSession | PublishedSession) -> Moved | None:
    """None where the rules in use say what was said before."""
    day, starts, ends = session.date, session.starts, session.ends
    if not (day and starts is not None and ends is not None and session.start_utc and session.end_utc):
        return None
    before = Instants(session.start_utc, session.end_utc)
    after = derive(day, starts, ends, session.zone)
    if after is None or after == before:
        return None
    return Moved(
        code=session.code,
        title=dict(session.title),
        zone=session.zone,
        date=day,
        starts=starts,
        ends=ends,
        before=before,
        after=after,
    )


def _merged(found: list[Moved]) -> list[Moved]:
    """Draft and revision say the same of most sessions: that is said once."""
    merged: dict[object, Moved] = {}
    for one in found:
        key = replace(one, title={}, is_draft=False, is_published=False).as_json()
        known = merged.get(repr(key), one)
        merged[repr(key)] = replace(
            known, is_draft=known.is_draft or one.is_draft, is_published=known.is_published or one.is_published
        )
    return sorted(merged.values(), key=lambda one: (one.date, one.starts, one.code))


def _noted(
    edition: Edition, version: str, before: str, moved: list[Moved], revision: Revision | None, *, at: datetime
) -> ZoneUpdate:
    kept = [one.as_json() for one in moved]
    found = db.session.scalar(
        select(ZoneUpdate).where(ZoneUpdate.edition_id == edition.id, ZoneUpdate.tzdata == version)
    )
    if found is None:
        found = ZoneUpdate(edition_id=edition.id, tzdata=version)
        db.session.add(found)
    elif found.read_at is None:
        # A release that came, went and came again; nothing unread is lost.
        kept = found.moved + kept
    found.tzdata_before, found.made_at, found.moved = before, at, kept
    found.revision_number = revision.number if revision else None
    found.read_at, found.read_by = (None if kept else at), ""
    db.session.flush()
    return found
