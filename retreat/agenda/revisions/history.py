"""The revisions of an edition, and what each changed: read row by row where rows differ, never whole weeks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from retreat.agenda import publishing
from retreat.agenda.diff import Change, Difference, difference
from retreat.agenda.kept import Kept
from retreat.agenda.models import RevisedSession, Revision
from retreat.agenda.published import PublishedSession, sessions_of_revision, sessions_where
from retreat.agenda.revisions.wording import Titles
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.core.i18n import Translated
from retreat.editions.models import Edition

A_PAGE = 20
_ROWS_AT_ONCE = 10_000
"""Parameters that a statement may have on either database, with room to spare."""


class UnknownRevision(NotFound):
    def __init__(self, number: int) -> None:
        super().__init__(_l("There is no revision %(number)d.", number=number))


@dataclass(frozen=True, slots=True)
class RevisionStep:
    """One revision, and how it differs from the one before it. Nobody edits a revision, so this may be kept."""

    number: int
    published_at: datetime
    published_by: str
    note: Translated
    sessions: int
    listed: int
    difference: Difference[PublishedSession]
    """Empty for the first: all of it was new."""
    before: Titles
    after: Titles
    """Titles of the meetings that changed sessions are part of; none that is not listed."""

    @property
    def is_first(self) -> bool:
        return self.number == 1


def revision_of(edition: Edition, number: int) -> Revision:
    """Raises UnknownRevision."""
    found = db.session.scalar(
        select(Revision).where(Revision.edition_id == edition.id, Revision.number == number).limit(1)
    )
    if found is None:
        raise UnknownRevision(number)
    return found


def numbers(edition: Edition) -> list[int]:
    """Newest first."""
    return list(
        db.session.scalars(
            select(Revision.number).where(Revision.edition_id == edition.id).order_by(Revision.number.desc())
        )
    )


def compared(edition: Edition, number: int, other: int | None) -> tuple[Sequence[PublishedSession], ...]:
    """Both states: a revision, and another or the draft."""
    before = sessions_of_revision(revision_of(edition, number).id)
    if other is None:
        return before, publishing.draft_as_published(edition)
    return before, sessions_of_revision(revision_of(edition, other).id)


def steps(edition: Edition, page: int = 1, size: int = A_PAGE) -> tuple[RevisionStep, ...]:
    """Revisions with their changes, newest first; at most seven queries, and one while nothing is published."""
    revisions = db.session.execute(
        select(Revision.id, Revision.number, Revision.published_at, Revision.published_by, Revision.note)
        .where(Revision.edition_id == edition.id)
        .order_by(Revision.number.desc())
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    if not revisions:
        return ()
    # Erasing a person rewrites names in revisions, and moves `agenda_rev`.
    key = (edition.uid, edition.agenda_rev, revisions[0].id, revisions[0].published_at, page, size)
    return kept_steps.get(key, lambda: _read(edition, revisions))


kept_steps: Kept[tuple[RevisionStep, ...]] = Kept(16)


def _read(edition: Edition, revisions: Sequence[Any]) -> tuple[RevisionStep, ...]:
    ids = {row.id: row.number for row in revisions}
    counts = {
        row.revision_id: (row.sessions, row.listed or 0)
        for row in db.session.execute(
            select(
                RevisedSession.revision_id,
                func.count().label("sessions"),
                func.count().filter(RevisedSession.is_listed).label("listed"),
            )
            .where(RevisedSession.revision_id.in_(ids))
            .group_by(RevisedSession.revision_id)
        )
    }
    changes = _changes(edition, list(ids.values()))
    parents = _parents(edition, changes)
    return tuple(_step(row, counts.get(row.id, (0, 0)), changes.get(row.number, []), parents) for row in revisions)


def _step(
    row: Any,
    counts: tuple[int, int],
    pairs: list[tuple[PublishedSession | None, PublishedSession | None]],
    parents: dict[int, dict[str, Translated]],
) -> RevisionStep:
    found = difference(
        [before for before, _ in pairs if before is not None],
        sorted((after for _, after in pairs if after is not None), key=_order),
    )
    return RevisionStep(
        number=row.number,
        published_at=row.published_at,
        published_by=row.published_by,
        note=row.note,
        sessions=counts[0],
        listed=counts[1],
        difference=Difference(found.changes, counts[0] - len([one for one in found.changes if one.after])),
        before=parents.get(row.number - 1, {}),
        after=parents.get(row.number, {}),
    )


def _order(session: PublishedSession) -> tuple[Any, ...]:
    return (session.date is None, session.date, session.starts is None, session.starts, session.code)


def _changes(
    edition: Edition, wanted: list[int]
) -> dict[int, list[tuple[PublishedSession | None, PublishedSession | None]]]:
    """By number: sessions that changed since the revision before, and rows that came or went.

    A change of how the week is drawn, such as the order of halls, is no change of a session and none here.
    """
    revision, prior = aliased(Revision), aliased(Revision)
    now, then = aliased(RevisedSession), aliased(RevisedSession)
    of_these = (revision.edition_id == edition.id, revision.number.in_(wanted))
    is_prior = (prior.edition_id == revision.edition_id) & (prior.number == revision.number - 1)
    changed = (
        select(revision.number, then.id, now.id)
        .select_from(now)
        .join(revision, now.revision_id == revision.id)
        .join(prior, is_prior)
        .outerjoin(then, (then.revision_id == prior.id) & (then.uid == now.uid))
        .where(*of_these, or_(then.id.is_(None), then.changes != now.changes))
    )
    gone = (
        select(revision.number, then.id)
        .select_from(then)
        .join(prior, then.revision_id == prior.id)
        .join(revision, is_prior)
        .where(*of_these, ~exists().where(now.revision_id == revision.id, now.uid == then.uid))
    )
    pairs: list[tuple[int, int | None, int | None]] = [(row[0], row[1], row[2]) for row in db.session.execute(changed)]
    pairs += [(row[0], row[1], None) for row in db.session.execute(gone)]
    rows = _rows({row_id for _, *ids in pairs for row_id in ids if row_id is not None})
    found: dict[int, list[tuple[PublishedSession | None, PublishedSession | None]]] = {}
    for number, old, new in pairs:
        found.setdefault(number, []).append((rows.get(old or 0), rows.get(new or 0)))
    return found


def _rows(ids: Iterable[int]) -> dict[int, PublishedSession]:
    wanted = sorted(ids)
    found: dict[int, PublishedSession] = {}
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        found |= sessions_where(RevisedSession.id.in_(wanted[start : start + _ROWS_AT_ONCE]))
    return found


def _parents(
    edition: Edition, changes: dict[int, list[tuple[PublishedSession | None, PublishedSession | None]]]
) -> dict[int, dict[str, Translated]]:
    """Titles of listed meetings that changed sessions are part of, by revision and code; one query."""
    codes = {one.parent_code for pairs in changes.values() for pair in pairs for one in pair if one and one.parent_code}
    wanted = {*changes, *(number - 1 for number in changes)}
    found: dict[int, dict[str, Translated]] = {}
    for number, code, title in db.session.execute(
        select(Revision.number, RevisedSession.code, RevisedSession.title)
        .join(RevisedSession, RevisedSession.revision_id == Revision.id)
        .where(
            Revision.edition_id == edition.id,
            Revision.number.in_(wanted),
            RevisedSession.code.in_(codes),
            RevisedSession.is_listed,
        )
    ):
        found.setdefault(number, {})[code] = title
    return found


def told(changes: Iterable[Change[PublishedSession]]) -> list[Change[PublishedSession]]:
    """What the public may hear of: sessions as they were listed, and those that are listed no longer."""
    return [change for change in map(_told, changes) if change is not None]


def _told(change: Change[PublishedSession]) -> Change[PublishedSession] | None:
    before = change.before if change.before and change.before.is_listed else None
    after = change.after if change.after and change.after.is_listed else None
    if before is None and after is None:
        return None
    if before is not None and after is not None:
        return change
    return difference([before] if before else [], [after] if after else []).changes[0]
