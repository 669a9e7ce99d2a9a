"""The cookie of stars: it holds as many as are allowed, and says nothing that we have not signed."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda.stars import cookie
from retreat.agenda.stars.cookie import MOST, mark

SECRET, TANGIER = "a secret", "edition-1"
UIDS = [str(uuid.UUID(int=number)) for number in range(MOST + 50)]


def written(uids: list[str], **values: str) -> str:
    return cookie.write(map(mark, uids), **{"secret": SECRET, "edition_uid": TANGIER, **values})


def read(text: str | None, **values: str) -> cookie.Marks:
    return cookie.read(text, **{"secret": SECRET, "edition_uid": TANGIER, **values})


@given(st.lists(st.uuids().map(str), max_size=MOST, unique=True))
def test_what_is_written_is_read_again_in_its_order(uids: list[str]) -> None:
    assert read(written(uids)) == tuple(map(mark, uids))


def test_two_hundred_sessions_fit_into_what_a_browser_keeps() -> None:
    assert len(cookie.NAME) + len(written(UIDS[:MOST])) < 4000
    assert len(set(map(mark, UIDS))) == len(UIDS)


def test_more_than_two_hundred_are_cut_off() -> None:
    assert len(read(written(UIDS))) == MOST


@pytest.mark.parametrize("sent", [None, "", ".", "AAAA", "é", "\x00", "a" * 9000, "…", written(UIDS[:3])[:-1]])
def test_what_we_have_not_signed_is_nothing(sent: str | None) -> None:
    assert read(sent) == ()


def test_a_cookie_is_of_one_edition_and_one_site() -> None:
    text = written(UIDS[:2])
    assert read(text, edition_uid="edition-2") == read(text, secret="another") == ()


def test_no_star_is_no_cookie() -> None:
    assert written([]) == ""
