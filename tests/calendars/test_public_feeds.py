"""The whole agenda, a track, a hall: what is in them, and how they are served."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from icalendar import Calendar

from retreat.agenda import frame
from retreat.agenda import service as agenda
from retreat.agenda.models import AgendaSession, SessionStatus
from retreat.calendars import asking, feeds, ical
from retreat.calendars.facts import Form
from retreat.core.db import db, reading
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.calendars.tangier import (
    IN_THE_WEEK,
    LONG_BEFORE,
    PUBLISHED,
    Tangier,
    events,
    in_days,
    publish_change,
    stamp,
    summaries,
    tangier,
)

AGENDA = "/2020/calendar/agenda.ics"


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    return tangier()


def test_the_whole_agenda_is_every_listed_session_that_has_a_start(our_week, client) -> None:
    body = client.get(AGENDA).data

    assert summaries(body) == ["Opening; hopes, plans", "Ideas lab", "Dinner at the port", "Executive Bureau"]


@pytest.mark.one_database
def test_titles_are_those_of_the_agendas_json(our_week, client) -> None:
    for language in ("", "?lang=fr", "?lang=ru", "?lang=xx"):
        sessions = client.get(f"/2020/agenda.json{language}").json["sessions"]

        assert summaries(client.get(AGENDA + language).data) == [s["title"] for s in sessions if s["start_utc"]]


@pytest.mark.parametrize(
    ("path", "titles"),
    [
        ("track/retreat", ["Opening; hopes, plans", "Executive Bureau"]),
        ("track/campus", ["Ideas lab"]),
        ("hall/grand-hall", ["Opening; hopes, plans", "Ideas lab", "Executive Bureau"]),
        ("hall/empty-hall", []),
    ],
)
def test_a_track_and_a_hall_have_a_feed_of_their_own(our_week, client, path: str, titles: list[str]) -> None:
    assert summaries(client.get(f"/2020/calendar/{path}.ics").data) == titles


@pytest.mark.one_database
def test_every_line_of_a_session_is_as_the_recipe_says(our_week, client) -> None:
    uid = our_week.opening.uid
    [event] = Calendar.from_ical(client.get(AGENDA).data).with_uid(uid)

    assert event.to_ical(sorted=False).decode().replace("\r\n ", "").splitlines() == [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20200201T120000Z",
        "LAST-MODIFIED:20200201T120000Z",
        "SEQUENCE:0",
        "CREATED:20200110T090000Z",
        "DTSTART:20200224T080000Z",
        "DTEND:20200224T093000Z",
        "SUMMARY:Opening\\; hopes\\, plans",
        "LOCATION:Grand Hall\\, Hilton Tanger City Center\\, Tangier",
        "DESCRIPTION:Monday 24 February 2020\\, 09:00–10:30 (Africa/Casablanca\\, UTC+1)"
        "\\nhttp://127.0.0.1:8000/2020/sessions/OPEN-1"
        "\\n\\nA welcome by the host city."
        "\\n\\nChair: Aysu Yılmaz\\, Mayor\\, İzmir\\nInterpretation: English\\, French",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "CATEGORIES:Retreat",
        "URL:http://127.0.0.1:8000/2020/sessions/OPEN-1",
        "CLASS:PUBLIC",
        "END:VEVENT",
    ]


@pytest.mark.one_database
def test_a_session_past_midnight_ends_on_the_next_day(our_week, client) -> None:
    [event] = Calendar.from_ical(client.get(AGENDA).data).with_uid(our_week.dinner.uid)

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        datetime(2020, 2, 25, 19, 0, tzinfo=UTC),
        datetime(2020, 2, 25, 23, 30, tzinfo=UTC),
    )


@pytest.mark.one_database
def test_a_public_feed_has_no_join_link_and_blocks_nobodys_time(our_week, client) -> None:
    body = client.get(AGENDA).data

    assert b"x.example" not in body
    assert b"meet.example" not in body
    assert {str(event["TRANSP"]) for event in Calendar.from_ical(body).walk("VEVENT")} == {"TRANSPARENT"}


@pytest.mark.one_database
def test_french_falls_back_to_the_main_language_title_by_title(our_week, client) -> None:
    body = client.get(AGENDA + "?lang=fr").data

    assert summaries(body) == ["Ouverture", "Ideas lab", "Dinner at the port", "Executive Bureau"]
    assert "Lundi 24 février 2020" in body.decode().replace("\r\n ", "")
    assert summaries(client.get(AGENDA, headers={"Accept-Language": "fr"}).data)[0] == "Opening; hopes, plans"


@pytest.mark.one_database
def test_an_unknown_language_is_the_editions_main_one(our_week, client) -> None:
    answer, plain = client.get(AGENDA + "?lang=tlh"), client.get(AGENDA)

    assert (answer.status_code, answer.data) == (200, plain.data)


@pytest.mark.one_database
def test_the_venue_form_says_wall_time_and_its_own_zone(our_week, client) -> None:
    body = client.get(AGENDA + "?tz=venue").data

    assert body.count(b"BEGIN:VTIMEZONE") == 1
    assert b"DTSTART;TZID=Africa/Casablanca:20200224T090000\r\n" in body
    assert client.get(AGENDA + "?tz=nonsense").data == client.get(AGENDA).data


def test_before_anything_is_published_the_feed_is_a_valid_empty_calendar(db_session, client) -> None:
    week.session(week.edition())

    answer = client.get(AGENDA)

    assert (answer.status_code, summaries(answer.data)) == (200, [])


@pytest.mark.one_database
def test_a_week_in_two_cities_has_both_zones(our_week, client) -> None:
    porto = frame.create_venue(
        our_week.edition,
        {"name": Translated(en="Alfândega"), "city": "Porto", "zone": "Europe/Lisbon"},
        at=week.AT,
        by=NADIA,
    )
    week.session(our_week.edition, "Across the strait", code="PORTO", venue=porto)
    week.publish(our_week.edition, LONG_BEFORE)

    body = client.get(AGENDA + "?tz=venue").data

    assert re.findall(r"\nTZID:(.*)\r", body.decode()) == ["Africa/Casablanca", "Europe/Lisbon"]
    assert b"DTSTART;TZID=Europe/Lisbon:20200225T093000\r\n" in body
    [event] = [e for e in Calendar.from_ical(client.get(AGENDA).data).walk("VEVENT") if "strait" in e["SUMMARY"]]
    assert event["DTSTART"].dt == datetime(2020, 2, 25, 9, 30, tzinfo=UTC)
    assert str(event["LOCATION"]) == "Alfândega, Porto"


# Revisions ---------------------------------------------------------------------------------------------------------


def test_a_draft_changes_nothing(our_week, client, db_session) -> None:
    before = client.get(AGENDA)
    our_week.opening.title = Translated(en="Another title")

    after = client.get(AGENDA)

    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


def test_a_published_change_grows_one_sessions_stamps_and_leaves_the_others_bytes(our_week, client) -> None:
    before = client.get(AGENDA).data
    publish_change(our_week, our_week.lab, title=Translated(en="Ideas laboratory"))

    after = client.get(AGENDA).data

    uid = our_week.lab.uid
    assert stamp(before, uid) == (0, PUBLISHED, PUBLISHED)
    assert stamp(after, uid) == (1, LONG_BEFORE, LONG_BEFORE)
    unchanged = [other for other in events(before) if other != uid]
    assert [events(after)[other] for other in unchanged] == [events(before)[other] for other in unchanged]
    assert len(unchanged) == 3


def test_a_second_change_in_the_same_second_is_still_newer(our_week, client) -> None:
    publish_change(our_week, our_week.lab, title=Translated(en="First"))
    publish_change(our_week, our_week.lab, title=Translated(en="Second"))

    later = LONG_BEFORE + timedelta(seconds=1)
    assert stamp(client.get(AGENDA).data, our_week.lab.uid) == (2, later, later)


def test_the_new_name_of_a_hall_reaches_every_session_in_it(our_week, client, db_session) -> None:
    before = client.get(AGENDA)
    frame.update_hall(our_week.hall, {"name": Translated(en="Assembly Hall")}, at=LONG_BEFORE, by=NADIA)

    after = client.get(AGENDA)

    assert after.headers["ETag"] != before.headers["ETag"]
    assert [stamp(after.data, s.uid)[:2] for s in (our_week.opening, our_week.lab, our_week.dinner)] == [
        (1, LONG_BEFORE),
        (1, LONG_BEFORE),
        (0, PUBLISHED),
    ]
    assert b"LOCATION:Assembly Hall" in after.data
    assert summaries(client.get("/2020/calendar/hall/grand-hall.ics").data) == [
        "Opening; hopes, plans",
        "Ideas lab",
        "Executive Bureau",
    ]


def test_a_cancelled_session_stays_labelled_until_thirty_days_after_the_closing(
    our_week, client, clock, db_session
) -> None:
    publish_change(our_week, our_week.lab, status=SessionStatus.CANCELLED)

    [event] = Calendar.from_ical(client.get(AGENDA).data).with_uid(our_week.lab.uid)
    assert (event["SUMMARY"], event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == (
        "CANCELLED: Ideas lab",
        "CANCELLED",
        "TRANSPARENT",
        1,
    )

    closed = datetime(2020, 3, 2, 10, 0, tzinfo=UTC)
    editions.close_edition(our_week.edition, at=closed, by=NADIA)
    told = "CANCELLED: Ideas lab"
    with clock(in_days(closed, 29.9)):
        assert told in summaries(client.get(AGENDA).data)
    with clock(in_days(closed, 30)):
        assert summaries(client.get(AGENDA).data) == ["Opening; hopes, plans", "Dinner at the port", "Executive Bureau"]


def test_a_session_that_is_no_longer_listed_is_gone_from_the_feed(our_week, client) -> None:
    publish_change(our_week, our_week.lab, is_listed=False)

    assert our_week.lab.uid not in events(client.get(AGENDA).data)


def test_a_track_whose_last_session_left_it_is_empty_and_not_missing(our_week, client, db_session) -> None:
    track = our_week.lab.track
    publish_change(our_week, our_week.lab, track=None)
    frame.delete_from_frame(track, at=LONG_BEFORE, by=NADIA)

    assert client.get("/2020/calendar/track/campus.ics").status_code == 404
    assert summaries(client.get("/2020/calendar/track/retreat.ics").data) == [
        "Opening; hopes, plans",
        "Executive Bureau",
    ]


# HTTP --------------------------------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_a_feed_has_every_header_of_the_recipe_and_no_cookie(our_week, client, clock) -> None:
    with clock(LONG_BEFORE):
        answer = client.get(AGENDA + "?lang=fr")

    assert {name: value for name, value in answer.headers if name not in {"ETag", "Vary"}} == {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Length": str(len(answer.data)),
        "Content-Disposition": 'inline; filename="retreat.ics"',
        "Cache-Control": "public, no-cache",
        "Last-Modified": "Sat, 01 Feb 2020 12:00:00 GMT",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    assert answer.get_etag()[1] is False


@pytest.mark.one_database
@pytest.mark.parametrize(
    "tag", ["{}", "W/{}", '"other", {}', '"other", W/{}, "third"', "*"], ids=["it", "weak", "list", "weak list", "star"]
)
def test_who_has_it_already_gets_304_without_a_body(our_week, client, tag: str) -> None:
    first = client.get(AGENDA)

    answer = client.get(AGENDA, headers={"If-None-Match": tag.format(first.headers["ETag"])})

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert "Set-Cookie" not in answer.headers


@pytest.mark.one_database
@pytest.mark.parametrize("tag", ['"other"', "", "W/", "nonsense, and more"])
def test_who_has_another_gets_it_whole(our_week, client, tag: str) -> None:
    assert client.get(AGENDA, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize(
    "since", ["Sat, 01 Feb 2020 12:00:00 GMT", "Sun, 02 Feb 2020 12:00:00 GMT", "Sat, 01 Feb 2031 12:00:00 GMT", "now"]
)
def test_a_date_alone_never_answers(our_week, client, clock, since: str) -> None:
    with clock(LONG_BEFORE):
        tag = client.get(AGENDA).headers["ETag"]
        assert client.get(AGENDA, headers={"If-Modified-Since": since}).status_code == 200
        for given, status in (("W/nonsense", 200), (tag, 304)):
            answer = client.get(AGENDA, headers={"If-Modified-Since": since, "If-None-Match": given})
            assert answer.status_code == status


@pytest.mark.one_database
def test_another_title_without_a_publication_is_news_to_who_goes_by_the_date(our_week, client, clock) -> None:
    with clock(LONG_BEFORE):
        since = client.get(AGENDA).headers["Last-Modified"]
        our_week.edition.title = Translated(en="Another retreat")
        db.session.commit()
        answer = client.get(AGENDA, headers={"If-Modified-Since": since})

    assert (answer.status_code, b"X-WR-CALNAME:Another retreat" in answer.data) == (200, True)


def test_what_is_published_while_a_feed_is_made_stands_under_the_next_tag(our_week, app) -> None:
    def feed() -> feeds.Feed:
        return feeds.public_feed("2020", feeds.WHOLE_AGENDA, language="en", form=Form.UTC, at=LONG_BEFORE)

    def publish() -> None:
        with app.app_context(), reading(False):
            there = db.session.get_one(AgendaSession, our_week.opening.id)
            agenda.update_session(there, {"title": Translated(en="Another title")}, at=LONG_BEFORE, by=NADIA)
            week.publish(db.session.get_one(Edition, there.edition_id), LONG_BEFORE)
            db.session.commit()

    db.session.commit()
    with reading(True):
        known = feed()
        with ThreadPoolExecutor() as other:
            other.submit(publish).result()

        assert summaries(known.body())[0] == "Opening; hopes, plans"
        db.session.rollback()
        assert (summaries(feed().body())[0], feed().etag != known.etag) == ("Another title", True)


def test_head_says_what_get_would(our_week, client) -> None:
    get, head = client.get(AGENDA), client.head(AGENDA)

    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(get.headers)
    again = client.head(AGENDA, headers={"If-None-Match": get.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.one_database
@pytest.mark.parametrize("path", [AGENDA, "/calendar/whatever.ics"])
def test_other_methods_are_refused_in_plain_text(our_week, client, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "MKCALENDAR"):
        answer = client.open(path, method=method)

        assert (answer.status_code, answer.mimetype) == (HTTPStatus.METHOD_NOT_ALLOWED, "text/plain")
        assert sorted(answer.allow) == ["GET", "HEAD"]


def test_what_is_no_feed_is_404_and_no_page(our_week, client) -> None:
    for path in (
        "/2031/calendar/agenda.ics",
        "/2020/calendar/track/none.ics",
        "/2020/calendar/hall/none.ics",
        "/2020/calendar/hall/campus.ics",
        "/2020/calendar/body/none.ics",
        "/calendar/none.ics",
    ):
        answer = client.get(path)

        assert (answer.status_code, answer.mimetype) == (404, "text/plain")
        assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.one_database
def test_a_signed_in_organisers_calendar_gets_no_cookie(our_week, as_role) -> None:
    organiser = as_role("administrator")

    answers = [organiser.get(AGENDA) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not any(answer.headers.getlist("Set-Cookie") for answer in answers)


@pytest.mark.one_database
def test_feeds_are_looked_at_more_often_in_the_week_itself(our_week, client, clock) -> None:
    tags = []
    for at, often in ((LONG_BEFORE, "PT1H"), (IN_THE_WEEK, "PT15M"), (in_days(IN_THE_WEEK, 5), "PT1H")):
        with clock(at):
            answer = client.get(AGENDA)
        tags.append(answer.headers["ETag"])
        head = Calendar.from_ical(answer.data)
        assert (head["REFRESH-INTERVAL"].to_ical().decode(), str(head["X-PUBLISHED-TTL"])) == (often, often)
    assert len(set(tags)) == 3


def test_every_address_has_its_own_tag(our_week, client) -> None:
    paths = [AGENDA + ask for ask in ("", "?lang=fr", "?tz=venue", "?lang=fr&tz=venue")]
    paths += [f"/2020/calendar/{path}.ics" for path in ("track/retreat", "track/campus", "hall/grand-hall")]

    assert len({client.get(path).headers["ETag"] for path in paths}) == len(paths)


@pytest.mark.one_database
def test_the_head_of_a_feed_names_it(our_week, client) -> None:
    heads = [Calendar.from_ical(client.get(f"/2020/calendar/{path}.ics").data) for path in ("agenda", "track/campus")]

    assert [(str(head["NAME"]), str(head["DESCRIPTION"]), str(head["COLOR"])) for head in heads] == [
        ("UCLG Retreat & Campus", "Tangier, 24–28 February 2020", "midnightblue"),
        ("UCLG Retreat & Campus: Campus", "Tangier, 24–28 February 2020", "sienna"),
    ]
    assert all(str(head["X-WR-CALNAME"]) == str(head["NAME"]) for head in heads)
    assert all(head.uid is None or "UID" not in head for head in heads)


# Cost --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def count_all_queries(count_queries, monkeypatch) -> Callable[[], AbstractContextManager[list[str]]]:
    """`count_queries` and those of the door, which goes to the driver itself."""
    ask = asking.Asker.rows

    @contextmanager
    def counting() -> Iterator[list[str]]:
        with count_queries() as queries:

            def noted(asker: Any, query: Any, values: Any) -> Any:
                queries.append(query.sql)
                return ask(asker, query, values)

            monkeypatch.setattr(asking.Asker, "rows", noted)
            yield queries
            monkeypatch.setattr(asking.Asker, "rows", ask)

    return counting


@pytest.mark.parametrize("tag", ["{}", "W/{}", '"another", {}'], ids=["at the door", "weak", "by the view"])
def test_a_304_is_two_queries_at_most_and_renders_nothing(
    our_week, client, count_all_queries, monkeypatch, tag
) -> None:
    given = tag.format(client.get(AGENDA).headers["ETag"])
    monkeypatch.setattr(feeds, "rendered", None)

    with count_all_queries() as queries:
        answer = client.get(AGENDA, headers={"If-None-Match": given})

    assert answer.status_code == 304
    assert len(queries) == (2 if "another" in given else 1)


def test_a_kept_feed_is_one_query_however_many_sessions(our_week, client, count_all_queries) -> None:
    def queries_of_a_second_asking() -> int:
        client.get(AGENDA)
        with count_all_queries() as queries:
            assert client.get(AGENDA).status_code == 200
        return len(queries)

    before = queries_of_a_second_asking()
    for number in range(5):
        week.session(our_week.edition, f"More {number}")
    week.publish(our_week.edition, LONG_BEFORE)

    assert (before, queries_of_a_second_asking()) == (1, 1)


def test_the_door_repeats_what_the_view_said(our_week, client) -> None:
    first, second = client.get(AGENDA), client.get(AGENDA)
    tag = first.headers["ETag"]
    at_the_door = client.get(AGENDA, headers={"If-None-Match": tag})
    by_the_view = client.get(AGENDA, headers={"If-None-Match": f'"another", {tag}'})

    assert (second.data, list(second.headers)) == (first.data, list(first.headers))
    assert sorted(at_the_door.headers) == sorted(by_the_view.headers)


def test_the_door_lets_through_what_it_is_not_sure_of(our_week, client, monkeypatch) -> None:
    client.get(AGENDA)
    monkeypatch.setattr(asking.PublicAsking, "found", lambda _asking, _now: None)

    assert summaries(client.get(AGENDA).data)[0] == "Opening; hopes, plans"


def test_an_editions_new_title_is_in_the_next_answer(our_week, client) -> None:
    client.get(AGENDA)
    our_week.edition.title = Translated(en="The Retreat")

    assert b"NAME:The Retreat\r\n" in client.get(AGENDA).data


def test_a_burst_after_publishing_is_served_from_entries_rendered_once(our_week, app, db_session, monkeypatch) -> None:
    rendered: list[str] = []
    write = ical.event
    monkeypatch.setattr(ical, "event", lambda facts, form: (rendered.append(facts.uid), write(facts, form))[1])
    publish_change(our_week, our_week.lab, title=Translated(en="Ideas laboratory"))
    db_session.commit()

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: app.test_client().get(AGENDA), range(60)))

    assert {(answer.status_code, answer.data) for answer in answers} == {(200, answers[0].data)}
    assert len(rendered) == len(set(rendered)) == 4


def test_two_processes_agree_to_the_byte(our_week, client, app) -> None:
    first = client.get(AGENDA + "?tz=venue")
    feeds.bodies.clear()
    feeds.entries.clear()

    second = client.get(AGENDA + "?tz=venue")

    assert (second.data, second.headers["ETag"]) == (first.data, first.headers["ETag"])


@pytest.mark.one_database
def test_a_change_published_by_another_process_is_in_the_next_answer(
    our_week, client, database, tmp_path, monkeypatch
) -> None:
    """The other process shares nothing with this one but the database."""
    assert "Ideas lab" in summaries(client.get(AGENDA).data)
    program = (
        "import config; from retreat import create_app; from retreat.core.db import db;"
        "from retreat.agenda import publishing, service; from retreat.core.audit import COMMAND;"
        "from retreat.core.i18n import Translated; from retreat.editions.service import edition_by_slug;"
        "from datetime import datetime, UTC; at = datetime(2020, 2, 4, tzinfo=UTC);"
        "app = create_app(config.selected().values()); app.app_context().push();"
        "edition = edition_by_slug('2020'); lab = service.session_by_code(edition, 'LAB-1');"
        "service.update_session(lab, {'title': Translated(en='Changed elsewhere')}, at=at, by=COMMAND);"
        "publishing.publish(edition, at=at, by=COMMAND); db.session.commit()"
    )
    environ = {**os.environ, "DATABASE_URL": database.url, "RETREAT_DATA": str(tmp_path), "RETREAT_ENV": "test"}
    subprocess.run([sys.executable, "-c", program], env=environ, check=True)

    assert "Changed elsewhere" in summaries(client.get(AGENDA).data)


# Commands ----------------------------------------------------------------------------------------------------------


def test_the_command_writes_the_feed(our_week, client, app, tmp_path, db_session) -> None:
    runner, out = app.test_cli_runner(), tmp_path / "agenda.ics"

    db_session.commit()
    printed = runner.invoke(args=["calendar", "2020", "--lang", "fr"])
    written = runner.invoke(args=["calendar", "2020", "--out", str(out), "--tz", "venue"])
    unknown = runner.invoke(args=["calendar", "1999"])

    assert printed.stdout_bytes == client.get(AGENDA + "?lang=fr").data
    assert (written.exit_code, out.read_bytes()) == (0, client.get(AGENDA + "?tz=venue").data)
    assert (unknown.exit_code, unknown.stdout_bytes) == (1, b"")
