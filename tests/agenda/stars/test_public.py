"""Stars of strangers, as a browser without scripts sets them, and what every page makes of them."""

import re
from typing import Any

import pytest
from icalendar import Calendar

from retreat.agenda import service
from retreat.agenda.models import Access, Kind
from retreat.agenda.stars import cookie
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from tests.agenda import busy_day, week
from tests.agenda.week import AT, NADIA
from tests.client import PageClient

WEEK, DAY, STARS, FILE = "/2020/agenda", "/2020/agenda/2020-02-25", "/2020/stars", "/2020/calendar/stars.ics"
pytestmark = pytest.mark.one_database
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def edition(db_session: Any) -> Edition:
    made = week.edition()
    week.session(made, "Local Finance", code="FIN")
    week.session(made, "Culture", code="CUL")
    week.session(made, "Some day", code="LATER", date=None, starts=None, ends=None)
    week.session(made, "Lunch", code="LUNCH", kind=Kind.BREAK)
    week.session(made, "Closed talks", code="SECRET", is_listed=False, access=Access.INVITED)
    week.publish(made)
    return made


def session_of(edition: Edition, code: str) -> Any:
    return service.session_by_code(edition, code)


def press(client: PageClient, code: str, *, name: str = "star", back: str = WEEK, **headers: str) -> Any:
    return client.post(STARS, data={name: code, "back": back}, headers=headers)


def pressed(client: PageClient, path: str = WEEK) -> list[str]:
    """Codes whose button is down."""
    buttons = re.findall(
        r'<button class="star" id="s-([^"]+)" name="unstar" value="\1" aria-pressed="true"', client.get(path).text
    )
    return sorted(buttons)


def stars_cookie(client: PageClient) -> Any:
    return client.get_cookie(cookie.NAME, path="/2020")


# Setting and taking away -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [WEEK, DAY, f"{WEEK}?kind=other", "/2020/sessions/FIN"])
def test_a_star_is_set_where_one_is_and_leads_back_there(edition, client, path: str) -> None:
    assert 'value="FIN" aria-pressed="false"' in client.get(path).text
    answer = press(client, "FIN", back=path)
    assert (answer.status_code, answer.location) == (303, f"{path}#s-FIN")
    assert 'name="unstar" value="FIN" aria-pressed="true"' in client.get(path).text
    press(client, "FIN", name="unstar", back=path)
    assert 'name="star" value="FIN" aria-pressed="false"' in client.get(path).text
    assert stars_cookie(client) is None


def test_pressing_twice_is_one_star(edition, client) -> None:
    for _ in range(2):
        press(client, "FIN")
    assert pressed(client) == ["FIN"]
    for _ in range(2):
        press(client, "FIN", name="unstar")
    assert pressed(client) == []


def test_the_cookie_is_kept_from_scripts_and_from_other_editions(edition, client) -> None:
    header = press(client, "FIN").headers["Set-Cookie"]
    assert header.startswith(f"{cookie.NAME}=")
    for word in ("HttpOnly", "SameSite=Lax", "Path=/2020", "Max-Age=31536000"):
        assert word in header
    assert "session=" not in header


def test_a_script_gets_the_number_and_no_page(edition, client) -> None:
    assert client.post(STARS, data={"star": "FIN"}, headers=SCRIPT).json == {"count": 1}
    assert client.post(STARS, data={"star": "CUL"}, headers=SCRIPT).json == {"count": 2}
    refused = client.post(STARS, data={"star": "SECRET"}, headers=SCRIPT)
    assert (refused.status_code, refused.json) == (
        404,
        {"message": "This session is not in the agenda any more, or not for you."},
    )


@pytest.mark.parametrize("code", ["SECRET", "LUNCH", "NOWHERE", "", "\x00", "é" * 3000])
def test_what_nobody_may_see_cannot_be_starred(edition, client, code: str) -> None:
    answer = press(client, code)
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "back", ["", "//evil.example/", "https://evil.example/2020/", "/2021/agenda", "/2020/\\evil", "/2020/x\n"]
)
def test_nobody_is_led_to_another_site(edition, client, back: str) -> None:
    assert press(client, "FIN", back=back).location == f"{WEEK}#s-FIN"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_another_site_sets_no_stars(edition, client, headers: dict[str, str]) -> None:
    answer = press(client, "FIN", **headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}]
)
def test_this_site_does(edition, client, headers: dict[str, str]) -> None:
    assert press(client, "FIN", **headers).status_code == 303


def test_no_more_than_two_hundred_are_kept(edition, client, monkeypatch) -> None:
    monkeypatch.setattr("retreat.agenda.stars.public.MOST", 1)
    press(client, "FIN")
    answer = press(client, "CUL")
    assert answer.status_code == 409
    assert "as many as can be kept" in answer.text
    press(client, "FIN")
    assert pressed(client) == ["FIN"]


