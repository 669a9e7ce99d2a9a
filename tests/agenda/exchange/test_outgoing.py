"""The agenda for other tools, read as those tools read it: nothing here asks our own code what the format is."""

import json
import re
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from retreat.agenda import frame
from retreat.agenda.models import Kind, PartRole, PartState, SessionStatus
from retreat.agenda.service import cancel_session
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import AT, NADIA, TUESDAY
from tests.client import PageClient

JSON, XML = "/2020/agenda/schedule.json", "/2020/agenda/schedule.xml"
pytestmark = pytest.mark.one_database

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
EVENT_KEYS = {
    *("id", "guid", "date", "start", "duration", "room", "slug", "url", "title", "subtitle", "track", "type"),
    *("language", "abstract", "description", "persons", "links", "attachments"),
}
"""All that the c3voc's schema asks of an event, and nothing that it does not know."""


@pytest.fixture
def edition(db_session: Any) -> Any:
    return week.edition()


def full_week(edition: Any) -> dict[str, Any]:
    """Two halls of one name, a week in two zones, a night, a session without a hall, one that nobody may know of."""
    tangier = editions.default_venue(edition)
    madrid = editions.add_venue(edition, Translated(en="Madrid"), zone="Europe/Madrid", at=AT, by=NADIA)
    one = editions.add_hall(edition, Translated(en="Hall A", fr="Salle A"), venue=tangier, at=AT, by=NADIA, capacity=40)
    two = editions.add_hall(edition, Translated(en="Hall A", fr="Salle A"), venue=madrid, at=AT, by=NADIA)
    track = frame.add_track(edition, Translated(en="Finance & money", fr="Finances"), at=AT, by=NADIA)
    made = {
        "plenary": week.session(
            edition,
            Translated(en="Local <Finance> & “money”", fr="Finances locales"),
            hall=one,
            kind=Kind.PLENARY,
            track=track,
            languages=["fr", "en"],
            description=Translated(en="Why\n\nand how"),
            registration_link="https://example.org/?a=1&b=2",
            parts=[
                Appearance(PartRole.CHAIR, "Amina Bennani", "Mayor", "Tangier"),
                Appearance(PartRole.SPEAKER, "İlsur Метшин", state=PartState.TO_BE_CONFIRMED),
            ],
        ),
        "madrid": week.session(edition, "Far away", hall=two, starts=time(9, 30), ends=time(10, 0)),
        "night": week.session(edition, "Dinner", starts=time(22, 0), ends=time(1, 30)),
        "bus": week.session(edition, "Bus", starts=time(4, 30), ends=time(5, 15)),
        "before": week.session(edition, "Set up", date=date(2020, 2, 22)),
    }
    week.session(edition, "Secret", is_listed=False)
    week.session(edition, "Some time", starts=None, ends=None)
    week.session(edition, "Some day", date=None, starts=None, ends=None)
    week.session(edition, "Cancelled", status=SessionStatus.CANCELLED)
    week.publish(edition)
    db.session.commit()
    return made


def events_of(document: Any) -> dict[str, Any]:
    days = document["schedule"]["conference"]["days"]
    return {event["title"]: event for day in days for room in day["rooms"].values() for event in room}


def test_only_listed_sessions_that_have_a_time_and_take_place_are_there(client: PageClient, edition: Any) -> None:
    full_week(edition)
    titles = {"Local <Finance> & “money”", "Far away", "Dinner", "Bus", "Set up"}
    assert set(events_of(client.get(JSON).json)) == titles
    for path in (JSON, XML):
        text = client.get(path).text
        assert not {word for word in ("Secret", "Some time", "Some day", "Cancelled") if word in text}


