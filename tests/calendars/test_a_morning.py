"""The story of a week: a delegate registers and subscribes, a room changes at 08:50, and by nine everything is right."""

import json
import re
from dataclasses import dataclass
from datetime import time
from typing import Any

import pytest
from icalendar import Calendar

from retreat.agenda import frame
from retreat.agenda.models import AgendaSession, Kind
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.network.models import Body
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.client import PageClient
from tests.notices.making import MORNING, delegate
from tests.printing import paper
from tests.registration.making import AT, edition

pytestmark = pytest.mark.one_database
BOARD = "/organise/2020/board"
ZEYNEP = {
    "given_name": "Zeynep",
    "family_name": "Yıldız",
    "position": "Deputy mayor",
    "organisation": "İzmir",
    "city": "İzmir",
    "country": "Türkiye",
    "email": "zeynep@example.org",
    "consent": "y",
}


@dataclass
class Town:
    """`visit` is open to everybody, belongs to a body, and has ten seats; `talk` stays where it is."""

    edition: Edition
    visit: AgendaSession
    talk: AgendaSession


@pytest.fixture
def town(db_session: Any) -> Town:
    made = edition()
    malabata, _, medina = (
        frame.create_hall(made, {"name": Translated(en=name)}, at=week.AT, by=NADIA)
        for name in ("Malabata", "Spartel", "Medina")
    )
    culture = frame.create_track(made, {"name": Translated(en="Culture")}, at=week.AT, by=NADIA)
    bureau = Body(slug="bureau", name=Translated(en="Bureau"))
    db_session.add(bureau)
    common = {"track": culture, "body": bureau}
    visit = week.session(made, "The old town", code="VISIT", kind=Kind.VISIT, capacity=10, hall=malabata, **common)
    talk = week.session(made, "Local finance", code="TALK", hall=medina, starts=time(14), ends=time(15), **common)
    week.publish(made)
    return Town(made, visit, talk)


def events(answer: Any) -> dict[str, tuple[int, str]]:
    """SEQUENCE and hall by SUMMARY."""
    assert answer.status_code == 200
    found = Calendar.from_ical(answer.data).walk("VEVENT")
    return {str(one["SUMMARY"]): (int(one["SEQUENCE"]), str(one["LOCATION"]).split(",")[0]) for one in found}


def lines_of(answer: Any, title: str) -> bytes:
    """The bytes of one event."""
    blocks = re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", answer.data, re.DOTALL)
    [found] = [block for block in blocks if title.encode() in block]
    return found


def own_programme(client: PageClient, own: str, run_jobs: Any) -> str:
    client.submit(f"{own}/documents/agenda", action="/make")
    run_jobs()
    return paper.text(client.get(f"{own}/documents/agenda.pdf").data)


def change_the_room(organiser: PageClient, town: Town, hall: str) -> None:
    """On the board, and published as the page offers it."""
    page = organiser.get(BOARD, query_string={"day": "2020-02-25"}).text
    token = re.search(r'data-csrf="([^"]*)"', page)
    assert token
    moved = organiser.post(
        f"{BOARD}/move",
        headers={"X-Board": "live"},
        data={
            "csrf_token": token[1],
            "shown": "2020-02-25",
            "session": "VISIT",
            "version": town.visit.version,
            "day": "2020-02-25",
            "start": "09:30",
            "end": "11:00",
            "hall": hall,
        },
    )
    assert moved.status_code == 200
    assert organiser.submit("/organise/2020/agenda/publish", form_id="edit").status_code == 303


def test_a_room_changed_at_ten_to_nine_is_right_everywhere_by_nine(
    town: Town, client: PageClient, app: Any, as_role: Any, clock: Any, run_jobs: Any, outbox: Any, db_session: Any
) -> None:
    organiser, stranger = as_role("administrator"), app.test_client()
    delegate(town.edition, "Bea")

    # In January: a star, registered, a calendar under a name, a seat.
    with clock(AT):
        assert client.post("/2020/stars", data={"star": "TALK"}).status_code == 303
        own = client.submit("/2020/register", **ZEYNEP).location.removesuffix("/welcome")
        assert client.submit(own, action="/calendar", name="My phone").status_code == 303
        shown = re.search(r'class="feed-url"[^>]*>http://[^/]+([^<]+)<', client.get(own).text)
        assert shown
        assert client.submit(f"{own}/sessions", action="/take").status_code == 303
        client.get(own)
        [brought] = [form for form in client.page.forms if form.action.endswith("/stars/browser")]
        assert client.post(brought.action, data={**brought.values(), "answer": "add"}).status_code == 303
        for code in ("VISIT", "TALK"):
            starred = stranger.post("/2020/stars", data={"star": code}, headers={"Sec-Fetch-Site": "same-origin"})
            assert starred.status_code == 303
        run_jobs()
    mails = len(outbox())

    feeds = {
        "whole": "/2020/calendar/agenda.ics",
        "track": "/2020/calendar/track/culture.ics",
        "old hall": "/2020/calendar/hall/malabata.ics",
        "new hall": "/2020/calendar/hall/spartel.ics",
        "body": "/2020/calendar/body/bureau.ics",
        "own": shown[1],
        "stars": "/2020/calendar/stars.ics",
        "session": "/2020/sessions/VISIT.ics",
    }

    def read() -> dict[str, Any]:
        return {name: (stranger if name == "stars" else client).get(path) for name, path in feeds.items()}

    with clock(MORNING):
        before = read()
        assert {name: events(answer).get("The old town") for name, answer in before.items()} == {
            **dict.fromkeys(feeds, (0, "Malabata")),
            "new hall": None,
        }
        assert "Malabata" in own_programme(client, own, run_jobs)
        change_the_room(organiser, town, "spartel")
        after = read()
        pages = {path: client.get(path).text for path in ("/2020/agenda/2020-02-25", "/2020/sessions/VISIT", own)}
        told = json.loads(client.get("/2020/agenda.json").data)["sessions"]
        printed = own_programme(client, own, run_jobs)
        sent = outbox()[mails:]

    # Every calendar: the visit is elsewhere and newer, the talk is the same to the byte.
    assert {name: events(answer).get("The old town") for name, answer in after.items()} == {
        **dict.fromkeys(feeds, (1, "Spartel")),
        "old hall": None,
    }
    for name in ("whole", "track", "body", "stars", "own"):
        assert lines_of(after[name], "Local finance") == lines_of(before[name], "Local finance")
    assert all(after[name].headers["ETag"] != before[name].headers["ETag"] for name in feeds)

    # Every page, and paper.
    assert all("Spartel" in page for page in pages.values())
    assert "Malabata" not in pages["/2020/sessions/VISIT"] + pages[own]
    assert {one["code"]: one["hall"] for one in told} == {"VISIT": "Spartel", "TALK": "Medina"}
    assert "Spartel" in printed

    # Only who has a seat is told.
    assert [mail.recipient for mail in sent] == ["zeynep@example.org"]

    # Who withdraws gives back the seat and the calendar.
    with clock(MORNING):
        assert client.submit(f"{own}/withdraw").status_code == 303
        assert client.get(feeds["own"]).status_code == 410
    db_session.refresh(town.visit)
    assert town.visit.taken == 0
