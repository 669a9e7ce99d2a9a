"""What may be wrong with passport data."""

from dataclasses import replace
from datetime import date

import pytest

from retreat.registration.letters import passport
from retreat.registration.letters.passport import PassportData
from tests.registration.letters.making import PASSPORT, SECRETS

ENDS, TODAY = date(2020, 2, 28), date(2020, 1, 14)


def fields(**changed):
    return [one.field for one in passport.problems(replace(PASSPORT, **changed), ends_on=ENDS, today=TODAY)]


def test_a_good_passport_has_no_problem():
    assert fields() == []


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"family_name": "", "given_names": ""}, ["family_name"]),
        ({"family_name": ""}, []),
        ({"given_names": ""}, []),
        ({"expires_on": ENDS}, ["expires_on"]),
        ({"expires_on": date(2020, 2, 29)}, []),
        ({"expires_on": date(2017, 1, 1)}, ["expires_on"]),
        ({"born_on": TODAY, "issued_on": TODAY}, ["born_on", "issued_on"]),
        ({"born_on": date(1899, 12, 31)}, ["born_on"]),
        ({"issued_on": date(2020, 1, 15)}, ["issued_on"]),
        ({"issued_on": date(1970, 1, 1)}, ["issued_on"]),
    ],
)
def test_each_problem_is_said_of_its_field(changed, wrong):
    assert fields(**changed) == wrong


def test_less_than_six_months_after_the_end_is_said_and_not_refused():
    assert passport.ends_soon(replace(PASSPORT, expires_on=date(2020, 8, 28)), ENDS)
    assert not passport.ends_soon(replace(PASSPORT, expires_on=date(2020, 8, 29)), ENDS)


def test_it_is_the_same_after_it_was_kept():
    assert PassportData.of_json(PASSPORT.to_json()) == PASSPORT


def test_its_own_words_give_nothing_away():
    assert not any(secret in f"{PASSPORT!r} {PASSPORT}" for secret in SECRETS)
