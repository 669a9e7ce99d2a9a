"""Which rows of the database are about somebody: by keys where there are keys, by the words where there are none."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, or_, select

from retreat.core.audit import AuditEntry
from retreat.core.db import Model, db
from retreat.core.jobs import Job, JobState
from retreat.core.mail import MailState, OutboxMail
from retreat.core.names import search_key
from retreat.network.models import Person
from retreat.registration.answers import name_key
from retreat.registration.delegations.models import Delegation
from retreat.registration.invitations.models import Invitation
from retreat.registration.letters.models import Letter
from retreat.registration.models import Registration

SHORTEST_NAME = 6
"""Characters. A shorter name, or one without a blank, may be a part of somebody else's: it is not looked for."""

TABLES = Model.metadata.tables


@dataclass(frozen=True, slots=True)
class Traces:
    """What leads to the rows: keys, and words that say who it is. Read before anything is emptied."""

    people: tuple[int, ...]
    """Empty where only registrations are meant, and not what outlives them."""
    registrations: tuple[int, ...]
    invitations: tuple[int, ...]
    letters: tuple[int, ...]
    delegations: tuple[int, ...]
    """Whose coordinator it is, by name and address: an address alone may be that of an assistant."""
    names: frozenset[str]
    emails: frozenset[str]

    @classmethod
    def of_keys(cls, *, people: Sequence[int] = (), invitations: Sequence[int] = ()) -> "Traces":
        """By keys only: nothing is looked for by words."""
        return cls(tuple(people), (), tuple(invitations), (), (), frozenset(), frozenset())


def traces_of_person(person: Person) -> Traces:
    """Everything, in every edition."""
    registrations = db.session.scalars(
        select(Registration).where(Registration.person_id == person.id).order_by(Registration.id)
    ).all()
    return _traces(registrations, [person])


def traces_of_registrations(registrations: Sequence[Registration]) -> Traces:
    """What belongs to these registrations by its keys, and not to the people of the address book."""
    return replace(_traces(registrations, []), names=frozenset(), emails=frozenset())


def _traces(registrations: Sequence[Registration], people: Sequence[Person]) -> Traces:
    everybody: list[Registration | Person] = [*registrations, *people]
    ids = [one.id for one in registrations]
    emails = frozenset(one.email for one in everybody if one.email)
    by_name = and_(
        Invitation.email.in_(emails),
        Invitation.name_key.in_({name_key(_names(one)) for one in everybody} - {""}),
    )
    if not people:
        by_name = and_(by_name, Invitation.edition_id.in_({one.edition_id for one in registrations}))
    invited = or_(Invitation.registration_id.in_(ids), Invitation.person_id.in_([one.id for one in people]), by_name)
    return Traces(
        people=tuple(one.id for one in people),
        registrations=tuple(ids),
        invitations=tuple(db.session.scalars(select(Invitation.id).where(invited).order_by(Invitation.id))),
        letters=tuple(db.session.scalars(select(Letter.id).where(Letter.registration_id.in_(ids)).order_by(Letter.id))),
        delegations=tuple(_coordinated_by(everybody, emails)) if people else (),
        names=frozenset(name for one in everybody for name in _spellings(one) if is_telling(name)),
        emails=emails,
    )


def _coordinated_by(everybody: Sequence[Registration | Person], emails: frozenset[str]) -> Iterator[int]:
    keys = {search_key(name) for one in everybody for name in _spellings(one)} - {""}
    for number, name in db.session.execute(
        select(Delegation.id, Delegation.coordinator_name)
        .where(Delegation.coordinator_email.in_(emails))
        .order_by(Delegation.id)
    ):
        if search_key(name) in keys:
            yield number


def _names(one: Registration | Person) -> dict[str, str]:
    return {"given_name": one.given_name, "family_name": one.family_name, "badge_name": one.badge_name}


def _spellings(one: Registration | Person) -> Iterator[str]:
    full = " ".join(filter(None, (one.given_name, one.family_name)))
    yield from (full, one.badge_name, one.native_name, one.printed_name)
    yield " ".join(filter(None, (one.honorific, one.printed_name)))


def is_telling(name: str) -> bool:
    """Whether the words alone say who it is."""
    return len(name) >= SHORTEST_NAME and " " in name


# By keys -----------------------------------------------------------------------------------------------------------


def _of_registration(name: str = "registration_id") -> Callable[[str, Traces], ColumnElement[bool]]:
    return lambda table, traces: TABLES[table].c[name].in_(traces.registrations)


def _of_person(*names: str) -> Callable[[str, Traces], ColumnElement[bool]]:
    return lambda table, traces: or_(*(TABLES[table].c[name].in_(traces.people) for name in names))


def _of_answer(table: str, traces: Traces) -> ColumnElement[bool]:
    answer = TABLES["answer"]
    theirs = select(answer.c.id).where(answer.c.registration_id.in_(traces.registrations))
    return TABLES[table].c.answer_id.in_(theirs)


def _of_substitution(table: str, traces: Traces) -> ColumnElement[bool]:
    columns = TABLES[table].c
    return or_(columns.registration_id.in_(traces.registrations), columns.successor_id.in_(traces.registrations))


