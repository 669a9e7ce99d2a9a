"""One field of many sessions set at once. Only where a session stands can be undone on the board; the rest is in the
history, and set back in the same way.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from retreat.agenda import service
from retreat.agenda.board.models import StepKind
from retreat.agenda.bulk.outcome import NothingToDo, all_sessions, put_all
from retreat.agenda.models import AgendaSession
from retreat.agenda.service import SessionRefused, SessionValues
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.editions import service as editions
from retreat.editions.models import Edition

FIELDS = ("status", "track", "hall", "is_listed", "kind", "is_locked", "languages")


def set_field(
    edition: Edition,
    codes: Sequence[str],
    field: str,
    value_of: Callable[[AgendaSession], Any],
    *,
    at: datetime,
    by: Actor,
) -> tuple[int, int]:
    """How many sessions have it now that had it not, and how many were left because they are locked.

    Raises NothingToDo, SessionRefused, BadTime or CannotStandThere; then nothing is changed.
    """
    if field not in FIELDS:
        raise SessionRefused(field, field)
    editions.hold(edition.id)
    asked = set(codes)
    meant = [session for session in all_sessions(edition) if session.code in asked]
    if not meant:
        raise NothingToDo
    values = {session.id: _values(field, value_of(session)) for session in meant}
    if field == "hall":
        free = [session for session in meant if not session.is_locked]
        lines, _step = put_all(
            edition, StepKind.MOVED, [(session, values[session.id]) for session in free], at=at, by=by
        )
        return len(lines), len(meant) - len(free)
    changed = 0
    for session in meant:
        fields = service.change_session(session, values[session.id], at=at, by=by)
        if fields:
            changed += 1
            audit.record("session.changed", session, at=at, by=by, code=session.code, fields=fields)
    db.session.flush()
    return changed, 0


def _values(field: str, value: Any) -> SessionValues:
    return {field: value}  # type: ignore[misc]
