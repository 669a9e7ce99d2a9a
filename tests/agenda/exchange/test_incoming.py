"""Schedules of other tools into the draft: as pretalx, frab and we ourselves write them, and as nobody should."""

import copy
import json
from datetime import date, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from retreat.agenda import service
from retreat.agenda.exchange import incoming, outgoing, schedule_json
from retreat.agenda.models import AgendaSession, Kind, PartRole, PartState
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.sheets import SheetErrors
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import AT, NADIA
from tests.client import PageClient

GUID = "a0a0fcfe-b7fb-46e3-84b6-97a5406016b4"
OTHER = "c9edea6f-1da1-4772-a0a9-6dd4e33f11bb"
EVENT = 'schedule.conference.days[0].rooms["Curie"][0]'


def frab(**changes: Any) -> dict[str, Any]:
    """One event as frab writes it, with what a test changes; a value of `...` takes the key away."""
    event = {
        "id": 10386,
        "guid": GUID,
        "logo": None,
        "date": "2020-02-25T11:00:00+01:00",
        "start": "11:00",
        "duration": "00:30",
        "room": "Curie",
        "slug": "camp-10386-opening",
        "url": "https://example.org/10386",
        "title": "Opening",
        "subtitle": "",
        "track": "CCC",
        "type": "lecture",
        "language": "en",
        "abstract": "A welcome",
        "description": "",
        "recording_license": "",
        "do_not_record": False,
        "persons": [{"id": 1, "public_name": "Ana, of Porto"}, {"id": 2, "public_name": "Ben"}],
        "links": [],
        "attachments": [],
        **changes,
    }
    return {key: value for key, value in event.items() if value is not ...}


def document(*events: Any, zone: Any = "Africa/Casablanca", **day: Any) -> dict[str, Any]:
    rooms: dict[str, Any] = {}
    for event in events:
        rooms.setdefault("Curie", []).append(event)
    given_day = {"index": 1, "date": "2020-02-25", "day_start": "2020-02-25T04:00:00+01:00", "rooms": rooms, **day}
    conference = {"acronym": "camp", "title": "Camp", "time_zone_name": zone, "days": [given_day]}
    return {"schedule": {"version": "1", "base_url": "https://example.org", "conference": conference}}


def come_in(edition: Any, content: Any, **options: Any) -> Any:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return incoming.import_file(edition, "schedule.json", raw, at=AT, by=NADIA, **options)


def refusals(edition: Any, content: Any) -> dict[str, str]:
    """Where and what; and nothing has been made."""
    db.session.commit()
    before = week.count(AgendaSession)
    with pytest.raises(SheetErrors) as refused:
        come_in(edition, content)
    db.session.rollback()
    assert week.count(AgendaSession) == before
    assert all(str(line) for line in refused.value.lines)
    return {error.column: str(error.message) for error in refused.value.errors}


def sessions(edition: Any) -> list[AgendaSession]:
    return service.draft_sessions(edition)


def test_an_event_of_frab_becomes_a_session(db_session: Session) -> None:
    edition = week.edition()
    done = come_in(edition, document(frab()))
    assert (done.created, done.made) == (1, ["Curie", "CCC"])
    [made] = sessions(edition)
    assert made.code == "a0a0fcfe-97a5406016b4"
    assert (made.date, made.starts, made.ends) == (date(2020, 2, 25), time(11), time(11, 30))
    assert (made.title["en"], made.description["en"], made.kind) == ("Opening", "A welcome", Kind.OTHER)
    assert (made.hall.name["en"], made.track.name["en"], made.languages) == ("Curie", "CCC", ["en"])
    assert [(part.role, part.printed_name, part.office) for part in made.parts] == [
        (PartRole.SPEAKER, "Ana, of Porto", ""),
        (PartRole.SPEAKER, "Ben", ""),
    ]


def test_a_second_import_changes_what_the_first_made(db_session: Session) -> None:
    edition = week.edition()
    come_in(edition, document(frab()))
    done = come_in(edition, document(frab()))
    assert (done.created, done.updated, done.unchanged) == (0, 0, 1)
    done = come_in(edition, document(frab(title="Closing", date="2020-02-25T12:00:00+01:00")))
    assert (done.created, done.updated) == (0, 1)
    [made] = sessions(edition)
    assert (made.title["en"], made.starts) == ("Closing", time(12))


