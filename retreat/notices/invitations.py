"""Which calendar invitations a revision asks for: new ones, changes, and those that are taken back. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from retreat.agenda.published import PublishedSession


class Sent(NamedTuple):
    """What a person was mailed last about a session."""

    sequence: int
    facts_hash: str
    is_cancelled: bool


class StepKind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    CANCELLED = "cancelled"


Key = tuple[int, str]
"""A person, and the UID of a session."""


@dataclass(frozen=True, slots=True)
class Step:
    """One mail. The session is as it is now, or as it was last while it had a time."""

    person_id: int
    kind: StepKind
    session: PublishedSession
    sequence: int
    facts_hash: str


def facts_hash(session: PublishedSession) -> str:
    """Of what makes a further mail necessary: time, hall, link."""
    facts = (session.start_utc, session.end_utc, session.zone, session.venue_id, session.hall_id, session.link)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def steps(
    sessions: Iterable[PublishedSession],
    last_timed: Mapping[str, PublishedSession],
    entitled: Mapping[str, set[int]],
    sent: Mapping[Key, Sent],
    *,
    at: datetime,
    are_new_wanted: bool,
) -> Iterator[Step]:
    """What to mail, in order of the sessions.

    `entitled` are people by UID who have a part in a session or a personal invitation to it. `last_timed` are sessions
    as they were before, while they had a time.
    """
    here = {session.uid: session for session in sessions}
    for session in here.values():
        if session.start_utc is None or session.end_utc is None or session.is_cancelled:
            continue
        for person_id in sorted(entitled.get(session.uid, ())):
            step = _request(person_id, session, sent.get((person_id, session.uid)), at)
            if step and (step.kind is not StepKind.NEW or are_new_wanted):
                yield step
    for (person_id, uid), last in sent.items():
        now = here.get(uid)
        stands = now is not None and now.is_timed and not now.is_cancelled and person_id in entitled.get(uid, ())
        # Whom the session was taken from is shown what was known before, and not where it is now.
        shown = now if now is not None and now.is_timed and now.is_cancelled else last_timed.get(uid, now)
        if not last.is_cancelled and not stands and shown and shown.start_utc and shown.end_utc and shown.end_utc > at:
            yield Step(person_id, StepKind.CANCELLED, shown, _next(shown, last), facts_hash(shown))


def _request(person_id: int, session: PublishedSession, last: Sent | None, at: datetime) -> Step | None:
    """Somebody's invitation to a session that stands; None where the calendar has it right, or it is too late."""
    assert session.start_utc
    assert session.end_utc
    digest = facts_hash(session)
    if last is None or last.is_cancelled:
        # An invitation that was taken back is given again as a new one, with a number that still grows.
        if session.start_utc <= at:
            return None
        kind = StepKind.CHANGED if last else StepKind.NEW
        return Step(person_id, kind, session, _next(session, last), digest)
    if last.facts_hash == digest or session.end_utc <= at:
        return None
    return Step(person_id, StepKind.CHANGED, session, _next(session, last), digest)


def _next(session: PublishedSession, last: Sent | None) -> int:
    """Never less than in the feed, and more than in the last mail."""
    return max(session.sequence, last.sequence + 1) if last else session.sequence