def _at_edition(table: str, traces: Traces) -> ColumnElement[bool]:
    """Of the person of such a registration, at its edition."""
    columns, registration, session = TABLES[table].c, TABLES["registration"].c, TABLES["agenda_session"].c
    theirs = exists().where(registration.id.in_(traces.registrations), registration.person_id == columns.person_id)
    if "edition_id" in columns:
        return theirs.where(registration.edition_id == columns.edition_id)
    return theirs.where(session.id == columns.session_id, session.edition_id == registration.edition_id)


_BY_TABLE: Mapping[str, Callable[[str, Traces], ColumnElement[bool]]] = {
    "registration": _of_registration("id"),
    **dict.fromkeys(
        ("status_change", "badge_print", "answer", "photograph", "passport", "letter", "registration_token"),
        _of_registration(),
    ),
    "substitution": _of_substitution,
    "answer_option": _of_answer,
    "answer_file": _of_answer,
    "invitation": lambda table, traces: TABLES[table].c.id.in_(traces.invitations),
    "invitation_token": lambda table, traces: TABLES[table].c.invitation_id.in_(traces.invitations),
    "delegation": lambda table, traces: TABLES[table].c.id.in_(traces.delegations),
    **dict.fromkeys(
        ("place", "star", "subscription", "calendar_invitation"),
        lambda table, traces: or_(_of_person("person_id")(table, traces), _at_edition(table, traces)),
    ),
    **dict.fromkeys(("part", "revised_part", "office", "seat"), _of_person("person_id")),
    "award": _of_person("recipient_person_id", "presenter_person_id"),
    "two_people": _of_person("one_id", "other_id"),
    "person": _of_person("id"),
    "outbox_mail": lambda _table, traces: mails_of(traces),
    "audit_entry": lambda _table, traces: steps_of(traces),
    "job": lambda _table, traces: jobs_of(traces),
}


def rows_of(table: str, traces: Traces) -> ColumnElement[bool]:
    """The condition by which rows of a table are theirs."""
    return _BY_TABLE[table](table, traces)


# By words ----------------------------------------------------------------------------------------------------------


def mails_of(traces: Traces) -> ColumnElement[bool]:
    """Mails about them, to them alone, and those that are done with and say a name or an address of theirs."""
    subject = _subjects(OutboxMail.subject_kind, OutboxMail.subject_id, traces)
    theirs = and_(OutboxMail.recipient.in_(traces.emails), OutboxMail.subject_kind == "")
    is_over = OutboxMail.state.in_((MailState.KEPT, MailState.SENT, MailState.FAILED))
    said = _says(traces, OutboxMail.values, OutboxMail.subject)
    return or_(subject, theirs, and_(is_over, said))


def written_to(traces: Traces) -> ColumnElement[bool]:
    """Mails about them that they may read: none that was written to somebody else about somebody else as well."""
    kinds = {"registration": traces.registrations, "invitation": traces.invitations}
    return or_(
        false(),
        *(and_(OutboxMail.subject_kind == kind, OutboxMail.subject_id.in_(ids)) for kind, ids in kinds.items() if ids),
    )


def steps_of(traces: Traces) -> ColumnElement[bool]:
    """Rows of the history about them, by them, or that say a name or an address of theirs."""
    by_them = and_(
        AuditEntry.actor_kind == "delegate",
        or_(AuditEntry.actor_id.in_(traces.people), AuditEntry.actor_name.in_(traces.names | traces.emails)),
    )
    return or_(
        _subjects(AuditEntry.subject_kind, AuditEntry.subject_id, traces), by_them, _says(traces, AuditEntry.details)
    )


def jobs_of(traces: Traces) -> ColumnElement[bool]:
    """Work that they caused, or that says a name or an address of theirs, once it is over."""
    is_over = Job.state.in_((JobState.DONE, JobState.FAILED, JobState.CANCELLED))
    said = _says(traces, Job.arguments, Job.result, Job.error)
    return or_(Job.created_by.in_(traces.names | traces.emails), and_(is_over, said))


def _subjects(kind: Any, key: Any, traces: Traces) -> ColumnElement[bool]:
    found = [
        and_(kind == table, key.in_(ids))
        for table, ids in (
            ("registration", traces.registrations),
            ("invitation", traces.invitations),
            ("letter", traces.letters),
            ("person", traces.people),
        )
        if ids
    ]
    inner = [
        and_(kind == table, key.in_(select(TABLES[table].c.id).where(rows_of(table, traces))))
        for table in ("substitution", "place", "photograph", "passport", "answer", "office", "seat", "subscription")
    ]
    return or_(false(), *found, *inner)


def _says(traces: Traces, *columns: Any) -> ColumnElement[bool]:
    """Rows in which a name or an address of theirs stands as a whole: ana@ is not diana@, nor is Ana Li an Ana Lind.

    The database finds what contains the words, and a pattern what says them. JSON is stored with its letters as they
    are, and quotes with a backslash.
    """
    words = [json.dumps(one, ensure_ascii=False)[1:-1] for one in sorted(traces.names | traces.emails)]
    if not words:
        return false()
    key = columns[0].class_.id
    texts = [cast(column, String) for column in columns]
    containing = or_(*(text.contains(word, autoescape=True) for text in texts for word in words))
    whole = re.compile(rf"(?<![\w.@+-])(?:{'|'.join(map(re.escape, words))})(?![\w@-]|\.\w)")
    rows = db.session.execute(select(key, *texts).where(containing))
    theirs = [row[0] for row in rows if any(whole.search(text or "") for text in row[1:])]
    found: ColumnElement[bool] = key.in_(theirs)
    return found
