"""A revision restored to the draft: looked at first, then done in one transaction, with the same UIDs and codes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from retreat.agenda import publishing, service
from retreat.agenda.diff import Difference, difference
from retreat.agenda.models import AgendaSession, RevisedSession, Revision, Track
from retreat.agenda.people import People
from retreat.agenda.points import Point
from retreat.agenda.published import PublishedPart, PublishedSession, sessions_of_revision
from retreat.agenda.revisions.plan import BodyNow, FrameNow, HallNow, Known, Plan, TrackNow, VenueNow, plan
from retreat.agenda.values import Appearance, SessionRefused, SessionValues
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition, Hall, Venue
from retreat.network.models import Body, Person

_PLACE = ("zone", "venue_id", "hall_id")
_AS_THEY_ARE = (
    *("code", "title", "description", "date", "starts", "ends", "kind", "is_listed", "status"),
    *("capacity", "link", "registration_link"),
)


class DraftChanged(RetreatError):
    """The draft is another than what the page showed; nothing was restored."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _l("The draft has changed since you opened this page. Nothing is restored yet: look at it again.")
        )


class NotSaidLost(RetreatError):
    """Restoring would overwrite what has been changed since the last publication, and nobody has agreed to that."""

    def __init__(self) -> None:
        super().__init__(_l("Tick that the changes of the draft will be lost. Nothing is restored yet."))


class NothingToRestore(RetreatError):
    """The draft says what the revision says."""

    def __init__(self, number: int) -> None:
        super().__init__(_l("The draft is what revision %(number)d says: nothing was restored.", number=number))


@dataclass(frozen=True, slots=True)
class Restoration:
    """What restoring would do to the draft."""

    plan: Plan
    difference: Difference[PublishedSession]
    seen: str
    """Of the draft as it is: who restores says which draft was on the page."""


def look(edition: Edition, revision: Revision) -> Restoration:
    """What would change, in a constant number of queries; nothing is written."""
    rows = service.draft_sessions(edition)
    return _look(edition, revision, rows)


def restore(edition: Edition, revision: Revision, *, seen: str, at: datetime, by: Actor) -> Restoration:
    """Make the draft what the revision says. Raises DraftChanged, NothingToRestore; SessionRefused with the code.

    The organisers' own facts, which no revision has, stay: notes, numbers expected, sign-up, locks, papers, seats.
    """
    publishing.hold(edition)
    db.session.scalars(
        select(AgendaSession)
        .where(AgendaSession.edition_id == edition.id)
        .order_by(AgendaSession.id)
        .with_for_update(key_share=True)
    ).all()
    rows = service.draft_sessions(edition)
    found = _look(edition, revision, rows)
    if found.seen != seen:
        raise DraftChanged
    if not found.difference:
        raise NothingToRestore(revision.number)
    _write(edition, rows, found, at=at, by=by)
    audit.record(
        "agenda.restored",
        revision,
        at=at,
        by=by,
        number=revision.number,
        changes=len(found.difference.changes),
        **{kind.value: len(some) for kind, some in found.plan.remarks.items()},
    )
    return found


def _look(edition: Edition, revision: Revision, rows: list[AgendaSession]) -> Restoration:
    draft = publishing.as_published(rows)
    last = select(Revision.id).where(Revision.edition_id == edition.id).order_by(Revision.number.desc()).limit(1)
    made = plan(
        draft,
        sessions_of_revision(revision.id),
        _frame(edition),
        published=set(
            db.session.scalars(select(RevisedSession.uid).where(RevisedSession.revision_id == last.scalar_subquery()))
        ),
        locked={row.uid for row in rows if row.is_locked},
        taken={row.uid: row.taken for row in rows},
    )
    versions = repr(sorted((row.id, row.version) for row in rows))
    return Restoration(made, difference(draft, made.sessions), hashlib.sha256(versions.encode()).hexdigest()[:32])


def _frame(edition: Edition) -> FrameNow:
    """Columns and not rows: a name that changed under the same id is looked at again."""

    def known(kind: type[Any], *columns: Any, is_ours: bool = True) -> list[Any]:
        query = select(kind.id, kind.slug, kind.name, *columns).order_by(kind.id)
        return list(db.session.execute(query.where(kind.edition_id == edition.id) if is_ours else query))

    return FrameNow(
        zone=edition.zone,
        tracks=Known(TrackNow(*row) for row in known(Track, Track.colour)),
        venues=Known(VenueNow(*row) for row in known(Venue, Venue.city, Venue.zone)),
        halls=Known(HallNow(*row) for row in known(Hall, Hall.position, Hall.capacity, Hall.venue_id)),
        bodies=Known(BodyNow(*row) for row in known(Body, is_ours=False)),
    )


