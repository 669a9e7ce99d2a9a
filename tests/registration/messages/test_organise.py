"""The pages of messages."""

import pytest

from retreat.core.db import db
from retreat.core.mail import MailState, OutboxMail
from retreat.registration import service as registering
from retreat.registration.messages.models import Message, MessageState
from tests.registration.making import AT, DELEGATE, answers, edition

pytestmark = pytest.mark.one_database

URL = "/organise/2020/messages"
TEXTS = {"subject_en": "Buses", "body_en": "Dear {name},\n\nthe bus leaves at nine: {link}"}


@pytest.fixture
def tangier(db_session):
    made = edition()
    registering.register(made, answers(made, honorific=""), at=AT, by=DELEGATE, language="es")
    bakyt = answers(made, given_name="Bakyt", email="bakyt@example.org", category="press", honorific="")
    registering.register(made, bakyt, at=AT, by=DELEGATE, language="ru")
    db.session.commit()
    return made


@pytest.fixture
def registrar(as_role):
    return as_role("registrar")


@pytest.fixture
def saved(registrar, tangier):
    registrar.submit(f"{URL}/new", action="/new", **TEXTS)
    return db.session.query(Message).one()


def test_from_the_list_to_a_draft_with_its_preview(registrar, tangier):
    page = registrar.get("/organise/2020/registrations?category=press")
    assert "Write to 1 person" in page.text
    (link,) = (one for one in registrar.page.links if "/messages/new" in one)
    answer = registrar.submit(link, action="/new", **TEXTS)
    assert answer.status_code == 303
    text = " ".join(registrar.get(answer.location).text.split())
    assert "1 person gets it" in registrar.page.text
    assert "as Bakyt Fernández reads it" in registrar.page.text
    assert "1 person reads Russian and gets English." in registrar.page.text
    assert "the bus leaves at nine: https://…/••••••••" in text
    assert db.session.query(Message).one().arguments == {"category": "press"}
    assert db.session.query(OutboxMail).filter(OutboxMail.once.is_not(None)).count() == 0


def test_bad_input_is_a_sentence_and_keeps_what_was_typed(registrar, tangier):
    for values, sentence in (
        ({**TEXTS, "body_ru": "{nmae}"}, "Русский: {nmae} is no placeholder"),
        ({"body_en": "Kept"}, "Enter a text in at least one language."),
        ({**TEXTS, "subject_fr": "x" * 201}, "Français: at most 200 characters."),
        ({**TEXTS, "body_es": "x" * 10_001}, "Español: at most 10000 characters."),
    ):
        answer = registrar.submit(f"{URL}/new", action="/new", q="bakyt", **values)
        assert answer.status_code == 422
        assert sentence in registrar.page.text
        assert values["body_en"].split("\n")[0] in answer.text
        assert 'value="bakyt"' in answer.text
    assert db.session.query(Message).count() == 0


def test_saving_may_lead_on_to_the_page_that_asks(registrar, saved):
    page = f"{URL}/{saved.id}"
    answer = registrar.submit(page, action=page, subject_en="Buses at eight", then=None)
    assert answer.location == page
    registrar.get(page)
    (form,) = (one for one in registrar.page.forms if one.action == page)
    answer = registrar.post(page, data={**form.values(), "subject_en": "Buses at nine", "then": "send"})
    assert answer.location == f"{page}/send"
    assert "Buses at nine" in registrar.get(answer.location).text


def test_while_what_is_typed_is_not_saved_nothing_else_can_be_sent(registrar, saved):
    page = f"{URL}/{saved.id}"
    assert f"{page}/send" in registrar.get(page).text
    assert f"{page}/send" not in registrar.submit(page, action=page, body_en="{nmae}").text


def test_two_who_write_at_once(registrar, saved):
    page = f"{URL}/{saved.id}"
    registrar.get(page)
    version = saved.version
    registrar.submit(page, action=page, subject_en="First")
    answer = registrar.submit(page, action=page, version=str(version), subject_en="Second")
    assert answer.status_code == 409
    assert "Nothing has been overwritten." in registrar.page.text
    assert "Second" in answer.text
    db.session.expire_all()
    assert saved.subject.text("en") == "First"


def test_sending_asks_once_and_then_the_message_is_to_be_read_only(registrar, saved, run_jobs):
    page = f"{URL}/{saved.id}"
    registrar.get(f"{page}/send")
    assert "Send to 2 people?" in registrar.page.text
    assert "Bakyt Fernández" in registrar.page.text
    assert registrar.submit(f"{page}/send", action="/send").status_code == 303
    assert "Mails are put into the outbox" in registrar.get(page).text
    run_jobs()
    db.session.expire_all()
    assert saved.state is MessageState.SENT
    registrar.get(page)
    assert "2 mails" in registrar.page.text
    assert "kept in the outbox" in registrar.page.text.lower()
    assert not any(form.action.endswith("/delete") for form in registrar.page.forms)
    assert registrar.get(f"{page}/send").status_code == 303
    assert registrar.get(URL).status_code == 200
    assert "2 people" in registrar.page.text


