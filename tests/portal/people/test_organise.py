"""The pages of the address book."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.agenda.models import AgendaSession
from retreat.ceremony.models import Award
from retreat.core.i18n import Translated
from retreat.network.models import Office, Person, TwoPeople
from retreat.registration import service as registrations
from tests.registration.making import AT, DELEGATE, answers, edition

pytestmark = pytest.mark.one_database

URL = "/organise/2020/people"


@pytest.fixture
def durban(db_session):
    return edition("2019")


@pytest.fixture
def tangier(db_session):
    return edition()


@pytest.fixture
def last_year(durban, db_session):
    made = registrations.register(durban, answers(durban), at=AT, by=DELEGATE)
    db_session.commit()
    return made


@pytest.fixture
def this_year(tangier, last_year, db_session):
    given = answers(tangier, given_name="ANA", family_name="Fernandez", position="Senator")
    made = registrations.register(tangier, given, at=AT + timedelta(days=90), by=DELEGATE)
    db_session.commit()
    return made


@pytest.fixture
def registrar(as_role, tangier):
    return as_role("registrar")


def test_people_are_searched_and_their_page_shows_what_is_theirs(registrar, this_year):
    registrar.get(f"{URL}?q=fernandez")
    assert "2 people" in registrar.page.text
    registrar.get(f"{URL}?q=nobody")
    assert "Nobody matches" in registrar.page.text
    assert registrar.get(f"{URL}/{this_year.person_id}").status_code == 200
    for said in ("R20-0001", "Senator, City of Montevideo", "Perhaps the same as", "the same e-mail address"):
        assert said.lower() in registrar.page.text.lower()


def test_the_registrations_page_names_who_it_may_be(registrar, this_year, last_year):
    registrar.get(f"/organise/2020/registrations/{this_year.code}")
    assert "Perhaps the same as Ana Fernández" in registrar.page.text


def test_both_sides_are_shown_and_the_newer_word_is_proposed(registrar, this_year, last_year, db_session):
    keep, lose = last_year.person, this_year.person
    path = f"{URL}/merge?one={lose.id}&other={keep.id}"
    answer = registrar.get(path)
    form = next(form for form in registrar.page.forms if form.id == "merge")
    assert {name: value for name, value in form.values().items() if name != "csrf_token"} == {
        "given_name": [str(lose.id)],
        "family_name": [str(lose.id)],
        "position": [str(lose.id)],
    }
    assert "Senator" in answer.text
    sent = {**form.values(), "family_name": [str(keep.id)]}
    answer = registrar.post(path, data=sent)
    assert answer.location == f"{URL}/{keep.id}"
    db_session.expire_all()
    (one,) = db_session.scalars(select(Person))
    assert (one.given_name, one.family_name, one.position) == ("ANA", "Fernández", "Senator")
    assert {last_year.person_id, this_year.person_id} == {one.id}
    assert registrar.get(answer.location).status_code == 200
    assert registrar.post(path, data=sent).status_code == 404


def test_two_who_are_registered_at_one_edition_are_refused_with_their_references(registrar, tangier, db_session):
    one = registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE)
    other = registrations.register(tangier, answers(tangier, email="b@example.org"), at=AT, by=DELEGATE)
    path = f"{URL}/merge?one={one.person_id}&other={other.person_id}"
    assert registrar.get(path).status_code == 200
    assert "as R20-0001 and as R20-0002" in registrar.page.text
    assert "They are the same person" not in registrar.page.text
    token = registrar.page.forms[-1].values()["csrf_token"]
    assert registrar.post(path, data={"csrf_token": token}).status_code == 409
    assert len(db_session.scalars(select(Person)).all()) == 2


def test_somebody_else_is_said_once_and_for_all(registrar, this_year, db_session):
    registrar.get(f"{URL}/duplicates")
    assert "1 pair to look at" in registrar.page.text
    assert registrar.submit(f"{URL}/duplicates", action="/two").status_code == 303
    assert len(db_session.scalars(select(TwoPeople)).all()) == 1
    registrar.get(f"{URL}/duplicates")
    assert "Nobody seems to stand here twice" in registrar.page.text
    registrar.get(f"/organise/2020/registrations/{this_year.code}")
    assert "Perhaps the same as" not in registrar.page.text


def test_an_office_is_dated_and_a_wrong_order_is_said_beside_it(registrar, this_year, db_session):
    path = f"{URL}/{this_year.person_id}"
    (office,) = db_session.scalars(select(Office).where(Office.person_id == this_year.person_id))
    action = f"/offices/{office.id}"
    assert registrar.submit(path, action=action, starts_on="2018-05-01", ends_on="").status_code == 303
    answer = registrar.submit(path, action=action, starts_on="2018-05-01", ends_on="2017-05-01")
    assert answer.status_code == 422
    assert "cannot come before its first" in registrar.page.text
    assert 'value="2017-05-01"' in answer.text
    assert registrar.submit(path, action=action, starts_on="soon").status_code == 422
    db_session.expire_all()
    assert (office.starts_on.isoformat(), office.ends_on) == ("2018-05-01", None)


def test_a_registrar_learns_nothing_of_a_ceremony(registrar, as_role, tangier, this_year, last_year, db_session):
    session = AgendaSession(
        edition=tangier, code="C", uid="c", zone=tangier.zone, created_at=AT, updated_at=AT, title=Translated(en="Gala")
    )
    db_session.add(Award(session=session, recipient=this_year.person, prize=Translated(en="Grand prize")))
    db_session.commit()
    path = f"{URL}/merge?one={this_year.person_id}&other={last_year.person_id}"
    for address in (path, f"{URL}/{this_year.person_id}"):
        registrar.get(address)
        assert ("ceremony" in registrar.page.text, "Grand prize" in registrar.page.text) == (False, False)
    administrator = as_role("administrator")
    administrator.get(path)
    assert "Places in a ceremony: 1" in administrator.page.text
    assert "Grand prize" not in administrator.page.text


@pytest.mark.parametrize("query", ["one=1&other=x", "one=1&other=99999", "one=99999999999&other=1", "one=&other="])
def test_people_who_are_not_there_are_not_found(registrar, query):
    assert registrar.get(f"{URL}/merge?{query}").status_code == 404


def test_who_was_forgotten_is_not_there(registrar, this_year, db_session):
    this_year.person.erased_at = AT
    db_session.commit()
    assert registrar.get(f"{URL}/{this_year.person_id}").status_code == 404
    assert registrar.get(f"{URL}/duplicates").status_code == 200
    assert "1 person" in registrar.get(URL).text
