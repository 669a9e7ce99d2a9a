"""What a page that asks every few seconds is told, on both databases."""

from datetime import timedelta

import pytest

from retreat.agenda import service
from retreat.agenda.board import presence
from retreat.agenda.board.state import state
from retreat.core.db import db
from retreat.editions.service import UnknownEdition
from tests.agenda import week
from tests.agenda.board.making import hall, organiser, place
from tests.agenda.week import AT, NADIA


@pytest.fixture
def tangier(db_session):
    return week.edition()


@pytest.fixture
def nadia(db_session):
    return organiser("Nadia Orlova")


@pytest.fixture
def lena(db_session):
    return organiser("Lena Osei")


def tag(who, at=AT):
    db.session.flush()
    return state("2020", who.id, at=at).tag("2020-02-25")


def test_every_change_is_another_tag_and_no_change_is_the_same(tangier, nadia, lena):
    finance = week.session(tangier)
    kasbah = hall(tangier, "Kasbah")
    tags = [tag(nadia)]
    assert tag(nadia) == tags[0]

    def changed(by_what):
        by_what()
        tags.append(tag(nadia))

    changed(lambda: place(finance, "10:00-11:00", kasbah, by=lena))
    changed(lambda: service.update_session(finance, {"tags": ["hybrid"]}, at=AT, by=NADIA))
    changed(lambda: week.session(tangier, "Another", code="X"))
    changed(lambda: service.delete_session(service.session_by_code(tangier, "X"), at=AT, by=NADIA))
    changed(lambda: presence.touch(tangier.id, at=AT, by=lena))
    changed(lambda: presence.hold(tangier, finance, at=AT, by=lena))
    changed(lambda: presence.let_go(tangier, at=AT, by=lena))
    changed(lambda: week.publish(tangier))
    # The same picture is the same tag: what was made and removed, what was held and let go.
    assert (tags[2], tags[5]) == (tags[4], tags[7])
    assert len(set(tags)) == len(tags) - 2


def test_ones_own_presence_changes_nothing(tangier, nadia):
    before = tag(nadia)
    presence.touch(tangier.id, at=AT, by=nadia)
    assert tag(nadia) == before
    assert state("2020", nadia.id, at=AT).seen_at == AT


def test_who_went_away_and_a_lease_that_ran_out_change_it(tangier, nadia, lena):
    before = tag(nadia)
    presence.hold(tangier, week.session(tangier), at=AT, by=lena)
    held = tag(nadia)
    assert tag(nadia, AT + timedelta(seconds=31)) not in (before, held)


def test_what_another_edition_does_is_nothing_to_us(tangier, nadia, lena):
    other = week.edition("2019")
    before = tag(nadia)
    week.session(other)
    presence.touch(other.id, at=AT, by=lena)
    assert tag(nadia) == before


def test_an_unknown_edition_is_said(db_session, nadia):
    with pytest.raises(UnknownEdition):
        state("1999", nadia.id, at=AT)


def test_the_board_is_read_on_both_databases(as_role, tangier):
    week.session(tangier, code="LF", hall=hall(tangier, "Kasbah"))
    week.session(tangier, code="SHELF", date=None, starts=None, ends=None)
    client = as_role("programmer")
    answer = client.get("/organise/2020/board/state", query_string={"day": "2020-02-25"})
    assert (answer.status_code, answer.text.count("data-code=")) == (200, 2)
    again = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/organise/2020/board/state?day=2020-02-25", headers=again).status_code == 304
