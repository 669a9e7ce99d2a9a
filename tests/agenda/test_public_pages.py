"""What a stranger sees of the agenda, on real pages."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from flask import Flask

from retreat.agenda import frame
from retreat.agenda.models import Access, Kind, PartRole, SessionStatus
from retreat.agenda.service import cancel_session, update_session
from retreat.agenda.values import Appearance
from retreat.core import zones
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import AT, NADIA, TUESDAY
from tests.client import PageClient

DAY = "/2020/agenda/2020-02-25"
WEEK = "/2020/agenda"
pytestmark = pytest.mark.one_database


@pytest.fixture
def edition(db_session: Any) -> Any:
    return week.edition()


def texts(client: PageClient, *paths: str) -> list[str]:
    found = []
    for path in paths:
        assert client.get(path).status_code == 200, path
        found.append(client.page.text)
    return found


@pytest.mark.usefixtures("edition")
def test_before_the_first_revision_the_pages_say_so(client: PageClient) -> None:
    week_text, day_text = texts(client, WEEK, DAY)
    assert "The agenda has not been published yet" in week_text
    assert "The agenda has not been published yet" in day_text
    assert client.get("/2020/agenda.json").json == {
        "revision": None,
        "sessions": [],
        "tzdb": zones.tzdata_version(),
    }


def test_a_published_session_is_on_the_week_the_day_and_its_own_page(client: PageClient, edition: Any) -> None:
    made = week.session(edition)
    week.publish(edition)
    for text in texts(client, WEEK, DAY, f"/2020/sessions/{made.code}"):
        assert "Local Finance" in text
        assert "09:30" in text


def test_the_draft_is_shown_nowhere_until_it_is_published(client: PageClient, edition: Any) -> None:
    made = week.session(edition)
    week.publish(edition)
    draft = week.session(edition, "Only a thought")
    update_session(made, {"title": Translated(en="Renamed in the draft")}, at=AT, by=NADIA)
    for text in texts(client, WEEK, DAY, f"/2020/sessions/{made.code}"):
        assert "Only a thought" not in text
        assert "Renamed in the draft" not in text
    assert client.get(f"/2020/sessions/{draft.code}").status_code == 404


def test_an_unlisted_session_is_nowhere(client: PageClient, edition: Any) -> None:
    shown = week.session(edition)
    hidden = week.session(edition, "Closed-door talk", is_listed=False)
    revision = week.publish(edition)
    assert {session.title["en"] for session in revision.sessions} == {"Local Finance", "Closed-door talk"}
    for text in texts(client, "/2020/", WEEK, DAY, f"/2020/sessions/{shown.code}"):
        assert "Closed-door talk" not in text
    assert client.get(f"/2020/sessions/{hidden.code}").status_code == 404
    assert [row["code"] for row in client.get("/2020/agenda.json").json["sessions"]] == [shown.code]


@pytest.mark.parametrize(
    "path",
    [
        "/1999/agenda",
        "/2020/agenda/2020-03-09",
        "/2020/agenda/2020-02-30",
        "/2020/agenda/20200225",
        "/2020/agenda/monday",
        "/2020/sessions/NOPE",
        "/1999/agenda.json",
        "/1999/time-zone",
    ],
)
def test_what_does_not_exist_is_answered_by_a_404_page(client: PageClient, edition: Any, path: str) -> None:
    week.session(edition)
    week.publish(edition)
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("edition")
def test_pages_answer_head_and_refuse_post(client: PageClient) -> None:
    for path in (WEEK, DAY, "/2020/agenda.json"):
        assert (client.head(path).status_code, client.head(path).data) == (200, b"")
        assert client.post(path).status_code in (400, 405)


def test_the_zone_is_worked_out_for_that_date(client: PageClient, edition: Any) -> None:
    week.session(edition)
    week.publish(edition)
    assert "Tangier time, UTC+1" in texts(client, DAY)[0]


def test_a_visitors_own_time_stands_beside_the_venues(client: PageClient, edition: Any) -> None:
    week.session(edition)
    week.publish(edition)
    (chosen,) = texts(client, f"{DAY}?tz=Europe/Moscow")
    (remembered,) = texts(client, DAY)
    for text in (chosen, remembered):
        assert "Your time: Moscow, UTC+3" in text
        assert "09:30 –11:00 11:30" in text
    (taken_back,) = texts(client, f"{DAY}?tz=venue")
    assert "Moscow" not in taken_back


def test_another_day_at_the_visitors_place_is_said(client: PageClient, edition: Any) -> None:
    week.session(edition, starts=time(22, 30), ends=time(23, 30))
    week.publish(edition)
    assert "Wed 05:30" in texts(client, f"{DAY}?tz=Asia/Singapore")[0]


def test_a_visitor_whose_clock_shows_the_same_reads_one_time(client: PageClient, edition: Any) -> None:
    week.session(edition)
    week.publish(edition)
    (text,) = texts(client, f"{DAY}?tz=Europe/Madrid")
    assert "Your time" not in text
    assert "Madrid" not in text


def test_an_unknown_zone_changes_nothing(client: PageClient, edition: Any) -> None:
    week.session(edition)
    week.publish(edition)
    answer = client.get(f"{DAY}?tz=Mars/Olympus")
    assert answer.status_code == 200
    assert "retreat_tz" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.usefixtures("edition")
def test_the_zone_is_chosen_without_javascript_and_leads_back(client: PageClient) -> None:
    client.get(f"/2020/time-zone?back={DAY}")
    (form,) = [form for form in client.page.forms if "tz" in form.names]
    assert (form.method, form.action) == ("get", DAY)


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/2020/", "/2020/\\example.org", "/2021/x"])
@pytest.mark.usefixtures("edition")
def test_the_zone_form_leads_nowhere_else(client: PageClient, elsewhere: str) -> None:
    client.get("/2020/time-zone", query_string={"back": elsewhere})
    (form,) = [form for form in client.page.forms if "tz" in form.names]
    assert form.action == WEEK


def test_filters_by_track_and_language_narrow_both_pages(client: PageClient, edition: Any) -> None:
    campus = frame.create_track(edition, {"name": Translated(en="Campus"), "colour": 2}, at=AT, by=NADIA)
    week.session(edition, "Equality", track=campus, languages=["en", "ru"])
    week.session(edition, "Bureau", languages=["fr"])
    week.publish(edition)
    for path in (WEEK, DAY):
        by_track, by_language, by_none = texts(client, f"{path}?track=campus", f"{path}?language=fr", path)
        assert ("Equality" in by_track, "Bureau" in by_track) == (True, False)
        assert ("Equality" in by_language, "Bureau" in by_language) == (False, True)
        assert ("Equality" in by_none, "Bureau" in by_none) == (True, True)
        assert "No session fits these filters" in texts(client, f"{path}?track=nothing")[0]
    client.get(f"{DAY}?track=campus")
    assert "/2020/agenda/2020-02-26?track=campus" in client.page.links


def test_a_cancelled_session_stays_and_says_so(client: PageClient, edition: Any) -> None:
    made = week.session(edition)
    week.publish(edition)
    cancel_session(made, at=AT, by=NADIA)
    week.publish(edition)
    for text in texts(client, f"/2020/sessions/{made.code}", WEEK):
        assert "Cancelled" in text
        assert "Local Finance" in text


def test_what_is_not_known_yet_is_said(client: PageClient, edition: Any) -> None:
    untimed = week.session(edition, "Meetings one to one", starts=None, ends=None)
    unscheduled = week.session(edition, "Follow-up", date=None, starts=None, ends=None)
    week.publish(edition)
    day_text, week_text = texts(client, DAY, WEEK)
    assert "Time to be confirmed" in day_text
    assert "Meetings one to one" in day_text
    assert "Hall to be confirmed" in day_text
    assert "Day to be confirmed" in week_text
    assert "Follow-up" in week_text
    for code in (untimed.code, unscheduled.code):
        assert client.get(f"/2020/sessions/{code}").status_code == 200


def test_a_day_outside_the_edition_that_has_a_session_has_a_page(client: PageClient, edition: Any) -> None:
    week.session(edition, "Departure", date=date(2020, 2, 29))
    week.publish(edition)
    assert "Departure" in texts(client, "/2020/agenda/2020-02-29")[0]


def test_text_that_fell_back_to_another_language_says_which(client: PageClient, edition: Any) -> None:
    week.session(edition, Translated(en="Local Finance"))
    week.session(edition, Translated(en="Equality", ru="Равенство"))
    week.publish(edition)
    page = client.get(f"{DAY}?lang=ru").text
    assert '<html lang="ru" dir="ltr">' in page
    assert 'lang="en">Local Finance</a>' in page
    assert ">Равенство</a>" in page


def test_the_language_switch_keeps_the_page_and_its_filters(client: PageClient, edition: Any) -> None:
    week.session(edition)
    week.publish(edition)
    client.get(f"{DAY}?track=campus")
    assert f"{DAY}?track=campus&lang=fr" in client.page.links


@pytest.mark.parametrize(("access", "is_shown"), [(Access.OPEN, True), (Access.MEMBER, False), (Access.INVITED, False)])
def test_the_join_link_is_for_those_who_may_come(
    client: PageClient, edition: Any, access: Access, is_shown: bool
) -> None:
    made = week.session(edition, access=access, link="https://meet.example.org/abc")
    week.publish(edition)
    for path in (WEEK, DAY, "/2020/agenda.json"):
        assert "meet.example.org" not in client.get(path).text
    assert ("meet.example.org" in client.get(f"/2020/sessions/{made.code}").text) is is_shown


def test_the_organisers_note_stays_with_them(client: PageClient, edition: Any) -> None:
    made = week.session(edition, note=Translated(en="The mayor arrives late"))
    week.publish(edition)
    for path in (WEEK, DAY, f"/2020/sessions/{made.code}", "/2020/agenda.json"):
        assert "arrives late" not in client.get(path).text


def test_a_session_page_names_people_parts_and_what_runs_beside(client: PageClient, edition: Any) -> None:
    hall = editions.add_hall(edition, Translated(en="Grand Hall"), at=AT, by=NADIA)
    meeting = week.session(
        edition,
        "Meeting of the Presidency",
        hall=hall,
        access=Access.INVITED,
        parts=[Appearance(PartRole.CHAIR, "Mohamed Boudra", "President", "UCLG")],
    )
    week.session(edition, "Award ceremony", hall=hall, parent=meeting, starts=time(10), ends=time(10, 30))
    week.session(edition, "Global Taskforce", starts=time(10), ends=time(12))
    week.session(edition, "Lunch debate", hall=hall, starts=time(12), ends=time(13))
    week.publish(edition)
    (text,) = texts(client, f"/2020/sessions/{meeting.code}")
    for words in (
        "Tuesday 25 February 2020, 09:30 – 11:00 Tangier time, UTC+1.",
        "Grand Hall",
        "By invitation",
        "Award ceremony",
        "Mohamed Boudra President, UCLG. Chair",
        "At the same time 10:00 Global Taskforce",
        "Next in this hall 12:00 Lunch debate",
    ):
        assert words in text


def test_speakers_to_be_confirmed_are_said_only_where_somebody_speaks(client: PageClient, edition: Any) -> None:
    kinds = (Kind.PANEL, Kind.SOCIAL, Kind.VISIT)
    made = [week.session(edition, kind=kind) for kind in kinds]
    off = week.session(edition, kind=Kind.PANEL)
    cancel_session(off, at=AT, by=NADIA)
    week.publish(edition)
    pages = [client.get(f"/2020/sessions/{one.code}").text for one in (*made, off)]
    assert ["Speakers are to be confirmed" in page for page in pages] == [True, False, False, False]
    assert all("version 1" in page for page in pages)


def test_the_clock_of_a_visitor_in_utc_is_named_once(client: PageClient, edition: Any) -> None:
    week.session(edition)
    week.publish(edition)
    (text,) = texts(client, f"{DAY}?tz=UTC")
    assert "Your time: UTC. " in text


def test_html_in_a_title_is_text(client: PageClient, edition: Any) -> None:
    made = week.session(edition, "<script>alert(1)</script>")
    week.publish(edition)
    for path in (WEEK, DAY, f"/2020/sessions/{made.code}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_what_is_on_now_is_said_on_the_day_itself(
    client: PageClient, edition: Any, clock: Callable[[datetime], AbstractContextManager[None]]
) -> None:
    week.session(edition)
    week.session(edition, "Afterwards", starts=time(12), ends=time(13))
    week.publish(edition)
    with clock(datetime(2020, 2, 25, 9, 0, tzinfo=UTC)):
        assert "Now 10:00" in texts(client, DAY)[0]
        assert client.get(DAY).text.count("is-running") == 1
    with clock(datetime(2020, 2, 26, 9, 0, tzinfo=UTC)):
        assert "Now" not in texts(client, DAY)[0]


def test_a_ceremony_is_drawn_inside_its_meeting(client: PageClient, edition: Any) -> None:
    meeting = week.session(edition, "Presidency", starts=time(9), ends=time(13))
    week.session(edition, "Awards", parent=meeting, kind=Kind.CEREMONY, starts=time(11, 15), ends=time(12))
    week.publish(edition)
    page = client.get(DAY).text
    assert 'class="slot c1 f1 t49 has-parts head-28' in page
    assert '<li class="part f28 t37">' in page


def test_the_agenda_is_given_to_programs_as_promised(client: PageClient, edition: Any, app: Flask) -> None:
    hall = editions.add_hall(edition, Translated(en="Malabata", fr="Salle Malabata"), at=AT, by=NADIA)
    track = frame.create_track(edition, {"name": Translated(en="Campus", fr="Campus FR"), "colour": 3}, at=AT, by=NADIA)
    timed = week.session(
        edition,
        Translated(en="Local Finance", fr="Finances locales"),
        hall=hall,
        track=track,
        kind=Kind.WORKSHOP,
        languages=["en", "fr"],
        status=SessionStatus.TENTATIVE,
        link="https://meet.example.org/abc",
    )
    late = week.session(edition, "Night", starts=time(23), ends=time(1), access=Access.INVITED)
    week.publish(edition)
    answer = client.get("/2020/agenda.json?lang=fr").json
    base = app.config["BASE_URL"]
    assert answer == {
        "revision": 1,
        "tzdb": zones.tzdata_version(),
        "sessions": [
            {
                "code": timed.code,
                "uid": timed.uid,
                "sequence": 0,
                "title": "Finances locales",
                "kind": "workshop",
                "track": "Campus FR",
                "hall": "Salle Malabata",
                "venue": "Tangier",
                "zone": "Africa/Casablanca",
                "start_local": "2020-02-25T09:30",
                "end_local": "2020-02-25T11:00",
                "start_utc": "2020-02-25T08:30:00Z",
                "end_utc": "2020-02-25T10:00:00Z",
                "status": "tentative",
                "languages": ["en", "fr"],
                "access": "open",
                "url": f"{base}/2020/sessions/{timed.code}",
            },
            {
                "code": late.code,
                "uid": late.uid,
                "sequence": 0,
                "title": "Night",
                "kind": "other",
                "track": None,
                "hall": None,
                "venue": None,
                "zone": "Africa/Casablanca",
                "start_local": "2020-02-25T23:00",
                "end_local": "2020-02-26T01:00",
                "start_utc": "2020-02-25T22:00:00Z",
                "end_utc": "2020-02-26T00:00:00Z",
                "status": "confirmed",
                "languages": [],
                "access": "invited",
                "url": f"{base}/2020/sessions/{late.code}",
            },
        ],
    }


def test_untimed_and_unscheduled_sessions_have_null_times_in_json(client: PageClient, edition: Any) -> None:
    week.session(edition, "Some time", starts=None, ends=None)
    week.session(edition, "Some day", date=None, starts=None, ends=None)
    week.publish(edition)
    names = ("title", "start_local", "end_local", "start_utc", "end_utc")
    rows = client.get("/2020/agenda.json").json["sessions"]
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("Some time", None, None, None, None),
        ("Some day", None, None, None, None),
    ]


def test_json_that_has_not_changed_is_not_sent_again(client: PageClient, edition: Any) -> None:
    week.session(edition)
    week.publish(edition)
    first = client.get("/2020/agenda.json")
    again = client.get("/2020/agenda.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "Set-Cookie" not in client.get("/2020/agenda.json?lang=fr").headers


@pytest.mark.parametrize("path", [WEEK, DAY, "/2020/agenda.json"])
def test_a_page_asks_as_often_with_three_sessions_as_with_one(
    client: PageClient, edition: Any, path: str, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = []
    for more in (1, 2):
        for number in range(more):
            week.session(edition, f"Session {more}.{number}", parts=[Appearance(PartRole.SPEAKER, f"Person {number}")])
        week.publish(edition)
        db.session.commit()
        with count_queries() as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_a_day_of_a_week_of_two_hundred_sessions_is_a_light_page(client: PageClient, edition: Any) -> None:
    halls = [f"Hall number {number}" for number in range(8)]
    week.imported(
        edition,
        *(
            {
                "date": f"2020-02-{24 + number % 5}",
                "start": f"{9 + number // 40 * 2:02d}:00",
                "end": f"{10 + number // 40 * 2:02d}:30",
                "title": f"Session {number} on the localisation of global agendas in cities and territories",
                "hall": halls[number // 5 % 8],
                "track": f"Track {number % 6}",
                "languages": "en;fr;es;ru",
                "speakers": f"Speaker {number}, Mayor, City {number}",
            }
            for number in range(200)
        ),
    )
    week.publish(edition)
    page = client.get(f"{DAY}?tz=Asia/Singapore")
    assert page.text.count('<li class="slot ') == 40
    assert len(page.data) <= 60_000


@pytest.mark.parametrize("day", [TUESDAY])
def test_a_hall_that_is_booked_twice_shows_both(client: PageClient, edition: Any, day: date) -> None:
    hall = editions.add_hall(edition, Translated(en="Grand Hall"), at=AT, by=NADIA)
    week.session(edition, "One", hall=hall, date=day)
    week.session(edition, "Other", hall=hall, date=day)
    week.publish(edition)
    page = client.get(DAY).text
    assert 'class="slot c1 f7 t25' in page
    assert 'class="slot c2 f7 t25' in page