def test_the_second_press_sends_nothing_and_says_so(registrar, saved):
    page = f"{URL}/{saved.id}"
    registrar.get(f"{page}/send")
    (form,) = (one for one in registrar.page.forms if one.action.endswith("/send"))
    assert registrar.post(f"{page}/send", data=form.values()).status_code == 303
    assert registrar.post(f"{page}/send", data=form.values()).status_code == 303
    assert "nobody gets it twice" in registrar.get(page).text


def test_what_somebody_typed_into_a_message_that_is_sent_meanwhile_is_refused(registrar, saved):
    page = f"{URL}/{saved.id}"
    registrar.get(page)
    (form,) = (one for one in registrar.page.forms if one.action == page)
    registrar.submit(f"{page}/send", action="/send")
    assert registrar.post(page, data={**form.values(), "subject_en": "Too late"}).status_code == 303
    assert "has been sent and stays as it is" in registrar.get(page).text
    db.session.expire_all()
    assert saved.subject.text("en") == "Buses"


def test_somebody_more_meanwhile_is_asked_about_again(registrar, saved, tangier):
    page = f"{URL}/{saved.id}/send"
    registrar.get(page)
    (form,) = (one for one in registrar.page.forms if one.action.endswith("/send"))
    registering.register(tangier, answers(tangier, email="c@example.org"), at=AT, by=DELEGATE)
    answer = registrar.post(page, data=form.values())
    assert answer.status_code == 409
    assert "found 2 when you looked and finds 3 now" in registrar.page.text
    assert "Send to 3 people?" in registrar.page.text


def test_nobody_and_no_text_are_sentences(registrar, tangier):
    answer = registrar.submit(f"{URL}/new", action="/new", subject_en="Only a subject", q="nobody")
    registrar.get(answer.location)
    assert "There is no text yet" in registrar.page.text
    assert "The filter finds nobody who can be written to." in registrar.page.text
    registrar.get(f"{answer.location}/send")
    (form,) = (one for one in registrar.page.forms if one.action.endswith("/send"))
    answer = registrar.post(f"{answer.location}/send", data=form.values())
    assert (answer.status_code, "There is no text yet" in registrar.page.text) == (422, True)


@pytest.mark.parametrize("state", list(MailState))
def test_what_became_of_each_mail_is_said(registrar, saved, run_jobs, state):
    page = f"{URL}/{saved.id}"
    registrar.submit(f"{page}/send", action="/send")
    run_jobs()
    row = db.session.query(OutboxMail).filter(OutboxMail.once.is_not(None)).first()
    row.state, row.last_error = state, "550 mailbox full"
    db.session.commit()
    assert ("550 mailbox full" in registrar.get(page).text) == (state is MailState.FAILED)
    assert f"/organise/2020/mail/{row.id}" in registrar.page.links


def test_a_test_a_copy_and_the_end_of_a_draft(registrar, saved, outbox):
    page = f"{URL}/{saved.id}"
    registrar.submit(page, action="/test")
    assert (outbox()[-1].recipient, outbox()[-1].subject) == ("registrar@example.org", "Test: Buses")
    registrar.submit(page, action="/duplicate")
    assert db.session.query(Message).count() == 2
    registrar.submit(page, action="/delete")
    assert registrar.get(page).status_code == 404
    assert db.session.query(Message).count() == 1


def test_another_editions_message_is_not_there(registrar, saved):
    edition("2021")
    assert registrar.get(f"/organise/2021/messages/{saved.id}").status_code == 404
    assert registrar.get(f"{URL}/999").status_code == 404


@pytest.mark.parametrize("junk", ["?status=nonsense", "?q=%00", "?section[]=1", "?page=x"])
def test_a_broken_filter_is_no_filter(registrar, saved, junk):
    assert registrar.get(f"{URL}/new{junk}").status_code == 200
    assert registrar.get(f"{URL}/{saved.id}{junk}").status_code == 200


def test_the_index_asks_as_many_questions_for_one_message_as_for_twelve(registrar, saved, count_queries):
    counted = []
    for status in ("approved", "submitted"):
        for number in range(1 if status == "approved" else 11):
            values = {"subject_en": f"{status} {number}", "section": "africa", "category": "press", "status": status}
            registrar.submit(f"{URL}/new", action="/new", **values)
        with count_queries() as queries:
            registrar.get(URL)
        counted.append(len(queries))
    assert "Section: Africa" in registrar.page.text
    assert counted[0] == counted[1] <= 12


def test_several_values_of_a_facet_are_kept_and_can_be_taken_out(registrar, tangier):
    address = f"{URL}/new?status=approved&status=submitted&proof=open"
    answer = registrar.submit(address, action="/new", **TEXTS)
    message = db.session.query(Message).one()
    assert message.arguments == {"status": ["approved", "submitted"], "proof": "open"}
    registrar.get(answer.location)
    assert "Status: submitted" in registrar.page.text
    registrar.submit(answer.location, action=answer.location, proof=None, status="approved")
    db.session.expire_all()
    assert message.arguments == {"status": "approved"}
