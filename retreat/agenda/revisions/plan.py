"""What the draft becomes when a revision is restored to it. Pure.

Nothing is lost: what has been published since is cancelled, because calendars hold it; what has never been published
stays in the draft, off the board and unlisted. Publishing then shows the public the sessions of that revision again.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, TypeVar

from retreat.agenda.models import Access, SessionStatus
from retreat.agenda.published import PublishedSession
from retreat.agenda.times import BadTime, instants
from retreat.core import zones
from retreat.core.i18n import Translated


class Remark(StrEnum):
    """What the organiser is told of some of the sessions."""

    LOCKED = "locked"
    HALL_GONE = "hall-gone"
    VENUE_GONE = "venue-gone"
    TRACK_GONE = "track-gone"
    BODY_GONE = "body-gone"
    ACCESS_GONE = "access-gone"
    NO_SUCH_TIME = "no-such-time"
    MORE_SEATS = "more-seats"
    MADE_AGAIN = "made-again"
    CANCELLED = "cancelled"
    OFF_THE_BOARD = "off-the-board"
    NEW_CODE = "new-code"
    PART_OF_NOTHING = "part-of-nothing"


class Named(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> Translated: ...


class TrackNow(NamedTuple):
    id: int
    slug: str
    name: Translated
    colour: int


class VenueNow(NamedTuple):
    id: int
    slug: str
    name: Translated
    city: str
    zone: str


class HallNow(NamedTuple):
    id: int
    slug: str
    name: Translated
    position: int
    capacity: int | None
    venue_id: int


class BodyNow(NamedTuple):
    id: int
    slug: str
    name: Translated


T = TypeVar("T", bound=Named)


class Known(Generic[T]):
    """What there is now of one kind: found by id, else by slug, else by name in any language."""

    def __init__(self, things: Iterable[T]) -> None:
        self._things = list(things)
        self.by_id = {thing.id: thing for thing in self._things}

    def find(self, number: int | None, slug: str | None, name: Translated) -> T | None:
        if number in self.by_id:
            return self.by_id[number]
        same = (thing for thing in self._things if slug and thing.slug == slug)
        alike = (thing for thing in self._things if set(thing.name.items()) & set(name.items()))
        return next(same, None) or next(alike, None)


@dataclass(frozen=True, slots=True)
class FrameNow:
    """Tracks, venues, halls and bodies as they are now, and the edition's zone."""

    zone: str
    tracks: Known[TrackNow]
    venues: Known[VenueNow]
    halls: Known[HallNow]
    bodies: Known[BodyNow]


@dataclass(frozen=True, slots=True)
class Plan:
    """The draft afterwards, as it would be published, and the titles of the sessions that a remark is about."""

    sessions: tuple[PublishedSession, ...]
    remarks: Mapping[Remark, tuple[Translated, ...]] = field(default_factory=dict)


def plan(
    draft: Sequence[PublishedSession],
    wanted: Sequence[PublishedSession],
    frame: FrameNow,
    *,
    published: AbstractSet[str],
    locked: AbstractSet[str],
    taken: Mapping[str, int],
) -> Plan:
    """`published` are the uids of the last revision, `locked` those of locked sessions, `taken` seats by uid."""
    remarks: dict[Remark, list[Translated]] = {}

    def remark(kind: Remark, session: PublishedSession) -> None:
        remarks.setdefault(kind, []).append(session.title)

    now = {session.uid: session for session in draft}
    found = []
    for session in wanted:
        target = _today(session, frame, remark, taken.get(session.uid, 0))
        if (mine := now.get(session.uid)) is None:
            remark(Remark.MADE_AGAIN, session)
            target = replace(target, session_id=None)
        else:
            target = replace(target, session_id=mine.session_id, created_at=mine.created_at)
            if session.uid in locked and _moves(mine, target):
                remark(Remark.LOCKED, session)
        found.append(target)
    others = [_other(session, published, remark) for session in draft if session.uid not in {s.uid for s in wanted}]
    found += _with_free_codes(others, {session.code for session in found}, remark)
    return Plan(
        _one_level(found, _parents(draft, wanted), remark), {kind: tuple(some) for kind, some in remarks.items()}
    )


class _Remarks(Protocol):
    def __call__(self, kind: Remark, session: PublishedSession, /) -> None: ...


def _moves(before: PublishedSession, after: PublishedSession) -> bool:
    return any(
        getattr(before, name) != getattr(after, name)
        for name in ("date", "starts", "ends", "zone", "hall_id", "venue_id")
    )


def _today(session: PublishedSession, frame: FrameNow, remark: _Remarks, taken: int) -> PublishedSession:
    """The session as that revision has it, with what there is now of halls, tracks and bodies."""
    session = replace(session, note=Translated())
    session = _placed(session, frame, remark)
    track = frame.tracks.find(session.track_id, session.track_slug, session.track_name) if session.track_name else None
    if track is None and session.track_name:
        remark(Remark.TRACK_GONE, session)
    session = replace(
        session,
        track_id=track.id if track else None,
        track_slug=track.slug if track else None,
        track_name=track.name if track else Translated(),
        track_colour=track.colour if track else None,
    )
    session = _with_bodies(session, frame, remark)
    if session.capacity is not None and session.capacity < taken:
        remark(Remark.MORE_SEATS, session)
        session = replace(session, capacity=taken)
    return _timed(session, frame, remark)


