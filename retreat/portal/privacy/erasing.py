"""Erasing a person: the numbers stay, and who it was is gone.

    what_goes(person) -> Loss                            for the page that asks once more
    erase(person, is_everywhere=, at=, by=) -> Loss      from every edition and from the address book
    forget(registrations, at=) · forget_edition · forget_people      the same for those whose time is over

What becomes of each column is said by `registration.privacy`; here it is carried out. Whoever means to come at an
edition that is not over gives the place back first, so that somebody who waits gets it; nobody is written to.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Boolean, Column, ColumnElement, bindparam, delete, func, or_, select, update

from retreat.agenda import stamps
from retreat.agenda.models import AgendaSession, Part, RevisedPart, RevisedSession, Revision
from retreat.agenda.places import give_up_all
from retreat.ceremony.models import Award
from retreat.core import audit, dates, files, tokens
from retreat.core.audit import Actor, AuditEntry
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.jobs import Job, JobState
from retreat.core.mail import OutboxMail
from retreat.editions.models import Edition
from retreat.network.models import Person
from retreat.portal.privacy import exporting
from retreat.portal.privacy.whose import TABLES, Traces, rows_of, traces_of_person, traces_of_registrations
from retreat.printing.service import forget_books
from retreat.registration.delegations.models import Delegation, DelegationToken, Substitution, SubstitutionState
from retreat.registration.invitations.models import Invitation
from retreat.registration.models import Registration, Status
from retreat.registration.privacy import COLUMNS, Fate, columns_of
from retreat.registration.service import leave_quietly
from retreat.registration.states import LIVE

NOBODY = "—"
"""Stands where a name stood."""

KEPT_DETAILS = frozenset(
    {
        *("code", "before", "after", "fields", "number", "session", "count", "slug"),
        *("registrations", "people", "programmes", "passports", "letters"),
    }
)
"""Of a row of the history: what says nothing of who it was."""

_ROW_BY_ROW = frozenset({"registration", "person", "audit_entry", "outbox_mail", "job"})
"""Tables that need more than the rule."""


class AlreadyErased(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This person has been erased already."))


class NotConfirmed(RetreatError):
    def __init__(self, reference: str) -> None:
        super().__init__(_l("This is not the reference %(reference)s.", reference=reference))


@dataclass(frozen=True, slots=True)
class Loss:
    """How much there is, by table; where the person comes; where the name is printed."""

    counts: Counter[str]
    registrations: tuple[tuple[str, str, Status, bool], ...]
    """The edition, the reference, the status, and whether a place is given back."""
    programmes: tuple[tuple[str, str], ...]
    """The edition and the title of the session, drafts and prizes included."""


def reference_of(person: Person) -> str:
    """What has to be typed: the newest registration's reference, or the number in the address book."""
    code = db.session.scalar(
        select(Registration.code).where(Registration.person_id == person.id).order_by(Registration.id.desc()).limit(1)
    )
    return code or f"P-{person.id}"


def what_goes(person: Person, *, at: datetime) -> Loss:
    """Counted, not touched."""
    traces = traces_of_person(person)
    tables = {table for table, _name in COLUMNS}
    counts = Counter(
        {
            table: db.session.scalar(select(func.count()).select_from(TABLES[table]).where(rows_of(table, traces))) or 0
            for table in sorted(tables)
        }
    )
    registrations = _registrations(person)
    return Loss(
        counts,
        tuple((one.edition.slug, one.code, one.status, _comes(one, at)) for one in registrations),
        tuple(_programmes(person)),
    )


def erase(person: Person, *, typed: str, is_everywhere: bool, at: datetime, by: Actor) -> Loss:
    """Raises AlreadyErased and NotConfirmed. With `is_everywhere` the name goes from programmes as well."""
    if typed.strip().upper() != reference_of(person).upper():
        raise NotConfirmed(reference_of(person))
    registrations = _registrations(person)
    _lock(registrations)
    # Of two who press at once the second finds it done.
    db.session.refresh(person, with_for_update={"key_share": True, "of": Person})
    if person.erased_at is not None:
        raise AlreadyErased
    loss = what_goes(person, at=at)
    for one in registrations:
        if _comes(one, at):
            leave_quietly(one, at=at, by=by)
    traces = traces_of_person(person)
    exporting.remove_files(person, at - files.KEPT_FOR)
    if is_everywhere:
        _take_out_of_programmes(person, at=at)
    _give_back_seats(registrations, at=at, by=by)
    _carry_out(traces, at=at)
    db.session.refresh(person)
    person.erased_at = at
    db.session.flush()
    # A row in the history of each edition where somebody was, or in that of none.
    editions: list[int | None] = [*sorted({one.edition_id for one in registrations})]
    for edition_id in editions or [None]:
        audit.record(
            "person.erased",
            person,
            at=at,
            by=by,
            edition_id=edition_id,
            registrations=len(registrations),
            programmes=is_everywhere,
        )
    return loss


