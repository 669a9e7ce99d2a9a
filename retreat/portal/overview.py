"""What the dashboard says of an edition: figures as they are, what needs a person, what comes next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import joinedload

from retreat.accounts.roles import Permission
from retreat.agenda import checks, published, publishing
from retreat.agenda.checking.cards import sentence
from retreat.agenda.models import AgendaSession, Revision, SessionStatus
from retreat.agenda.zone_rules import service as zone_rules
from retreat.core import chart, dates, jobs
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.jobs import Job
from retreat.core.mail import MailState, OutboxMail
from retreat.editions.models import Edition
from retreat.network.models import Section
from retreat.printing.models import BadgePrint
from retreat.registration.models import Registration, Status

PLACED = (Status.SUBMITTED, Status.APPROVED)
JOBS_SHOWN = 5
SESSIONS_SHOWN = 6
SILENT_KINDS = ("mail.send", "accounts.reset", "print.own")
"""Jobs that the outbox, the delegate's own page, or nobody, reports on."""

Can = Callable[[Permission], bool]


@dataclass(frozen=True, slots=True)
class Totals:
    registered: int
    approved: int
    waitlisted: int
    cities: int
    countries: int
    sessions: int
    revision: Revision | None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that needs a person: how many, of what, and where to go."""

    key: str
    count: int
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class NextSession:
    title: Translated
    start_utc: datetime
    starts: time
    ends: time
    zone: str
    hall: Translated
    colour: int | None
    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Overview:
    totals: Totals
    tasks: tuple[Task, ...]
    jobs: Sequence[Job]
    next_sessions: Sequence[NextSession]
    days: Sequence[tuple[date, int]]
    """Registrations by the end of each day on which there were any."""
    chart: chart.Chart | None
    sections: Sequence[tuple[Translated, int]]


def overview(edition: Edition, *, can: Can, at: datetime, language: str) -> Overview:
    days = _registration_days(edition)
    return Overview(
        totals=_totals(edition, can),
        tasks=tuple(_tasks(edition, can, at, language)),
        jobs=edition_jobs(edition, limit=JOBS_SHOWN) if can(Permission.SEE_JOBS) else (),
        next_sessions=_next_of_the_draft(edition, at) if can(Permission.SEE_AGENDA) else _next_for_all(edition, at),
        days=days,
        chart=chart.chart(days),
        sections=_sections(edition),
    )


def _totals(edition: Edition, can: Can) -> Totals:
    statuses: dict[Status, int] = dict(
        db.session.execute(
            select(Registration.status, func.count())
            .where(Registration.edition_id == edition.id)
            .group_by(Registration.status)
        ).all()
    )
    cities, countries = db.session.execute(
        select(
            func.count(func.distinct(func.nullif(Registration.city, ""))),
            func.count(func.distinct(func.nullif(Registration.country, ""))),
        ).where(Registration.edition_id == edition.id, Registration.status.in_(PLACED))
    ).one()
    if can(Permission.SEE_AGENDA):
        sessions = db.session.scalar(
            select(func.count())
            .select_from(AgendaSession)
            .where(AgendaSession.edition_id == edition.id, AgendaSession.status != SessionStatus.CANCELLED)
        )
    else:
        sessions = sum(not one.is_cancelled for one in published.listed(published.programme(edition)))
    return Totals(
        registered=sum(statuses.get(status, 0) for status in PLACED),
        approved=statuses.get(Status.APPROVED, 0),
        waitlisted=statuses.get(Status.WAITLISTED, 0),
        cities=cities,
        countries=countries,
        sessions=sessions or 0,
        revision=publishing.last_revision(edition),
    )


def _tasks(edition: Edition, can: Can, at: datetime, language: str) -> list[Task]:
    """In the order in which they press."""
    found = _tasks_of_the_agenda(edition, language) if can(Permission.SEE_AGENDA) else []
    if can(Permission.DECIDE_REGISTRATIONS):
        waiting, oldest = db.session.execute(
            select(func.count(), func.min(Registration.created_at)).where(
                Registration.edition_id == edition.id, Registration.status == Status.SUBMITTED
            )
        ).one()
        if waiting:
            what = ngettext("registration to decide", "registrations to decide", waiting)
            found.append(Task("submitted", waiting, what, _waited(oldest, at, edition)))
    if can(Permission.PUBLISH_AGENDA):
        changes = len(publishing.difference_to_publish(edition).changes)
        if changes:
            what = ngettext("change to publish", "changes to publish", changes)
            found.append(Task("changes", changes, what, _("Pages and calendars show the last revision until then")))
    if can(Permission.PRINT):
        unprinted = db.session.scalar(
            select(func.count())
            .select_from(Registration)
            .where(
                Registration.edition_id == edition.id,
                Registration.status == Status.APPROVED,
                ~exists().where(BadgePrint.registration_id == Registration.id),
            )
        )
        if unprinted:
            what = ngettext("badge not yet printed", "badges not yet printed", unprinted)
            found.append(Task("badges", unprinted, what, _("Of the approved registrations")))
    if can(Permission.SEE_MAIL) and (failed := db.session.scalar(failed_mails(edition))):
        found.append(
            Task("mails", failed, ngettext("mail failed", "mails failed", failed), _("The outbox says why of each"))
        )
    return found


def _tasks_of_the_agenda(edition: Edition, language: str) -> list[Task]:
    found: list[Task] = []
    clashes = checks.open_clashes(edition)
    if clashes:
        first = sentence(clashes[0], language, edition.main_language)
        detail = _("First: %(clash)s", clash=first)
        found.append(Task("clashes", len(clashes), ngettext("clash", "clashes", len(clashes)), detail))
    moved = zone_rules.unread(edition)
    if moved.sessions:
        what = ngettext(
            "session moved by new rules of time zones", "sessions moved by new rules of time zones", moved.sessions
        )
        detail = _("Their time on the wall is the same; elsewhere it is another")
        if moved.unclear:
            detail = ngettext(
                "%(num)d of them has no time any more", "%(num)d of them have no time any more", moved.unclear
            )
        found.append(Task("zones", moved.sessions, what, detail))
    return found


def _waited(oldest: datetime, at: datetime, edition: Edition) -> str:
    days = (dates.on_wall(at, edition.zone).date() - dates.on_wall(oldest, edition.zone).date()).days
    if days <= 0:
        return _("All of today")
    return ngettext("The oldest has waited %(num)d day", "The oldest has waited %(num)d days", days)


def failed_mails(edition: Edition) -> Select[int]:
    """How many, as a query."""
    return select(func.count(OutboxMail.id)).where(
        OutboxMail.edition_id == edition.id, OutboxMail.state == MailState.FAILED
    )


def submitted(edition: Edition) -> Select[int]:
    """How many wait for a decision, as a query."""
    return select(func.count(Registration.id)).where(
        Registration.edition_id == edition.id, Registration.status == Status.SUBMITTED
    )


def edition_jobs(edition: Edition, *, limit: int, offset: int = 0) -> Sequence[Job]:
    """The latest first."""
    return db.session.scalars(
        select(Job)
        .where(Job.edition_id == edition.id, Job.kind.not_in(SILENT_KINDS))
        .order_by(Job.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def daily_jobs() -> list[tuple[str, Job | None]]:
    """What a worker does every day, for all editions, and its last run."""
    latest = select(func.max(Job.id)).where(Job.kind.in_(jobs.daily_kinds())).group_by(Job.kind)
    runs = {job.kind: job for job in db.session.scalars(select(Job).where(Job.id.in_(latest)))}
    return [(kind, runs.get(kind)) for kind in jobs.daily_kinds()]


def _next_of_the_draft(edition: Edition, at: datetime) -> list[NextSession]:
    """Those of the draft that run now or come next."""
    found = db.session.scalars(
        select(AgendaSession)
        .where(
            AgendaSession.edition_id == edition.id,
            AgendaSession.end_utc > at,
            AgendaSession.status != SessionStatus.CANCELLED,
        )
        .options(joinedload(AgendaSession.hall), joinedload(AgendaSession.track))
        .order_by(AgendaSession.start_utc, AgendaSession.code)
        .limit(SESSIONS_SHOWN)
    )
    return [
        NextSession(
            one.title,
            one.start_utc,
            one.starts,
            one.ends,
            one.zone,
            one.hall.name if one.hall else Translated(),
            one.track.colour if one.track else None,
            one.languages,
        )
        for one in found
        if one.start_utc and one.starts and one.ends
    ]


def _next_for_all(edition: Edition, at: datetime) -> list[NextSession]:
    """The same of what everybody may read, for organisers who work without the agenda."""
    found = [
        NextSession(
            one.title, one.start_utc, one.starts, one.ends, one.zone, one.hall_name, one.track_colour, one.languages
        )
        for one in published.listed(published.programme(edition))
        if one.start_utc and one.end_utc and one.starts and one.ends and one.end_utc > at and not one.is_cancelled
    ]
    return sorted(found, key=lambda one: one.start_utc)[:SESSIONS_SHOWN]


def _registration_days(edition: Edition) -> list[tuple[date, int]]:
    """By the calendar of the host city, whatever became of the registration."""
    instants: Sequence[Any] = db.session.scalars(
        select(Registration.created_at).where(Registration.edition_id == edition.id).order_by(Registration.created_at)
    ).all()
    by_day = groupby(dates.on_wall(instant, edition.zone).date() for instant in instants)
    return chart.cumulative([(day, sum(1 for _one in those)) for day, those in by_day])


def _sections(edition: Edition) -> Sequence[tuple[Translated, int]]:
    return db.session.execute(
        select(Section.name, func.count())
        .join(Registration, Registration.section_id == Section.id)
        .where(Registration.edition_id == edition.id, Registration.status.in_(PLACED))
        .group_by(Section.id, Section.position)
        .order_by(func.count().desc(), Section.position)
    ).all()
