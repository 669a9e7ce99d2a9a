"""What the page of a session offers for one's calendar."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from retreat.agenda.models import SessionStatus
from tests.calendars.tangier import Tangier, publish_change, tangier

pytestmark = pytest.mark.one_database

PAGE = "http://127.0.0.1:8000/2020/sessions/OPEN-1"


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    return tangier()


def filled_in(client: Any, host: str) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(link).query) for link in client.page.links if link.startswith(f"https://{host}/")]


def test_a_session_can_be_added_to_google_and_outlook_in_the_language_of_the_page(our_week, client) -> None:
    client.get("/2020/sessions/OPEN-1?lang=fr")

    [google] = filled_in(client, "calendar.google.com")
    assert (google["text"], google["dates"]) == (["Ouverture"], ["20200224T080000Z/20200224T093000Z"])
    assert google["location"] == ["Grand Hall, Hilton Tanger City Center, Tangier"]
    assert google["details"] == [f"Lundi 24 février 2020, 09:00–10:30 (Africa/Casablanca, UTC+1)\n{PAGE}"]
    assert filled_in(client, "outlook.live.com") == filled_in(client, "outlook.office.com")
    [outlook] = filled_in(client, "outlook.live.com")
    assert (outlook["subject"], outlook["startdt"]) == (["Ouverture"], ["2020-02-24T08:00:00Z"])
    assert outlook["enddt"] == ["2020-02-24T09:30:00Z"]
    assert "/2020/calendar" in client.page.links
    assert client.get("/2020/sessions/OPEN-1.ics?lang=fr").status_code == 200
    client.get("/2020/sessions/OPEN-1?lang=fr")
    assert "/2020/sessions/OPEN-1.ics?lang=fr" in client.page.links


@pytest.mark.parametrize(
    ("values", "has_file"),
    [({"starts": None, "ends": None}, False), ({"status": SessionStatus.CANCELLED}, True)],
    ids=["no hour", "cancelled"],
)
def test_without_an_hour_or_when_cancelled_one_can_only_subscribe(
    our_week, client, values: dict[str, Any], has_file: bool
) -> None:
    before = client.get("/2020/sessions/LAB-1").headers["ETag"]
    assert len(filled_in(client, "calendar.google.com")) == 1

    publish_change(our_week, our_week.lab, **values)

    assert client.get("/2020/sessions/LAB-1", headers={"If-None-Match": before}).status_code == 200
    assert filled_in(client, "calendar.google.com") == filled_in(client, "outlook.live.com") == []
    assert "/2020/calendar" in client.page.links
    assert ("/2020/sessions/LAB-1.ics" in client.page.links) == has_file