# What pages make of it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [WEEK, DAY, "/2020/sessions/FIN"])
def test_who_has_no_star_gets_the_page_that_everybody_gets(edition, app, client, path: str) -> None:
    shared, other = client.get(path), app.test_client()
    assert (shared.headers["Cache-Control"], "Set-Cookie" in shared.headers) == ("no-cache", False)
    press(client, "FIN")
    mine = client.get(path, headers={"If-None-Match": shared.headers["ETag"]})
    assert (mine.status_code, mine.headers["Cache-Control"]) == (200, "private, no-cache")
    assert "session" not in mine.headers.get("Set-Cookie", "")
    assert client.get(path, headers={"If-None-Match": mine.headers["ETag"]}).status_code == 304
    assert other.get(path, headers={"If-None-Match": mine.headers["ETag"]}).headers["ETag"] == shared.headers["ETag"]
    press(client, "FIN", name="unstar")
    assert client.get(path, headers={"If-None-Match": shared.headers["ETag"]}).status_code == 304


def test_a_forged_cookie_is_no_star_and_no_error(edition, client) -> None:
    client.set_cookie(cookie.NAME, "AAAA.BBBB", path="/2020")
    answer = client.get(WEEK)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_my_stars_are_a_filter_of_the_week_and_of_each_day(edition, client) -> None:
    press(client, "FIN")
    for path in (WEEK, DAY):
        page = client.get(f"{path}?starred=1").text
        assert "Local Finance" in page
        assert "Culture" not in page
        assert "Only: My stars" in page
    assert "<span> (<span data-stars>1</span>)</span>" in client.get(DAY).text


def test_no_star_is_said_with_how_to_set_one(edition, client) -> None:
    page = client.get(f"{WEEK}?starred=1").text
    assert "You have starred no session yet" in page
    assert "No session fits" not in page


def test_what_is_unlisted_falls_away(edition, client) -> None:
    for code in ("FIN", "CUL", "LATER"):
        press(client, code)
    for code in ("CUL", "LATER"):
        service.update_session(session_of(edition, code), {"is_listed": False}, at=AT, by=NADIA)
    week.publish(edition)
    page = client.get(f"{WEEK}?starred=1").text
    assert "data-stars>1<" in page
    assert "Culture" not in page
    assert "Download as a calendar file" in page
    press(client, "FIN", name="unstar")
    assert stars_cookie(client) is None


def test_a_part_of_a_session_is_starred_on_the_day(edition, client) -> None:
    finance = session_of(edition, "FIN")
    times = {"starts": finance.starts, "ends": finance.ends}
    week.session(edition, "Questions", code="QUE", parent=finance, **times)
    week.session(edition, "Coffee", code="COF", parent=finance, kind=Kind.BREAK, **times)
    week.publish(edition)
    assert '<li class="part' in client.get(DAY).text
    press(client, "QUE", back=DAY)
    assert pressed(client, DAY) == ["QUE"]
    assert 'id="s-COF"' not in client.get(DAY).text


def test_a_day_of_two_hundred_leaves_the_buttons_to_a_script(db_session, client) -> None:
    edition = week.edition()
    codes = busy_day.make(edition)
    week.publish(edition)
    press(client, codes[7])
    answer = client.get(DAY)
    assert len(answer.data) < 60_000
    assert '<button class="star"' not in answer.text
    assert f'data-label="Star: %s" data-starred="{codes[7]}"' in answer.text
    assert pressed(client) == [codes[7]]


def test_stars_ask_no_further_query(edition, client, count_queries) -> None:
    client.get(WEEK)
    with count_queries() as before:
        client.get(DAY)
    press(client, "FIN")
    with count_queries() as after:
        client.get(DAY)
    assert len(after) == len(before)


# As a file ---------------------------------------------------------------------------------------------------------


def test_stars_are_downloaded_as_a_calendar(edition, client) -> None:
    press(client, "FIN")
    press(client, "LATER")
    answer = client.get(FILE)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="stars-2020.ics"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in answer.headers
    calendar = Calendar.from_ical(answer.data)
    assert str(calendar["X-WR-CALNAME"]) == "UCLG Retreat & Campus: my stars"
    assert [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")] == ["Local Finance"]
    assert client.get(FILE, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", [FILE, "/1999/calendar/stars.ics"])
def test_nothing_starred_is_no_empty_calendar(edition, client, path: str) -> None:
    press(client, "LATER")
    assert "Download as a calendar file" not in client.get(f"{WEEK}?starred=1").text
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert client.post(FILE).status_code == 405


def test_words_are_of_the_language_that_is_asked_for(edition, client, db_session) -> None:
    finance = session_of(edition, "FIN")
    service.update_session(finance, {"title": Translated(en="Local Finance", fr="Finances locales")}, at=AT, by=NADIA)
    week.publish(edition)
    press(client, "FIN")
    events = Calendar.from_ical(client.get(f"{FILE}?lang=fr").data).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == ["Finances locales"]
