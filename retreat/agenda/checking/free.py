"""Where a session of a clash would be free: the next time in its hall, another hall at its time, or both later. Pure.

Free means that the hall is large enough, has its booths, and is neither taken nor closed; that everyone who is asked
for has time, the walk from and to other venues included; and that it is within the hours of the day. The parts that a
session takes along are asked the same, each at its own time and in the hall that it would be in.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from retreat.agenda.clashes import Occupant, Room, Slot, Week, is_nested, lack
from retreat.core import zones

STEP = 5
"""Minutes, as on the board."""

Busy = list[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Spot:
    """A hall with its venue and the zone whose wall a session there goes by; no room: to be confirmed."""

    room: Room | None
    venue: Occupant | None
    zone: str


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when a day is worked, in minutes from midnight."""

    opens: int = 8 * 60
    closes: int = 20 * 60

    def with_session(self, starts: time | None, ends: time | None) -> "Hours":
        """Wide enough for this one too, unless it runs into the night."""
        if starts is None or ends is None or ends < starts:
            return self
        return Hours(min(self.opens, _minute(starts)), max(self.closes, _minute(ends)))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another time or another hall, or both."""

    day: date
    starts: time
    ends: time
    room: Room | None
    is_same_hall: bool
    is_same_time: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A time on the wall, and the instants it is in one zone."""

    minute: int
    length: int
    start: datetime
    end: datetime


