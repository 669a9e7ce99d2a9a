"""The page that says how to subscribe."""

import re
from typing import Any

import pytest

from retreat.agenda.models import Access
from retreat.calendars.pages import qr_code
from retreat.calendars.web_calendars import subscriptions, webcal
from retreat.core.i18n import LANGUAGES
from tests.agenda import week
from tests.calendars.tangier import Tangier, publish_change, summaries, tangier

pytestmark = pytest.mark.one_database

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    return tangier()


def addresses(page: str) -> list[str]:
    return re.findall(r'<p class="feed-url"[^>]*>([^<]+)</p>', page)


def test_every_feed_has_an_address_a_subscribe_button_and_a_download(our_week, client) -> None:
    answer = client.get("/2020/calendar")

    expected = [
        f"{BASE}/2020/calendar/{path}.ics" for path in ("agenda", "track/campus", "track/retreat", "hall/grand-hall")
    ]
    assert addresses(answer.text) == expected
    for address in expected:
        assert address in client.page.links
        assert address.replace("http://", "webcal://") in client.page.links
        assert client.get(address.removeprefix(BASE)).status_code == 200


def test_the_calendars_follow_the_language_of_the_page(our_week, client) -> None:
    assert addresses(client.get("/2020/calendar?lang=fr").text)[0] == f"{BASE}/2020/calendar/agenda.ics?lang=fr"
    assert addresses(client.get("/2020/calendar?lang=en").text)[0] == f"{BASE}/2020/calendar/agenda.ics"


def test_titles_may_be_in_another_language_than_the_page(our_week, client) -> None:
    client.get("/2020/calendar?titles=ru")

    [form] = [form for form in client.page.forms if "titles" in form.names]
    assert form.values() == {"titles": ["ru"], "times": ["utc"]}
    assert addresses(client.get("/2020/calendar?titles=nonsense").text)[0] == f"{BASE}/2020/calendar/agenda.ics"


def test_the_calendars_may_name_the_zone_of_the_venue(our_week, client) -> None:
    asked = addresses(client.get("/2020/calendar?titles=fr&times=venue").text)

    assert asked[0] == f"{BASE}/2020/calendar/agenda.ics?lang=fr&amp;tz=venue"
    assert asked[1] == f"{BASE}/2020/calendar/track/campus.ics?lang=fr&amp;tz=venue"
    assert "TZID=Africa/Casablanca" in client.get("/2020/calendar/agenda.ics?lang=fr&tz=venue").text
    assert addresses(client.get("/2020/calendar?times=nonsense").text)[0] == f"{BASE}/2020/calendar/agenda.ics"


def test_a_body_is_offered_while_it_has_a_session_open_to_everybody(our_week, client) -> None:
    assert not any("/body/" in address for address in addresses(client.get("/2020/calendar").text))

    publish_change(our_week, our_week.bureau, access=Access.OPEN, access_body=None)

    address = addresses(client.get("/2020/calendar?lang=en").text)[-1]
    assert address == f"{BASE}/2020/calendar/body/executive-bureau.ics"
    assert "Executive Bureau 1 session" in client.page.text
    assert client.get(address.removeprefix(BASE)).status_code == 200


def test_every_feed_has_links_to_web_calendars_and_a_code(our_week, client) -> None:
    page = client.get("/2020/calendar?lang=fr").text

    for path, title in (("agenda", "UCLG Retreat & Campus"), ("track/retreat", "UCLG Retreat & Campus: Retraite")):
        address = f"{BASE}/2020/calendar/{path}.ics?lang=fr"
        for link in subscriptions(address, title):
            assert link in client.page.links
        assert qr_code(webcal(address)) in page


def test_each_program_has_three_lines(our_week, client) -> None:
    page = client.get("/2020/calendar?lang=en").text

    lists = re.findall(r"<ol>(.*?)</ol>", page, re.DOTALL)
    assert [one.count("<li>") for one in lists] == [3] * 6
    assert "They come by e-mail." in client.page.text


def test_the_page_is_sent_once_until_something_of_it_changes(our_week, client, count_queries) -> None:
    first = client.get("/2020/calendar")
    tag = {"If-None-Match": first.headers["ETag"]}
    with count_queries() as statements:
        assert client.get("/2020/calendar", headers=tag).status_code == 304
    assert len(statements) <= 3

    assert client.get("/2020/calendar?titles=ru", headers=tag).status_code == 200
    publish_change(our_week, our_week.lab, starts=None, ends=None)
    assert client.get("/2020/calendar", headers=tag).status_code == 200


def test_stars_of_this_browser_are_offered_as_a_file(our_week, client) -> None:
    shared = client.get("/2020/calendar?titles=fr")
    assert "starred in this browser" not in shared.text
    client.post("/2020/stars", data={"star": "LAB-1"})
    client.post("/2020/stars", data={"star": "UNTIMED"})

    mine = client.get("/2020/calendar?titles=fr", headers={"If-None-Match": shared.headers["ETag"]})

    assert (mine.status_code, mine.headers["Cache-Control"]) == (200, "private, no-cache")
    assert "1 session with an hour is starred in this browser." in client.page.text
    [file] = [link for link in client.page.links if "/stars.ics" in link]
    assert summaries(client.get(file).data) == ["Ideas lab"]


def test_hidden_sessions_are_not_even_counted(our_week, client) -> None:
    client.get("/2020/calendar?lang=en")

    assert "Whole agenda 4 sessions" in client.page.text
    assert "Closed talks" not in client.page.text


def test_before_anything_is_published_one_can_subscribe_already(db_session, client) -> None:
    week.edition()

    answer = client.get("/2020/calendar?lang=en")

    assert addresses(answer.text) == [f"{BASE}/2020/calendar/agenda.ics"]
    assert "No session is published yet." in client.page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_in_every_language(our_week, client, language: str) -> None:
    assert client.get(f"/2020/calendar?lang={language}").status_code == 200
    assert client.page.lang == language


def test_of_sessions_in_two_zones_the_page_names_none_of_them(our_week, client) -> None:
    client.get("/2020/calendar?lang=en")
    assert "gives Tangier time" in client.page.text

    publish_change(our_week, our_week.lab, zone_override="Europe/Madrid")

    client.get("/2020/calendar?lang=en")
    assert "gives the time at its venue" in client.page.text
    assert "here Africa/Casablanca" not in client.page.text


def test_an_unknown_edition_has_no_such_page(db_session, client) -> None:
    assert client.get("/1999/calendar").status_code == 404
