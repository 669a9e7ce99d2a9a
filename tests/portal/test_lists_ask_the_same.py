"""The secretariat's lists ask the database as often for three rows as for one."""

from datetime import timedelta

import pytest

from retreat.core.db import db
from retreat.registration import service as registering
from retreat.registration.letters import service as letters
from tests.registration.invitations.making import invite
from tests.registration.letters.making import asks, sign
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition
from tests.registration.questions.making import question

pytestmark = pytest.mark.one_database


@pytest.fixture
def tangier(db_session, clock):
    with clock(AT + timedelta(days=1)):
        made = edition()
        sign(made)
        yield made


def an_invitation(of, number):
    invite(of, email=f"guest{number}@example.org", category_id=of.categories[number].id)


def a_letter(of, number):
    ana = asks(of, given_name=f"Ana {number}", email=f"ana{number}@example.org")
    letters.issue(ana, at=AT, by=REGISTRAR)


def a_person(of, number):
    for given_name in ("Bea", "Béa"):
        given = answers(
            of, given_name=given_name, family_name=f"Number{number}", email=f"{given_name}{number}@example.org"
        )
        registering.register(of, given, at=AT, by=DELEGATE)


def a_question(of, number):
    question(of, f"dish_{number}", "choice", options=["fish", "rice"], categories=of.categories[:number])


@pytest.mark.parametrize(
    ("place", "make"),
    [
        ("invitations", an_invitation),
        ("letters", a_letter),
        ("people", a_person),
        ("people/duplicates", a_person),
        ("questions", a_question),
    ],
)
def test_a_list_asks_as_often_for_three_as_for_one(as_role, tangier, count_queries, place, make):
    organiser = as_role("administrator")
    url = f"/organise/2020/{place}"
    make(tangier, 1)
    db.session.commit()
    organiser.get(url)
    with count_queries() as for_one:
        organiser.get(url)
    for number in (2, 3):
        make(tangier, number)
    db.session.commit()
    with count_queries() as for_three:
        assert organiser.get(url).status_code == 200
    assert len(for_three) == len(for_one)
