"""Many invitations at once, on both databases."""

from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import select

from retreat.core import sheets
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.mail import OutboxMail
from retreat.editions.models import Edition
from retreat.network.models import Body, Person, Seat, SeatRole
from retreat.registration import service as registrations
from retreat.registration.invitations import batches, candidates, lists, service
from retreat.registration.invitations.batches import Why
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.invitations.states import Stage, stage
from retreat.registration.models import Status
from tests.registration.invitations.making import ANA, invite
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition

FILE = """email;given_name;family_name;organisation;section;category;language
ana@example.org;Ana;Fernández;City of Montevideo;Latin America;press;es
bea@example.org;Bea;Ozturk;;;;
;Nobody;Known;;;;
bea@example.org;BEA;Öztürk;;;;
"""


def read(text, name="people.csv"):
    return sheets.read(name, text.encode(), columns=candidates.COLUMNS, required=("email",))


def invite_all(of, found, **values):
    given = {"source": InvitationSource.FILE, "source_name": "people.csv", "at": AT, "by": REGISTRAR}
    return batches.invite_all(of, found, **{**given, **values})


def why(plan):
    return [(one.candidate.name, one.why) for one in plan.skipped]


def sent(db_session):
    rows = db_session.scalars(select(OutboxMail).order_by(OutboxMail.id))
    return [(row.template.rpartition("/")[2], row.recipient) for row in rows]


class TestPlanning:
    def test_a_file_says_who_is_invited_and_who_is_not_and_why(self, db_session):
        tangier = edition()
        found = batches.plan(tangier, candidates.from_sheet(tangier, read(FILE)), at=AT)
        assert [one.name for one in found.invited] == ["Ana Fernández", "Bea Ozturk"]
        assert why(found) == [("Nobody Known", Why.NO_ADDRESS), ("BEA Öztürk", Why.TWICE)]
        ana = found.invited[0]
        assert (ana.category_id, ana.language) == (category(tangier, "press").id, "es")
        assert sorted(ana.prefill) == ["family_name", "given_name", "organisation", "section_id"]

    def test_every_error_of_a_file_is_said_with_its_line(self, db_session):
        text = "email,section,category,language\nana,Mars,king,xx\nb@example.org,,,\n"
        with pytest.raises(sheets.SheetErrors) as refusal:
            candidates.from_sheet(edition(), read(text))
        assert [(error.line, error.column) for error in refusal.value.errors] == [
            (2, "section"),
            (2, "category"),
            (2, "language"),
            (2, "email"),
        ]

    def test_who_is_registered_invited_or_has_said_no_is_left_out(self, db_session):
        tangier = edition()
        registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        invite(tangier, email="bea@example.org", prefill={"given_name": "Bea"})
        said_no = invite(tangier, email="cem@example.org", prefill={"given_name": "Cem"})
        service.decline(said_no, at=AT, by=DELEGATE)
        rows = (
            "email,given_name,family_name\nana@example.org,ana,fernandez\nbea@example.org,Bea,\ncem@example.org,Cem,\n"
        )
        found = batches.plan(tangier, candidates.from_sheet(tangier, read(rows)), at=AT)
        assert [reason for _name, reason in why(found)] == [Why.REGISTERED, Why.INVITED, Why.SAID_NO]

    def test_the_seats_of_a_body_on_a_day(self, db_session):
        tangier, day = edition(), date(2020, 2, 24)
        body = Body(slug="presidency", name=Translated(en="Presidency"))
        people = [
            Person(
                given_name=name, family_name="X", email=f"{name.lower()}@example.org" * (name != "Cem"), created_at=AT
            )
            for name in ("Ana", "Bea", "Cem", "Dan", "Eve")
        ]
        people[4].erased_at = AT
        roles = [SeatRole.PRESIDENT, SeatRole.SUBSTITUTE, SeatRole.MEMBER, SeatRole.MEMBER, SeatRole.MEMBER]
        ends = [None, None, None, date(2019, 12, 31), None]
        body.seats = [
            Seat(person=person, role=role, ends_on=end) for person, role, end in zip(people, roles, ends, strict=True)
        ]
        db_session.add(body)
        db_session.flush()
        found = batches.plan(tangier, candidates.from_body(body, day, with_substitutes=False), at=AT)
        assert [one.person_id for one in found.invited] == [people[0].id]
        assert why(found) == [("Cem X", Why.NO_ADDRESS), ("Eve X", Why.ERASED)]
        every = batches.plan(tangier, candidates.from_body(body, day, with_substitutes=True), at=AT)
        assert [one.name for one in every.invited] == ["Ana X", "Bea X"]

    def test_last_years_list_brings_the_person_the_answers_and_the_language(self, db_session):
        durban, tangier = edition("2019"), edition()
        approved = registrations.register(durban, answers(durban, phone="+598"), at=AT, by=DELEGATE, language="es")
        registrations.approve(approved, at=AT, by=REGISTRAR)
        other = answers(durban, given_name="Bea", email="bea@example.org", category="press")
        registrations.register(durban, other, at=AT, by=DELEGATE)
        (one,) = candidates.from_edition(durban, statuses=[Status.APPROVED], categories=[])
        assert (one.person_id, one.language, one.prefill["phone"]) == (approved.person_id, "es", "+598")
        every = candidates.from_edition(durban, statuses=list(Status), categories=["press"])
        assert [each.name for each in every] == ["Bea Fernández"]
        invite_all(tangier, [one], source=InvitationSource.EDITION)
        (made,) = db_session.scalars(select(Invitation))
        assert (made.person_id, made.language) == (approved.person_id, "es")

    def test_a_file_recognises_whom_the_address_book_knows_by_address_and_name(self, db_session):
        tangier = edition()
        person = Person(given_name="Ana", family_name="Fernandez", email="ana@example.org", created_at=AT)
        db_session.add(person)
        db_session.flush()
        ana, bea, *_rest = candidates.from_sheet(tangier, read(FILE))
        assert (ana.person_id, bea.person_id) == (person.id, None)


