"""Accepting a clash with a reason, and opening it again. The draft itself stays as it is."""

from datetime import datetime
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from retreat.agenda.acceptances import Acceptance
from retreat.agenda.checks import NumberedClash, board_clashes
from retreat.agenda.clashes import ClashKind
from retreat.agenda.models import AcceptedClash
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition

LONGEST_REASON = 300


class NoSuchClash(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This clash is there no more."))


class ReasonMissing(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Say why this clash may stay."))


class ReasonTooLong(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("Say it in %(most)d characters at most.", most=LONGEST_REASON))


class ChangedMeanwhile(RetreatError):
    """What was looked at is not what would be accepted."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("One of the two sessions has changed since you looked. Look at the clash again."))


class AcceptedAlready(RetreatError):
    """Somebody was faster; their reason stays."""

    status = HTTPStatus.CONFLICT

    def __init__(self, acceptance: Acceptance) -> None:
        super().__init__(
            _l(
                "%(name)s has just accepted this clash: “%(reason)s”. Nothing was overwritten.",
                name=acceptance.by,
                reason=acceptance.reason,
            )
        )


def accept(
    edition: Edition,
    kind: ClashKind,
    codes: tuple[str, ...],
    reason: str,
    *,
    at: datetime,
    by: Actor,
    seen: str | None = None,
) -> AcceptedClash:
    """Let a clash be, until one of its sides changes. `seen` is the digest of the sides that the organiser saw.

    Accepted again, it has the new reason, unless somebody accepted it after it was seen: one row, even for two who
    accept at once. Raises NoSuchClash, ReasonMissing, ReasonTooLong, ChangedMeanwhile or AcceptedAlready.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonMissing
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong
    found = _found(edition, kind, codes)
    if seen is not None and seen != found.digest:
        raise ChangedMeanwhile
    if seen is not None and found.accepted is not None and not found.is_open and found.accepted.reason != reason:
        raise AcceptedAlready(found.accepted)
    one_id, other_id = _ids(found)
    row = _row(kind, one_id, other_id)
    if row is None:
        row = AcceptedClash(edition_id=edition.id, kind=kind.value, one_id=one_id, other_id=other_id)
        _write(row, found.digest, reason, at, by)
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError:
            # Somebody else accepted it a moment ago; theirs is the row.
            row = _row(kind, one_id, other_id)
            if row is None:
                raise
    _write(row, found.digest, reason, at, by)
    db.session.flush()
    audit.record(
        "clash.accepted", row, at=at, by=by, kind=kind.value, sessions=list(found.clash.sessions), reason=reason
    )
    return row


def reopen(edition: Edition, kind: ClashKind, codes: tuple[str, ...], *, at: datetime, by: Actor) -> None:
    """Take an acceptance back. Nothing happens where there is none; raises NoSuchClash when the clash is gone."""
    one_id, other_id = _ids(_found(edition, kind, codes))
    row = _row(kind, one_id, other_id)
    if row is None:
        return
    audit.record("clash.reopened", row, at=at, by=by, kind=kind.value, sessions=list(codes))
    db.session.delete(row)
    db.session.flush()


def _found(edition: Edition, kind: ClashKind, codes: tuple[str, ...]) -> NumberedClash:
    asked = (kind, tuple(sorted(codes)))
    for one in board_clashes(edition):
        if (one.clash.kind, one.clash.sessions) == asked:
            return one
    raise NoSuchClash


def _ids(found: NumberedClash) -> tuple[int, int | None]:
    first, *rest = sorted(side.id for side in found.sides)
    return first, rest[0] if rest else None


def _row(kind: ClashKind, one_id: int, other_id: int | None) -> AcceptedClash | None:
    is_other = AcceptedClash.other_id.is_(None) if other_id is None else AcceptedClash.other_id == other_id
    return db.session.scalar(
        select(AcceptedClash)
        .where(AcceptedClash.kind == kind.value, AcceptedClash.one_id == one_id, is_other)
        .with_for_update(key_share=True)
    )


def _write(row: AcceptedClash, sides: str, reason: str, at: datetime, by: Actor) -> None:
    row.sides, row.reason, row.accepted_at, row.accepted_by = sides, reason, at, str(by)