@pytest.mark.one_database
def test_breaks_that_say_nothing_to_know_them_by_come_in_once(db_session: Session) -> None:
    edition = week.edition()
    breaks = [frab(guid=None, id=None, slug="", title="Coffee", type="Break", persons=[]) for _ in range(2)]
    lunch = frab(guid=None, id=None, slug="", title="Lunch", persons=[])
    assert come_in(edition, document(*breaks, lunch)).created == 3
    done = come_in(edition, document(*breaks, lunch))
    assert (done.created, done.updated, done.unchanged) == (0, 0, 3)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changes", "starts", "ends"),
    [
        ({"duration": "01:30:00"}, (25, "11:00"), "12:30"),
        ({"duration": "0:01:15"}, (25, "11:00"), "12:15"),
        ({"duration": "1:00"}, (25, "11:00"), "12:00"),
        ({"duration": ..., "end": "2020-02-25T13:00:00+01:00"}, (25, "11:00"), "13:00"),
        ({"date": "2020-02-25T10:00:00Z"}, (25, "11:00"), "11:30"),
        ({"date": "2020-02-25T23:45:00+01:00"}, (25, "23:45"), "00:15"),
        ({"date": "2020-02-26T01:00:00+01:00", "start": "01:00"}, (26, "01:00"), "01:30"),
        ({"date": ..., "start": "01:00"}, (26, "01:00"), "01:30"),
        ({"date": ..., "start": "9:05"}, (25, "09:05"), "09:35"),
        ({"date": "2020-02-27", "start": "09:05"}, (27, "09:05"), "09:35"),
        ({"date": "2020-02-25T09:05:00"}, (25, "09:05"), "09:35"),
    ],
)
def test_times_are_read_as_each_tool_writes_them(
    db_session: Session, changes: dict[str, Any], starts: tuple[int, str], ends: str
) -> None:
    edition = week.edition()
    come_in(edition, document(frab(**changes)))
    [made] = sessions(edition)
    assert ((made.date.day, f"{made.starts:%H:%M}"), f"{made.ends:%H:%M}") == (starts, ends)


@pytest.mark.one_database
def test_times_of_another_zone_stand_as_the_wall_of_the_hall_shows_them(db_session: Session) -> None:
    edition = week.edition()
    madrid = editions.add_venue(edition, Translated(en="Madrid"), zone="Asia/Tokyo", at=AT, by=NADIA)
    editions.add_hall(edition, Translated(en="Far hall"), venue=madrid, at=AT, by=NADIA)
    far = frab(guid=OTHER, id=2, title="Far", room="Far hall", date="2020-02-25T11:00:00+02:00")
    wall = frab(guid=..., id=3, date=..., start="09:00", title="Wall")
    done = come_in(edition, document(frab(date="2020-02-25T12:00:00+02:00"), far, wall, zone="Europe/Helsinki"))
    found = {session.title["en"]: session for session in sessions(edition)}
    assert found["Wall"].starts == time(8)
    assert {title: (session.hall.name["en"], session.starts) for title, session in found.items()} == {
        "Opening": ("Curie", time(11)),
        "Wall": ("Curie", time(8)),
        "Far": ("Far hall", time(18)),
    }
    assert "Europe/Helsinki" in str(done.warnings[0])
    assert done.warnings[0].column == "schedule.conference.time_zone_name"


