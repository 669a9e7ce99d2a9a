"""The frame of a week: its venues, halls and tracks. A new name goes out at once, as a revision of its own."""

from datetime import datetime
from typing import Any, TypedDict, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from retreat.agenda.models import AgendaSession, RevisedSession, Revision, Track
from retreat.agenda.publishing import republish
from retreat.agenda.times import BadTime, instants
from retreat.agenda.values import SessionRefused
from retreat.core import audit, zones
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.core.names import free_slug
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall, Venue

TRACK_COLOURS = 8
MOST_BOOTHS = 99


class FrameRefused(RetreatError):
    """A value that a venue, hall or track cannot have; `field` names it."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message)
        self.field = field


class StillInUse(RetreatError):
    def __init__(self, name: str, count: int) -> None:
        super().__init__(_l("“%(name)s” is still used by %(count)s sessions or halls.", name=name, count=count))


class VenueValues(TypedDict, total=False):
    name: Translated
    city: str
    address: str
    zone: str
    position: int


class HallValues(TypedDict, total=False):
    name: Translated
    venue: Venue
    capacity: int | None
    booths: int | None
    language_pairs: int | None
    position: int


class TrackValues(TypedDict, total=False):
    name: Translated
    colour: int
    position: int


def create_venue(edition: Edition, values: VenueValues, *, at: datetime, by: Actor) -> Venue:
    """In the edition's city and zone unless `values` says another."""
    _refuse(edition, Translated(), dict(values))
    return _saved(editions.add_venue(edition, values["name"], at=at, by=by), dict(values))


def update_venue(venue: Venue, values: VenueValues, *, at: datetime, by: Actor) -> Venue:
    """Another zone moves the draft's sessions there to the same wall time in the new zone; publishing tells it."""
    return _updated(venue, dict(values), at=at, by=by)


def create_hall(edition: Edition, values: HallValues, *, at: datetime, by: Actor) -> Hall:
    """In the default venue when none is given."""
    _refuse(edition, Translated(), dict(values))
    return _saved(editions.add_hall(edition, values["name"], venue=values.get("venue"), at=at, by=by), dict(values))


def update_hall(hall: Hall, values: HallValues, *, at: datetime, by: Actor) -> Hall:
    return _updated(hall, dict(values), at=at, by=by)


def create_track(edition: Edition, values: TrackValues, *, at: datetime, by: Actor) -> Track:
    """In the next of the eight colours unless `values` says another."""
    _refuse(edition, Translated(), dict(values))
    return _saved(add_track(edition, values["name"], at=at, by=by), dict(values))


def update_track(track: Track, values: TrackValues, *, at: datetime, by: Actor) -> Track:
    return _updated(track, dict(values), at=at, by=by)


def tracks(edition: Edition) -> list[Track]:
    """In their order."""
    return list(
        db.session.scalars(select(Track).where(Track.edition_id == edition.id).order_by(Track.position, Track.id))
    )


def add_track(edition: Edition, name: Translated, *, at: datetime, by: Actor) -> Track:
    known = tracks(edition)
    position = max((track.position for track in known), default=0) + 1
    track = Track(
        edition_id=edition.id,
        name=name,
        slug=free_slug(name.text("en", edition.main_language), "track", {track.slug for track in known}),
        colour=(position - 1) % TRACK_COLOURS + 1,
        position=position,
    )
    db.session.add(track)
    db.session.flush()
    audit.record("track.added", track, at=at, by=by, name=dict(name))
    return track


def delete_from_frame(thing: Venue | Hall | Track, *, at: datetime, by: Actor) -> None:
    """Remove a venue, hall or track that no session (and no hall) uses. Raises StillInUse."""
    uses = _uses(thing)
    if uses:
        raise StillInUse(str(thing.name), uses)
    audit.record(f"{thing.__tablename__}.removed", thing, at=at, by=by, name=dict(thing.name))
    db.session.delete(thing)
    db.session.flush()


T = TypeVar("T", Venue, Hall, Track)


def _updated(thing: T, values: dict[str, Any], *, at: datetime, by: Actor) -> T:
    edition = db.session.get_one(Edition, thing.edition_id)
    _refuse(edition, thing.name, values)
    changed = [name for name, value in values.items() if getattr(thing, name) != value]
    if not changed:
        return thing
    _saved(thing, values)
    audit.record(f"{thing.__tablename__}.changed", thing, at=at, by=by, fields=changed)
    if "zone" in changed or "venue" in changed:
        _follow(thing)
    republish(edition, at=at, by=by)
    return thing


def _saved(thing: T, values: dict[str, Any]) -> T:
    for name, value in values.items():
        setattr(thing, name, value)
    db.session.flush()
    return thing


def _refuse(edition: Edition, name: Translated, values: dict[str, Any]) -> None:
    if not values.get("name", name).get(edition.main_language):
        raise FrameRefused("name", _l("Enter a name in the edition's main language."))
    if "zone" in values and values["zone"] not in zones.names():
        raise FrameRefused("zone", zones.UnknownZone(values["zone"]).args[0])
    if (values.get("capacity") or 0) < 0:
        raise FrameRefused("capacity", _l("Enter a number of places."))
    for field in ("booths", "language_pairs"):
        if not 0 <= (values.get(field) or 0) <= MOST_BOOTHS:
            raise FrameRefused(field, _l("Enter a number from 0 to %(most)d, or nothing.", most=MOST_BOOTHS))
    if not 1 <= values.get("colour", 1) <= TRACK_COLOURS:
        raise FrameRefused("colour", _l("Choose one of the eight colours."))
    if (venue := values.get("venue")) is not None and venue.edition_id != edition.id:
        raise FrameRefused("venue", _l("This belongs to another edition."))


def _follow(thing: Venue | Hall | Track) -> None:
    """Drafts keep their wall time when their venue gets another zone, or their hall another venue."""
    column = AgendaSession.hall_id if isinstance(thing, Hall) else AgendaSession.venue_id
    for session in db.session.scalars(select(AgendaSession).where(column == thing.id).order_by(AgendaSession.id)):
        if isinstance(thing, Hall):
            session.venue = thing.venue
        venue = session.venue
        session.zone = session.zone_override or (venue.zone if venue else session.edition.zone)
        try:
            derived = instants(session.date, session.starts, session.ends, session.zone)
        except BadTime as error:
            raise SessionRefused(error.field, f"{session.code}: {error}") from error
        session.start_utc, session.end_utc = (derived.start, derived.end) if derived else (None, None)
        session.tzdata = zones.tzdata_version()
    db.session.flush()


def _uses(thing: Venue | Hall | Track) -> int:
    last = (
        select(Revision.id)
        .where(Revision.edition_id == thing.edition_id)
        .order_by(Revision.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    name = f"{thing.__tablename__}_id"
    drafts = select(func.count()).where(getattr(AgendaSession, name) == thing.id)
    published = select(func.count()).where(
        RevisedSession.revision_id == last, getattr(RevisedSession, name) == thing.id
    )
    halls = select(func.count()).where(Hall.venue_id == thing.id)
    counts = [drafts, published, *([halls] if isinstance(thing, Venue) else [])]
    return max(db.session.scalar(count) or 0 for count in counts)
