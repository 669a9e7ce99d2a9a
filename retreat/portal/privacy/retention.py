"""What has been kept long enough: found, said, and erased.

    plan(at) -> Plan                       what is due; nothing is touched
    forget_some(edition, at=, by=) -> int  a batch of an edition's registrations; 0 when the edition is done
    tidy(at=) -> Tidied                    old mails, old jobs, links to passwords that are over

An edition counts from the day on which it was closed. Passport data has its own, shorter time (`letters.purge`).
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select

from retreat.accounts.models import AccountToken
from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import Model, db
from retreat.core.jobs import Job, JobState
from retreat.core.mail import MailState, OutboxMail
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.network.models import Person, Seat
from retreat.portal.privacy import erasing
from retreat.registration.models import Registration
from retreat.registration.privacy import MAIL_MONTHS, WORK_DAYS

BATCH = 100
"""Registrations in one transaction: other people's requests wait no longer than that."""

_OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
_SENT = (MailState.KEPT, MailState.SENT, MailState.FAILED)


@dataclass(frozen=True, slots=True)
class Tidied:
    mails: int
    jobs: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Plan:
    editions: tuple[tuple[str, int], ...]
    """The address of each edition that is due, and how many registrations it would empty."""
    old: Tidied


def months_after(at: datetime, months: int) -> datetime:
    """The same day some months later, or the last of a shorter month."""
    year, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + year, month + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def due_editions(at: datetime) -> Sequence[Edition]:
    """Closed for as long as they say themselves, and not forgotten yet."""
    closed = db.session.scalars(
        select(Edition).where(Edition.closed_at.is_not(None), Edition.forgotten_at.is_(None)).order_by(Edition.id)
    )
    return [one for one in closed if one.closed_at and months_after(one.closed_at, one.keep_months) <= at]


def plan(at: datetime) -> Plan:
    editions = tuple((one.slug, _count(Registration, _left(one))) for one in due_editions(at))
    mails, jobs, tokens = _old(at)
    return Plan(editions, Tidied(_count(OutboxMail, mails), _count(Job, jobs), _count(AccountToken, tokens)))


def _left(edition: Edition) -> ColumnElement[bool]:
    """Registrations that still say who it was."""
    return and_(
        Registration.edition_id == edition.id,
        or_(Registration.email != "", Registration.badge_name != erasing.NOBODY),
    )


def _count(kind: type[Model], condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(kind).where(condition)) or 0


def left(edition: Edition) -> int:
    return _count(Registration, _left(edition))


def forget_some(edition: Edition, *, at: datetime, by: Actor) -> int:
    """The next batch; when none is left, what belongs to the edition as a whole, and its people of the address book."""
    editions.hold_and_read(edition)
    batch = db.session.scalars(select(Registration).where(_left(edition)).order_by(Registration.id).limit(BATCH)).all()
    if batch:
        erasing.forget(batch, at=at)
        return len(batch)
    if edition.forgotten_at is None:
        people = _people_of_nothing_else(edition, at)
        erasing.forget_edition(edition, at=at)
        erasing.forget_people(people, at=at)
        edition.forgotten_at = at
        db.session.flush()
        audit.record(
            "edition.forgotten",
            edition,
            at=at,
            by=by,
            edition_id=edition.id,
            registrations=_count(Registration, Registration.edition_id == edition.id),
            people=len(people),
        )
    return 0


def _people_of_nothing_else(edition: Edition, at: datetime) -> Sequence[int]:
    """Who was there, is not registered anywhere else, and sits on no body."""
    was_there = exists().where(Registration.person_id == Person.id, Registration.edition_id == edition.id)
    is_elsewhere = exists().where(Registration.person_id == Person.id, Registration.email != "")
    has_seat = exists().where(Seat.person_id == Person.id, or_(Seat.ends_on.is_(None), Seat.ends_on >= at.date()))
    return db.session.scalars(
        select(Person.id).where(Person.erased_at.is_(None), was_there, ~is_elsewhere, ~has_seat).order_by(Person.id)
    ).all()


def tidy(*, at: datetime) -> Tidied:
    """Whatever has a time of its own, in every edition and in none."""
    return Tidied(*(_removed(kind, which) for kind, which in zip(_KINDS, _old(at), strict=True)))


_KINDS: tuple[type[Model], ...] = (OutboxMail, Job, AccountToken)


def _old(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    return (
        and_(OutboxMail.created_at < months_after(at, -MAIL_MONTHS), OutboxMail.state.in_(_SENT)),
        and_(Job.finished_at < at - timedelta(days=WORK_DAYS), Job.state.in_(_OVER)),
        AccountToken.expires_at < at - timedelta(days=WORK_DAYS),
    )


def _removed(kind: type[Model], which: ColumnElement[bool]) -> int:
    statement = delete(kind).where(which).execution_options(synchronize_session=False)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
