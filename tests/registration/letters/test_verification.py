"""The public page: whether a letter is ours."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.core.db import db
from retreat.registration.letters import service
from retreat.registration.letters import views as verify_views
from retreat.registration.letters.models import Letter
from retreat.registration.letters.verification import verify
from tests.registration.letters.making import SECRETS, asks, sign
from tests.registration.making import AT, REGISTRAR, edition

LATER = AT + timedelta(days=1)


@pytest.fixture
def letter(db_session):
    tangier = edition()
    sign(tangier)
    made = service.issue(asks(tangier), at=AT, by=REGISTRAR)
    db_session.commit()
    return made


def test_what_is_said_of_a_number_and_a_name(letter):
    assert verify(letter.number.lower().replace("-", " ")).state == "valid"
    assert [
        verify(letter.number, name).name_matches for name in ("quiroga anez", "QUIROGA-ÁÑEZ", "Fernández", " ")
    ] == [
        True,
        True,
        False,
        None,
    ]
    assert (verify("UCLG-2020-0001-ZZZZ").state, verify("UCLG-2020-0001-ZZZZ", "quiroga anez").name_matches) == (
        None,
        None,
    )


def test_the_given_name_counts_where_there_is_no_family_name(letter):
    from dataclasses import replace

    from tests.registration.letters.making import PASSPORT

    one = asks(
        letter.edition, given_name="Wulandari", passport=replace(PASSPORT, family_name="", given_names="WULANDARI")
    )
    assert verify(service.issue(one, at=AT, by=REGISTRAR).number, "Wulandari").name_matches


def test_an_unknown_number_costs_as_many_questions_as_a_known_one(letter, count_queries):
    counted = []
    for number in (letter.number, "UCLG-2020-0001-ZZZZ", "nonsense", ""):
        db.session.commit()
        db.session.expunge_all()
        with count_queries() as queries:
            verify(number, "quiroga")
        counted.append(len(queries))
    assert counted == [1, 1, 1, 1]


@pytest.mark.one_database
class TestPage:
    def test_the_address_in_the_code_answers_at_once(self, client, letter):
        answer = client.get(f"/verify?number={letter.number}")
        assert answer.status_code == 200
        text = client.page.text
        assert "This letter is valid." in text
        assert "Tangier, 24–28 February 2020" in text
        assert "14 January 2020" in text
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_a_name_is_compared_and_never_said(self, client, letter):
        client.submit("/verify", form_id="verify", number=letter.number, name="quiroga anez")
        assert "The name is that of the letter." in client.page.text
        client.submit("/verify", form_id="verify", number=letter.number, name="Somebody")
        assert "The name is not that of the letter." in client.page.text
        assert not any(secret in client.page.text for secret in SECRETS)

    def test_a_name_in_the_address_is_not_looked_at(self, client, letter):
        client.get(f"/verify?number={letter.number}&name=quiroga+anez")
        assert "The name" not in client.page.text

    def test_a_replaced_letter_does_not_tell_the_later_number(self, client, letter):
        later = service.issue(letter.registration, at=LATER, by=REGISTRAR)
        client.get(f"/verify?number={letter.number}")
        assert "This letter has been replaced by a later one." in client.page.text
        assert later.number not in client.page.text

    def test_a_revoked_letter_does_not_tell_why(self, client, letter):
        service.revoke(letter, "The passport was stolen", at=LATER, by=REGISTRAR)
        client.get(f"/verify?number={letter.number}")
        assert "This letter has been revoked." in client.page.text
        assert "stolen" not in client.page.text

    @pytest.mark.parametrize(
        "number", ["UCLG-2020-0001-ZZZZ", "UCLG-2020-9999-AAAA", "nonsense", "", "<b>", "\x00", "٣" * 90]
    )
    def test_unknown_numbers_all_have_the_same_answer(self, client, letter, number):
        answer = client.get("/verify", query_string={"number": number})
        assert answer.status_code == 200
        assert "We know no letter with this number." in client.page.text
        assert "Tangier" not in client.page.text

    def test_of_a_person_who_was_erased_the_number_is_left(self, client, letter):
        letter.match_key = ""
        client.submit("/verify", form_id="verify", number=letter.number, name="quiroga anez")
        assert "This letter is valid." in client.page.text
        assert "a name cannot be compared any more" in client.page.text
        assert "The name is" not in client.page.text

    def test_without_a_number_it_only_asks(self, client, letter):
        assert client.get("/verify").status_code == 200
        assert "letter is valid" not in client.page.text
        assert client.submit("/verify", form_id="verify", number=" ").status_code == 422
        assert "Enter the number of the letter" in client.page.text

    def test_a_script_is_held_off_and_a_consulate_is_not(self, client, letter, monkeypatch):
        from limits import parse

        for _ in range(20):
            assert client.get(f"/verify?number={letter.number}").status_code == 200
        monkeypatch.setattr(verify_views, "QUESTIONS_PER_ADDRESS", parse("2 per hour"))
        statuses = [client.get("/verify?number=UCLG-2020-0001-ZZZZ").status_code for _ in range(3)]
        assert statuses[-1] == 429
        assert "Try again in an hour." in client.page.text
        assert client.get("/verify").status_code == 200

    @pytest.mark.parametrize("language", ["en", "fr", "es", "ru"])
    def test_it_can_be_read_in_four_languages(self, client, letter, language):
        client.get(f"/verify?number={letter.number}&lang={language}")
        assert client.page.lang == language
        assert letter.number in client.page.text


def test_each_number_has_a_key_of_its_own(letter):
    again = service.issue(letter.registration, at=LATER, by=REGISTRAR)
    keys = db.session.scalars(select(Letter.match_key)).all()
    assert len(set(keys)) == 2
    assert verify(again.number, "quiroga anez").name_matches
