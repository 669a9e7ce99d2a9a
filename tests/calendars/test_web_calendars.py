"""Links that open a web calendar."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from retreat.calendars.web_calendars import one_session, subscriptions, webcal

FEED = "https://retreat.example/2020/calendar/hall/grand-hall.ics?lang=fr&tz=venue"
NASTY = "Mayors & cities + 50 % = “hope”; a\nb #1?"


def query(address: str) -> dict[str, str]:
    assert "+" not in address
    return {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}


def place(address: str) -> str:
    return address.partition("?")[0]


def test_a_feed_keeps_its_whole_address_in_each_link() -> None:
    links = subscriptions(FEED, NASTY)

    assert place(links.google) == "https://calendar.google.com/calendar/render"
    assert query(links.google) == {"cid": webcal(FEED)}
    assert place(links.outlook) == "https://outlook.live.com/calendar/0/addfromweb"
    assert place(links.microsoft_365) == "https://outlook.office.com/calendar/0/addfromweb"
    assert query(links.outlook) == query(links.microsoft_365) == {"url": FEED, "name": NASTY}


def test_a_session_is_filled_in_with_its_instants() -> None:
    tangier = ZoneInfo("Africa/Casablanca")
    links = one_session(
        summary=NASTY,
        start=datetime(2020, 2, 24, 9, 0, tzinfo=tangier),
        end=datetime(2020, 2, 25, 0, 30, tzinfo=UTC),
        location="Grand Hall, Tangier",
        details="Monday\nhttps://retreat.example/2020/sessions/A",
    )

    assert query(links.google) == {
        "action": "TEMPLATE",
        "text": NASTY,
        "dates": "20200224T080000Z/20200225T003000Z",
        "details": "Monday\nhttps://retreat.example/2020/sessions/A",
        "location": "Grand Hall, Tangier",
    }
    assert place(links.outlook) == "https://outlook.live.com/calendar/0/deeplink/compose"
    assert query(links.outlook) == query(links.microsoft_365)
    filled_in = query(links.outlook)
    assert (filled_in["startdt"], filled_in["enddt"]) == ("2020-02-24T08:00:00Z", "2020-02-25T00:30:00Z")
    assert (filled_in["subject"], filled_in["location"]) == (NASTY, "Grand Hall, Tangier")
    assert filled_in["body"] == "Monday<br>https://retreat.example/2020/sessions/A"


def test_outlook_reads_no_markup_in_what_somebody_wrote() -> None:
    moment = datetime(2020, 2, 24, 9, 0, tzinfo=UTC)
    links = one_session(summary="x", start=moment, end=moment, location="", details="<img src=x> & more")

    assert query(links.outlook)["body"] == "&lt;img src=x&gt; &amp; more"


@pytest.mark.parametrize("letter", ["a", "Ж", "é", "👨‍👩‍👧‍👦", "👍🏾"])
def test_an_address_never_gets_longer_than_microsoft_takes(letter: str) -> None:
    moment = datetime(2020, 2, 24, 9, 0, tzinfo=UTC)
    details = "Понедельник 24 февраля 2020 г., 09:00–10:30 (America/Argentina/ComodRivadavia, UTC−3)\n" + "x" * 60
    links = one_session(summary=letter * 5000, start=moment, end=moment, location=letter * 5000, details=details)

    assert max(map(len, links)) <= 2048
    for filled_in, name in ((query(links.outlook), "subject"), (query(links.google), "text")):
        title = filled_in[name].removesuffix("…")
        assert title
        assert title == letter * (len(title) // len(letter))
        assert filled_in["location"].endswith("…")
    assert query(links.google)["details"] == details