def forget(registrations: Sequence[Registration], *, at: datetime) -> None:
    """Registrations whose time is over. Whoever stands in the address book for another reason stays there."""
    _carry_out(traces_of_registrations(registrations), at=at)


def forget_people(people: Sequence[int], *, at: datetime) -> None:
    """People of whom nothing else is kept: their rows of the address book are emptied too."""
    _carry_out(Traces.of_keys(people=people), at=at)
    db.session.execute(
        update(Person).where(Person.id.in_(people)).values(erased_at=at).execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def forget_edition(edition: Edition, *, at: datetime) -> None:
    """What an edition knows of people beside its registrations: who was invited, who coordinated, who did what."""
    here = edition.id
    invitations = db.session.scalars(select(Invitation.id).where(Invitation.edition_id == here)).all()
    _carry_out(Traces.of_keys(invitations=invitations), at=at)
    delegations = select(Delegation.id).where(Delegation.edition_id == here)
    statements: tuple[Any, ...] = (
        delete(OutboxMail).where(OutboxMail.edition_id == here),
        delete(Job).where(Job.edition_id == here, Job.state.in_((JobState.DONE, JobState.FAILED, JobState.CANCELLED))),
        delete(DelegationToken).where(DelegationToken.delegation_id.in_(delegations)),
        update(Delegation).where(Delegation.edition_id == here).values(coordinator_name="", coordinator_email=""),
    )
    for statement in statements:
        db.session.execute(statement.execution_options(synchronize_session=False))
    personal = {table for table, _name in COLUMNS}
    # Of the edition itself as well: a print run, for instance, names whose badge lacks a letter.
    of_itself = (AuditEntry.subject_kind == "edition") & (AuditEntry.subject_id == here)
    _clear_steps((AuditEntry.edition_id == here) & AuditEntry.subject_kind.in_(personal) | of_itself)
    db.session.expire_all()


def _registrations(person: Person) -> Sequence[Registration]:
    return db.session.scalars(
        select(Registration).where(Registration.person_id == person.id).order_by(Registration.edition_id)
    ).all()


def _lock(registrations: Sequence[Registration]) -> None:
    """Every edition's row first, in the order of their ids, as everybody does."""
    ids = sorted({one.edition_id for one in registrations})
    db.session.execute(
        select(Edition.id).where(Edition.id.in_(ids)).order_by(Edition.id).with_for_update(key_share=True)
    )


def _comes(registration: Registration, at: datetime) -> bool:
    edition = registration.edition
    is_over = edition.closed_at is not None or edition.ends_on < dates.on_wall(at, edition.zone).date()
    return registration.status in LIVE and not is_over


def _give_back_seats(registrations: Sequence[Registration], *, at: datetime, by: Actor) -> None:
    for one in registrations:
        give_up_all(one, at=at, by=by)


# By the table ------------------------------------------------------------------------------------------------------


def _carry_out(traces: Traces, *, at: datetime) -> None:
    """First what is found by words, while the words are there; then rows that go; then columns."""
    db.session.flush()
    _forget_steps(traces)
    db.session.execute(delete(OutboxMail).where(rows_of("outbox_mail", traces)))
    _empty("job", traces, created_by=NOBODY)
    _end_secrets(traces, at=at)
    for table in _tables_with(Fate.GOES):
        db.session.execute(delete(TABLES[table]).where(rows_of(table, traces)))
    db.session.execute(delete(TABLES["two_people"]).where(rows_of("two_people", traces)))
    for table in _tables_with(Fate.EMPTIED):
        if table not in _ROW_BY_ROW:
            _empty(table, traces)
    _empty("person", traces, badge_name=NOBODY)
    _empty_registrations(traces, at=at)
    db.session.expire_all()
    forget_books()


def _tables_with(fate: Fate) -> list[str]:
    """Those that hang on others first."""
    found = {table for (table, _name), column in COLUMNS.items() if column.fate is fate} - _ROW_BY_ROW
    order = [table.name for table in reversed(TABLES["registration"].metadata.sorted_tables)]
    return sorted(found, key=order.index)


def _empty(table: str, traces: Traces, **instead: Any) -> None:
    values = {name: _nothing(TABLES[table].c[name]) for name in columns_of(table, Fate.EMPTIED)}
    db.session.execute(update(TABLES[table]).where(rows_of(table, traces)).values({**values, **instead}))


def _nothing(column: Column[Any]) -> Any:
    """What an empty cell holds."""
    if column.nullable:
        return None
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, JSON):
        return [] if column.name == "languages" else {}
    return ""