@pytest.mark.one_database
def test_a_file_of_ours_that_comes_back_changes_nothing(app: Flask, db_session: Session) -> None:
    edition = week.edition()
    madrid = editions.add_venue(edition, Translated(en="Madrid"), zone="Europe/Madrid", at=AT, by=NADIA)
    for venue in (editions.default_venue(edition), madrid):
        hall = editions.add_hall(edition, Translated(en="Hall A"), venue=venue, at=AT, by=NADIA)
        week.session(edition, hall=hall, kind=Kind.PANEL, languages=["fr", "en"])
    week.session(edition, "Nowhere", zone_override="Asia/Tokyo", description=Translated(en="Some\n\ntext"))
    week.session(edition, "Somewhere", venue=madrid, starts=time(22), ends=time(1, 30))
    week.session(
        edition,
        "People",
        parts=[
            Appearance(PartRole.CHAIR, "Amina Bennani", "Mayor", "Tangier"),
            Appearance(PartRole.SPEAKER, "Ben, Jr.", "Mayor, and more", "Porto", PartState.TO_BE_CONFIRMED),
        ],
    )
    db.session.commit()
    content = outgoing.export_schedule(edition, "schedule-json", base_url="https://example.org")
    done = come_in(edition, content)
    assert (done.created, done.updated, done.unchanged, done.made) == (0, 0, 5, [])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changes", "place", "sentence"),
    [
        ({"title": ""}, "title", "the title is empty"),
        ({"title": None}, "title", "the title is empty"),
        ({"title": 7}, "title", "is not a text"),
        ({"title": "x" * 301}, "title", "longer than 300"),
        ({"title": "Bell \x07"}, "title", "control character"),
        ({"title": "\ud800"}, "title", "control character"),
        ({"guid": ["a"]}, "guid", "is not a text"),
        ({"id": 1.5}, "id", "is not a whole number"),
        ({"id": True}, "id", "is not a whole number"),
        ({"date": "yesterday", "start": "11:00"}, "date", "is not a date"),
        ({"date": "2020-02-30T11:00:00+01:00"}, "date", "is not a date and time"),
        ({"date": "0001-01-01T00:00:00+14:00"}, "date", "is not a date and time"),
        ({"date": "2020-02-25T11:00:30+01:00"}, "date", "is not on the minute"),
        ({"date": 1582624800}, "date", "is not a text"),
        ({"date": ..., "start": "25:10"}, "start", "is not a time"),
        ({"date": ..., "start": ["11:00"]}, "start", "is not a time"),
        ({"date": ..., "start": ...}, "start", "is missing"),
        ({"duration": "eternal"}, "duration", "is not a duration"),
        ({"duration": None}, "duration", "is missing"),
        ({"duration": "00:00"}, "duration", "more than no time"),
        ({"duration": "24:00"}, "duration", "less than a day"),
        ({"duration": "1:02:30"}, "duration", "less than a day"),
        ({"duration": "00:75"}, "duration", "is not a duration"),
        ({"persons": "Ana"}, "persons", "is not a list of persons"),
        ({"persons": [7]}, "persons[0]", "is not a person"),
        ({"persons": ["Ana", {"id": 2}]}, "persons[1]", "has no name"),
        ({"persons": [{"name": {}, "public_name": 7}]}, "persons[0].public_name", "is not a text"),
        ({"persons": ["x"] * 101}, "persons", "more than 100"),
        ({"track": []}, "track", "is not a text"),
        ({"room": 3}, "room", "is not a text"),
        ({"abstract": {"en": "x"}}, "abstract", "is not a text"),
    ],
)
def test_what_an_event_cannot_be_is_named_with_its_place(
    db_session: Session, changes: dict[str, Any], place: str, sentence: str
) -> None:
    found = refusals(week.edition(), document(frab(guid=OTHER, id=2), frab(**changes)))
    [(column, message)] = found.items()
    assert column == f'schedule.conference.days[0].rooms["Curie"][1].{place}'
    assert sentence in message


