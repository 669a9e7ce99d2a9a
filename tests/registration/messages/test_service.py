"""Drafts, and sending them once, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from retreat.core import jobs, mail
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.jobs import Job, JobState
from retreat.core.mail import OutboxMail
from retreat.registration import service as registering
from retreat.registration.messages import audience, service
from retreat.registration.messages.models import Message, MessageState
from retreat.registration.models import RegistrationToken, Status
from tests.client import outside
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition, registrations

SUBJECT = Translated(en="Buses for {name}", ru="Автобусы")
BODY = Translated(en="Dear {name} of {city},\n\nyour page, {code}:\n{link}\n", ru="Здравствуйте, {name}!")


@pytest.fixture
def tangier(db_session):
    """Ana, who is approved, with an assistant; Bakyt, who reads Russian; Carlos, who was declined."""
    made = edition()
    ana = registering.register(
        made, answers(made), at=AT, by=DELEGATE, language="es", filled_by_email="Assistant@Example.org"
    )
    registering.approve(ana, at=AT, by=REGISTRAR)
    bakyt = answers(made, given_name="Bakyt", family_name="Asanov", honorific="", email="bakyt@example.org", city="")
    registering.register(made, bakyt, at=AT, by=DELEGATE, language="ru")
    carlos = answers(made, given_name="Carlos", family_name="Núñez", email="carlos@example.org")
    registering.decline(registering.register(made, carlos, at=AT, by=DELEGATE), "No place", at=AT, by=REGISTRAR)
    db.session.commit()
    return made


def draft(of, **values):
    given = {"subject": SUBJECT, "body": BODY, "arguments": {}, **values}
    made = service.write(of, **given, at=AT, by=REGISTRAR)
    db.session.commit()
    return made


def send(message, seen=2, *, version=None, with_assistants=False):
    found = service.send(
        message,
        version=version or message.version,
        seen=seen,
        with_assistants=with_assistants,
        at=AT,
        by=REGISTRAR,
    )
    db.session.commit()
    return found


def its_mails():
    db.session.rollback()
    return db.session.scalars(
        select(OutboxMail).where(OutboxMail.once.startswith("message:")).order_by(OutboxMail.id)
    ).all()


class TestAudience:
    @pytest.mark.parametrize(
        ("arguments", "names"),
        [
            ({}, ["Ana", "Bakyt"]),
            ({"status": "declined"}, ["Carlos"]),
            ({"status": "approved"}, ["Ana"]),
            ({"q": "asanov"}, ["Bakyt"]),
            ({"category": "press"}, []),
        ],
    )
    def test_only_who_means_to_come_unless_a_status_is_asked_for(self, tangier, arguments, names):
        found = audience.found(tangier, audience.arguments_of({**arguments, "order": "name"}))
        assert sorted(one.given_name for one in found) == names

    def test_it_says_how_many_are_left_out_and_whose_city_is_not_known(self, tangier):
        those = audience.audience(tangier, draft(tangier))
        assert (len(those.people), those.left_out, those.assistants, those.without_city) == (2, 1, 1, 1)
        assert those.languages.counts == {"en": 1, "ru": 1}

    def test_each_language_is_shown_as_somebody_who_reads_it_would_read_it(self, tangier):
        message = draft(tangier)
        english, russian = audience.previews(tangier, message, audience.audience(tangier, message))
        assert (english.subject, english.reader) == ("Buses for Hon. Ana Fernández", "Hon. Ana Fernández")
        assert english.body.startswith(
            f"Dear Hon. Ana Fernández of Montevideo,\n\nyour page, R20-0001:\n{mail.MASKED}\n\nReference: R20-0001\n"
        )
        assert russian.subject == "Автобусы"
        assert russian.body.startswith("Здравствуйте, Bakyt Asanov!\n\n")


class TestDrafts:
    @pytest.mark.parametrize(
        ("field", "values", "sentence"),
        [
            ("body", {"body": Translated(ru="{nmae}")}, "Русский: {nmae} is no placeholder; known are {name}, {city}"),
            ("subject", {"subject": Translated(en="{link}")}, "English: {link} is no placeholder"),
        ],
    )
    def test_an_unknown_placeholder_is_refused(self, tangier, field, values, sentence):
        with pytest.raises(service.UnknownPlaceholder, match=sentence) as refused:
            draft(tangier, **values)
        assert refused.value.field == field

    def test_of_two_who_write_at_once_the_second_overwrites_nothing(self, tangier):
        message = draft(tangier)
        seen = message.version
        again = {"body": BODY, "arguments": {}, "version": seen, "at": AT, "by": REGISTRAR}
        service.change(message, subject=Translated(en="First"), **again)
        db.session.commit()
        with pytest.raises(service.ChangedMeanwhile):
            service.change(message, subject=Translated(en="Second"), **again)
        db.session.rollback()
        assert message.subject == Translated(en="First")

    def test_a_copy_is_a_draft_again_and_what_was_sent_stays(self, tangier):
        message = draft(tangier, arguments={"q": "asanov"})
        send(message, 1)
        copy = service.duplicate(message, at=AT, by=REGISTRAR)
        assert (copy.state, copy.body, copy.arguments) == (MessageState.DRAFT, BODY, {"q": "asanov"})
        for refused in (
            lambda: service.delete(message, at=AT, by=REGISTRAR),
            lambda: service.change(
                message, subject=SUBJECT, body=BODY, arguments={}, version=message.version, at=AT, by=REGISTRAR
            ),
        ):
            with pytest.raises(service.NotADraft):
                refused()
        service.delete(copy, at=AT, by=REGISTRAR)
        db.session.commit()
        assert service.messages_of(tangier) == [message]

    def test_a_test_goes_to_the_writer_in_every_language_and_opens_nobodys_page(self, tangier):
        message = draft(tangier)
        tokens = db.session.query(RegistrationToken).count()
        assert service.send_test(message, to="lena@example.org", at=AT, by=REGISTRAR) == 2
        db.session.commit()
        english, russian = db.session.scalars(select(OutboxMail).where(OutboxMail.recipient == "lena@example.org"))
        assert english.subject == "Test: Buses for Hon. Ana Fernández"
        assert mail.MASKED in mail.write(english, mint=True).body
        assert russian.language == "ru"
        assert db.session.query(RegistrationToken).count() == tokens
        assert (message.state, its_mails()) == (MessageState.DRAFT, [])


class TestSending:
    def test_each_person_gets_one_mail_in_a_language_they_read(self, tangier, run_jobs):
        message = draft(tangier)
        assert send(message) == 2
        assert (message.state, message.recipients, message.sent_by) == (MessageState.SENDING, 2, "Lena Osei")
        run_jobs()
        first, second = its_mails()
        assert (first.recipient, first.language, first.subject_id) == ("ana@example.org", "en", registrations()[0].id)
        assert first.once == f"message:{message.id}:{registrations()[0].id}:ana@example.org"
        assert (second.recipient, second.language, second.subject) == ("bakyt@example.org", "ru", "Автобусы")
        assert message.state is MessageState.SENT
        written = mail.write(first, mint=True)
        assert "/2020/registration/" in written.body
        assert "R20-0001" in written.body
        assert second.links == {}

    def test_an_assistant_gets_a_copy_when_asked_for(self, tangier, run_jobs):
        send(draft(tangier), with_assistants=True)
        run_jobs()
        assert [one.recipient for one in its_mails()] == [
            "ana@example.org",
            "Assistant@Example.org",
            "bakyt@example.org",
        ]

    def test_a_job_that_starts_again_mails_nobody_twice(self, tangier, run_jobs):
        message = draft(tangier)
        send(message)
        job = db.session.scalars(select(Job).where(Job.kind == service.JOB)).one()
        arguments = dict(job.arguments)
        run_jobs()
        for _ in range(2):
            jobs.enqueue(service.JOB, arguments, at=AT, by=REGISTRAR, edition_id=tangier.id)
            db.session.commit()
            run_jobs()
        assert len(its_mails()) == 2

    def test_a_sending_that_was_stopped_goes_on_where_it_stopped(self, tangier, run_jobs):
        message = draft(tangier)
        send(message)
        assert not service.is_stopped(message, service.last_job(message))
        with pytest.raises(service.NothingToGoOnWith):
            service.go_on(message, at=AT, by=REGISTRAR)
        jobs.cancel(service.last_job(message), at=AT)
        db.session.commit()
        run_jobs()
        assert its_mails() == []
        assert service.is_stopped(message, service.last_job(message))
        service.go_on(message, at=AT, by=REGISTRAR)
        db.session.commit()
        run_jobs()
        assert (len(its_mails()), message.state) == (2, MessageState.SENT)

    def test_who_withdraws_between_the_button_and_the_job_is_left_out(self, tangier, run_jobs):
        send(draft(tangier))
        registering.withdraw(registrations()[0], at=AT, by=DELEGATE)
        db.session.commit()
        run_jobs()
        assert [one.recipient for one in its_mails()] == ["bakyt@example.org"]

    def test_who_has_no_address_is_skipped(self, tangier, run_jobs):
        registrations()[1].email = ""
        db.session.commit()
        assert send(draft(tangier), 1) == 1
        run_jobs()
        assert [one.recipient for one in its_mails()] == ["ana@example.org"]

    def test_one_more_since_one_looked_is_said_first(self, tangier):
        message = draft(tangier)
        with pytest.raises(service.OthersNow, match="found 1 when you looked and finds 2 now"):
            send(message, 1)
        db.session.rollback()
        assert message.state is MessageState.DRAFT

    @pytest.mark.parametrize(
        ("values", "refusal"),
        [
            ({"arguments": {"q": "nobody"}}, service.NobodyToWriteTo),
            ({"body": Translated()}, service.NotReady),
            ({"body": Translated(fr="Bonjour")}, service.NotReady),
        ],
    )
    def test_nobody_and_nothing_are_not_sent(self, tangier, values, refusal):
        message = draft(tangier, **values)
        with pytest.raises(refusal):
            send(message)

    def test_a_text_that_changed_since_one_looked_is_not_sent(self, tangier):
        with pytest.raises(service.ChangedMeanwhile):
            send(draft(tangier), version=99)

    def test_of_many_who_press_at_once_one_sends(self, app, tangier, run_jobs):
        message = draft(tangier)
        message_id, version = message.id, message.version

        def press(_number):
            with app.app_context():
                found = db.session.get_one(Message, message_id)
                try:
                    service.send(found, version=version, seen=2, with_assistants=False, at=AT, by=REGISTRAR)
                except service.AlreadySent:
                    db.session.rollback()
                    return 0
                db.session.commit()
                return 1

        def all_at_once():
            with ThreadPoolExecutor(12) as pool:
                return sum(pool.map(press, range(12)))

        assert outside(all_at_once) == 1
        run_jobs()
        assert len(its_mails()) == 2
        assert db.session.query(AuditEntry).filter_by(action="message.sent").count() == 1

    def test_two_workers_with_one_message_mail_everybody_once(self, app, db_session):
        made = edition()
        for number in range(60):
            registering.register(made, answers(made, email=f"p{number}@example.org"), at=AT, by=DELEGATE)
        message = draft(made)
        send(message, 60)
        first = service.last_job(message)
        second = jobs.enqueue(service.JOB, dict(first.arguments), at=AT, by=REGISTRAR, edition_id=made.id)
        db.session.commit()
        numbers = [first.id, second.id]

        def work(job_id):
            with app.app_context():
                return jobs.run(job_id)

        def both():
            with ThreadPoolExecutor(2) as pool:
                return list(pool.map(work, numbers))

        assert outside(both) == [JobState.DONE, JobState.DONE]
        assert len({one.once for one in its_mails()}) == len(its_mails()) == 60

    def test_a_hundred_and_twenty_people_are_written_to_in_batches(self, db_session, run_jobs):
        made = edition()
        for number in range(120):
            registering.register(made, answers(made, email=f"p{number}@example.org"), at=AT, by=DELEGATE)
        db.session.commit()
        message = draft(made)
        assert send(message, 120) == 120
        run_jobs()
        assert len({one.recipient for one in its_mails()}) == 120
        job = service.last_job(message)
        assert (job.state, job.done, job.total, job.result) == (JobState.DONE, 120, 120, {"mails": 120})


@pytest.mark.one_database
def test_the_audience_costs_as_many_questions_for_one_as_for_forty(db_session, count_queries):
    made = edition()
    counted = []
    for first, last in ((0, 1), (1, 40)):
        for number in range(first, last):
            registering.register(made, answers(made, email=f"p{number}@example.org"), at=AT, by=DELEGATE)
        message = draft(made)
        with count_queries() as queries:
            audience.previews(made, message, audience.audience(made, message))
        counted.append(len(queries))
        assert db.session.query(Message).count()
    assert counted[0] <= 4
    assert counted[1] <= counted[0]


def test_every_status_is_decided_about():
    assert {one for one in Status if audience.is_addressed(one, "a@b.org", {})} == {
        Status.SUBMITTED,
        Status.APPROVED,
        Status.WAITLISTED,
    }
    assert all(audience.is_addressed(one, "a@b.org", {"status": one.value}) for one in Status)
    assert not audience.is_addressed(Status.APPROVED, "", {})
