"""One session as a file: what is in it, who gets it, when it is another."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from retreat.agenda.models import SessionStatus
from retreat.calendars import feeds
from retreat.core.i18n import Translated
from tests.agenda import week
from tests.calendars.tangier import LONG_BEFORE, Tangier, events, publish_change, summaries, tangier

OPENING, LAB = "/2020/sessions/OPEN-1.ics", "/2020/sessions/LAB-1.ics"
AGENDA = "/2020/calendar/agenda.ics"


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    return tangier()


@pytest.mark.one_database
@pytest.mark.parametrize("asked", ["", "?lang=fr", "?tz=venue", "?lang=ru&tz=venue", "?lang=nonsense&tz=nonsense"])
def test_it_is_the_same_entry_as_in_the_whole_agenda(our_week, client, asked: str) -> None:
    one, whole = client.get(OPENING + asked).data, client.get(AGENDA + asked).data

    assert events(one) == {our_week.opening.uid: events(whole)[our_week.opening.uid]}
    assert one.count(b"BEGIN:VTIMEZONE") == whole.count(b"BEGIN:VTIMEZONE")


@pytest.mark.one_database
def test_it_has_no_name_that_would_make_a_calendar_of_its_own(our_week, client) -> None:
    head = client.get(OPENING).data.partition(b"BEGIN:VEVENT")[0].decode()

    assert head.splitlines() == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//United Cities and Local Governments//Retreat//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]


@pytest.mark.one_database
def test_it_is_a_file_named_by_its_code_without_a_cookie(our_week, client) -> None:
    answer = client.get(OPENING + "?lang=fr")

    assert {name: value for name, value in answer.headers if name not in {"ETag", "Vary"}} == {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Length": str(len(answer.data)),
        "Content-Disposition": 'inline; filename="OPEN-1.ics"',
        "Cache-Control": "public, no-cache",
        "Last-Modified": "Sat, 01 Feb 2020 12:00:00 GMT",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }


def test_another_sessions_change_leaves_it_to_the_byte(our_week, client) -> None:
    before = client.get(OPENING)
    publish_change(our_week, our_week.lab, title=Translated(en="Ideas laboratory"))

    after = client.get(OPENING)

    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    feeds.bodies.clear()
    feeds.entries.clear()
    assert client.get(OPENING).data == before.data


def test_its_own_change_is_in_the_next_answer(our_week, client) -> None:
    tag = client.get(LAB).headers["ETag"]
    publish_change(our_week, our_week.lab, title=Translated(en="Ideas laboratory"))

    answer = client.get(LAB, headers={"If-None-Match": tag})

    assert (answer.status_code, summaries(answer.data)) == (200, ["Ideas laboratory"])
    assert answer.headers["ETag"] != tag


@pytest.mark.one_database
def test_a_cancelled_session_says_so(our_week, client) -> None:
    publish_change(our_week, our_week.lab, status=SessionStatus.CANCELLED)

    [event] = Calendar.from_ical(client.get(LAB).data).walk("VEVENT")

    assert (str(event["SUMMARY"]), str(event["STATUS"])) == ("CANCELLED: Ideas lab", "CANCELLED")


@pytest.mark.one_database
def test_a_session_without_an_hour_says_so_in_plain_words(our_week, client) -> None:
    for code in ("UNTIMED", "UNSCHEDULED"):
        answer = client.get(f"/2020/sessions/{code}.ics")

        assert (answer.status_code, answer.mimetype) == (404, "text/plain")
        assert answer.text.startswith("This session has no hour yet.")


def test_what_is_not_public_is_not_there(our_week, client) -> None:
    week.session(our_week.edition, "A draft", code="DRAFT")

    for path in ("2020/sessions/SECRET", "2020/sessions/DRAFT", "2020/sessions/NONE", "2031/sessions/OPEN-1"):
        answer = client.get(f"/{path}.ics")
        assert (answer.status_code, answer.text) == (404, "There is no calendar at this address.\n")
    publish_change(our_week, our_week.lab, is_listed=False, at=LONG_BEFORE + timedelta(hours=1))
    assert client.get(LAB).status_code == 404


def test_a_304_is_one_query_and_renders_nothing(our_week, client, count_queries, monkeypatch) -> None:
    tag = client.get(OPENING).headers["ETag"]
    monkeypatch.setattr(feeds, "rendered", None)
    with count_queries() as queries:
        answer = client.get(OPENING, headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data, len(queries)) == (304, b"", 1)


@pytest.mark.one_database
@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "PROPFIND", "REPORT"])
def test_other_methods_are_refused_in_plain_text(our_week, client, method: str) -> None:
    answer = client.open(OPENING, method=method)

    assert (answer.status_code, answer.mimetype, sorted(answer.allow)) == (405, "text/plain", ["GET", "HEAD"])


@pytest.mark.one_database
def test_the_page_of_the_session_stays_a_page(our_week, client) -> None:
    assert client.get("/2020/sessions/OPEN-1").mimetype == "text/html"
    assert client.head(OPENING).headers["Content-Length"] == str(len(client.get(OPENING).data))


@pytest.mark.one_database
@pytest.mark.parametrize("code", ["%00", "a%20b", "x" * 500, "ü", "' OR 1=1 --", "LAB-1.ics"])
def test_a_wrong_code_is_not_found(our_week, client, code: str) -> None:
    answer = client.get(f"/2020/sessions/{code}.ics")

    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
