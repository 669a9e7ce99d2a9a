"""The board in the browser: what stands where, what the forms do, and what is refused."""

import pytest

from tests.agenda import week
from tests.agenda.board.making import hall

pytestmark = pytest.mark.one_database
BOARD = "/organise/2020/board"


@pytest.fixture
def tangier(db_session):
    made = week.edition()
    for name in ("Kasbah", "Malabata"):
        hall(made, name)
    return made


def test_the_board_opens(as_role, tangier):
    week.session(tangier, hall=tangier.halls[0])
    client = as_role("programmer")
    page = client.get(BOARD, query_string={"day": "2020-02-25"})
    assert page.status_code == 200
    assert 'id="session-' in page.text