def _write(edition: Edition, rows: list[AgendaSession], found: Restoration, *, at: datetime, by: Actor) -> None:
    mine = {row.uid: row for row in rows}
    changes = found.difference.changes
    _make_way(changes, mine)
    things = _Things(edition, changes)
    people = People(edition)
    # Meetings before what is part of them.
    for change in sorted(changes, key=lambda change: change.session.parent_code is not None):
        target = change.session
        row = mine.get(target.uid)
        values = things.values(change.before, target, row, mine.values())
        try:
            if row is None:
                row = service.add_session(edition, values, at=at, by=by, people=people)
                row.uid, row.created_at = target.uid, target.created_at
                mine[target.uid] = row
            else:
                service.change_session(row, values, at=at, by=by, people=people)
        except RetreatError as refused:
            raise SessionRefused("", f"{target.code}: {refused.message}") from refused
    db.session.flush()


def _make_way(changes: Iterable[Any], mine: dict[str, AgendaSession]) -> None:
    """Codes and meetings that change among themselves would be in each other's way: give up the old ones first."""
    for change in changes:
        row = mine.get(change.session.uid)
        if row is not None and "code" in change.fields:
            row.code = f"-{row.id}"
        if row is not None and "parent_code" in change.fields:
            row.parent = None
    db.session.flush()


class _Things:
    """The rows that restored sessions point to, read once."""

    def __init__(self, edition: Edition, changes: Iterable[Any]) -> None:
        self._edition = edition
        targets = [change.session for change in changes]
        self.tracks = self._of(Track, (target.track_id for target in targets))
        self.venues = self._of(Venue, (target.venue_id for target in targets))
        self.halls = self._of(Hall, (target.hall_id for target in targets))
        self.bodies = self._of(Body, (number for one in targets for number in (one.body_id, one.access_body_id)))
        self.people = self._of(Person, (part.person_id for target in targets for part in target.parts))

    @staticmethod
    def _of(kind: type[Any], numbers: Iterable[int | None]) -> dict[int | None, Any]:
        wanted = {number for number in numbers if number is not None}
        return {row.id: row for row in db.session.scalars(select(kind).where(kind.id.in_(wanted)))}

    def values(
        self,
        before: PublishedSession | None,
        target: PublishedSession,
        row: AgendaSession | None,
        draft: Iterable[AgendaSession],
    ) -> SessionValues:
        """What is different, as the service takes it."""

        def differs(*names: str) -> bool:
            return before is None or any(getattr(before, name) != getattr(target, name) for name in names)

        values: dict[str, Any] = {name: getattr(target, name) for name in _AS_THEY_ARE if differs(name)}
        values |= {name: list(getattr(target, name)) for name in ("languages", "tags") if differs(name)}
        if differs("parent_code"):
            values["parent"] = next((one for one in draft if one.code == target.parent_code), None)
        if differs(*_PLACE):
            values |= {"venue": self.venues.get(target.venue_id), "hall": self.halls.get(target.hall_id)}
            values["zone_override"] = self._override(target, row)
        for name, things in (("track", self.tracks), ("body", self.bodies)):
            if differs(f"{name}_id"):
                values[name] = things.get(getattr(target, f"{name}_id"))
        if differs("access", "access_body_id"):
            values |= {"access": target.access, "access_body": self.bodies.get(target.access_body_id)}
        if differs("parts"):
            values["parts"] = [self._appearance(part) for part in target.parts]
        if differs("points"):
            values["points"] = [Point(point.title, point.kind, point.minutes) for point in target.points]
        return values  # type: ignore[return-value]

    def _appearance(self, part: PublishedPart) -> Appearance:
        person = self.people.get(part.person_id)
        return Appearance(part.role, part.printed_name, part.office, part.organisation, part.state, person)

    def _override(self, target: PublishedSession, row: AgendaSession | None) -> str | None:
        """None where the venue, or the edition, says the same zone and nobody had set it."""
        if row is not None and row.zone_override == target.zone:
            return row.zone_override
        venue = self.venues.get(target.venue_id)
        return None if target.zone == (venue.zone if venue else self._edition.zone) else target.zone
