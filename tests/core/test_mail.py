"""Mails are rows first, and go out once, over a real SMTP conversation."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from retreat.accounts import service
from retreat.accounts.models import Role
from retreat.core import clock, jobs, mail
from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.core.jobs import Job, JobState
from retreat.core.mail import MailState, OutboxMail
from tests.core.smtp import free_port, post_office

AT = datetime(2020, 1, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def post(app):
    with post_office() as (post, url):
        app.config["SMTP_URL"] = url
        yield post


@pytest.fixture
def invited(db_session):
    """Queue one mail, in French, with a secret link."""
    return lambda: (
        service.invite("amina@example.org", role=Role.REGISTRAR, name="Amina Şen", language="fr", at=AT, by=SYSTEM),
        db_session.commit(),
    )[0]


def only_mail() -> OutboxMail:
    db.session.rollback()
    return db.session.scalars(select(OutboxMail)).one()


def test_a_mail_arrives_once_with_its_headers_and_a_working_link(post, invited, run_jobs, db_session):
    invited()

    run_jobs()
    run_jobs()

    (message,) = post.taken
    row = only_mail()
    assert (message["To"], message["From"]) == ("amina@example.org", "Retreat <retreat@example.org>")
    assert message["Content-Language"] == "fr"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == row.message_id
    assert message["Subject"] == row.subject
    assert "Amina Şen" in message.get_content()
    link = re.search(r"http://127.0.0.1:8000/sign-in/password/(\S+)", message.get_content())
    assert link
    assert service.organiser_of_link(link[1], at=clock.now()).email == "amina@example.org"
    assert (row.state, row.attempts, row.last_error) == (MailState.SENT, 0, "")


def test_the_outbox_never_shows_the_link(post, invited, run_jobs):
    invited()
    run_jobs()

    row = only_mail()
    assert mail.MASKED in mail.write(row).body
    assert "/sign-in/password/" not in mail.write(row).body
    assert "password/" not in str(row.values)


def test_nothing_is_sent_before_the_commit_or_after_a_rollback(post, db_session, run_jobs):
    service.invite("amina@example.org", role=Role.REGISTRAR, at=AT, by=SYSTEM)
    assert post.taken == []

    db_session.rollback()
    run_jobs()

    assert post.taken == []
    assert db_session.scalars(select(OutboxMail)).all() == []
    assert db_session.scalars(select(Job)).all() == []


def test_a_temporary_refusal_is_tried_again_later(post, invited, run_jobs):
    post.text_answers = ["451 try later"]
    with clock.stopped(AT):
        invited()
        run_jobs()
        row = only_mail()
        assert (row.state, row.attempts, row.last_error) == (MailState.WAITING, 1, "451 try later")
        assert run_jobs() == 0

    with clock.stopped(AT + timedelta(minutes=1)):
        assert run_jobs() == 1

    assert len(post.taken) == 1
    assert only_mail().state is MailState.SENT


def test_greylisting_of_the_recipient_is_temporary_too(post, invited, run_jobs):
    post.recipient_answers = ["450 greylisted"]
    invited()

    run_jobs()

    row = only_mail()
    assert (row.state, row.last_error) == (MailState.WAITING, "450 greylisted")


def test_a_permanent_refusal_is_noted_and_not_tried_again(post, invited, run_jobs, db_session):
    post.recipient_answers = ["550 no such mailbox"]
    invited()

    run_jobs()

    row = only_mail()
    assert (row.state, row.last_error) == (MailState.FAILED, "550 no such mailbox")
    assert db_session.scalars(select(Job).where(Job.state == JobState.WAITING)).all() == []


def test_an_organiser_may_send_a_failed_mail_again(post, invited, run_jobs, db_session):
    post.recipient_answers = ["550 no such mailbox"]
    invited()
    run_jobs()

    mail.send_again(only_mail(), at=AT, by=SYSTEM)
    db_session.commit()
    run_jobs()

    assert len(post.taken) == 1
    assert only_mail().state is MailState.SENT
    with pytest.raises(mail.NotToBeSentAgain):
        mail.send_again(only_mail(), at=AT, by=SYSTEM)


def test_a_mail_is_given_up_after_the_last_wait(app, invited, run_jobs):
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{free_port()}"
    at = AT
    with clock.stopped(at):
        invited()
        run_jobs()
    for wait in mail.WAITS:
        at += wait
        with clock.stopped(at):
            assert run_jobs() == 1

    row = only_mail()
    assert (row.state, row.attempts) == (MailState.FAILED, len(mail.WAITS))
    assert "refused" in row.last_error


def test_a_worker_killed_while_sending_leaves_the_decision_to_a_person(post, invited, run_jobs, db_session):
    invited()
    # As the killed worker left both rows.
    job = db_session.scalars(select(Job)).one()
    job.state, job.attempts, job.heartbeat_at = JobState.RUNNING, 1, clock.now() - timedelta(hours=1)
    only_row = db_session.scalars(select(OutboxMail)).one()
    only_row.state = MailState.SENDING
    db_session.commit()

    assert jobs.run(job.id) is JobState.DONE

    row = only_mail()
    assert post.taken == []
    assert row.state is MailState.FAILED
    assert "it may have arrived" in row.last_error


def test_a_connection_that_breaks_after_the_text_is_not_tried_again(post, invited, run_jobs):
    post.on_text = lambda server: server.transport.abort()
    invited()

    run_jobs()
    run_jobs()

    row = only_mail()
    assert len(post.taken) == 1
    assert row.state is MailState.FAILED
    assert "it may have arrived" in row.last_error


def test_two_jobs_for_one_mail_send_it_once(post, invited, run_jobs, db_session):
    invited()
    row = only_mail()
    jobs.enqueue("mail.send", {"mail": row.id}, at=AT, by=SYSTEM)
    db_session.commit()

    assert run_jobs() == 2

    assert len(post.taken) == 1


def test_a_second_job_leaves_a_mail_alone_while_the_first_is_sending_it(post, invited, db_session):
    invited()
    row = only_mail()
    row.state = MailState.SENDING
    db_session.commit()

    assert jobs.run(db_session.scalars(select(Job.id)).one()) is JobState.DONE

    assert only_mail().state is MailState.SENDING
    assert post.taken == []


def test_without_a_mail_server_a_mail_is_kept_and_can_be_sent_later(app, invited, run_jobs, db_session):
    invited()
    assert run_jobs() == 0
    assert only_mail().state is MailState.KEPT
    with pytest.raises(mail.NoMailServer):
        mail.send_again(only_mail(), at=AT, by=SYSTEM)

    with post_office() as (post, url):
        app.config["SMTP_URL"] = url
        mail.send_again(only_mail(), at=AT, by=SYSTEM)
        db_session.commit()
        run_jobs()

    assert len(post.taken) == 1


def test_a_line_break_in_a_name_adds_no_header(post, db_session, run_jobs):
    service.invite("amina@example.org", role=Role.VIEWER, name="Amina\nBcc: all@example.org", at=AT, by=SYSTEM)
    db_session.commit()

    run_jobs()

    (message,) = post.taken
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]


def test_the_same_news_is_not_queued_twice(db_session):
    from sqlalchemy.exc import IntegrityError

    def queue() -> None:
        values = {"name": "", "by": "", "role": "viewer"}
        links = {"link": ("account reset", 1)}
        mail.queue("accounts/mail/reset.txt", to="a@b.org", language="en", values=values, links=links, at=AT, once="x")

    queue()
    with pytest.raises(IntegrityError):
        queue()
    db_session.rollback()
