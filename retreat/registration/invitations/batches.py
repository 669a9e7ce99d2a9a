"""Many invitations at once: who is invited and who is not, and the jobs that write to them.

plan(edition, candidates, at=) -> Plan                            nothing is changed
invite_all(edition, candidates, …, at=, by=) -> Plan              the same judgement, carried out; a job sends them
reminders(edition, at=, …) -> Reminders · start_reminding(…)      who has not answered; a job writes to them
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select, update

from retreat.core import audit, clock, jobs
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES
from retreat.core.jobs import Job
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration import answers as typed
from retreat.registration import states
from retreat.registration.invitations import mails, service
from retreat.registration.invitations.candidates import Candidate
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.invitations.states import is_waiting
from retreat.registration.models import Registration

SEND, REMIND = "invitations.send", "invitations.remind"
_AT_A_TIME = 20
"""Mails between two reports; what has been queued by then stays, should the worker die."""


class Why(StrEnum):
    """Why a candidate is not invited."""

    NO_ADDRESS = "no-address"
    TWICE = "twice"
    REGISTERED = "registered"
    INVITED = "invited"
    SAID_NO = "said-no"
    ERASED = "erased"


WHY: dict[Why, Any] = {
    Why.NO_ADDRESS: _l("no e-mail address is known"),
    Why.TWICE: _l("the same person stands further up in the list"),
    Why.REGISTERED: _l("is registered already"),
    Why.INVITED: _l("has been invited already"),
    Why.SAID_NO: _l("has said that they do not come"),
    Why.ERASED: _l("has asked to be forgotten"),
}


class Skipped(NamedTuple):
    candidate: Candidate
    why: Why


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is invited, and who is not."""

    invited: list[Candidate]
    skipped: list[Skipped]


def plan(edition: Edition, candidates: Iterable[Candidate], *, at: datetime) -> Plan:
    """Judge each candidate against the edition's registrations and invitations, in two queries."""
    known = _Known.of(edition, at)
    invited: list[Candidate] = []
    skipped: list[Skipped] = []
    seen: set[Any] = set()
    for one in candidates:
        why = known.why_not(one) or (Why.TWICE if {one.identity, one.person_id} & seen else None)
        if why is None:
            seen |= {one.identity} | ({one.person_id} if one.person_id is not None else set())
            invited.append(one)
        else:
            skipped.append(Skipped(one, why))
    return Plan(invited, skipped)


@dataclass(frozen=True, slots=True)
class _Known:
    """Addresses with names, and people, that have something to do with the edition already."""

    registered: frozenset[Any]
    invited: dict[Any, Invitation]

    @classmethod
    def of(cls, edition: Edition, at: datetime) -> "_Known":
        registered: set[Any] = set()
        rows = db.session.execute(
            select(
                Registration.person_id,
                Registration.email,
                Registration.given_name,
                Registration.family_name,
                Registration.badge_name,
            ).where(Registration.edition_id == edition.id, Registration.status.in_(sorted(states.LIVE)))
        )
        for row in rows:
            registered |= {row.person_id, (row.email, typed.name_key(row._asdict()))}
        invited: dict[Any, Invitation] = {}
        for one in db.session.scalars(
            select(Invitation).where(
                Invitation.edition_id == edition.id,
                Invitation.revoked_at.is_(None),
                Invitation.registration_id.is_(None),
                Invitation.expires_at > at,
            )
        ):
            invited[one.email, one.name_key] = one
            if one.person_id is not None:
                invited[one.person_id] = one
        return cls(frozenset(registered), invited)

    def why_not(self, one: Candidate) -> Why | None:
        if one.is_erased:
            return Why.ERASED
        if not one.email:
            return Why.NO_ADDRESS
        if not self.registered.isdisjoint({one.identity, one.person_id}):
            return Why.REGISTERED
        earlier = self.invited.get(one.identity) or self.invited.get(one.person_id)
        if earlier is not None:
            return Why.SAID_NO if earlier.declined_at is not None else Why.INVITED
        return None


