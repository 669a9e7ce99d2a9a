"""The organisers' pages of invitations."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from retreat.core.i18n import Translated
from retreat.network.models import Body, Person, Seat
from retreat.registration import service as registrations
from retreat.registration.invitations.models import Invitation
from tests.registration.invitations.making import invite
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

pytestmark = pytest.mark.one_database

URL = "/organise/2020/invitations"


@pytest.fixture
def tangier(db_session, clock):
    with clock(AT):
        yield edition()


@pytest.fixture
def registrar(as_role, tangier):
    return as_role("registrar")


def invited(db_session):
    db_session.expire_all()
    return [one.email for one in db_session.scalars(select(Invitation).order_by(Invitation.id))]


def upload(client, text, name="people.csv", **values):
    client.get(f"{URL}/new/file")
    form = next(form for form in client.page.forms if form.id == "invite")
    sent = {**form.values(), **values, "file": (io.BytesIO(text.encode()), name)}
    return client.post(f"{URL}/new/file", data=sent, content_type="multipart/form-data")


def press(client, path, **values):
    """The button of the preview that has just been shown."""
    form = next(form for form in client.page.forms if form.id == "invite")
    return client.post(path, data={**form.values(), "invite": "yes", **values})


def test_one_person_is_shown_first_and_then_invited(registrar, db_session, run_jobs, outbox):
    path = f"{URL}/new/hand"
    assert registrar.submit(path, form_id="invite", email="Ana@example.org", given_name="Ana").status_code == 200
    assert "1 person will be invited" in registrar.page.text
    assert invited(db_session) == []
    assert press(registrar, path).status_code == 303
    run_jobs()
    assert invited(db_session) == ["ana@example.org"]
    assert [mail.recipient for mail in outbox()] == ["ana@example.org"]
    assert "1 invitation" in registrar.get(URL).text
    assert "Sent" in registrar.page.text


def test_a_file_is_shown_with_its_reasons_and_waits_for_the_decision(registrar, db_session):
    text = "email,given_name\nana@example.org,Ana\n,Nobody\n"
    answer = upload(registrar, text)
    assert answer.status_code == 200
    assert "1 person will be invited" in registrar.page.text
    assert "no e-mail address is known" in registrar.page.text
    assert press(registrar, f"{URL}/new/file").status_code == 303
    assert invited(db_session) == ["ana@example.org"]
    (made,) = db_session.scalars(select(Invitation))
    assert made.source_name == "people.csv"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("email,colour\na@example.org,red\n", "no such column"),
        ("given_name\nAna\n", "this column is missing"),
        ("email\nnobody\n", "is not an e-mail address"),
        ("", "the file is empty"),
    ],
)
def test_a_faulty_file_says_what_is_wrong_with_it(registrar, db_session, text, said):
    assert upload(registrar, text).status_code == 422
    assert said in registrar.page.text
    assert invited(db_session) == []


def test_a_workbook_that_is_none_and_no_file_at_all_are_sentences(registrar):
    assert upload(registrar, "no zip", name="people.xlsx").status_code == 422
    assert registrar.submit(f"{URL}/new/file", form_id="invite").status_code == 422
    assert "Choose a file" in registrar.page.text
    assert press(registrar, f"{URL}/new/file", kept="gone.csv").status_code == 422
    assert "choose it again" in registrar.page.text


def test_the_seats_of_a_body(registrar, db_session):
    person = Person(given_name="Ana", family_name="Fernández", email="ana@example.org", created_at=AT)
    nobody = Person(given_name="Cem", created_at=AT)
    db_session.add(
        Body(slug="presidency", name=Translated(en="Presidency"), seats=[Seat(person=person), Seat(person=nobody)])
    )
    path = f"{URL}/new/body"
    assert registrar.submit(path, form_id="invite").status_code == 200
    assert "Cem" in registrar.page.text
    assert press(registrar, path).status_code == 303
    (made,) = db_session.scalars(select(Invitation))
    assert (made.person_id, made.source_name) == (person.id, "Presidency")


def test_last_years_list(registrar, db_session):
    durban = edition("2019", starts_on=date(2019, 11, 11), ends_on=date(2019, 11, 15))
    registrations.approve(registrations.register(durban, answers(durban), at=AT, by=DELEGATE), at=AT, by=REGISTRAR)
    path = f"{URL}/new/edition"
    assert registrar.submit(path, form_id="invite").status_code == 200
    assert press(registrar, path, skips_approval="y").status_code == 303
    (made,) = db_session.scalars(select(Invitation))
    assert (made.prefill["position"], made.skips_approval) == ("Mayor", True)
    assert made.source_name.endswith("Tangier 2019")


def test_the_list_is_filtered_and_written_to_a_file(registrar, tangier):
    invite(tangier, is_sent=False)
    invite(tangier, email="bea@example.org")
    registrar.get(f"{URL}?state=unsent")
    assert ("ana@example.org" in registrar.page.text, "bea@example.org" in registrar.page.text) == (True, False)
    registrar.get(f"{URL}?q=bea%40&source=hand")
    assert ("ana@example.org" in registrar.page.text, "bea@example.org" in registrar.page.text) == (False, True)
    for kind in ("csv", "xlsx"):
        answer = registrar.get(f"{URL}/list.{kind}?state=unsent")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert registrar.get(f"{URL}?state=mars&source=mars&page=xx").status_code == 200


def test_the_ticked_are_revoked_or_given_another_last_day(registrar, tangier, db_session):
    ana, bea = invite(tangier), invite(tangier, email="bea@example.org")
    day = (AT + timedelta(days=60)).date().isoformat()
    assert registrar.submit(URL, action="/extend", which=[ana.id], expires_on=day).status_code == 303
    assert registrar.submit(URL, action="/extend", which=[ana.id], expires_on="soon").status_code == 303
    form = {"csrf_token": registrar.page.forms[-1].values()["csrf_token"]} if registrar.get(URL) else {}
    registrar.post(f"{URL}/revoke", data={**form, "which": [bea.id, "x", 99999]})
    db_session.expire_all()
    assert (ana.expires_at.date().isoformat(), ana.revoked_at, bea.revoked_at) == (day, None, AT)


def test_one_invitation_has_a_page_with_its_steps(registrar, tangier, outbox):
    ana = invite(tangier)
    path = f"{URL}/{ana.id}"
    assert registrar.submit(path, action="/send").status_code == 303
    assert len(outbox()) == 2
    assert registrar.submit(path, action="/revoke").location.endswith(path)
    registrar.get(path)
    assert "Revoked" in registrar.page.text
    assert registrar.get(f"{URL}/99999").status_code == 404


def test_how_many_are_reminded_is_said_first(registrar, tangier, outbox, run_jobs, clock):
    invite(tangier)
    registrar.get(f"{URL}/remind")
    assert "1 of them was written to within the last three days and is left out." in registrar.page.text
    with clock(AT + timedelta(days=3)):
        registrar.get(f"{URL}/remind")
        assert "Remind 1 person" in registrar.page.text
        assert registrar.submit(f"{URL}/remind", form_id="remind").status_code == 303
        run_jobs()
    assert [mail.template.rpartition("/")[2] for mail in outbox()] == ["invitation.txt", "reminder.txt"]


def test_what_was_kept_back_is_sent_by_its_button(registrar, tangier, outbox, run_jobs):
    invite(tangier, is_sent=False)
    assert registrar.submit(URL, action="/send").status_code == 303
    run_jobs()
    assert len(outbox()) == 1


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2019-01-01", "", "x", "2020-02-30"])
def test_a_last_day_that_will_not_do_is_a_sentence_and_keeps_what_was_typed(registrar, db_session, day):
    path = f"{URL}/new/hand"
    first = registrar.submit(path, form_id="invite", email="ana@example.org", given_name="Ana", expires_on=day)
    assert first.status_code == 422
    answer = press(registrar, path, expires_on=day)
    assert answer.status_code == 422
    assert 'value="Ana"' in answer.text
    assert invited(db_session) == []


@pytest.mark.parametrize("text", ["\x00", "\u202e", "x" * 5000, "<script>alert(1)</script>", "=cmd()"])
def test_whatever_is_typed_is_a_sentence_or_harmless(registrar, text):
    for source in ("hand", "file", "body", "edition"):
        path = f"{URL}/new/{source}"
        registrar.get(path)
        form = next(form for form in registrar.page.forms if form.id == "invite")
        filled = {name: text for name in form.names if name != "csrf_token"}
        answer = registrar.post(path, data={**filled, "csrf_token": form.values()["csrf_token"], "invite": "yes"})
        assert answer.status_code == 422
    assert registrar.get(URL, query_string={"q": text, "state": text, "source": text}).status_code == 200
    assert registrar.get("/organise/2020/people", query_string={"q": text, "page": text}).status_code == 200