def _empty_registrations(traces: Traces, *, at: datetime) -> None:
    """Each gets another token for its badge, and a higher version: a form that is open saves nothing any more."""
    table = TABLES["registration"]
    _empty(
        "registration",
        traces,
        badge_name=NOBODY,
        search_key="",
        submission_key=None,
        version=table.c.version + 1,
        updated_at=at,
    )
    fresh = [{"which": number, "token": tokens.new_badge_token()} for number in traces.registrations]
    if fresh:
        statement = update(table).where(table.c.id == bindparam("which")).values(badge_token=bindparam("token"))
        db.session.connection().execute(statement, fresh)


def _end_secrets(traces: Traces, *, at: datetime) -> None:
    """Links open nothing any more; a calendar's address answers 410, so that the calendar goes from the phone."""
    for table in ("registration_token", "invitation_token"):
        db.session.execute(delete(TABLES[table]).where(rows_of(table, traces)))
    delegations = select(TABLES["delegation"].c.id).where(rows_of("delegation", traces))
    db.session.execute(
        delete(DelegationToken)
        .where(DelegationToken.delegation_id.in_(delegations))
        .execution_options(synchronize_session=False)
    )
    for table in ("subscription", "invitation"):
        live = TABLES[table].c.revoked_at.is_(None)
        db.session.execute(update(TABLES[table]).where(rows_of(table, traces), live).values(revoked_at=at))
    db.session.execute(
        update(Substitution)
        .where(rows_of("substitution", traces), Substitution.state == SubstitutionState.PROPOSED)
        .values(state=SubstitutionState.TAKEN_BACK, decided_at=at)
        .execution_options(synchronize_session=False)
    )


def _forget_steps(traces: Traces) -> None:
    _clear_steps(rows_of("audit_entry", traces))


def _clear_steps(which: ColumnElement[bool]) -> None:
    """The steps stay, by organisers under their names; what they say of the person, and the person's name, go."""
    table = TABLES["audit_entry"]
    found = db.session.execute(
        select(table.c.id, table.c.actor_kind, table.c.actor_name, table.c.details).where(which)
    ).all()
    if not found:
        return
    statement = (
        update(table)
        .where(table.c.id == bindparam("which"))
        .values(actor_name=bindparam("who"), details=bindparam("said"))
    )
    db.session.connection().execute(
        statement,
        [
            {
                "which": row.id,
                "who": NOBODY if row.actor_kind in ("delegate", "coordinator") else row.actor_name,
                "said": {key: value for key, value in row.details.items() if key in KEPT_DETAILS},
            }
            for row in found
        ],
    )


# Programmes --------------------------------------------------------------------------------------------------------


def _programmes(person: Person) -> list[tuple[str, str]]:
    """Where the name is printed: in the draft, in a published revision, on a prize."""
    sessions = select(AgendaSession).where(
        or_(
            AgendaSession.id.in_(select(Part.session_id).where(Part.person_id == person.id)),
            AgendaSession.id.in_(
                select(RevisedSession.session_id)
                .join(RevisedPart, RevisedPart.revised_session_id == RevisedSession.id)
                .where(RevisedPart.person_id == person.id)
            ),
            AgendaSession.id.in_(
                select(Award.session_id).where(
                    or_(Award.recipient_person_id == person.id, Award.presenter_person_id == person.id)
                )
            ),
        )
    )
    return [
        (one.edition.slug, one.title.text("en", one.edition.main_language))
        for one in db.session.scalars(sessions.order_by(AgendaSession.edition_id, AgendaSession.code))
    ]


def _take_out_of_programmes(person: Person, *, at: datetime) -> None:
    """In the draft and in every revision: the one exception to "a revision is never edited". Calendars are told."""
    touched = set(
        db.session.scalars(
            select(AgendaSession.edition_id)
            .join(Part, Part.session_id == AgendaSession.id)
            .where(Part.person_id == person.id)
        )
    ) | set(
        db.session.scalars(
            select(Revision.edition_id)
            .join(RevisedSession, RevisedSession.revision_id == Revision.id)
            .join(RevisedPart, RevisedPart.revised_session_id == RevisedSession.id)
            .where(RevisedPart.person_id == person.id)
        )
    )
    for kind in (Part, RevisedPart):
        db.session.execute(
            update(kind)
            .where(kind.person_id == person.id)
            .values(printed_name=NOBODY, office="", organisation="")
            .execution_options(synchronize_session=False)
        )
    for side in ("recipient", "presenter"):
        table = TABLES["award"]
        db.session.execute(
            update(table)
            .where(table.c[f"{side}_person_id"] == person.id)
            .values({f"{side}_name": NOBODY, f"{side}_position": {}})
        )
    db.session.expire_all()
    for edition in db.session.scalars(select(Edition).where(Edition.id.in_(touched)).order_by(Edition.id)).all():
        stamps.grow(edition, person.id, at=at)