def _placed(session: PublishedSession, frame: FrameNow, remark: _Remarks) -> PublishedSession:
    """A hall brings the venue that it is in now."""
    hall = frame.halls.find(session.hall_id, session.hall_slug, session.hall_name) if session.hall_name else None
    if hall is None and session.hall_name:
        remark(Remark.HALL_GONE, session)
    if hall is not None:
        venue: VenueNow | None = frame.venues.by_id[hall.venue_id]
    else:
        venue = (
            frame.venues.find(session.venue_id, session.venue_slug, session.venue_name) if session.venue_name else None
        )
        if venue is None and session.venue_name:
            remark(Remark.VENUE_GONE, session)
    return replace(
        session,
        venue_id=venue.id if venue else None,
        venue_slug=venue.slug if venue else None,
        venue_name=venue.name if venue else Translated(),
        city=venue.city if venue else "",
        hall_id=hall.id if hall else None,
        hall_slug=hall.slug if hall else None,
        hall_name=hall.name if hall else Translated(),
        hall_position=hall.position if hall else None,
        hall_capacity=hall.capacity if hall else None,
    )


def _with_bodies(session: PublishedSession, frame: FrameNow, remark: _Remarks) -> PublishedSession:
    body = frame.bodies.find(session.body_id, session.body_slug, session.body_name) if session.body_name else None
    if body is None and session.body_name:
        remark(Remark.BODY_GONE, session)
    session = replace(
        session,
        body_id=body.id if body else None,
        body_slug=body.slug if body else None,
        body_name=body.name if body else Translated(),
    )
    if session.access is not Access.BODY:
        return session
    let_in = frame.bodies.find(session.access_body_id, None, session.access_body_name)
    if let_in is None:
        # Never wider than it was: nobody gets in by a body's end.
        remark(Remark.ACCESS_GONE, session)
        return replace(session, access=Access.INVITED, access_body_id=None, access_body_name=Translated())
    return replace(session, access_body_id=let_in.id, access_body_name=let_in.name)


def _timed(session: PublishedSession, frame: FrameNow, remark: _Remarks) -> PublishedSession:
    if session.zone not in zones.names():
        venue = frame.venues.by_id.get(session.venue_id or 0)
        session = replace(session, zone=venue.zone if venue else frame.zone)
        remark(Remark.NO_SUCH_TIME, session)
    try:
        derived = instants(session.date, session.starts, session.ends, session.zone)
    except BadTime:
        remark(Remark.NO_SUCH_TIME, session)
        return replace(session, starts=None, ends=None, start_utc=None, end_utc=None)
    return replace(session, start_utc=derived.start if derived else None, end_utc=derived.end if derived else None)


def _other(session: PublishedSession, published: AbstractSet[str], remark: _Remarks) -> PublishedSession:
    """A session that the revision does not have."""
    if session.uid in published:
        if not session.is_cancelled:
            remark(Remark.CANCELLED, session)
        return replace(session, status=SessionStatus.CANCELLED)
    after = replace(
        session,
        date=None,
        starts=None,
        ends=None,
        start_utc=None,
        end_utc=None,
        hall_id=None,
        hall_slug=None,
        hall_name=Translated(),
        hall_position=None,
        hall_capacity=None,
        is_listed=False,
    )
    if after != session:
        remark(Remark.OFF_THE_BOARD, session)
    return after


def _with_free_codes(
    others: Sequence[PublishedSession], wanted: AbstractSet[str], remark: _Remarks
) -> list[PublishedSession]:
    """A code that the revision has gives way there: the other session gets one of its own."""
    used = {*wanted, *(session.code for session in others)}
    found = []
    for session in others:
        code = session.code
        if code in wanted:
            code = next(made for number in range(2, 100_000) if (made := f"{session.code[:17]}-{number}") not in used)
            used.add(code)
            remark(Remark.NEW_CODE, session)
        found.append(replace(session, code=code))
    return found


def _parents(draft: Iterable[PublishedSession], wanted: Iterable[PublishedSession]) -> dict[str, str]:
    """The uid of the meeting that each session is to be part of, by its own uid."""
    found: dict[str, str] = {}
    for sessions in (list(draft), list(wanted)):
        uids = {session.code: session.uid for session in sessions}
        for session in sessions:
            found.pop(session.uid, None)
            if session.parent_code in uids:
                found[session.uid] = uids[session.parent_code or ""]
    return found


def _one_level(
    sessions: list[PublishedSession], parents: Mapping[str, str], remark: _Remarks
) -> tuple[PublishedSession, ...]:
    codes = {session.uid: session.code for session in sessions}
    found = []
    for session in sessions:
        parent = parents.get(session.uid)
        if parent is not None and parent in parents:
            remark(Remark.PART_OF_NOTHING, session)
            parent = None
        found.append(replace(session, parent_code=codes.get(parent or "")))
    return tuple(found)
