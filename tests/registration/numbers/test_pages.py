"""The pages of numbers: the secretariat's, and the public one when the edition says so."""

import pytest

from retreat.core.db import db
from retreat.registration import service as registering
from retreat.registration.models import Gender
from tests.registration.making import AT, DELEGATE, answers, edition

pytestmark = pytest.mark.one_database


@pytest.fixture
def tangier(db_session):
    made = edition()
    for number in range(32):
        given = answers(
            made,
            email=f"p{number}@example.org",
            gender=(Gender.WOMAN, Gender.MAN, None)[number % 3],
            category="press" if number % 2 else "delegate",
            organisation="A secret office",
        )
        registering.register(made, given, at=AT, by=DELEGATE)
    db.session.commit()
    return made


def test_nobody_sees_the_public_page_before_it_is_published(client, as_role, tangier):
    for address in ("/2020/numbers", "/2020/numbers.csv"):
        assert client.get(address).status_code == 404
        assert as_role("administrator").get(address).status_code == 404
    assert "/2020/numbers" not in client.get("/2020/").text


def test_an_administrator_publishes_it_and_takes_it_away(client, as_role, tangier):
    administrator = as_role("administrator")
    administrator.submit("/organise/2020/numbers", action="/numbers/publish")
    page = client.get("/2020/numbers")
    assert page.status_code == 200
    assert "32" in client.page.text
    assert "Uruguay" in client.page.text
    for hidden in ("Press", "Montevideo", "A secret office", "Fernández", "@example.org"):
        assert hidden not in client.page.text
        assert hidden not in client.get("/2020/numbers.csv").text
    client.get("/2020/")
    assert "/2020/numbers" in client.page.links
    administrator.submit("/organise/2020/numbers", action="/numbers/publish")
    assert client.get("/2020/numbers").status_code == 404


def test_only_who_edits_settings_has_the_switch(as_role, tangier):
    assert "/numbers/publish" not in as_role("registrar").get("/organise/2020/numbers").text
    assert as_role("registrar").post("/organise/2020/numbers/publish").status_code == 403


def test_women_and_men_as_a_share_with_its_picture(as_role, tangier):
    viewer = as_role("viewer")
    page = viewer.get("/organise/2020/numbers").text
    text = viewer.page.text
    assert "Of the 22 who gave one of these two answers, among 32 registered." in text
    assert 'role="img" aria-label="50% women, 50% men"' in page
    assert "Another answer fewer than 5" in text
    assert "No answer not shown" in text


def test_the_answer_is_shown_of_nobody(as_role, tangier):
    registrar = as_role("registrar")
    for address in ("registrations/R20-0001", "registrations", "registrations.csv", "registrations/R20-0001/edit"):
        text = registrar.get(f"/organise/2020/{address}").text.lower()
        assert 'value="woman"' not in text
        assert ">woman<" not in text
        assert ",woman," not in text


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru"])
def test_it_is_a_page_in_every_language_with_few_and_with_nobody(as_role, client, db_session, language):
    made = edition(are_numbers_shown=True)
    administrator = as_role("administrator")
    for last in (0, 1, 2):
        if last:
            one = answers(made, email=f"p{last}@example.org", city="", country="", organisation="", languages=[])
            registering.register(made, one, at=AT, by=DELEGATE)
            db.session.commit()
        assert administrator.get(f"/organise/2020/numbers?lang={language}").status_code == 200
        assert client.get(f"/2020/numbers?lang={language}").status_code == 200
    assert "@" not in client.page.text