class Taken:
    """What is taken on each day, and who is asked for there; made once for many questions."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self._by_date: dict[date, list[_Rival]] = defaultdict(list)
        self._parents: dict[str, Slot] = {}
        people: dict[int, frozenset[Hashable]] = {}
        for slot in slots:
            if slot.is_cancelled or slot.start is None or slot.end is None:
                continue
            # Every session of a body on one day shares one set of members.
            members = people.setdefault(id(slot.members), frozenset(one.key for one in slot.members))
            self._by_date[slot.start.date()].append(_Rival(slot, slot.start, slot.end, _asked(slot, members)))
            self._parents[slot.code] = slot

    def near(self, day: date) -> "Iterator[_Rival]":
        """All that can touch this day in any zone; no session is longer than a day."""
        for shift in range(-2, 2):
            yield from self._by_date.get(day + timedelta(days=shift), ())

    def whole(self, slot: Slot) -> Slot | None:
        return self._parents.get(slot.parent) if slot.parent else None


@dataclass(frozen=True, slots=True)
class _Rival:
    slot: Slot
    start: datetime
    end: datetime
    asked: frozenset[Hashable]


def next_free(
    slot: Slot,
    here: Spot,
    taken: Taken,
    elsewhere: Sequence[Spot] = (),
    *,
    week: Week,
    hours: Hours,
) -> tuple[Suggestion, ...]:
    """At most two: the next start in the same hall, and the first other hall at the same time.

    Where there is neither, the first start of the day's rest in any other hall. `elsewhere` is in the order of
    preference. Nothing for a session without a time, or on no day of the edition.
    """
    if slot.day is None or slot.start is None or slot.end is None or slot.is_cancelled:
        return ()
    if (week.first and slot.day < week.first) or (week.last and slot.day > week.last):
        return ()
    search = _Search(slot, slot.day, taken, week, hours)
    found = []
    if later := search.later(here):
        found.append(search.suggestion(later, here, here))
    if here.room:
        for spot in elsewhere:
            if same := search.same_time(spot):
                found.append(search.suggestion(same, spot, here))
                break
        if not found:
            found = search.anywhere_later(elsewhere, here)
    return tuple(found)


class _Search:
    """One session among the others of its day."""

    def __init__(self, slot: Slot, day: date, taken: Taken, week: Week, hours: Hours) -> None:
        self.slot, self.day, self.week = slot, day, week
        wall = self._wall(slot.start, slot.zone)
        self.now = _minute(wall.time())
        self.length = int((self._wall(slot.end, slot.zone) - wall).total_seconds() // 60)
        self.whole = taken.whole(slot)
        self.hours = hours
        around = [rival for rival in taken.near(day) if rival.slot.code != slot.code]
        self.rivals = [rival for rival in around if not is_nested(slot, rival.slot)]
        self.shared = self._sharing(_asked(slot, frozenset(one.key for one in slot.members)))
        self.parts = [(part, self._sharing(part.asked)) for part in around if part.slot.parent == slot.code]

    def _sharing(self, asked: frozenset[Hashable]) -> list[_Rival]:
        return [rival for rival in self.rivals if not asked.isdisjoint(rival.asked)]

    @staticmethod
    def _wall(instant: datetime | None, zone: str) -> datetime:
        if instant is None:
            raise ValueError("A session without a time has no place on the wall.")
        return instant.astimezone(zones.zone(zone)).replace(tzinfo=None)

    def later(self, spot: Spot) -> _Candidate | None:
        """The next start on the grid; for a part outside its session, the first start within it."""
        return self._first(spot, self._steps(spot))

    def same_time(self, spot: Spot) -> _Candidate | None:
        return self._first(spot, filter(None, [self._at(self.now, self.length, spot)]))

    def anywhere_later(self, spots: Sequence[Spot], here: Spot) -> list[Suggestion]:
        found = [(later, spot) for spot in spots if (later := self.later(spot))]
        # The first of those that are equally early is the one that is preferred.
        return [self.suggestion(*min(found, key=lambda one: one[0].minute), here)] if found else []

    def suggestion(self, candidate: _Candidate, spot: Spot, here: Spot) -> Suggestion:
        return Suggestion(
            self.day,
            _time(candidate.minute),
            _time(candidate.minute + candidate.length),
            spot.room,
            spot.room == here.room,
            candidate.minute == self.now,
        )

    def _steps(self, spot: Spot) -> Iterator[_Candidate]:
        is_out = self.whole is not None and not self._is_within(self.slot.start, self.slot.end)
        first = self.hours.opens if is_out else max(self.hours.opens, self.now + 1)
        length = _on_grid(self.length)
        for minute in range(_on_grid(first), self.hours.closes - length + 1, STEP):
            if candidate := self._at(minute, length, spot):
                yield candidate

    def _at(self, minute: int, length: int, spot: Spot) -> _Candidate | None:
        """None where the clocks of the spot show this time twice or never."""
        start, end = _instant(self.day, minute, spot.zone), _instant(self.day, minute + length, spot.zone)
        return _Candidate(minute, length, start, end) if start and end and start < end else None

    def _first(self, spot: Spot, candidates: Iterable[_Candidate]) -> _Candidate | None:
        if not self._suits(spot.room):
            return None
        busy = self._busy(self.shared, spot)
        along = [
            (part.start, part.end, self._busy(shared, self._spot_of(part.slot, spot))) for part, shared in self.parts
        ]
        for one in candidates:
            if not (self._is_within(one.start, one.end) and _is_free(one.start, one.end, busy)):
                continue
            shift = one.start - self.slot.start  # type: ignore[operator]
            if all(_is_free(start + shift, end + shift, taken) for start, end, taken in along):
                return one
        return None

    def _spot_of(self, part: Slot, spot: Spot) -> Spot:
        """Where a part is when its session goes to `spot`: along with it, if the two are in one hall."""
        return spot if part.hall == self.slot.hall else Spot(part.hall, part.venue, part.zone)

    def _suits(self, room: Room | None) -> bool:
        """Whether the session, and each part that goes with it into this hall, has the seats and booths it needs."""
        if room is None:
            return True
        into = (self.slot, *(part.slot for part, _ in self.parts if part.slot.hall == self.slot.hall))
        seats, languages = max(one.expected for one in into), max(one.languages for one in into)
        return (room.seats is None or room.seats >= seats) and lack(room, languages) is None

    def _is_within(self, start: datetime | None, end: datetime | None) -> bool:
        """A part stays within the session it is part of."""
        if self.whole is None or self.whole.start is None or self.whole.end is None or start is None or end is None:
            return True
        return self.whole.start <= start and end <= self.whole.end

    def _busy(self, shared: list[_Rival], spot: Spot) -> Busy:
        """When a session that shares people with these cannot be here; a walk counts as time that is taken."""
        taken: Busy = []
        for rival in shared:
            walk = timedelta(minutes=self.week.walk(spot.venue, rival.slot.venue))
            taken.append((rival.start - walk, rival.end + walk))
        if spot.room:
            taken += [(closure.start, closure.end) for closure in spot.room.closures]
            taken += [
                (rival.start, rival.end)
                for rival in self.rivals
                if rival.slot.hall and rival.slot.hall.key == spot.room.key
            ]
        return _merged(taken)


def _is_free(start: datetime, end: datetime, busy: Busy) -> bool:
    return not any(since < end and start < until for since, until in busy)


@lru_cache(maxsize=4096)
def _instant(day: date, minute: int, zone: str) -> datetime | None:
    """So many minutes after midnight; kept, because all who look for a place on a day ask for the same hours."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    try:
        return zones.local_to_utc(wall.date(), wall.time(), zone)
    except (zones.NonexistentTime, zones.AmbiguousTime):
        return None


def _asked(slot: Slot, members: frozenset[Hashable]) -> frozenset[Hashable]:
    """Who has to be there: people with a part, the members of the body, and the body itself."""
    return members.union((one.key for one in slot.people), [("body", slot.body.key)] if slot.body else ())


def _merged(intervals: Busy) -> Busy:
    merged: Busy = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _on_grid(minutes: int) -> int:
    """Rounded up to a whole step."""
    return -(-minutes // STEP) * STEP


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