@pytest.mark.one_database
def test_persons_may_be_texts_or_nothing(db_session: Session) -> None:
    edition = week.edition()
    come_in(edition, document(frab(persons=["Ana", ""]), frab(guid=OTHER, id=2, persons=None)))
    assert sorted(len(session.parts) for session in sessions(edition)) == [0, 1]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("content", "place", "sentence"),
    [
        (b"", "row", ""),
        (b"{", "file", "is not JSON"),
        (b'{"schedule": NaN}', "file", "NaN is no value"),
        (b'{"schedule": -Infinity}', "file", "Infinity is no value"),
        (b'{"a": ' + b"9" * 5000 + b"}", "file", "is not JSON"),
        (b'{"schedule": ' + b"[" * 100_000, "file", "is not JSON: too deep"),
        (b'{"a":' * 100_000, "file", "is not JSON: too deep"),
        (b'{"schedule": "\xff"}', "encoding", "is not UTF-8"),
        (b'{"sessions": []}', "file", "neither a list of sessions nor a schedule"),
        (b'{"schedule": []}', "file", "neither a list of sessions nor a schedule"),
        (b'{"schedule": {}}', "schedule.conference", "is missing"),
        (b'{"schedule": {"conference": {}}}', "schedule.conference.days", "is not a list of days"),
        (b'{"schedule": {"conference": {"days": []}}}', "schedule.conference.days", "there is no event in it"),
        (b'{"schedule": {"conference": {"days": [null]}}}', "schedule.conference.days[0]", "is not an object"),
        (
            b'{"schedule": {"conference": {"days": [{"rooms": [1]}]}}}',
            "schedule.conference.days[0].rooms",
            "is not an object of rooms",
        ),
        (
            b'{"schedule": {"conference": {"days": [{"rooms": {"A": {}}}]}}}',
            'schedule.conference.days[0].rooms["A"]',
            "is not a list of events",
        ),
        (
            b'{"schedule": {"conference": {"days": [{"rooms": {"A": [[]]}}]}}}',
            'schedule.conference.days[0].rooms["A"][0]',
            "is not an object",
        ),
        (
            b'{"schedule": {"conference": {"days": [{"rooms": {"A": [], "A": []}}]}}}',
            'schedule.conference.days[0].rooms["A"]',
            "is there twice",
        ),
    ],
)
def test_what_is_no_schedule_is_refused_in_a_sentence(
    db_session: Session, content: bytes, place: str, sentence: str
) -> None:
    found = refusals(week.edition(), content)
    assert sentence in found[place] if place in found else not content


@pytest.mark.one_database
def test_a_file_that_is_too_large_is_refused_before_it_is_read(db_session: Session) -> None:
    found = refusals(week.edition(), b'{"schedule": "' + b"x" * (schedule_json.LARGEST_FILE + 1))
    assert "larger than 12 MB" in found["file"]


@pytest.mark.one_database
def test_an_event_that_is_there_twice_is_named_with_both_places(db_session: Session) -> None:
    edition = week.edition()
    found = refusals(edition, document(frab(), frab(guid=GUID.upper(), id=2)))
    assert EVENT in found['schedule.conference.days[0].rooms["Curie"][1].guid']
    found = refusals(edition, document(frab(guid=...), frab(guid=...)))
    assert EVENT in found['schedule.conference.days[0].rooms["Curie"][1].id']
    # pretalx writes a talk that is held twice so.
    assert come_in(edition, document(frab(), frab(guid=OTHER))).created == 2


@pytest.mark.one_database
def test_a_ring_of_references_is_only_words(db_session: Session) -> None:
    """JSON has no references; what looks like one, we do not follow."""
    edition = week.edition()
    file = document(frab(part_of=OTHER, parent=OTHER), frab(guid=OTHER, id=2, part_of=GUID, parent=GUID))
    file["schedule"]["conference"]["rooms"] = [{"name": "Curie", "guid": GUID, "parent": GUID, "sub_rooms": ["Curie"]}]
    assert come_in(edition, file).created == 2


@pytest.mark.one_database
def test_a_zone_that_nobody_knows_hurts_only_times_without_an_offset(db_session: Session) -> None:
    edition = week.edition()
    done = come_in(edition, document(frab(), zone="Mars/Olympus"))
    assert "“Mars/Olympus” is not a time zone" in str(done.warnings[0])
    found = refusals(edition, document(frab(), frab(guid=OTHER, date=..., start="10:00"), zone="Mars/Olympus"))
    assert list(found) == ["schedule.conference.time_zone_name"]


@pytest.mark.one_database
def test_a_wall_time_that_the_clocks_skip_is_named_with_its_place(db_session: Session) -> None:
    """In the file's zone, and in the hall's."""
    edition = week.edition("2027", zone="Europe/Madrid", starts_on=date(2027, 3, 27), ends_on=date(2027, 3, 29))
    night = {"date": "2027-03-28", "start": "02:30", "day_start": "2027-03-28T00:00:00+01:00"}
    file = document(frab(date="2027-03-28", start="02:30"), zone="Europe/Madrid", **night)
    assert "does not exist in Europe/Madrid" in refusals(edition, file)[f"{EVENT}.start"]
    file = document(frab(date="2027-03-28", start="03:30"), zone="Europe/Kyiv", **night)
    assert "does not exist in Europe/Kyiv" in refusals(edition, file)[f"{EVENT}.start"]