def test_the_json_has_what_the_schema_of_the_c3voc_asks_for(client: PageClient, edition: Any) -> None:
    full_week(edition)
    document = client.get(JSON).json
    assert set(document) == {"$schema", "generator", "schedule"}
    conference = document["schedule"]["conference"]
    assert document["schedule"]["version"] == "1"
    assert re.fullmatch(r"[a-z0-9_-][a-z0-9_]{3,}", conference["acronym"])
    assert (conference["start"], conference["end"], conference["daysCount"]) == ("2020-02-24", "2020-02-28", 5)
    assert (conference["timeslot_duration"], conference["time_zone_name"]) == ("00:05", "Africa/Casablanca")
    assert [(day["index"], day["date"]) for day in conference["days"]] == [
        (number, f"2020-02-{22 if number == 1 else 22 + number}") for number in range(1, 7)
    ]
    assert all(UUID.match(room["guid"]) for room in conference["rooms"])
    found = [event for day in conference["days"] for room in day["rooms"].values() for event in room]
    for day in conference["days"]:
        assert set(day) == {"index", "date", "day_start", "day_end", "rooms"}
        for name, events in day["rooms"].items():
            assert {event["room"] for event in events} == {name}
            assert name in {room["name"] for room in conference["rooms"]}
            for event in events:
                starts = datetime.fromisoformat(event["date"])
                assert datetime.fromisoformat(day["day_start"]) <= starts < datetime.fromisoformat(day["day_end"])
    for event in found:
        assert set(event) == EVENT_KEYS
        assert isinstance(event["id"], int)
        assert 1 <= event["id"] < 2**31
        assert UUID.match(event["guid"])
        assert re.fullmatch(r"[a-z0-9_-]+[a-z0-9]", event["slug"])
        assert re.fullmatch(r"\d+:\d{2}", event["duration"])
        # More than a name and its guid would be two kinds of person at once, which the schema refuses.
        assert all(set(person) == {"guid", "name", "public_name"} for person in event["persons"])
    for key in ("id", "guid", "slug"):
        assert len({event[key] for event in found}) == len(found)


def test_an_event_says_the_wall_time_of_its_own_venue(client: PageClient, edition: Any) -> None:
    made = full_week(edition)
    events = events_of(client.get(JSON).json)
    plenary, madrid = events["Local <Finance> & “money”"], events["Far away"]
    assert (plenary["date"], plenary["start"]) == ("2020-02-25T09:30:00+01:00", "09:30")
    assert (plenary["room"], madrid["room"]) == ("Hall A, Tangier", "Hall A, Madrid")
    assert madrid["date"] == "2020-02-25T09:30:00+01:00"
    assert (events["Dinner"]["date"], events["Dinner"]["duration"]) == ("2020-02-25T22:00:00+01:00", "03:30")
    assert events["Dinner"]["room"] == "Hall to be confirmed"
    assert plenary["guid"] == made["plenary"].uid
    assert plenary["url"] == f"{client.application.config['BASE_URL']}/2020/sessions/{made['plenary'].code}"
    assert (plenary["type"], plenary["track"], plenary["language"]) == ("plenary", "Finance & money", "fr")
    assert [person["name"] for person in plenary["persons"]] == ["Amina Bennani", "İlsur Метшин (tbc)"]
    assert plenary["links"] == [{"url": "https://example.org/?a=1&b=2", "title": "Register"}]


def as_info_beamer(content: bytes) -> list[tuple[str, datetime, timedelta, str, list[str]]]:
    """What its plug-in takes from the XML: `date` with its offset, `duration`, names as text."""
    found = []
    for event in ET.fromstring(content).findall("day/room/event"):
        hours, minutes = (int(part) for part in event.findtext("duration", "").split(":"))
        found.append(
            (
                event.findtext("title", ""),
                datetime.fromisoformat(event.findtext("date", "")),
                timedelta(hours=hours, minutes=minutes),
                event.findtext("room", ""),
                [(person.text or "").strip() for person in event.findall("persons/person")],
            )
        )
    return found


def as_giggity(content: bytes) -> list[tuple[str, datetime, datetime, str]]:
    """What it makes of the XML: the day's date and `start`, a day later before six in the morning; no zone at all."""
    assert {"<schedule", "<conference"} <= {
        word for word in ("<schedule", "<conference") if word in str(content[:1024])
    }
    found = []
    for day in ET.fromstring(content).findall("day"):
        change = datetime.combine(date.fromisoformat(day.attrib["date"]), time(6))
        for room in day.findall("room"):
            for event in room.findall("event"):
                assert event.attrib["id"]
                hour, minute = (int(part) for part in event.findtext("start", "").split(":"))
                start = change.replace(hour=hour, minute=minute)
                start += timedelta(days=start < change)
                hours, minutes = (int(part) for part in event.findtext("duration", "").split(":"))
                end = start + timedelta(hours=hours, minutes=minutes)
                found.append((event.findtext("title", ""), start, end, room.attrib["name"]))
    return found


