"""Sessions that a step made (a copied break): undo removes them again, and redo makes them as they were."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Time, exists, inspect, select
from sqlalchemy import Enum as EnumType
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from retreat.agenda import service
from retreat.agenda.models import AgendaPoint, AgendaSession, Document, Part
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import Model, TranslatedType, UTCDateTime, db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.editions.models import Edition

_STAMPS = {"version", "updated_at", "updated_by", "tzdata"}
"""Of no account for whether somebody has worked on a session."""
_OWN = {"id", "session_id"}


class CannotBeMadeAgain(RetreatError):
    def __init__(self, code: str) -> None:
        super().__init__(_l("“%(code)s” cannot be made again as it was; copy it once more.", code=code))


def with_snapshots(edition: Edition, changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes of a step, those that made a session with what it was made as."""
    new = [change["id"] for change in changes if change["before"] is None]
    found = {session.id: session for session in _with_everything(edition, new)} if new else {}
    return [
        {**change, "made": snapshot(found[change["id"]])} if change["id"] in found else dict(change)
        for change in changes
    ]


def is_untouched(session: AgendaSession, change: dict[str, Any]) -> bool:
    """Whether a session that a step made is still what it was made as, and nobody has added a paper to it."""
    has_paper = db.session.scalar(select(exists().where(Document.session_id == session.id)))
    return not has_paper and _without_stamps(snapshot(session)) == _without_stamps(change.get("made", {}))


def remove(session: AgendaSession, *, at: datetime, by: Actor) -> None:
    """Take it out of the draft. Raises SessionPublished where it is in calendars already."""
    service.delete_session(session, at=at, by=by)


def make_again(edition: Edition, change: dict[str, Any], *, at: datetime, by: Actor) -> None:
    """The same session once more, under its own id and UID. Raises CannotBeMadeAgain."""
    kept = change.get("made") or {}
    taken = exists().where(
        AgendaSession.edition_id == edition.id,
        (AgendaSession.id == change["id"]) | (AgendaSession.code == change["code"]),
    )
    if not kept or db.session.scalar(select(taken)):
        raise CannotBeMadeAgain(change["code"])
    try:
        with db.session.begin_nested():
            session = _restored(AgendaSession, kept["session"], id=change["id"], updated_at=at, updated_by=str(by))
            session.parts = [_restored(Part, values) for values in kept["parts"]]
            session.points = [_restored(AgendaPoint, values) for values in kept["points"]]
            db.session.add(session)
    except IntegrityError as error:  # a hall, track or person of it that is not there any more
        raise CannotBeMadeAgain(change["code"]) from error
    audit.record("session.created", session, at=at, by=by, code=session.code)


def snapshot(session: AgendaSession) -> dict[str, Any]:
    """Everything that a session's own rows hold, as plain JSON."""
    return {
        "session": _plain(session),
        "parts": [_plain(part) for part in session.parts],
        "points": [_plain(point) for point in session.points],
    }


def _with_everything(edition: Edition, ids: Iterable[int]) -> list[AgendaSession]:
    db.session.flush()
    return list(
        db.session.scalars(
            select(AgendaSession)
            .where(AgendaSession.edition_id == edition.id, AgendaSession.id.in_(set(ids)))
            .options(selectinload(AgendaSession.parts), selectinload(AgendaSession.points))
        )
    )


def _without_stamps(kept: dict[str, Any]) -> dict[str, Any]:
    session = {name: value for name, value in kept.get("session", {}).items() if name not in _STAMPS}
    return {**kept, "session": session}


def _plain(row: Model) -> dict[str, Any]:
    """A row's columns, but for what it is numbered and belongs to."""
    return {
        column.key: _as_json(getattr(row, column.key))
        for column in inspect(type(row)).column_attrs
        if column.key not in _OWN
    }


def _as_json(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | str | bool | list | None):
        return value
    return dict(value)


def _restored(model: type[Any], kept: dict[str, Any], **values: Any) -> Any:
    row = model(**values)
    for attribute in inspect(model).column_attrs:
        if attribute.key in kept and attribute.key not in values:
            setattr(row, attribute.key, _as_stored(attribute.columns[0].type, kept[attribute.key]))
    return row


def _as_stored(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Time):
        return time.fromisoformat(value)
    if isinstance(kind, TranslatedType):
        return Translated(value)
    return kind.enum_class(value) if isinstance(kind, EnumType) and kind.enum_class else value
