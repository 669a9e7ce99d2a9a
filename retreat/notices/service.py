"""Mails about a published revision: decided with it, written by a job, and true when they are written.

A job writes about every revision that has not been told yet, from the state before the first of them to the last one
published. Whoever publishes twice within minutes therefore sends what holds, and nothing of what was taken back.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from retreat.agenda import publishing
from retreat.agenda.diff import Change
from retreat.agenda.models import RevisedSession, Revision
from retreat.agenda.published import PublishedSession, sessions_of_revision, sessions_where
from retreat.agenda.publishing import Telling
from retreat.agenda.revisions import telling as asked
from retreat.agenda.revisions.telling import Forecast, Told
from retreat.core import jobs, mail, zones
from retreat.core.audit import SYSTEM, Actor
from retreat.core.db import db
from retreat.core.mail import MailState, OutboxMail
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.notices import audience, letters
from retreat.notices.audience import Held
from retreat.notices.invitations import Key, Sent, Step, StepKind, steps
from retreat.notices.models import CalendarInvitation, Notice
from retreat.notices.news import urgent

JOB = "notices.tell"


def connect() -> None:
    publishing.published.connect(_note)
    asked.forecast_asked.connect(forecast)
    asked.told_asked.connect(told)


def _note(edition: Edition, *, revision: Revision, telling: Telling, at: datetime, by: Actor, **_known: Any) -> None:
    """In the transaction of the revision: what is to be told, and the job that does it."""
    if _is_over(edition, at):
        return
    db.session.add(
        Notice(
            edition_id=edition.id,
            revision_id=revision.id,
            is_urgent_told=telling.urgent,
            is_invited=telling.invitations,
            created_at=at,
        )
    )
    jobs.enqueue(JOB, {"edition": edition.id}, at=at, by=by, edition_id=edition.id)


def _is_over(edition: Edition, at: datetime) -> bool:
    """About an edition that is past nobody has a mail."""
    end = datetime.combine(edition.ends_on + timedelta(days=1), time(), zones.zone(edition.zone))
    return edition.closed_at is not None or at >= end


def tell(edition: Edition, *, at: datetime) -> Notice | None:
    """Queue what has not been told yet; the last notice, with the counts, or None where there is none.

    Safe to run twice, and by two workers at once: who comes second finds nothing left to tell.
    """
    editions.hold(edition.id)
    db.session.expire_all()
    pending = _pending(edition)
    last = publishing.last_revision(edition)
    if not pending or last is None:
        return None
    notice = pending[-1]
    since = pending[0].revision.number - 1
    before, after = _sessions(edition, since), sessions_of_revision(last.id)
    changes = _still_urgent(edition, pending, before, after, at)
    people = audience.concerned(edition, changes, _speaking(before, after))
    known = dict.fromkeys(people, since)
    for older, some in _not_sent_yet(edition, after, at):
        people |= some
        known |= dict.fromkeys(some, older)
    people = {person_id: some for person_id, some in people.items() if some}
    planned = _steps(edition, before, after, at=at, are_new_wanted=any(one.is_invited for one in pending))
    reached = audience.recipients(edition, {*people, *(step.person_id for step in planned)})
    queued = [step for step in planned if step.person_id in reached]
    mail.queue_letters(
        [
            *letters.urgent(edition, last, people, reached, known=known, at=at),
            *letters.invitations(
                edition,
                last,
                list(_instead(edition, queued)),
                reached,
                unanswered=audience.unanswered(edition) if queued else (),
                at=at,
            ),
        ],
        at=at,
        by=SYSTEM,
        edition_id=edition.id,
    )
    _remember(edition, queued, at)
    notice.people = len(people.keys() & reached.keys())
    notice.changes = len(_uids(people, reached))
    notice.invited = len({step.person_id for step in queued if step.kind is StepKind.NEW})
    notice.corrected = len({step.person_id for step in queued if step.kind is not StepKind.NEW})
    for one in pending:
        one.told_at = at
        one.told_with = None if one is notice else notice.revision.number
    db.session.flush()
    return notice


def _not_sent_yet(
    edition: Edition, after: Sequence[PublishedSession], at: datetime
) -> Iterator[tuple[int, dict[int, list[Held]]]]:
    """Whose last mail a server has put off: it is taken back, and the next one tells what it told, as it is now.

    Otherwise it would arrive after the next one, and say what no longer holds. With the number of the revision that
    these people know, the oldest last: who has not heard for longest is told most.
    """
    rows = db.session.execute(
        delete(OutboxMail)
        .where(
            OutboxMail.edition_id == edition.id,
            OutboxMail.template == letters.URGENT,
            OutboxMail.state == MailState.WAITING,
        )
        .returning(OutboxMail.values)
    )
    waiting: dict[int, set[int]] = {}
    for (values,) in rows:
        waiting.setdefault(values["known"], set()).add(values["person"])
    for number in sorted(waiting, reverse=True):
        before = _sessions(edition, number)
        people = audience.concerned(edition, urgent(before, after, at), _speaking(before, after))
        yield number, {person_id: people.get(person_id, []) for person_id in waiting[number]}


def _pending(edition: Edition) -> list[Notice]:
    return list(
        db.session.scalars(
            select(Notice)
            .join(Revision, Notice.revision_id == Revision.id)
            .where(Notice.edition_id == edition.id, Notice.told_at.is_(None))
            .order_by(Revision.number)
        )
    )


def _sessions(edition: Edition, number: int) -> tuple[PublishedSession, ...]:
    """Nothing before the first revision."""
    revision_id = db.session.scalar(
        select(Revision.id).where(Revision.edition_id == edition.id, Revision.number == number)
    )
    return sessions_of_revision(revision_id) if revision_id else ()


def _still_urgent(
    edition: Edition,
    pending: Sequence[Notice],
    before: Sequence[PublishedSession],
    after: Sequence[PublishedSession],
    at: datetime,
) -> tuple[Change[PublishedSession], ...]:
    """What changed from the first state to the last; only of sessions that a revision changed which is to be told."""
    changes = urgent(before, after, at)
    if not changes or all(one.is_urgent_told for one in pending):
        return changes
    uids: set[str] = set()
    for one in pending:
        if one.is_urgent_told:
            number = one.revision.number
            uids |= {
                change.session.uid for change in urgent(_sessions(edition, number - 1), _sessions(edition, number), at)
            }
    return tuple(change for change in changes if change.session.uid in uids)


def _speaking(*states: Iterable[PublishedSession]) -> set[int]:
    return {
        part.person_id for state in states for session in state for part in session.parts if part.person_id is not None
    }


# Calendar invitations ------------------------------------------------------------------------------------------------


def _steps(
    edition: Edition,
    before: Sequence[PublishedSession],
    after: Sequence[PublishedSession],
    *,
    at: datetime,
    are_new_wanted: bool,
) -> list[Step]:
    sent = _sent(edition)
    if not sent and not are_new_wanted:
        return []
    entitled = audience.entitled(edition, after)
    last_timed = _last_timed(edition, before, after, sent)
    return list(steps(after, last_timed, entitled, sent, at=at, are_new_wanted=are_new_wanted))


def _sent(edition: Edition) -> dict[Key, Sent]:
    rows = db.session.execute(
        select(
            CalendarInvitation.person_id,
            CalendarInvitation.uid,
            CalendarInvitation.sequence,
            CalendarInvitation.facts_hash,
            CalendarInvitation.is_cancelled,
        )
        .where(CalendarInvitation.edition_id == edition.id)
        .order_by(CalendarInvitation.id)
    )
    return {(row.person_id, row.uid): Sent(row.sequence, row.facts_hash, row.is_cancelled) for row in rows}


def _last_timed(
    edition: Edition,
    before: Iterable[PublishedSession],
    after: Iterable[PublishedSession],
    sent: Mapping[Key, Sent],
) -> dict[str, PublishedSession]:
    """Of sessions in calendars that are gone or without a time by now: as they were when they had one."""
    timed = {session.uid for session in after if session.is_timed}
    found = {session.uid: session for session in before if session.is_timed}
    missing = {uid for (_, uid), last in sent.items() if not last.is_cancelled} - timed - found.keys()
    if missing:
        latest = (
            select(func.max(RevisedSession.id))
            .join(Revision, RevisedSession.revision_id == Revision.id)
            .where(
                Revision.edition_id == edition.id,
                RevisedSession.uid.in_(missing),
                RevisedSession.start_utc.is_not(None),
            )
            .group_by(RevisedSession.uid)
        )
        found |= {session.uid: session for session in sessions_where(RevisedSession.id.in_(latest)).values()}
    return found


def _instead(edition: Edition, queued: Sequence[Step]) -> Iterator[Step]:
    """What to mail, in place of what a server has put off: that would arrive later, and say what no longer holds.

    What never arrived is not corrected but told, or not told at all.
    """
    keys = {(step.person_id, step.session.uid) for step in queued}
    waiting = {
        row.id: key
        for row in db.session.execute(
            select(OutboxMail.id, OutboxMail.once).where(
                OutboxMail.edition_id == edition.id,
                OutboxMail.template == letters.INVITATION,
                OutboxMail.state == MailState.WAITING,
            )
        )
        if (key := letters.invited_by(row.once)) in keys
    }
    rows = db.session.execute(
        delete(OutboxMail)
        .where(OutboxMail.id.in_(waiting), OutboxMail.state == MailState.WAITING)
        .returning(OutboxMail.id, OutboxMail.values)
    )
    unheard = {waiting[row.id] for row in rows if row.values["kind"] == StepKind.NEW}
    for step in queued:
        if (step.person_id, step.session.uid) not in unheard:
            yield step
        elif step.kind is not StepKind.CANCELLED:
            yield replace(step, kind=StepKind.NEW)


def _remember(edition: Edition, queued: Collection[Step], at: datetime) -> None:
    if not queued:
        return
    rows = {
        (row.person_id, row.uid): row
        for row in db.session.scalars(select(CalendarInvitation).where(CalendarInvitation.edition_id == edition.id))
    }
    for step in queued:
        row = rows.get((step.person_id, step.session.uid))
        if row is None:
            row = CalendarInvitation(
                edition_id=edition.id, person_id=step.person_id, uid=step.session.uid, created_at=at
            )
            db.session.add(row)
        row.sequence, row.facts_hash, row.mailed_at = step.sequence, step.facts_hash, at
        row.is_cancelled = step.kind is StepKind.CANCELLED


# For the organisers' pages -------------------------------------------------------------------------------------------


def forecast(
    edition: Edition, *, before: Sequence[PublishedSession], after: Sequence[PublishedSession], at: datetime
) -> Forecast:
    """How many would have a mail if the draft were published now."""
    if _is_over(edition, at):
        return Forecast()
    people = audience.concerned(edition, urgent(before, after, at), _speaking(before, after))
    # The draft says nothing of SEQUENCE; a forecast counts.
    planned = _steps(edition, before, after, at=at, are_new_wanted=True)
    reached = audience.recipients(edition, {*people, *(step.person_id for step in planned)})
    new = {step.person_id for step in planned if step.kind is StepKind.NEW}
    corrected = {step.person_id for step in planned if step.kind is not StepKind.NEW}
    return Forecast(
        people=len(people.keys() & reached.keys()),
        changes=len(_uids(people, reached)),
        invited=len(new & reached.keys()),
        corrected=len(corrected & reached.keys()),
        unreachable=len((new | people.keys()) - reached.keys()),
        is_usual=bool(_sent(edition)),
    )


def _uids(people: Mapping[int, list[Held]], reached: Collection[int]) -> set[str]:
    return {held.change.session.uid for person_id, some in people.items() if person_id in reached for held in some}


def told(edition: Edition, *, numbers: Sequence[int]) -> dict[int, Told]:
    rows = db.session.execute(
        select(Revision.number, Notice)
        .join(Notice, Notice.revision_id == Revision.id)
        .where(Revision.edition_id == edition.id, Revision.number.in_(numbers))
    )
    return {
        number: Told(
            people=notice.people,
            changes=notice.changes,
            invited=notice.invited,
            corrected=notice.corrected,
            is_waiting=notice.told_at is None,
            told_with=notice.told_with,
        )
        for number, notice in rows
    }
