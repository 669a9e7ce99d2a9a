"""Clashes: who or what is asked for in two places at once, or for more than it can give. Pure; a clash warns and
never forbids.

Intervals are end-exclusive, so that one meeting may begin when another ends. A session that is part of another (lunch
in a bureau meeting) never clashes with it; two parts of the same session do clash with each other. What is cancelled
or has no time clashes with nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import chain
from typing import Any

from retreat.core import zones

MOST_NAMES = 6
"""More people than this are counted rather than named."""


class ClashKind(StrEnum):
    HALL = "hall"
    PERSON = "person"
    BODY = "body"
    SEATS = "seats"
    INTERPRETATION = "interpretation"
    CLOSED = "closed"
    WALK = "walk"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Occupant:
    """A hall, a venue, a body or a person, by identity and by the name to print."""

    key: Hashable
    name: str


@dataclass(frozen=True, slots=True)
class Closure:
    """When a hall cannot be used."""

    start: datetime
    end: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Room(Occupant):
    """A hall and what it can do; None is unknown, and never a clash."""

    seats: int | None = None
    booths: int | None = None
    pairs: int | None = None
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """What a session occupies: a day, instants (None while not scheduled), a hall, people, the members of its body."""

    code: str
    start: datetime | None
    end: datetime | None
    hall: Room | None = None
    people: tuple[Occupant, ...] = ()
    parent: str | None = None
    is_cancelled: bool = False
    day: date | None = None
    zone: str = "UTC"
    venue: Occupant | None = None
    body: Occupant | None = None
    members: frozenset[Occupant] = frozenset()
    """Who holds a seat on `body` on that day."""
    expected: int = 0
    """How many seats it needs."""
    languages: int = 0
    """How many are interpreted."""


@dataclass(frozen=True, slots=True)
class Week:
    """What holds for all: the first and last day of the edition, and the minutes from one venue to another."""

    first: date | None = None
    last: date | None = None
    walks: Mapping[frozenset[Hashable], int] = field(default_factory=dict)

    def walk(self, one: Occupant | None, other: Occupant | None) -> int:
        """Minutes between two venues; none within one, nor where nobody has said."""
        if one is None or other is None or one.key == other.key:
            return 0
        return self.walks.get(frozenset((one.key, other.key)), 0)


ANY_WEEK = Week()


@dataclass(frozen=True, slots=True)
class TooSmall:
    seats: int
    expected: int


@dataclass(frozen=True, slots=True)
class TooFewBooths:
    """`booths` and `pairs` are what the hall has, and None where it has enough or nobody knows."""

    languages: int
    booths: int | None
    pairs: int | None


@dataclass(frozen=True, slots=True)
class Shut:
    closure: Closure


@dataclass(frozen=True, slots=True)
class TooFar:
    """The walk from the earlier session's venue to the later one's, and the time there is for it."""

    origin: Occupant
    target: Occupant
    minutes: int
    between: int


Why = TooSmall | TooFewBooths | Shut | TooFar


@dataclass(frozen=True, slots=True)
class Clash:
    """One session, or two that share something at the same time; `sessions` are codes in order, `names` who or what.

    `keys` are the identities behind the names. From `start` to `end` is what they share; for a walk, what is between.
    """

    sessions: tuple[str, ...]
    kind: ClashKind
    names: tuple[str, ...]
    start: datetime
    end: datetime
    why: Why | None = None
    keys: frozenset[Hashable] = field(default=frozenset(), compare=False)

    @property
    def who(self) -> str:
        """The names; where there are many, how many they are."""
        return "; ".join(self.names) if len(self.names) <= MOST_NAMES else f"{len(self.names)} people"

    @property
    def detail(self) -> str:
        """Plain and short, for files and the command line; pages have sentences in `labels`."""
        match self.why:
            case TooSmall(seats, expected):
                return f"{self.who} seats {seats}, {expected} expected"
            case TooFewBooths(languages, booths, pairs):
                needs = languages if booths is not None else pairs_of(languages)
                what = "booths" if booths is not None else "pair of languages" if needs == 1 else "pairs of languages"
                return (
                    f"{languages} languages need {needs} {what}, {self.who} has {pairs if booths is None else booths}"
                )
            case Shut(closure):
                return f"{self.who} is closed" + (f": {closure.reason}" if closure.reason else "")
            case TooFar(origin, target, minutes, between):
                return f"{self.who}: {minutes} minutes from {origin.name} to {target.name}, {between} between"
        return self.who or ("outside the days" if len(self.sessions) == 1 else "outside the session it is part of")

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "sessions": list(self.sessions), "detail": self.detail}


def pairs_of(languages: int) -> int:
    return languages * (languages - 1) // 2


def find(slots: Iterable[Slot], week: Week = ANY_WEEK) -> tuple[Clash, ...]:
    """Every clash, each session or pair of sessions once per kind, in the order of their codes."""
    going = [slot for slot in slots if not slot.is_cancelled]
    timed = [slot for slot in going if slot.start and slot.end and slot.start < slot.end]
    found = chain(
        _shared(ClashKind.HALL, timed, lambda slot: (slot.hall,) if slot.hall else ()),
        _shared(ClashKind.PERSON, timed, lambda slot: slot.people),
        _bodies(timed),
        _too_far(timed, week),
        (clash for slot in timed for clash in _alone(slot)),
        _outside(going, timed, week),
    )
    return tuple(sorted(found, key=lambda clash: (clash.sessions, clash.kind)))


def overlap(one: Slot, other: Slot) -> tuple[datetime, datetime]:
    return max(one.start, other.start), min(one.end, other.end)  # type: ignore[type-var,return-value]


def is_nested(one: Slot, other: Slot) -> bool:
    return one.parent == other.code or other.parent == one.code


def _pair(one: Slot, other: Slot) -> tuple[str, str]:
    return (one.code, other.code) if one.code < other.code else (other.code, one.code)


def _shared(kind: ClashKind, timed: list[Slot], of: Callable[[Slot], tuple[Occupant, ...]]) -> Iterator[Clash]:
    """A hall or people that two sessions ask for at once."""
    occupied: dict[Hashable, list[Slot]] = defaultdict(list)
    names: dict[Hashable, str] = {}
    for slot in timed:
        for occupant in of(slot):
            sessions = occupied[occupant.key]
            # The same person may speak and chair.
            if not sessions or sessions[-1] is not slot:
                sessions.append(slot)
            names[occupant.key] = occupant.name
    shared: dict[tuple[str, str], set[Hashable]] = defaultdict(set)
    times: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for key, slots in occupied.items():
        for one, other in _overlapping(slots):
            pair = _pair(one, other)
            shared[pair].add(key)
            times[pair] = overlap(one, other)
    for pair, keys in shared.items():
        yield Clash(pair, kind, tuple(sorted(names[key] for key in keys)), *times[pair], keys=frozenset(keys))


def _bodies(timed: list[Slot]) -> Iterator[Clash]:
    """Who holds a seat on both of two bodies that meet at once."""
    both = cache(lambda one, other: one & other)
    for one, other in _overlapping([slot for slot in timed if slot.members]):
        if people := both(one.members, other.members):
            names = tuple(sorted(person.name for person in people))
            keys = frozenset(person.key for person in people)
            yield Clash(_pair(one, other), ClashKind.BODY, names, *overlap(one, other), keys=keys)


def _too_far(timed: list[Slot], week: Week) -> Iterator[Clash]:
    """Two sessions of a person, or of a body, with less time between them than the walk takes."""
    if not week.walks:
        return
    longest = timedelta(minutes=max(week.walks.values()))
    going: dict[Hashable, list[Slot]] = defaultdict(list)
    who: dict[Hashable, Occupant] = {}
    for slot in timed:
        if slot.venue is None:
            continue
        asked: dict[Hashable, Occupant] = {("person", person.key): person for person in slot.people}
        if slot.body:
            asked["body", slot.body.key] = slot.body
        for key in asked:
            going[key].append(slot)
        who |= asked
    hurried: dict[tuple[str, str], set[Hashable]] = defaultdict(set)
    ways: dict[tuple[str, str], tuple[Slot, Slot, TooFar]] = {}
    for key, slots in going.items():
        for one, other in _soon_after(slots, longest):
            between = int((other.start - one.end).total_seconds() // 60)  # type: ignore[operator]
            minutes = week.walk(one.venue, other.venue)
            if between < minutes and not is_nested(one, other) and one.venue and other.venue:
                pair = _pair(one, other)
                hurried[pair].add(key)
                ways[pair] = one, other, TooFar(one.venue, other.venue, minutes, between)
    for pair, keys in hurried.items():
        one, other, why = ways[pair]
        names = tuple(sorted(who[key].name for key in keys))
        yield Clash(pair, ClashKind.WALK, names, one.end, other.start, why, frozenset(keys))  # type: ignore[arg-type]


def _soon_after(slots: list[Slot], longest: timedelta) -> Iterator[tuple[Slot, Slot]]:
    """Pairs of which the second begins when the first has ended, within `longest`."""
    by_start = sorted(slots, key=lambda slot: slot.start)  # type: ignore[arg-type,return-value]
    for number, one in enumerate(by_start):
        for other in by_start[number + 1 :]:
            if other.start >= one.end + longest:  # type: ignore[operator]
                break
            if other.start >= one.end:  # type: ignore[operator]
                yield one, other


def _alone(slot: Slot) -> Iterator[Clash]:
    """What a session asks of its hall that the hall cannot give."""
    hall, start, end = slot.hall, slot.start, slot.end
    if hall is None or start is None or end is None:
        return

    def clash(kind: ClashKind, why: Why, since: datetime = start, until: datetime = end) -> Clash:
        return Clash((slot.code,), kind, (hall.name,), since, until, why, frozenset((hall.key,)))

    if hall.seats is not None and hall.seats < slot.expected:
        yield clash(ClashKind.SEATS, TooSmall(hall.seats, slot.expected))
    if why := lack(hall, slot.languages):
        yield clash(ClashKind.INTERPRETATION, why)
    if shut := [closure for closure in hall.closures if closure.start < end and start < closure.end]:
        first = min(shut, key=lambda closure: (closure.start, closure.end, closure.reason))
        yield clash(ClashKind.CLOSED, Shut(first), max(start, first.start), min(end, first.end))


def lack(hall: Room, languages: int) -> TooFewBooths | None:
    """Whether the hall has a booth for each of two or more languages, and relays every pair of them."""
    if languages < 2:
        return None
    booths = hall.booths if hall.booths is not None and hall.booths < languages else None
    pairs = hall.pairs if hall.pairs is not None and hall.pairs < pairs_of(languages) else None
    return None if booths is None and pairs is None else TooFewBooths(languages, booths, pairs)


def _outside(going: list[Slot], timed: list[Slot], week: Week) -> Iterator[Clash]:
    """Sessions on no day of the edition, and parts that are not within the session they are part of."""
    for slot in going:
        if slot.day and ((week.first and slot.day < week.first) or (week.last and slot.day > week.last)):
            start, end = (slot.start, slot.end) if slot.start and slot.end else _whole_day(slot.day, slot.zone)
            yield Clash((slot.code,), ClashKind.OUTSIDE, (), start, end)
    by_code = {slot.code: slot for slot in timed}
    for slot in timed:
        whole = by_code.get(slot.parent) if slot.parent else None
        if whole and (slot.start < whole.start or slot.end > whole.end):  # type: ignore[operator]
            yield Clash(_pair(slot, whole), ClashKind.OUTSIDE, (), slot.start, slot.end)  # type: ignore[arg-type]


def _whole_day(day: date, zone: str) -> tuple[datetime, datetime]:
    info = zones.zone(zone)
    start, end = (datetime.combine(one, time(), info).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return start, end


def _overlapping(slots: list[Slot]) -> Iterator[tuple[Slot, Slot]]:
    """A line swept over the starts, with those still running behind it."""
    running: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: slot.start):  # type: ignore[arg-type,return-value]
        running = [other for other in running if other.end > slot.start]  # type: ignore[operator]
        for other in running:
            if not is_nested(slot, other):
                yield other, slot
        running.append(slot)
