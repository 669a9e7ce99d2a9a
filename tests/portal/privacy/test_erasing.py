"""Erasing a person: who it was is in no table any more, and every number is as it was."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, LargeBinary, String, func, select, update

from retreat.agenda.models import (
    AgendaSession,
    Kind,
    Part,
    Place,
    PlaceState,
    RevisedPart,
    RevisedSession,
    Revision,
    Star,
)
from retreat.calendars import service as calendars
from retreat.calendars.service import PersonOwner
from retreat.ceremony.models import Award
from retreat.core import audit, files, mail, sealed, sheets, stored
from retreat.core.audit import AuditEntry
from retreat.core.db import Model, db
from retreat.core.i18n import Translated
from retreat.core.jobs import Job, JobState
from retreat.core.mail import OutboxMail
from retreat.editions.models import Edition
from retreat.network.models import Body, Office, Organisation, Person, Seat, TwoPeople
from retreat.notices.models import CalendarInvitation
from retreat.portal.privacy import erasing
from retreat.portal.privacy.whose import rows_of, traces_of_person
from retreat.printing.models import BadgePrint
from retreat.registration import imports, photographs, proof, service
from retreat.registration.arrivals import service as arrivals
from retreat.registration.delegations.models import Delegation, DelegationRole, DelegationToken, Substitution
from retreat.registration.invitations.models import Invitation, InvitationSource, InvitationToken
from retreat.registration.letters import service as letters
from retreat.registration.letters.models import Letter, Passport
from retreat.registration.links import new_link
from retreat.registration.models import Gender, Photograph, Registration, Status
from retreat.registration.privacy import COLUMNS, Fate
from retreat.registration.questions.models import Answer, AnswerFile, Question, QuestionKind, QuestionOption
from retreat.registration.rows import READ
from tests.registration import pictures
from tests.registration.letters.making import PASSPORT
from tests.registration.making import AT, REGISTRAR, answers, edition

MARKER = "Zebedea Quuxfield"
ADMINISTRATOR = REGISTRAR
HERSELF = audit.Actor("delegate", MARKER)


def register(of: Edition, **values: Any) -> Registration:
    given = answers(of, **{"given_name": "Zebedea", "family_name": "Quuxfield", "email": "zq@example.org", **values})
    return service.register(of, given, at=AT, by=HERSELF, consented_at=AT)


def everything(of: Edition) -> Registration:
    """Somebody of whom there is a row in each table that can hold one."""
    one = register(of, gender=Gender.WOMAN)
    service.approve(one, at=AT, by=REGISTRAR)
    person, other = (
        one.person,
        Person(given_name="Somebody", family_name="Else", email="else@example.org", created_at=AT),
    )
    city = Organisation(name=Translated(en="Quux"), name_key="quux")
    body = Body(slug="bureau", name=Translated(en="Bureau"))
    question = Question(edition_id=of.id, slug="q", kind=QuestionKind.FILE, label=Translated(en="Q"), created_at=AT)
    option = QuestionOption(slug="o", label=Translated(en="O"), taken=1)
    question.options.append(option)
    session = AgendaSession(
        edition_id=of.id, uid="u", code="S1", title=Translated(en="S"), zone=of.zone, kind=Kind.PANEL,
        created_at=AT, updated_at=AT, taken=1,
    )  # fmt: skip
    db.session.add_all([other, city, body, question, session])
    db.session.flush()
    delegation = Delegation(
        edition_id=of.id, organisation_id=city.id, coordinator_name=MARKER, coordinator_email=one.email,
        created_at=AT, updated_at=AT,
    )  # fmt: skip
    revision = Revision(edition_id=of.id, number=1, published_at=AT, published_by="x", tzdata="2026a")
    revised = RevisedSession(
        session_id=session.id, uid="u", sequence=0, last_modified=AT, created_at=AT, code="S1",
        title=session.title, zone=of.zone, kind=Kind.PANEL, access=session.access, is_listed=True, status=session.status,
    )  # fmt: skip
    revised.parts.append(RevisedPart(person_id=person.id, role="speaker", state="confirmed", printed_name=MARKER))
    revision.sessions.append(revised)
    db.session.add_all([delegation, revision])
    db.session.flush()
    one.delegation_id, one.delegation_role = delegation.id, DelegationRole.HEAD
    invitation = Invitation(
        edition_id=of.id, person_id=person.id, registration_id=one.id, source=InvitationSource.HAND,
        email=one.email, name_key="zebedea quuxfield", prefill={}, expires_at=AT, created_at=AT, created_by="x",
    )  # fmt: skip
    answer = Answer(question_id=question.id, options=[option])
    answer.file = AnswerFile(**stored.values_of(MARKER.encode(), name=MARKER, media_type="text/plain"))
    one.answers.append(answer)
    one.photograph = Photograph(created_at=AT, **stored.values_of(MARKER.encode(), name=MARKER, media_type="image/png"))
    db.session.add_all([invitation])
    db.session.flush()
    db.session.add_all([
        InvitationToken(invitation_id=invitation.id, token_hash="i" * 64, created_at=AT),
        DelegationToken(delegation_id=delegation.id, token_hash="d" * 64, created_at=AT),
        Substitution(registration_id=one.id, values={"name": MARKER}, proposed_at=AT, proposed_by=MARKER),
        Passport(registration_id=one.id, sealed=sealed.seal({"number": MARKER}), updated_at=AT),
        Letter(
            edition_id=of.id, registration_id=one.id, number="L1", language="en", match_key="m" * 64,
            sealed=sealed.seal({"name": MARKER}), issued_at=AT, issued_by="x",
        ),
        Office(person_id=person.id, position=MARKER, seen_first=date(2020, 1, 1), seen_last=date(2020, 1, 1)),
        Seat(person_id=person.id, body_id=body.id),
        TwoPeople(one_id=person.id, other_id=other.id, said_at=AT, said_by="x"),
        Part(session_id=session.id, person_id=person.id, printed_name=MARKER),
        Place(session_id=session.id, person_id=person.id, state=PlaceState.TAKEN, created_at=AT),
        Star(session_id=session.id, person_id=person.id, created_at=AT),
        CalendarInvitation(
            edition_id=of.id, person_id=person.id, uid=session.uid, sequence=0, facts_hash="h" * 64,
            created_at=AT, mailed_at=AT,
        ),
        Award(session_id=session.id, prize=Translated(en="P"), recipient_person_id=person.id, recipient_name=MARKER),
        BadgePrint(registration_id=one.id, content_hash="c" * 64, printed_at=AT, printed_by="x"),
    ])  # fmt: skip
    calendars.subscribe(PersonOwner(person.id), of.id, MARKER, at=AT)
    new_link(one, at=AT)
    mail.queue(
        "registration/mail/approved.txt",
        to="coordinator@example.org",
        language="en",
        values={"name": MARKER, "code": "x", "edition_title": "x", "city": "x", "dates": "x", "contact_email": "", "filled_by": "", "reason": ""},
        at=AT,
        links={"link": ("registration", one.id)},
    )  # fmt: skip
    audit.record("badges.printed", of, at=AT, by=REGISTRAR, missing=[MARKER])
    db.session.add(
        Job(kind="print.badges", arguments={}, result={"missing": [MARKER]}, state=JobState.DONE, edition_id=of.id, created_at=AT,
            created_by=MARKER)
    )  # fmt: skip
    db.session.flush()
    mark(person)
    db.session.expire_all()
    return one


def mark(person: Person) -> None:
    """Write the marker into every text, JSON and file of theirs that an erasure has to empty."""
    traces = traces_of_person(person)
    found = {}
    for table in {where for where, _name in COLUMNS}:
        found[table] = rows_of(table, traces)
    for (where, name), kept in COLUMNS.items():
        table = Model.metadata.tables[where]
        column = table.c[name]
        if kept.fate is Fate.STAYS or column.foreign_keys or where in {"outbox_mail", "audit_entry", "job"}:
            continue
        value = marker_for(column)
        if value is not None and name not in {"email", "given_name", "family_name", "badge_name", "coordinator_email"}:
            db.session.execute(update(table).where(found[where]).values({name: value}))


def marker_for(column: Any) -> Any:
    if column.name == "sealed":
        return None
    if isinstance(column.type, LargeBinary):
        return MARKER.encode()
    if isinstance(column.type, JSON):
        return [MARKER] if column.name == "languages" else {"en": MARKER, "name": MARKER}
    if isinstance(column.type, String) and type(column.type) is String:
        return MARKER[: column.type.length or 99]
    return None


def words_of(value: Any) -> Iterator[str]:
    if isinstance(value, bytes | memoryview):
        yield bytes(value).decode(errors="replace")
    else:
        yield str(value)


def where_it_stands(*words: str) -> set[str]:
    """Every column of the database in which one of the words stands, whatever the case."""
    return {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        for value in db.session.scalars(select(column)).all()
        for text in words_of(value)
        for word in words
        if word.lower() in text.lower()
    }


def erase(one: Registration, *, is_everywhere: bool = True) -> None:
    person = one.person
    erasing.erase(
        person,
        typed=erasing.reference_of(person),
        is_everywhere=is_everywhere,
        at=AT + timedelta(days=1),
        by=ADMINISTRATOR,
    )
    db.session.commit()


def test_no_table_knows_the_person_any_more(app, db_session):
    one = everything(edition())
    (files.data_folder("badges") / "run.pdf").write_bytes(MARKER.encode())
    before = where_it_stands("Zebedea", "Quuxfield", "zq@example.org")
    assert {"registration.diet", "answer_file.content", "outbox_mail.values", "job.result", "revised_part.printed_name",
            "audit_entry.details", "audit_entry.actor_name", "award.recipient_name", "person.email"} <= before  # fmt: skip

    erase(one)

    assert where_it_stands("Zebedea", "Quuxfield", "zq@example.org") == set()
    assert list(files.data_folder("badges").iterdir()) == []
    assert db_session.scalars(select(Passport)).all() == []


def test_published_programmes_keep_the_name_unless_asked_otherwise(db_session):
    one = everything(edition())

    erase(one, is_everywhere=False)

    assert where_it_stands("Zebedea", "Quuxfield", "zq@example.org") == {
        "award.recipient_name",
        "part.printed_name",
        "revised_part.printed_name",
    }


def test_what_is_counted_stays_as_it_was(db_session):
    of = edition()
    one = everything(of)

    erase(one)

    left = db_session.scalars(select(Registration)).one()
    assert (left.code, left.country, left.gender, left.category.slug) == (
        "R20-0001",
        "Uruguay",
        Gender.WOMAN,
        "delegate",
    )
    assert (left.printed_name, left.email, left.languages, left.search_key) == ("—", "", [], "")
    assert left.person.erased_at == AT + timedelta(days=1)
    assert db_session.scalar(select(func.count()).select_from(Letter)) == 1


def test_whoever_means_to_come_gives_back_the_place_and_somebody_who_waits_has_it(db_session, outbox):
    of = edition(capacity=1)
    one = register(of)
    second = register(of, given_name="Next", email="next@example.org")
    assert second.status is Status.WAITLISTED

    erase(one)

    db_session.refresh(of)
    assert (one.status, second.status, of.taken) == (Status.WITHDRAWN, Status.SUBMITTED, 1)
    assert "zq@example.org" not in {row.recipient for row in outbox()}


def test_of_an_edition_that_is_over_the_status_stays(db_session):
    of = edition()
    one = register(of)
    service.approve(one, at=AT, by=REGISTRAR)
    of.closed_at = AT

    erase(one)

    assert one.status is Status.APPROVED


def test_the_history_says_that_somebody_was_erased_and_not_who(db_session):
    one = everything(edition())

    erase(one)

    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "person.erased")).one()
    assert (entry.actor_name, entry.subject_id) == ("Lena Osei", one.person_id)
    assert entry.details == {"registrations": 1, "programmes": True}


def test_links_lead_nowhere_and_the_calendar_answers_that_it_is_gone(client, db_session):
    of = edition()
    one = register(of)
    token = new_link(one, at=AT)
    feed = calendars.subscribe(PersonOwner(one.person_id), of.id, "Phone", at=AT).token
    assert client.get(f"/calendar/{feed}.ics").status_code == 200

    erase(one)

    assert client.get(f"/2020/registration/{token}").status_code == 404
    assert client.get(f"/calendar/{feed}.ics").status_code == 410


def test_somebody_else_under_the_same_address_is_left_alone(db_session):
    of = edition()
    one = register(of)
    other = register(of, given_name="Anton", family_name="Chekhov")

    erase(one)

    db_session.refresh(other)
    assert (other.printed_name, other.email, other.diet) == ("Anton Chekhov", "zq@example.org", "")
    mails = db_session.scalars(select(OutboxMail)).all()
    assert {row.subject_id for row in mails} == {other.id}


def test_words_that_are_a_part_of_somebody_elses_leave_that_one_alone(db_session):
    of = edition()
    one = register(of, given_name="Ana", family_name="Lindt", email="ana@example.org")
    audit.record("agenda.imported", of, at=AT, by=REGISTRAR, names=["Ana Lindtström"], email="diana@example.org")
    kept = audit.record("agenda.imported", of, at=AT, by=REGISTRAR, names=["Diana Lindt"], email="ana@example.org.uk")
    gone = audit.record("agenda.imported", of, at=AT, by=REGISTRAR, names=["Dr Ana Lindt, Mayor"], count=1)
    db_session.flush()

    erase(one)

    db_session.refresh(kept)
    db_session.refresh(gone)
    assert kept.details == {"names": ["Diana Lindt"], "email": "ana@example.org.uk"}
    assert gone.details == {"count": 1}
    assert where_it_stands("Ana Lindtström", "diana@example.org") == {"audit_entry.details"}


def test_a_coordinator_who_shares_the_address_keeps_the_delegation(db_session):
    of = edition()
    one = register(of)
    city = Organisation(name=Translated(en="Quux"), name_key="quux")
    db_session.add(city)
    db_session.flush()
    delegation = Delegation(
        edition_id=of.id, organisation_id=city.id, coordinator_name="Aurelio Assistant", coordinator_email=one.email,
        created_at=AT, updated_at=AT,
    )  # fmt: skip
    db_session.add(delegation)
    db_session.flush()
    db_session.add(DelegationToken(delegation_id=delegation.id, token_hash="d" * 64, created_at=AT))

    erase(one)

    db_session.refresh(delegation)
    assert (delegation.coordinator_name, delegation.coordinator_email) == ("Aurelio Assistant", "zq@example.org")
    assert db_session.scalar(select(func.count()).select_from(DelegationToken)) == 1


def test_it_takes_the_reference_to_confirm_and_happens_once(db_session):
    one = register(edition())
    person = one.person

    with pytest.raises(erasing.NotConfirmed):
        erasing.erase(person, typed="yes", is_everywhere=False, at=AT, by=ADMINISTRATOR)
    erasing.erase(person, typed="r20-0001", is_everywhere=False, at=AT, by=ADMINISTRATOR)
    with pytest.raises(erasing.AlreadyErased):
        erasing.erase(person, typed="r20-0001", is_everywhere=False, at=AT, by=ADMINISTRATOR)


def test_a_person_of_the_address_book_only_is_erased_by_number(db_session):
    person = Person(given_name="Zebedea", family_name="Quuxfield", email="zq@example.org", created_at=AT)
    db_session.add(person)
    db_session.flush()

    erasing.erase(person, typed=f"P-{person.id}", is_everywhere=False, at=AT, by=ADMINISTRATOR)

    assert where_it_stands("Zebedea", "Quuxfield", "zq@example.org") == set()


def test_a_form_that_was_open_saves_nothing_afterwards(db_session):
    of = edition()
    one = register(of)
    seen = one.version

    erase(one)

    with pytest.raises(service.HasBeenErased):
        service.correct(one, answers(of), version=seen, at=AT, by=REGISTRAR)
    db_session.rollback()


def test_what_has_been_erased_is_neither_changed_nor_decided(db_session):
    """At an edition that is over the status stays, so that the steps themselves have to refuse."""
    of = edition()
    one, declined = register(of, visa_letter=True), register(of, given_name="Ba", email="ba@example.org")
    service.approve(one, at=AT, by=REGISTRAR)
    service.decline(declined, "No", at=AT, by=REGISTRAR)
    seen = proof.fingerprint(one)
    of.closed_at = AT
    db_session.commit()
    erase(one)
    erase(declined)

    for forbidden in (
        lambda: service.correct(one, answers(of), version=None, at=AT, by=REGISTRAR),
        lambda: service.approve_proof(one, seen, at=AT, by=HERSELF),
        lambda: service.cancel(one, "No", at=AT, by=REGISTRAR),
        lambda: service.withdraw(one, at=AT, by=HERSELF),
        lambda: service.approve(declined, at=AT, by=REGISTRAR),
        lambda: service.renew_links(one, at=AT, by=HERSELF),
        lambda: photographs.keep(one, pictures.photograph(), None, at=AT, by=HERSELF),
        lambda: letters.keep_passport(one, PASSPORT, at=AT, by=HERSELF),
        lambda: letters.issue(one, at=AT, by=REGISTRAR),
        lambda: arrivals.note_arrival(one, at=AT, by=REGISTRAR),
    ):
        with pytest.raises(service.HasBeenErased):
            forbidden()
        db_session.rollback()
    assert where_it_stands("Zebedea", "Quuxfield", "zq@example.org", "ba@example.org", "Fernández") == set()


def test_a_file_does_not_bring_an_erased_person_back(db_session):
    one = register(edition())
    erase(one)
    rows = f"code,family_name,email\n{one.code},Quuxfield,zq@example.org\n".encode()

    with pytest.raises(sheets.SheetErrors) as refused:
        imports.import_registrations(one.edition, sheets.read("list.csv", rows, columns=READ), at=AT, by=REGISTRAR)
    assert [(error.line, error.column) for error in refused.value.errors] == [(2, "code")]


def test_somebody_who_waited_and_was_erased_is_promoted_no_more(db_session):
    of = edition(capacity=1)
    first = register(of, given_name="First", email="first@example.org")
    waiting = register(of)
    of.closed_at = AT
    db_session.commit()
    erase(waiting)

    service.cancel(first, "The week is over", at=AT, by=REGISTRAR)

    assert waiting.status is Status.WAITLISTED