def invite_all(
    edition: Edition,
    candidates: Iterable[Candidate],
    *,
    source: InvitationSource,
    source_name: str,
    at: datetime,
    by: Actor,
    category_id: int | None = None,
    language: str = "",
    skips_approval: bool = False,
    expires_at: datetime | None = None,
    is_sent: bool = True,
) -> Plan:
    """Invite everybody whom `plan` names; a candidate's own category and language go before the given ones.

    The mails are sent by a job, unless `is_sent` is false. Raises ExpiryPast, EditionClosed and UnknownCategory.
    """
    editions.hold_and_read(edition)
    expires_at = expires_at or service.default_expiry(edition, at)
    service.check(edition, expires_at, category_id, at)
    found = plan(edition, candidates, at=at)
    if not found.invited:
        return found
    _make_room(edition, found.invited, at)
    db.session.add_all(
        Invitation(
            edition_id=edition.id,
            category_id=one.category_id or category_id,
            person_id=one.person_id,
            source=source,
            source_name=source_name[:200],
            email=one.email,
            name_key=typed.name_key(one.prefill),
            prefill={name: value for name, value in one.prefill.items() if name in service.PREFILLED},
            language=next(
                (code for code in (language, one.language) if code in LANGUAGES),
                edition.main_language,
            ),
            skips_approval=skips_approval,
            expires_at=expires_at,
            created_at=at,
            created_by=str(by),
        )
        for one in found.invited
    )
    db.session.flush()
    audit.record(
        "invitations.made",
        edition,
        at=at,
        by=by,
        edition_id=edition.id,
        source=source.value,
        name=source_name,
        invited=len(found.invited),
        skipped=len(found.skipped),
    )
    if is_sent:
        start_sending(edition, at=at, by=by)
    return found


def _make_room(edition: Edition, invited: Collection[Candidate], at: datetime) -> None:
    """What has expired, or was answered by somebody who withdrew, no longer stands in the way."""
    wanted = {one.identity for one in invited}
    for earlier in db.session.scalars(
        select(Invitation).where(Invitation.edition_id == edition.id, Invitation.revoked_at.is_(None))
    ):
        if (earlier.email, earlier.name_key) in wanted:
            earlier.revoked_at = at
    db.session.flush()


# Sending -----------------------------------------------------------------------------------------------------------


def start_sending(edition: Edition, *, at: datetime, by: Actor) -> Job:
    """A job for every invitation of the edition that waits to be sent."""
    arguments = {"edition": edition.id, "by": [by.kind, by.name, by.id]}
    return jobs.enqueue(SEND, arguments, at=at, by=by, edition_id=edition.id)


def unsent(edition_id: int, at: datetime) -> list[ColumnElement[bool]]:
    return [Invitation.edition_id == edition_id, Invitation.sent_at.is_(None), is_waiting(at)]


@jobs.task(SEND)
def send_all(work: jobs.Work) -> dict[str, Any]:
    """Queue the mail of each; an invitation that is sent is not sent again, so that a second run goes on."""
    edition_id: int = work.arguments["edition"]
    numbers = list(
        db.session.scalars(select(Invitation.id).where(*unsent(edition_id, clock.now())).order_by(Invitation.id))
    )

    def one(number: int) -> bool:
        at = clock.now()
        # Two jobs may have listed the same: whoever marks it sends it.
        marked = db.session.execute(
            update(Invitation)
            .where(Invitation.id == number, *unsent(edition_id, at))
            .values(sent_at=at)
            .execution_options(synchronize_session=False)
        )
        if not marked.rowcount:  # type: ignore[attr-defined]
            return False
        mails.invite(db.session.get_one(Invitation, number, populate_existing=True), at=at, by=_by(work))
        return True

    return {"sent": _each(work, numbers, one)}


