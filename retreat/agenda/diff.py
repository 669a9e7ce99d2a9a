"""What is different between two states of the agenda. Pure.

Both states are frozen dataclasses with the same fields, at least `uid`, `code`, `status` and `title`: the draft as it
would be published, and the last revision.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

# What publishing itself writes.
STAMPS = frozenset({"session_id", "sequence", "changes", "created_at", "last_modified"})
WHEN_AND_WHERE = frozenset({"date", "starts", "ends", "zone", "start_utc", "end_utc", "venue_id", "hall_id"})
# How a page draws the week; no fact of the session itself.
FRAME = frozenset(
    {"track_slug", "track_colour", "venue_slug", "hall_slug", "hall_position", "hall_capacity", "body_slug"}
)
# What an entry of a calendar says of a session, the code for its address, and what it says of a part.
RENDERED = frozenset(
    {
        *("code", "title", "description", "date", "starts", "ends", "zone", "start_utc", "end_utc"),
        *("track_name", "venue_name", "city", "hall_name", "body_name", "languages", "access", "access_body_name"),
        *("is_listed", "status", "link", "parts"),
    }
)
RENDERED_OF_PARTS = ("role", "state", "printed_name", "office", "organisation")

CANCELLED = "cancelled"


class Facts(Protocol):
    """What this module asks of a state; it compares every other field as well."""

    @property
    def uid(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def status(self) -> str: ...


S = TypeVar("S", bound=Facts)


class ChangeKind(StrEnum):
    NEW = "new"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REINSTATED = "reinstated"
    RENAMED = "renamed"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change(Generic[S]):
    """One session that is different. `fields` are the names that differ; `kinds` says it in words, several at once."""

    before: S | None
    after: S | None
    fields: tuple[str, ...]
    kinds: tuple[ChangeKind, ...]

    @property
    def session(self) -> S:
        """As it is afterwards; as it was when it is there no more."""
        session = self.after or self.before
        assert session is not None
        return session

    @property
    def concerns_people(self) -> bool:
        """Whether the session itself changed, and not only how the week is drawn."""
        return self.before is None or self.after is None or not FRAME.issuperset(self.fields)

    @property
    def concerns_calendars(self) -> bool:
        """Whether an entry of a calendar says anything else than before."""
        if self.before is None or self.after is None:
            return True
        told = RENDERED.intersection(self.fields)
        # Who it is behind a printed name decides whose week it is in, and is printed in none.
        if told == {"parts"}:
            return told_of_parts(self.before) != told_of_parts(self.after)
        return bool(told)


@dataclass(frozen=True, slots=True)
class Difference(Generic[S]):
    """All changes in the order of the later state, removed sessions last; `unchanged` counts the others."""

    changes: tuple[Change[S], ...]
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.changes)

    def of(self, kind: ChangeKind) -> tuple[Change[S], ...]:
        return tuple(change for change in self.changes if kind in change.kinds)

    @property
    def by_uid(self) -> dict[str, Change[S]]:
        return {change.session.uid: change for change in self.changes}


def difference(before: Iterable[S], after: Iterable[S]) -> Difference[S]:
    """From one state to the other, session by session; a session is known by its uid."""
    old = {session.uid: session for session in before}
    changes: list[Change[S]] = []
    total = 0
    for session in after:
        total += 1
        change = _change(old.pop(session.uid, None), session)
        if change:
            changes.append(change)
    unchanged = total - len(changes)
    changes += [Change(session, None, (), (ChangeKind.REMOVED,)) for session in old.values()]
    return Difference(tuple(changes), unchanged)


def _change(before: S | None, after: S) -> Change[S] | None:
    if before is None:
        return Change(None, after, (), (ChangeKind.NEW,))
    if before == after:
        return None
    names = tuple(name for name in _names(after) if getattr(before, name) != getattr(after, name))
    return Change(before, after, names, _kinds(before, after, names)) if names else None


def told_of_parts(session: Any) -> list[tuple[Any, ...]]:
    """What an entry of a calendar says of a session's parts, in their order."""
    return [tuple(getattr(part, name) for name in RENDERED_OF_PARTS) for part in session.parts]


def _names(session: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(session) if field.name not in STAMPS)


def _kinds(before: Facts, after: Facts, names: tuple[str, ...]) -> tuple[ChangeKind, ...]:
    kinds = []
    if "status" in names and after.status == CANCELLED:
        kinds.append(ChangeKind.CANCELLED)
    elif "status" in names and before.status == CANCELLED:
        kinds.append(ChangeKind.REINSTATED)
    if not WHEN_AND_WHERE.isdisjoint(names):
        kinds.append(ChangeKind.MOVED)
    if "title" in names:
        kinds.append(ChangeKind.RENAMED)
    # A move brings new names of hall, venue and city with it: they are no change of their own.
    others = set(names) - WHEN_AND_WHERE - {"title"}
    if ChangeKind.MOVED in kinds:
        others -= FRAME | {"hall_name", "venue_name", "city"}
    if ChangeKind.CANCELLED in kinds or ChangeKind.REINSTATED in kinds:
        others -= {"status"}
    if others:
        kinds.append(ChangeKind.CHANGED)
    return tuple(kinds)
