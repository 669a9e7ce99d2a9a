"""Sessions that a step made (a copied break): undo removes them again, and redo makes them as they were."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from enum import Enum
from itertools import groupby
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Time, delete, inspect, select
from sqlalchemy import Enum as EnumType
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from retreat.agenda import service
from retreat.agenda.models import AgendaPoint, AgendaSession, Document, Part, RevisedSession
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import Model, TranslatedType, UTCDateTime, db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.editions.models import Edition

_STAMPS = {"version", "updated_at", "updated_by", "tzdata"}
"""Of no account for whether somebody has worked on a session."""
_OWN = {"id", "session_id"}


class TouchedSince(RetreatError):
    """Somebody has moved the session since that step; going back over it would overwrite them."""

    step: int | None = None
    """The number of the step that was to be undone."""

    def __init__(self, session: AgendaSession) -> None:
        super().__init__(
            _l(
                "%(name)s has touched “%(title)s” since that step, so it was left as it is.",
                name=session.updated_by,
                title=session.title.text(session.edition.main_language, "en"),
            )
        )
        self.code = session.code


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


def remove_all(edition: Edition, changes: Sequence[dict[str, Any]], *, at: datetime, by: Actor) -> None:
    """Take sessions that a step made out of the draft again, in a few statements however many they are.

    Raises TouchedSince for one that is not what it was made as, or has a paper, and SessionPublished for one that is in
    calendars already; then nothing is changed.
    """
    ids = {change["id"] for change in changes}
    found = {session.id: session for session in _with_everything(edition, ids)}
    with_papers = set(db.session.scalars(select(Document.session_id).where(Document.session_id.in_(ids))))
    for change in changes:
        session = found[change["id"]]
        if session.id in with_papers or _without_stamps(snapshot(session)) != _without_stamps(change.get("made", {})):
            raise TouchedSince(session)
    published = db.session.scalar(select(RevisedSession.session_id).where(RevisedSession.session_id.in_(ids)).limit(1))
    if published is not None:
        raise service.SessionPublished(found[published])
    for session in found.values():
        audit.record("session.removed", session, at=at, by=by, code=session.code, title=dict(session.title))
    db.session.flush()
    for session in found.values():
        db.session.expunge(session)
    # What belongs to them goes with them, by the foreign keys; whoever was read as a part of one is read anew.
    db.session.execute(
        delete(AgendaSession).where(AgendaSession.id.in_(ids)), execution_options={"synchronize_session": False}
    )
    db.session.expire_all()


def make_all_again(edition: Edition, changes: Sequence[dict[str, Any]], *, at: datetime, by: Actor) -> None:
    """The same sessions once more, under their own ids and UIDs, wholes before parts. Raises CannotBeMadeAgain."""
    in_order = sorted(changes, key=lambda change: _kept(change).get("parent_id") is not None)
    ids, codes = [change["id"] for change in in_order], [change["code"] for change in in_order]
    is_taken = AgendaSession.id.in_(ids) | ((AgendaSession.edition_id == edition.id) & AgendaSession.code.in_(codes))
    taken = db.session.execute(select(AgendaSession.id, AgendaSession.code).where(is_taken)).all()
    for change in in_order:
        if not _kept(change) or any(change["id"] == number or change["code"] == code for number, code in taken):
            raise CannotBeMadeAgain(change["code"])
    try:
        with db.session.begin_nested():
            made = _add(in_order, at=at, by=by)
    except IntegrityError:
        # A hall, track or person of one of them is not there any more: one by one, to name it.
        made = []
        for change in in_order:
            try:
                with db.session.begin_nested():
                    made += _add([change], at=at, by=by)
            except IntegrityError as error:
                raise CannotBeMadeAgain(change["code"]) from error
    for session in made:
        audit.record("session.created", session, at=at, by=by, code=session.code)


def _add(changes: Iterable[dict[str, Any]], *, at: datetime, by: Actor) -> list[AgendaSession]:
    """Flushed, those that are part of another last: only the number of the whole says so."""
    made = []
    for is_part, some in groupby(changes, key=lambda change: _kept(change).get("parent_id") is not None):
        if is_part:
            db.session.flush()
        for change in some:
            kept = change["made"]
            session = _restored(AgendaSession, kept["session"], id=change["id"], updated_at=at, updated_by=str(by))
            session.parts = [_restored(Part, values) for values in kept["parts"]]
            session.points = [_restored(AgendaPoint, values) for values in kept["points"]]
            db.session.add(session)
            made.append(session)
    db.session.flush()
    return made


def _kept(change: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = (change.get("made") or {}).get("session", {})
    return kept


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
            .execution_options(populate_existing=True)
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
