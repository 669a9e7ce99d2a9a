"""What calendar programs, and those who only pretend to be one, ask of feeds: never a page, a redirect or a cookie."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from retreat.calendars import asking, door, feeds, service
from retreat.calendars.models import Subscription
from retreat.calendars.service import OrganiserOwner, PersonOwner
from retreat.core.db import db
from retreat.editions import service as editions
from tests.agenda.week import NADIA
from tests.calendars.tangier import LONG_BEFORE, PUBLISHED, Tangier, publish_change, tangier
from tests.signing_in import organiser_of_role

AGENDA = "/2020/calendar/agenda.ics"
NO_FEEDS = [
    "/calendar/none.ics",
    f"/calendar/{'A' * 32}.ics",
    f"/calendar/{'A' * 5000}.ics",
    "/calendar/%00.ics",
    "/calendar/a/b.ics",
    "/calendar/%2e%2e.ics",
    "/calendar/.ics",
    "/calendar/%ff%fe.ics",
    "/calendar/%F0%9F%91%AA.ics",
    "/calendar/' OR 1=1 --.ics",
    "/20%0020/calendar/agenda.ics",
    "/2020%00/calendar/agenda.ics",
    "/%ff/calendar/agenda.ics",
    "/1999/calendar/agenda.ics",
    "//2020/calendar/agenda.ics",
    "/2020//calendar/agenda.ics",
    "/2020/calendar/agenda.ics/",
    "/2020/calendar/agenda.ics%20",
    "/2020/calendar/agenda.ics%0a",
    "/2020/calendar/AGENDA.ICS",
    "/2020/calendar/none.ics",
    "/2020/calendar/track/%00.ics",
    "/2020/calendar/hall/none.ics",
    "/2020/calendar/body/%ed%a0%80.ics",
    "/2020/calendar/track/re/treat.ics",
    "/2020/sessions/%00.ics",
    "/2020/sessions/NONE.ics",
    "/2020/sessions/SECRET.ics",
    "/organise/2020/agenda.ics",
    "/2020/calendar/stars.ics",
]


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    made = tangier()
    publish_change(made, made.dinner, at=PUBLISHED + timedelta(hours=1), body=made.body)
    return made


@pytest.fixture
def addresses(our_week, clock) -> list[str]:
    """One of every kind; the last two are secret."""
    owners = PersonOwner(our_week.speaker.id), OrganiserOwner(organiser_of_role("programmer").id)
    tokens = [service.subscribe(owner, our_week.edition.id, "Mine", at=PUBLISHED).token for owner in owners]
    db.session.commit()
    public = ("agenda", "track/retreat", "hall/grand-hall", "body/executive-bureau")
    return [
        *(f"/2020/calendar/{path}.ics" for path in public),
        "/2020/sessions/OPEN-1.ics",
        *(f"/calendar/{token}.ics" for token in tokens),
    ]


@pytest.fixture(params=["with the door", "without the door"])
def ask(request, app: Flask, our_week, clock) -> Any:
    if request.param == "without the door":
        assert isinstance(app.wsgi_app, door.FeedDoor)
        app.wsgi_app = app.wsgi_app._through  # type: ignore[method-assign]
    client = app.test_client()

    def asked(path: str, method: str = "GET", **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        with clock(LONG_BEFORE):
            answer = client.open(path, method=method, headers=given)
        refuses_quietly(answer)
        return answer

    return asked


def refuses_quietly(answer: Any) -> None:
    assert answer.status_code in {200, 304, 404, 405, 410}, answer.status
    for name in ("Set-Cookie", "Location", "Content-Encoding", "WWW-Authenticate"):
        assert name not in answer.headers, name
    if answer.status_code == 200 and answer.request.method != "HEAD":
        assert answer.data.startswith(b"BEGIN:VCALENDAR")
        assert answer.data.endswith(b"END:VCALENDAR\r\n")
    if answer.status_code >= 400:
        assert answer.mimetype == "text/plain"


@pytest.mark.one_database
def test_every_method_but_get_and_head_is_refused_on_every_feed(addresses, ask) -> None:
    for path in addresses:
        whole, head = ask(path), ask(path, "HEAD")
        assert (whole.status_code, head.status_code, head.data) == (200, 200, b""), path
        assert (head.headers["ETag"], head.content_length) == (whole.headers["ETag"], len(whole.data))
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "LOCK", "TRACE", "BREW"):
            answer = ask(path, method)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD"), (path, method)


@pytest.mark.one_database
def test_tags_in_every_form_are_understood_on_every_feed(addresses, ask) -> None:
    for path in addresses:
        ask(path)
        tag = ask(path).headers["ETag"]
        many = ", ".join(f'"{number:030}"' for number in range(240))
        assert len(many) > 8_000
        for given in (tag, f"W/{tag}", "*", f'"one", W/{tag}', f"{many}, {tag}", f"  {tag}  "):
            answer = ask(path, If_None_Match=given)
            assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag), (path, given[:40])
        for given in (many, "", "nonsense", tag.strip('"')[:9], f"W{tag}"[:-4], '"', "W/", '"\x7f"', ",,,", "é"):
            assert ask(path, If_None_Match=given).status_code == 200, (path, given[:40])


@pytest.mark.one_database
def test_dates_in_every_form_lose_nobody_a_calendar(addresses, ask) -> None:
    dates = (
        *("Sun, 02 Feb 2020 12:00:00 GMT", "Sunday, 02-Feb-20 12:00:00 GMT", "Sun Feb  2 12:00:00 2020"),
        *("Sat, 01 Feb 2020 11:00:00 GMT", "Sat, 01 Feb 2031 12:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"),
        *("Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", "Sun, 30 Feb 2020 12:00:00 GMT"),
        *("0", "", "yesterday"),
    )
    for path in (AGENDA, *addresses[-2:]):
        assert {ask(path, If_Modified_Since=given).status_code for given in dates} == {200}, path


@pytest.mark.one_database
def test_other_headers_change_nothing(addresses, ask) -> None:
    for path in addresses:
        whole = ask(path)
        for headers in (
            {"Range": "bytes=0-9"},
            {"Accept": "text/html"},
            {"Accept": "application/json;q=0"},
            {"Accept_Encoding": "gzip, br"},
            {"Accept_Language": "fr"},
            {"Cookie": "retreat=nonsense; retreat_lang=fr"},
            {"Origin": "https://elsewhere.example"},
        ):
            answer = ask(path, **headers)
            assert (answer.status_code, answer.data) == (200, whole.data), (path, headers)


@pytest.mark.one_database
def test_a_query_of_nonsense_is_the_plain_feed(addresses, ask) -> None:
    for path in addresses:
        whole = ask(path)
        for query in ("?", "?&&", "?tz=mars", "?tz=%00", "?tz=%ff&x[]=1", "?fbclid=1", "?lang", "?" + "a=1&" * 2000):
            assert ask(path + query).data == whole.data, (path, query[:20])
        for query in ("lang=tlh", "lang=%00", "lang=" + "x" * 5000, "lang=en-GB"):
            assert ask(f"{path}?{query}").status_code == 200
        assert ask(f"{path}?lang=fr&lang=ru").data == ask(f"{path}?lang=fr").data


def test_an_address_that_is_no_feed_is_404_and_no_page(our_week, db_session, ask) -> None:
    db_session.commit()

    for path in NO_FEEDS:
        answer = ask(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store"), path


@pytest.mark.one_database
def test_a_revoked_and_an_expired_link_are_gone_for_every_method_that_reads(our_week, addresses, ask, clock) -> None:
    editions.close_edition(our_week.edition, at=LONG_BEFORE - timedelta(days=90), by=NADIA)
    revoked = service.subscribe(PersonOwner(our_week.speaker.id), our_week.edition.id, "Old", at=PUBLISHED)
    service.revoke(revoked.subscription, at=PUBLISHED)
    db.session.commit()

    for path in (*addresses[-2:], f"/calendar/{revoked.token}.ics"):
        for method in ("GET", "HEAD"):
            assert ask(path, method, If_None_Match="*").status_code == 410


@pytest.mark.one_database
@pytest.mark.parametrize("trouble", [OperationalError("", None, Exception()), PoolTimeout()])
def test_a_database_that_is_away_costs_nobody_a_calendar(our_week, app, addresses, clock, monkeypatch, trouble) -> None:
    client, (mine, draft) = app.test_client(), addresses[-2:]

    def refuse(*_values: object) -> None:
        raise asking.DatabaseAway from trouble

    def fail(*_values: object, **_more: object) -> None:
        raise trouble

    with clock(LONG_BEFORE):
        tags = {path: [client.get(path) for _ in range(3)][-1].headers["ETag"] for path in (AGENDA, mine, draft)}
        whole = client.get(AGENDA).data
        monkeypatch.setattr(asking.Asker, "rows", refuse)
        monkeypatch.setattr(db.session, "connection", fail)

        assert client.get(AGENDA).data == whole
        assert [client.get(path, headers={"If-None-Match": tags[path]}).status_code for path in (AGENDA, mine)] == [
            304,
            304,
        ]
        for path in (mine, draft, "/2020/calendar/track/campus.ics", "/2020/sessions/OPEN-1.ics"):
            answer = client.get(path)
            assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (503, "text/plain", "120")
            assert "Set-Cookie" not in answer.headers


def test_a_database_that_was_started_anew_is_believed_at_once(our_week, app, db_session, clock) -> None:
    """It cuts every connection that is kept; none of them is a reason to tell what was true before."""
    db_session.commit()
    client = app.test_client()
    with clock(LONG_BEFORE):
        before = [client.get(AGENDA) for _ in range(2)][-1]

        publish_change(our_week, our_week.lab, tags=["sdg"])
        if db.engine.dialect.name == "postgresql":
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            db_session.execute(text(f"{cut} AND pid <> pg_backend_pid()"))
        db_session.commit()

        tag = {"If-None-Match": before.headers["ETag"]}
        assert [client.get(AGENDA, headers=tag).status_code for _ in range(3)] == [200] * 3


@pytest.mark.one_database
def test_a_crowd_is_told_nothing_that_was_true_before(our_week, app, db_session, clock, monkeypatch) -> None:
    db_session.commit()
    client = app.test_client()

    def too_many(*_values: object) -> None:
        raise TimeoutError

    with clock(LONG_BEFORE):
        before = [client.get(AGENDA) for _ in range(2)][-1]
        publish_change(our_week, our_week.lab, tags=["sdg"])
        db_session.commit()
        monkeypatch.setattr(asking.Asker, "rows", too_many)

        after = client.get(AGENDA)

    assert (after.status_code, after.headers["ETag"] != before.headers["ETag"]) == (200, True)


@pytest.mark.one_database
def test_nonsense_in_a_query_takes_no_room(our_week, app, db_session, clock) -> None:
    db_session.commit()
    client = app.test_client()

    with clock(LONG_BEFORE):
        for number in range(20):
            assert client.get(f"{AGENDA}?cb={number}").status_code == 200

    assert not app.wsgi_app._answers._kept
    assert feeds.bodies


@pytest.mark.one_database
def test_a_fetch_that_cannot_be_noted_is_answered_all_the_same(app, database, addresses, ask, db_session) -> None:
    with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"), isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        answers = [ask(path) for path in addresses]
        busy.execute("ROLLBACK")

    assert [answer.status_code for answer in answers] == [200] * len(addresses)
    assert set(db_session.scalars(select(Subscription.last_fetched_at))) == {None}
    db_session.rollback()
    ask(addresses[-1])
    assert LONG_BEFORE in set(db_session.scalars(select(Subscription.last_fetched_at)))