@pytest.mark.one_database
def test_every_error_of_a_file_is_told_at_once_and_at_its_line(db_session: Session) -> None:
    edition = week.edition()
    content = json.dumps(document(frab(), frab(guid=OTHER, id=2, language="?", track="y" * 301)), indent=1).encode()
    found = schedule_json.read(content)
    lines = content.decode().splitlines()
    assert [GUID in lines[event.line - 1] for event in found.events] == [True]
    assert list(refusals(edition, content)) == ['schedule.conference.days[0].rooms["Curie"][1].track']


@pytest.mark.one_database
def test_two_thousand_events_come_in(db_session: Session) -> None:
    """Queries are counted nowhere here; the import of our own files, which does the work, is measured elsewhere."""
    edition = week.edition()
    events = [
        frab(guid=f"00000000-0000-0000-0000-{number:012}", id=number, title=f"Talk {number}", persons=[f"P {number}"])
        for number in range(2_000)
    ]
    assert come_in(edition, document(*events)).created == 2_000
    too_many = [frab(guid=..., id=number) for number in range(schedule_json.MOST_EVENTS + 1)]
    assert "one too many" in str(refusals(edition, document(*too_many)))


@pytest.mark.one_database
def test_the_page_and_the_command_take_a_schedule(app: Flask, as_role: Any, tmp_path: Any) -> None:
    with app.app_context():
        edition = week.edition()
        db.session.commit()
        client: PageClient = as_role("programmer")
        good, bad = (json.dumps(document(event)).encode() for event in (frab(), frab(title=[])))
        address = "/organise/2020/agenda/import"
        page = client.submit(address, form_id="edit", file=(BytesIO(bad), "schedule.json"))
        assert page.status_code == 422
        assert 'rooms["Curie"][0].title' in client.page.text
        client.submit(address, form_id="edit", file=(BytesIO(good), "schedule.json"))
        assert "1 new" in client.page.text
        path = tmp_path / "schedule.json"
        path.write_bytes(good)
        run = app.test_cli_runner().invoke(args=["import", "agenda", "2020", str(path)])
        assert (run.exit_code, run.output.splitlines()[0]) == (0, "0 created, 0 updated, 1 unchanged")
        path.write_bytes(bad)
        run = app.test_cli_runner().invoke(args=["import", "agenda", "2020", str(path)])
        assert run.exit_code == 1
        assert f"{path}:1: {EVENT}.title: is not a text" in run.output
        assert len(sessions(edition)) == 1


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([GUID, "11:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [path, *(place for key, one in inside for place in _places(one, (*path, key)))]


GOOD = document(frab(), frab(guid=OTHER, id=2, end="2020-02-25T12:00:00+01:00", persons=["Ana"]))
PLACES = _places(GOOD)[1:]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A good file with up to three of its values replaced by anything, or taken away."""
    file = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(PLACES))
        at: Any = file
        try:
            for key in place[:-1]:
                at = at[key]
            if draw(st.booleans()):
                at[place[-1]] = draw(JUNK)
            else:
                del at[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    return json.dumps(file).encode("utf-8", "surrogatepass")


@pytest.mark.one_database
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(content=broken())
def test_whatever_stands_in_a_file_it_comes_in_whole_or_is_refused_in_sentences(
    db_session: Session, content: bytes
) -> None:
    from retreat.editions.models import Edition

    edition = db.session.query(Edition).first() or week.edition()
    db.session.commit()
    lines: list[str] = []
    created = 0
    try:
        created = come_in(edition, content).created
    except SheetErrors as refused:
        lines = refused.lines
    "\n".join(lines).encode()
    assert bool(created) is not bool(lines)
    if lines:
        db.session.rollback()
    assert week.count(AgendaSession) == created
    db.session.rollback()


@given(content=st.binary(max_size=200) | JUNK.map(lambda value: json.dumps({"schedule": value}).encode()))
def test_reading_never_fails(content: bytes) -> None:
    found = schedule_json.read(content)
    assert found.problems or found.events


@given(length=st.timedeltas(timedelta(minutes=1), timedelta(hours=23, minutes=59)))
def test_a_length_is_read_as_it_is_written(length: timedelta) -> None:
    minutes = int(length.total_seconds() // 60)
    event = frab(duration=f"{minutes // 60:02d}:{minutes % 60:02d}")
    [read] = schedule_json.read(json.dumps(document(event)).encode()).events
    assert read.length == timedelta(minutes=minutes)