def _each(work: jobs.Work, numbers: list[int], act: Any) -> int:
    done = 0
    work.progress(0, len(numbers))
    for start in range(0, len(numbers), _AT_A_TIME):
        done += sum(act(number) for number in numbers[start : start + _AT_A_TIME])
        db.session.commit()
        work.progress(min(start + _AT_A_TIME, len(numbers)), len(numbers))
    return done


def _by(work: jobs.Work) -> Actor:
    kind, name, number = work.arguments["by"]
    return Actor(kind, name, number)


# Reminding ---------------------------------------------------------------------------------------------------------


class Reminders(NamedTuple):
    """How many have not answered, and how many of them were written to within the last three days."""

    due: int
    recent: int


def reminders(edition: Edition, *, at: datetime) -> Reminders:
    due = func.count().filter(_due(at))
    found, all_ = db.session.execute(select(due, func.count()).where(*_silent(edition.id, at))).one()
    return Reminders(found, all_ - found)


def _silent(edition_id: int, at: datetime) -> list[ColumnElement[bool]]:
    """Written to, and not heard of; whoever has registered by the public form has answered as well."""
    has_come = (
        select(Registration.id)
        .where(
            Registration.edition_id == edition_id,
            Registration.status.in_(sorted(states.LIVE)),
            or_(
                Registration.person_id == Invitation.person_id,
                (Registration.email == Invitation.email) & Registration.search_key.contains(Invitation.name_key),
            ),
        )
        .exists()
    )
    return [Invitation.edition_id == edition_id, Invitation.sent_at.is_not(None), is_waiting(at), ~has_come]


def _due(before: datetime) -> ColumnElement[bool]:
    latest = before - service.BETWEEN_REMINDERS
    return (Invitation.sent_at <= latest) & or_(Invitation.reminded_at.is_(None), Invitation.reminded_at <= latest)


def start_reminding(
    edition: Edition, *, at: datetime, by: Actor, is_forced: bool = False, numbers: Collection[int] = ()
) -> Job:
    """A job that reminds whoever has not answered, or of them those with these `numbers`.

    Nobody hears of us twice within three days, unless `is_forced`.
    """
    arguments = {
        "edition": edition.id,
        "by": [by.kind, by.name, by.id],
        "is_forced": is_forced,
        "numbers": sorted(numbers),
        "since": at.isoformat(),
    }
    audit.record("invitations.reminded", edition, at=at, by=by, edition_id=edition.id, is_forced=is_forced)
    return jobs.enqueue(REMIND, arguments, at=at, by=by, edition_id=edition.id)


@jobs.task(REMIND)
def remind_all(work: jobs.Work) -> dict[str, Any]:
    """Queue a reminder to each; whoever had one since the job was asked for has had it."""
    edition_id: int = work.arguments["edition"]
    since = datetime.fromisoformat(work.arguments["since"])

    def conditions(at: datetime) -> list[ColumnElement[bool]]:
        once = or_(Invitation.reminded_at.is_(None), Invitation.reminded_at < since)
        found = [*_silent(edition_id, at), once]
        if not work.arguments["is_forced"]:
            found.append(_due(at))
        if work.arguments["numbers"]:
            found.append(Invitation.id.in_(work.arguments["numbers"]))
        return found

    numbers = list(db.session.scalars(select(Invitation.id).where(*conditions(clock.now())).order_by(Invitation.id)))

    def one(number: int) -> bool:
        at = clock.now()
        marked = db.session.execute(
            update(Invitation)
            .where(Invitation.id == number, *conditions(at))
            .values(reminded_at=at, reminders=Invitation.reminders + 1)
            .execution_options(synchronize_session=False)
        )
        if not marked.rowcount:  # type: ignore[attr-defined]
            return False
        mails.remind(db.session.get_one(Invitation, number, populate_existing=True), at=at, by=_by(work))
        return True

    return {"reminded": _each(work, numbers, one)}