class TestSending:
    def test_a_job_sends_each_once_even_when_two_run(self, db_session, run_jobs, clock):
        tangier = edition()
        invite_all(tangier, candidates.from_sheet(tangier, read(FILE)))
        batches.start_sending(tangier, at=AT, by=REGISTRAR)
        db_session.commit()
        with clock(AT):
            run_jobs()
        assert sent(db_session) == [("invitation.txt", "ana@example.org"), ("invitation.txt", "bea@example.org")]
        assert {stage(one, AT) for one in db_session.scalars(select(Invitation))} == {Stage.SENT}

    def test_what_is_kept_back_is_not_sent(self, db_session, run_jobs):
        tangier = edition()
        invite_all(tangier, candidates.from_sheet(tangier, read(FILE)), is_sent=False)
        db_session.commit()
        run_jobs()
        assert sent(db_session) == []

    def test_an_expired_invitation_makes_room_for_the_new_one(self, db_session):
        tangier = edition()
        old = invite(tangier, expires_at=AT + timedelta(days=1))
        later = AT + timedelta(days=2)
        found = invite_all(tangier, candidates.from_sheet(tangier, read(FILE)), at=later)
        assert len(found.invited) == 2
        assert old.revoked_at == later


class TestReminding:
    def test_only_who_was_written_to_has_not_answered_and_not_within_three_days(self, db_session, run_jobs, clock):
        tangier = edition()
        expires = AT + timedelta(days=30)
        with clock(AT):
            waits = invite(tangier, expires_at=expires)
            said_no = invite(tangier, email="b@example.org", expires_at=expires)
            revoked = invite(tangier, email="c@example.org", expires_at=expires)
            registered = invite(tangier, email="d@example.org", expires_at=expires)
            invite(tangier, email="e@example.org", expires_at=AT + timedelta(days=1))
            invite(tangier, email="f@example.org", expires_at=expires, is_sent=False)
            service.decline(said_no, at=AT, by=DELEGATE)
            service.revoke(revoked, at=AT, by=REGISTRAR)
            service.register(registered, answers(tangier, email="d@example.org"), at=AT, by=DELEGATE)
            db_session.commit()
            assert batches.reminders(tangier, at=AT) == (0, 2)

        def remind(at, **values):
            with clock(at):
                batches.start_reminding(tangier, at=at, by=REGISTRAR, **values)
                db_session.commit()
                run_jobs()
            db_session.expire_all()
            return waits.reminders

        day = timedelta(days=1)
        assert remind(AT + day) == 0
        assert remind(AT + 3 * day) == 1
        assert remind(AT + 4 * day) == 1
        assert remind(AT + 4 * day, is_forced=True) == 2
        assert batches.reminders(tangier, at=AT + 5 * day) == (0, 1)
        assert remind(AT + 7 * day) == 3
        reminded = [address for template, address in sent(db_session) if template == "reminder.txt"]
        assert reminded == ["ana@example.org"] * 3


def test_who_has_registered_by_the_public_form_is_not_reminded(db_session):
    tangier = edition()
    invite(tangier)
    invite(tangier, prefill={"given_name": "Bea"})
    registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE)
    assert batches.reminders(tangier, at=AT + timedelta(days=3)) == (1, 0)


def test_the_database_and_the_page_agree_on_every_state(db_session):
    tangier = edition()
    kazan = edition("kazan")
    moments = product((None, AT), (None, AT), (None, AT), (None, AT), (AT, AT + timedelta(days=1)), (False, True))
    for number, (sent_at, opened, declined, revoked, expires, has_answer) in enumerate(moments):
        made = invite(tangier, email=f"p{number}@example.org", is_sent=False)
        made.sent_at, made.opened_at, made.declined_at = sent_at, opened, declined
        made.revoked_at, made.expires_at = revoked, expires
        if has_answer:
            given = answers(kazan, email=f"p{number}@example.org")
            made.registration_id = registrations.register(kazan, given, at=AT, by=DELEGATE).id
    db_session.flush()
    for wanted in Stage:
        found = set(db_session.scalars(select(Invitation.id).where(lists.is_in(wanted, AT))))
        assert found == {one.id for one in db_session.scalars(select(Invitation)) if stage(one, AT) is wanted}, wanted


def test_the_list_takes_two_queries_whatever_its_length(db_session, count_queries):
    tangier = edition()
    counted = []
    for name in ("a", "b", "c"):
        invite(tangier, email=f"{name}@example.org", category_id=category(tangier).id)
        db_session.flush()
        db.session.commit()
        db.session.expunge_all()
        tangier = db.session.scalars(select(Edition)).one()
        with count_queries() as queries:
            lists.listed(tangier, lists.Filter(words="ana"), 1, at=AT)
        counted.append(len(queries))
    assert counted == [2, 2, 2]


def test_the_list_is_searched_by_name_address_and_organisation_and_written_to_a_file(db_session):
    tangier = edition()
    invite(tangier, prefill={**ANA, "organisation": "City of Montevideo"})
    invite(tangier, email="bea@example.org", prefill={"given_name": "=Bea"})
    for words, count in (("fernandez", 1), ("BEA@", 1), ("montevideo", 1), ("nobody", 0), ("", 2)):
        assert lists.listed(tangier, lists.Filter(words=words), 1, at=AT).total == count, words
    text = lists.export(tangier, lists.Filter(), "csv", at=AT).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("email,honorific,given_name")
    assert "'=Bea" in text
    assert "http" not in text
