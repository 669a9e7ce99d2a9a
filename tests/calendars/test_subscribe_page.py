"""The page that says how to subscribe."""

import re
from typing import Any

import pytest

from retreat.core.i18n import LANGUAGES
from tests.agenda import week
from tests.calendars.tangier import Tangier, tangier

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
    assert form.values() == {"titles": ["ru"]}
    assert addresses(client.get("/2020/calendar?titles=nonsense").text)[0] == f"{BASE}/2020/calendar/agenda.ics"


def test_the_code_for_the_phone_is_the_address_of_the_whole_agenda(our_week, client) -> None:
    import segno

    code = segno.make_qr("webcal://127.0.0.1:8000/2020/calendar/agenda.ics", error="m")
    drawn = code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)

    assert drawn in client.get("/2020/calendar").text


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


def test_an_unknown_edition_has_no_such_page(db_session, client) -> None:
    assert client.get("/1999/calendar").status_code == 404
