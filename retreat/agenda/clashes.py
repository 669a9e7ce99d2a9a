"""Clashes: who or what is asked to be in two places at once. Pure; a clash warns and never forbids.

Intervals are end-exclusive, so that one meeting may begin when another ends. A session that is part of another (lunch
in a bureau meeting) never clashes with it; two parts of the same session do clash with each other.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any


class ClashKind(StrEnum):
    HALL = "hall"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Occupant:
    """A hall or a person, by identity and by the name to print."""

    key: Hashable
    name: str


@dataclass(frozen=True, slots=True)
class Slot:
    """What a session occupies: instants (None while not scheduled), a hall, people."""

    code: str
    start: datetime | None
    end: datetime | None
    hall: Occupant | None = None
    people: tuple[Occupant, ...] = ()
    parent: str | None = None
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Clash:
    """Two sessions that share a hall or people at the same time; `sessions` are codes in order, `names` who or what."""

    sessions: tuple[str, str]
    kind: ClashKind
    names: tuple[str, ...]
    start: datetime
    end: datetime

    @property
    def detail(self) -> str:
        return "; ".join(self.names)

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "sessions": list(self.sessions), "detail": self.detail}


def find(slots: Iterable[Slot]) -> tuple[Clash, ...]:
    """Every clash, each pair of sessions once per kind, in the order of their codes."""
    timed = [slot for slot in slots if not slot.is_cancelled and slot.start and slot.end and slot.start < slot.end]
    halls: dict[Hashable, list[Slot]] = defaultdict(list)
    people: dict[Hashable, list[Slot]] = defaultdict(list)
    names: dict[Hashable, str] = {}
    for slot in timed:
        if slot.hall:
            halls[slot.hall.key].append(slot)
            names[ClashKind.HALL, slot.hall.key] = slot.hall.name
        for person in {person.key: person for person in slot.people}.values():
            people[person.key].append(slot)
            names[ClashKind.PERSON, person.key] = person.name
    return tuple(sorted(chain(_of(ClashKind.HALL, halls, names), _of(ClashKind.PERSON, people, names))))


def _of(kind: ClashKind, occupants: Mapping[Hashable, list[Slot]], names: Mapping[Hashable, str]) -> Iterator[Clash]:
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    times: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for key, slots in occupants.items():
        for one, other in _overlapping(slots):
            pair = (min(one.code, other.code), max(one.code, other.code))
            shared[pair].append(names[kind, key])
            times[pair] = (max(one.start, other.start), min(one.end, other.end))  # type: ignore[type-var,assignment]
    for pair, found in shared.items():
        yield Clash(pair, kind, tuple(sorted(found)), *times[pair])


def _overlapping(slots: list[Slot]) -> Iterator[tuple[Slot, Slot]]:
    """A line swept over the starts, with those still running behind it."""
    running: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: slot.start):  # type: ignore[arg-type,return-value]
        running = [other for other in running if other.end > slot.start]  # type: ignore[operator]
        for other in running:
            if not _is_nested(slot, other):
                yield other, slot
        running.append(slot)


def _is_nested(one: Slot, other: Slot) -> bool:
    return one.parent == other.code or other.parent == one.code
