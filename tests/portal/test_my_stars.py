"""Stars on the delegate's own page, and those that the browser had before."""

from typing import Any

import pytest
from sqlalchemy import select

from retreat.agenda import service as agenda
from retreat.agenda.models import Access, Kind, PartRole, Star
from retreat.agenda.stars import cookie
from retreat.agenda.values import Appearance
from retreat.calendars import service as calendars
from retreat.calendars.service import PersonOwner
from retreat.registration import service
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.calendars.tangier import summaries
from tests.registration.making import AT, DELEGATE, edition

pytestmark = pytest.mark.one_database
SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def tangier(db_session: Any) -> Any:
    made = edition()
    week.session(made, "Local Finance", code="FIN")
    week.session(made, "Culture", code="CUL", kind=Kind.PANEL)
    week.session(made, "Opening", code="OPEN", kind=Kind.PLENARY)
    week.session(made, "Lunch", code="LUNCH", kind=Kind.BREAK)
    week.session(made, "Open and unlisted", code="QUIET", is_listed=False)
    week.session(made, "Closed talks", code="SECRET", is_listed=False, access=Access.INVITED)
    week.publish(made)
    return made


@pytest.fixture(autouse=True)
def in_january(clock: Any) -> Any:
    with clock(AT):
        yield


def press(client: Any, path: str, code: str, name: str = "star", headers: Any = None) -> Any:
    """A button of the page of stars; `path` may have a query."""
    own, _, query = path.partition("?")
    page = f"{own}/stars" + (f"?{query}" if query else "")
    return sent(client, page, f"{own}/stars", {name: code}, headers)


def sent(client: Any, path: str, action: str, button: dict[str, str], headers: Any = None) -> Any:
    """The form of a page, by one of its buttons."""
    client.get(path)
    (form,) = [form for form in client.page.forms if form.method == "post" and form.action == action]
    return client.post(action, data={**form.values(), **button}, headers=headers)


def answer_about_browser(client: Any, url: str, answer: str) -> Any:
    return sent(client, url, f"{url}/stars/browser", {"answer": answer})


def star_as_stranger(client: Any, *codes: str) -> None:
    for code in codes:
        assert client.post("/2020/stars", data={"star": code}).status_code == 303


def test_everything_one_may_attend_is_there_and_nothing_else(url, client, tangier) -> None:
    page = client.get(f"{url}/stars")
    for title in ("Local Finance", "Culture", "Opening", "Open and unlisted"):
        assert title in page.text
    assert "Lunch" not in page.text
    assert "Closed talks" not in page.text
    assert page.text.count("In your week already") == 1
    assert page.headers["Cache-Control"] == "no-store"


def test_a_star_comes_into_the_week_and_into_the_feed(url, client, one, db_session) -> None:
    made = calendars.subscribe(PersonOwner(one.person_id), one.edition_id, "Phone", language="en", at=AT)
    feed = f"/calendar/{made.token}.ics"
    before = client.get(feed)
    assert "Local Finance" not in summaries(before.data)
    answer = press(client, url, "FIN")
    assert (answer.status_code, answer.location) == (303, f"{url}/stars#s-FIN")
    after = client.get(feed, headers={"If-None-Match": before.headers["ETag"]})
    assert "Local Finance" in summaries(after.data)
    page = client.get(url).text
    assert "Local Finance" in page
    assert "Starred" in page
    assert "Star sessions<span> (<span data-stars>1</span>)" in page
    press(client, url, "FIN", "unstar")
    assert client.get(feed, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    assert db_session.scalars(select(Star)).all() == []


def test_who_loses_the_session_loses_the_star(url, client, tangier) -> None:
    press(client, url, "FIN")
    finance = agenda.session_by_code(tangier, "FIN")
    agenda.update_session(finance, {"access": Access.INVITED, "is_listed": False}, at=AT, by=NADIA)
    week.publish(tangier)
    for page in (url, f"{url}/stars", f"{url}/stars?starred=1"):
        assert "Local Finance" not in client.get(page).text


def test_search_and_filters_stay_after_a_press(url, client) -> None:
    page = client.get(f"{url}/stars?q=cult").text
    assert ("Culture" in page, "Local Finance" in page) == (True, False)
    assert press(client, f"{url}?q=cult&kind=panel", "CUL").location == f"{url}/stars?q=cult&kind=panel#s-CUL"
    page = client.get(f"{url}/stars?starred=1").text
    assert ("Culture" in page, "Local Finance" in page) == (True, False)


def test_no_star_is_said_with_how_to_set_one(url, client) -> None:
    assert "You have starred no session yet" in client.get(f"{url}/stars?starred=1").text


@pytest.mark.parametrize("code", ["SECRET", "LUNCH", "NOWHERE", "", "\x00"])
@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_what_one_may_not_attend_cannot_be_starred(url, client, db_session, code, headers) -> None:
    answer = press(client, url, code, headers=headers)
    assert answer.status_code == 404
    assert "not in the agenda any more" in (answer.json["message"] if headers else answer.text)
    assert db_session.scalars(select(Star)).all() == []


def test_a_script_gets_the_number(url, client) -> None:
    assert press(client, url, "FIN", headers=SCRIPT).json == {"count": 1}
    assert press(client, url, "CUL", headers=SCRIPT).json == {"count": 2}
    assert press(client, url, "FIN", "unstar", headers=SCRIPT).json == {"count": 1}


def test_who_has_withdrawn_stars_nothing(url, client, one, db_session) -> None:
    form = client.get(f"{url}/stars")
    assert form.status_code == 200
    service.withdraw(one, at=AT, by=DELEGATE)
    db_session.commit()
    assert client.get(f"{url}/stars").location == url


def test_a_part_is_said_to_be_in_the_week_without_a_star(url, client, one, tangier) -> None:
    parts = [Appearance(PartRole.SPEAKER, "Ana", person=one.person)]
    agenda.update_session(agenda.session_by_code(tangier, "FIN"), {"parts": parts}, at=AT, by=NADIA)
    week.publish(tangier)
    assert client.get(f"{url}/stars").text.count("In your week already") == 2


# What the browser had starred --------------------------------------------------------------------------------------


def test_stars_of_the_browser_are_added_once(url, client, db_session) -> None:
    star_as_stranger(client, "FIN", "CUL")
    assert "Add 2 starred sessions to my week" in client.get(url).text
    answer = answer_about_browser(client, url, "add")
    assert answer.location == f"{url}#week"
    page = client.get(url).text
    assert "2 sessions are in your week now." in page
    assert "Culture" in page
    assert len(db_session.scalars(select(Star)).all()) == 2
    press(client, url, "CUL", "unstar")
    assert "to my week" not in client.get(url).text


def test_who_does_not_want_them_is_not_asked_again_but_about_new_ones(url, client, db_session) -> None:
    star_as_stranger(client, "FIN")
    answer_about_browser(client, url, "leave")
    assert "to my week" not in client.get(url).text
    assert db_session.scalars(select(Star)).all() == []
    star_as_stranger(client, "CUL")
    assert "Add 1 starred session to my week" in client.get(url).text


def test_the_answer_is_of_one_page_and_out_of_reach_for_scripts(url, client) -> None:
    star_as_stranger(client, "FIN")
    header = answer_about_browser(client, url, "leave").headers["Set-Cookie"]
    assert header.startswith(cookie.ANSWERED)
    assert "HttpOnly" in header
    assert f"Path={url}" in header


def test_what_one_has_starred_already_is_not_offered(url, client) -> None:
    press(client, url, "FIN")
    star_as_stranger(client, "FIN")
    assert "to my week" not in client.get(url).text
