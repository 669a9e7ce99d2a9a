"""A small week with two halls and two organisers, for the board's tests."""

import pytest

from tests.agenda import week
from tests.agenda.board.making import hall, organiser


@pytest.fixture
def tangier(db_session):
    return week.edition()


@pytest.fixture
def kasbah(tangier):
    return hall(tangier, "Kasbah")


@pytest.fixture
def malabata(tangier):
    return hall(tangier, "Malabata")


@pytest.fixture
def nadia(db_session):
    return organiser("Nadia Orlova")


@pytest.fixture
def lena(db_session):
    return organiser("Lena Osei")