def test_info_beamer_and_giggity_read_the_times_that_are_meant(client: PageClient, edition: Any) -> None:
    made = full_week(edition)
    content = client.get(XML).data
    beamed = {title: (start, start + length) for title, start, length, *_ in as_info_beamer(content)}
    phone = {title: (start, end) for title, start, end, _ in as_giggity(content)}
    assert len(beamed) == len(phone) == len(made)
    for session in made.values():
        title = session.title["en"]
        assert beamed[title] == (session.start_utc, session.end_utc)
        assert phone[title][0] == datetime.combine(session.date, session.starts)
    halls = {title: (hall, people) for title, _, _, hall, people in as_info_beamer(content)}
    assert halls["Local <Finance> & “money”"] == ("Hall A, Tangier", ["Amina Bennani", "İlsur Метшин (tbc)"])
    assert {name for *_, name in as_giggity(content)} == {"Hall A, Tangier", "Hall A, Madrid", "Hall to be confirmed"}


def test_the_xml_holds_to_the_order_and_names_of_the_c3vocs_schema(client: PageClient, edition: Any) -> None:
    full_week(edition)
    root = ET.fromstring(client.get(XML).data)
    assert [child.tag for child in root][:3] == ["generator", "version", "conference"]
    assert {child.tag for child in root[2]} == {
        *("acronym", "title", "start", "end", "days", "timeslot_duration", "base_url", "time_zone_name")
    }
    for event in root.findall("day/room/event"):
        assert {child.tag for child in event} == EVENT_KEYS - {"id", "guid"}


def test_texts_are_in_the_language_that_is_asked_for(client: PageClient, edition: Any) -> None:
    full_week(edition)
    events = events_of(client.get(f"{JSON}?lang=fr", headers={"Accept-Language": "ru"}).json)
    assert {"Finances locales", "Far away"} < set(events)
    assert events["Finances locales"]["room"] == "Salle A, Tangier"
    assert events["Dinner"]["room"] == "Salle à confirmer"
    assert "Local <Finance> & “money”" in events_of(client.get(JSON, headers={"Accept-Language": "fr"}).json)


@pytest.mark.parametrize("path", [JSON, XML])
def test_what_has_not_changed_is_not_sent_again(client: PageClient, edition: Any, path: str) -> None:
    first = week.session(edition)
    week.publish(edition)
    db.session.commit()
    answer = client.get(path)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    known = {"If-None-Match": answer.headers["ETag"]}
    again = client.get(path, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{path}?lang=fr", headers=known).status_code == 200
    assert "Set-Cookie" not in client.get(f"{path}?lang=fr").headers
    cancel_session(first, at=AT, by=NADIA)
    week.publish(edition, AT + timedelta(hours=1))
    db.session.commit()
    assert client.get(path, headers=known).status_code == 200


def test_before_the_first_revision_there_are_days_and_nothing_in_them(client: PageClient, edition: Any) -> None:
    week.session(edition)
    db.session.commit()
    document = client.get(JSON).json
    assert document["schedule"]["version"] == "0"
    assert events_of(document) == {}
    assert len(document["schedule"]["conference"]["days"]) == 5
    assert as_giggity(client.get(XML).data) == []
    assert client.get("/1999/agenda/schedule.xml").status_code == 404
    assert client.get("/2020/agenda/schedule.txt").status_code == 404


def test_the_draft_is_written_by_the_command(app: Flask, edition: Any) -> None:
    week.session(edition)
    week.session(edition, "Secret", is_listed=False)
    db.session.commit()
    run = app.test_cli_runner().invoke(args=["export", "agenda", "2020", "--format", "schedule-json"])
    assert run.exit_code == 0, run.output
    document = json.loads(run.output)
    assert set(events_of(document)) == {"Local Finance"}
    assert document["schedule"]["version"] == "draft"
    run = app.test_cli_runner().invoke(args=["export", "agenda", "2020", "--format", "schedule-xml"])
    assert [title for title, *_ in as_giggity(run.output.encode())] == ["Local Finance"]


def test_what_xml_cannot_write_is_left_out(client: PageClient, edition: Any) -> None:
    week.session(edition, "Bell \x07 and vertical \x0b tab", date=TUESDAY)
    week.publish(edition)
    db.session.commit()
    assert [title for title, *_ in as_giggity(client.get(XML).data)] == ["Bell  and vertical  tab"]
