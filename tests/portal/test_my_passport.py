"""Passport data and the letter on the delegate's own page."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.core import clock as core_clock
from retreat.core.db import db
from retreat.editions import service as editions
from retreat.registration import service as registering
from retreat.registration.letters import service
from retreat.registration.letters.models import Passport
from retreat.registration.links import new_link
from tests.printing import paper
from tests.registration.letters.making import PASSPORT, asks, sign
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

pytestmark = pytest.mark.one_database

LATER = AT + timedelta(days=1)
GIVEN = PASSPORT.to_json()


@pytest.fixture(autouse=True)
def _in_january():
    with core_clock.stopped(LATER):
        yield


@pytest.fixture
def tangier(db_session):
    made = edition()
    sign(made)
    return made


def page_of(registration):
    return f"/2020/registration/{new_link(registration, at=AT)}"


def test_who_asks_for_no_letter_is_asked_for_nothing(client, tangier):
    ana = registering.register(tangier, answers(tangier), at=AT, by=DELEGATE)
    own = page_of(ana)
    assert "Visa letter" not in client.get(own).text
    assert client.get(f"{own}/passport").location == own
    assert client.post(f"{own}/passport", data=GIVEN).status_code in (303, 400)
    assert db.session.scalars(select(Passport)).all() == []


def test_the_passport_is_given_and_the_letter_fetched(client, tangier):
    ana = asks(tangier, passport=None)
    own = page_of(ana)
    assert "Your turn:" in client.get(own).text
    sent = client.submit(f"{own}/passport", form_id="passport", **{**GIVEN, "number": " zx8143q27 "})
    assert sent.location == f"{own}#visa"
    assert service.passport_of(ana) == PASSPORT
    page = client.get(own).text
    assert "Your passport data has been saved." in page
    assert "The secretariat issues the letter next" in page
    assert client.get(f"{own}/letter.pdf").status_code == 404
    letter = service.issue(ana, at=LATER, by=REGISTRAR)
    assert letter.number in client.get(own).text
    answer = client.get(f"{own}/letter.pdf")
    assert letter.number in paper.text(answer.data)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_before_the_decision_it_can_be_given_already(client, tangier):
    own = page_of(asks(tangier, is_approved=False, passport=None))
    client.submit(f"{own}/passport", form_id="passport", **GIVEN)
    assert "as soon as your registration has been approved" in client.get(own).text


def test_wrong_answers_are_said_and_everything_typed_is_kept(client, tangier):
    own = page_of(asks(tangier, passport=None))
    wrong = {**GIVEN, "expires_on": "2020-02-01", "family_name": "", "given_names": "  "}
    answer = client.submit(f"{own}/passport", form_id="passport", **wrong)
    assert answer.status_code == 422
    assert "one part is enough" in client.page.text
    assert "The passport ends before the Retreat does" in client.page.text
    assert 'value="ZX8143Q27"' in answer.text
    for name, value, words in (
        ("number", "", "Enter the number of the passport"),
        ("number", "x" * 200, "Shorten this"),
        ("nationality", "   ", "Enter the nationality"),
        ("born_on", "17.3.1971", "Write the date as YYYY-MM-DD"),
        ("born_on", "", "Enter the date of birth"),
        ("born_in", "a\x07b", "cannot be printed"),
        ("applies_in", "", "Enter the city in which the visa is applied for"),
    ):
        answer = client.submit(f"{own}/passport", form_id="passport", **{**GIVEN, name: value})
        assert (answer.status_code, words in client.page.text) == (422, True), name
    assert db.session.scalars(select(Passport)).all() == []


def test_a_passport_that_ends_soon_is_kept_with_a_warning(client, tangier):
    own = page_of(asks(tangier, passport=None))
    client.submit(f"{own}/passport", form_id="passport", **{**GIVEN, "expires_on": "2020-05-01"})
    assert "less than six months after the Retreat" in client.get(own).text
    assert len(db.session.scalars(select(Passport)).all()) == 1


def test_after_a_change_the_page_says_that_the_letter_is_the_old_one(client, tangier):
    ana = asks(tangier)
    own = page_of(ana)
    service.issue(ana, at=AT, by=REGISTRAR)
    client.submit(f"{own}/passport", form_id="passport", number="B7700")
    assert "The letter still says what it said" in client.get(own).text


def test_a_revoked_letter_is_not_given_out(client, tangier):
    ana = asks(tangier)
    own = page_of(ana)
    letter = service.issue(ana, at=AT, by=REGISTRAR)
    service.revoke(letter, "Lost", at=LATER, by=REGISTRAR)
    assert "has been revoked and counts no more" in client.get(own).text
    assert client.get(f"{own}/letter.pdf").status_code == 404


def test_the_answers_form_takes_the_wish_back_and_the_passport_goes(client, tangier):
    own = page_of(asks(tangier))
    client.submit(f"{own}/edit", form_id="answers", visa_letter=None)
    assert db.session.scalars(select(Passport)).all() == []
    assert client.get(f"{own}/passport").location == own


def test_nobody_elses_letter_is_behind_the_link(client, tangier):
    service.issue(asks(tangier), at=AT, by=REGISTRAR)
    other = asks(tangier, given_name="Bea", email="bea@example.org", passport=None)
    assert client.get(f"{page_of(other)}/letter.pdf").status_code == 404
    assert client.get("/2020/registration/nobodys-token/passport").status_code == 404
    assert client.get("/2020/registration/nobodys-token/letter.pdf").status_code == 404


def test_after_closing_nothing_is_asked_and_after_the_purge_nothing_is_left(client, tangier):
    ana = asks(tangier)
    own = page_of(ana)
    service.issue(ana, at=AT, by=REGISTRAR)
    editions.close_edition(tangier, at=LATER, by=REGISTRAR)
    assert client.get(f"{own}/passport").location == own
    assert client.get(f"{own}/letter.pdf").status_code == 200
    service.purge(at=LATER + timedelta(days=30), by=REGISTRAR)
    assert client.get(f"{own}/letter.pdf").status_code == 410
    assert client.get(own).status_code == 200
