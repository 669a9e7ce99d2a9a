"""Many registrations at once: approved, or sent their link again. One that cannot be holds nobody else up.

A filter means whoever it finds at the moment of the decision; which of them is said here, and asked again before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.core import jobs
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.jobs import Job
from retreat.core.mail import OutboxMail
from retreat.editions.models import Edition
from retreat.registration import service, states
from retreat.registration.delegations.quotas import HeadThere, QuotaReached
from retreat.registration.filters import Filter, conditions
from retreat.registration.imports import CODE
from retreat.registration.models import Registration
from retreat.registration.questions.limits import ChoiceFull

MOST_AT_ONCE = 100
"""More are done by a job."""
APPROVE, LINKS = "lists.approve", "lists.links"


@dataclass(slots=True)
class Done:
    """How many it was done for, how many needed it not, and who refused why."""

    done: int = 0
    left: int = 0
    refused: list[str] = field(default_factory=list)


def approvable(edition: Edition, asked: Filter) -> list[int]:
    """Of the filter, those who wait for a decision or on the waiting list, in the order in which they came."""
    return _ids(edition, asked, states.BULK_APPROVED)


def reachable(edition: Edition, asked: Filter) -> list[int]:
    """Of the filter, those whose own page is alive."""
    return _ids(edition, asked, states.LIVE)


def _ids(edition: Edition, asked: Filter, statuses: Collection[object]) -> list[int]:
    meant = [*conditions(edition, asked), Registration.status.in_(sorted(map(str, statuses)))]
    return list(db.session.scalars(select(Registration.id).where(*meant).order_by(Registration.id)))


def with_codes(edition: Edition, codes: Sequence[str]) -> list[int]:
    """Those that were ticked, in that order; a code that nobody has is left out."""
    codes = [code for code in codes if CODE.match(code)]
    found = dict(
        db.session.execute(
            select(Registration.code, Registration.id).where(
                Registration.edition_id == edition.id, Registration.code.in_(codes)
            )
        ).all()
    )
    return [found[code] for code in dict.fromkeys(codes) if code in found]


def approve(ids: Sequence[int], *, at: datetime, by: Actor) -> Done:
    """Who is approved already, or was declined, cancelled or has withdrawn, is left as they are."""
    result = Done()
    for one in _registrations(ids):
        if one.status not in states.BULK_APPROVED:
            result.left += 1
            continue
        try:
            service.approve(one, at=at, by=by)
            result.done += 1
        except (
            states.StepRefused,
            service.NoPlaceLeft,
            service.HasBeenErased,
            ChoiceFull,
            QuotaReached,
            HeadThere,
        ) as refusal:
            result.refused.append(f"{one.code}: {refusal.message}")
    return result


def send_links(ids: Sequence[int], *, at: datetime, by: Actor, since: datetime | None = None) -> Done:
    """A further link to the person and to whoever filled the form in; not to whom one was queued after `since`."""
    result = Done()
    sent = _sent(ids, since) if since else frozenset()
    for one in _registrations(ids):
        if one.status not in states.LIVE or one.id in sent:
            result.left += 1
            continue
        for address in dict.fromkeys(filter(None, (one.email, one.filled_by_email))):
            service.mail_link(one, to=address, at=at, by=by)
        result.done += 1
    return result


def begin(kind: str, edition: Edition, ids: Sequence[int], *, at: datetime, by: Actor) -> Job:
    """The same as a job."""
    arguments = {"edition": edition.id, "ids": list(ids), "at": at.isoformat(), "by": [by.kind, by.name, by.id]}
    return jobs.enqueue(kind, arguments, at=at, by=by, edition_id=edition.id)


def _registrations(ids: Sequence[int]) -> list[Registration]:
    query = select(Registration).where(Registration.id.in_(ids)).options(joinedload(Registration.edition))
    found = {one.id: one for one in db.session.scalars(query)}
    return [found[key] for key in ids if key in found]


def _sent(ids: Sequence[int], since: datetime) -> frozenset[int]:
    return frozenset(
        db.session.scalars(
            select(OutboxMail.subject_id).where(
                OutboxMail.subject_kind == Registration.__tablename__,
                OutboxMail.subject_id.in_(ids),
                OutboxMail.template == "registration/mail/link.txt",
                OutboxMail.created_at >= since,
            )
        )
    )
