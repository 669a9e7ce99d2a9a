"""One field of many sessions set at once. Only where a session stands can be undone on the board; the rest is in the
history, and set back in the same way.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask_babel import lazy_gettext as _l

from retreat.agenda import service
from retreat.agenda.board.models import StepKind
from retreat.agenda.bulk.outcome import NothingToDo, all_sessions, put_all
from retreat.agenda.models import AgendaSession
from retreat.agenda.values import SessionRefused, SessionValues
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions import service as editions
from retreat.editions.models import Edition

FIELDS = ("status", "track", "hall", "is_listed", "kind", "is_locked", "languages")
MOST_NAMED = 5


class ChangedSince(RetreatError):
    """What was ticked is not any more what it was."""

    status = HTTPStatus.CONFLICT

    def __init__(self, sessions: Sequence[AgendaSession]) -> None:
        main = sessions[0].edition.main_language
        titles = [f"“{session.title.text(main, 'en')}”" for session in sessions[:MOST_NAMED]]
        super().__init__(
            _l(
                "Changed by somebody since you looked, so nothing was set: %(titles)s. Look at them again.",
                titles=", ".join(titles) + ("…" if len(sessions) > MOST_NAMED else ""),
            )
        )


def set_field(
    edition: Edition,
    seen: Mapping[str, int | None],
    field: str,
    value_of: Callable[[AgendaSession], Any],
    *,
    at: datetime,
    by: Actor,
) -> tuple[int, int]:
    """How many sessions have it now that had it not, and how many were left because they are locked.

    `seen` are the sessions' codes, each with the version that the organiser saw, where that is known. Raises
    NothingToDo, ChangedSince, SessionRefused, BadTime or CannotStandThere; then nothing is changed.
    """
    if field not in FIELDS:
        raise SessionRefused(field, field)
    editions.hold(edition.id)
    meant = [session for session in all_sessions(edition) if session.code in seen]
    if not meant:
        raise NothingToDo
    changed_since = [session for session in meant if seen[session.code] not in (None, session.version)]
    if changed_since:
        raise ChangedSince(changed_since)
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
