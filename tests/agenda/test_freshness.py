"""A public page is sent again only when it has changed: whatever it is made of makes another ETag, nothing else does."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda import frame, places
from retreat.agenda.freshness import Boundaries, boundaries_of, moment_of
from retreat.agenda.models import Audience, Kind
from retreat.agenda.papers import service as papers
from retreat.agenda.service import cancel_session
from retreat.ceremony.models import Award, RunningOrderItem
from retreat.core import unchanged, zones
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.registration import service as registrations
from tests.agenda import busy_day, week
from tests.agenda.papers.test_service import hung
from tests.agenda.week import AT, NADIA, TUESDAY
from tests.client import PageClient
from tests.registration.making import DELEGATE, answers

WEEK, DAY, JSON = "/2020/agenda", "/2020/agenda/2020-02-25", "/2020/agenda.json"
BEFORE = datetime(2020, 2, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.one_database


@pytest.fixture
def edition(db_session: Any, clock: Any) -> Any:
    with clock(BEFORE):
        yield week.edition()


@pytest.fixture
def page(edition: Any) -> str:
    """A session's."""
    made = week.session(edition, kind=Kind.WORKSHOP, capacity=20, takes_sign_up=True)
    week.publish(edition)
    return f"/2020/sessions/{made.code}"


def tag(client: PageClient, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return answer.headers["ETag"]


def is_fresh(client: PageClient, path: str, etag: str) -> bool:
    answer = client.get(path, headers={"If-None-Match": etag})
    assert (answer.status_code, bool(answer.data)) in ((304, False), (200, True))
    return answer.status_code == 304


def test_a_page_that_has_not_changed_is_not_sent_again(client: PageClient, page: str) -> None:
    for path in (WEEK, DAY, page, JSON, f"{DAY}?track=campus&q=x"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-cache"
        assert client.head(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
        head = client.head(path)
        assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


def test_pages_vary_on_the_cookie_and_on_the_language(client: PageClient, page: str) -> None:
    for path in (WEEK, DAY, page):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        for answer in (first, again):
            assert {"cookie", "accept-language"} <= {name.strip().lower() for name in answer.headers["Vary"].split(",")}


def test_a_304_neither_reads_the_programme_nor_makes_the_page(
    client: PageClient, page: str, count_queries: Callable[[], AbstractContextManager[list[str]]], monkeypatch: Any
) -> None:
    tags = {path: tag(client, path) for path in (WEEK, DAY, page, JSON)}

    def never(*_args: Any, **_values: Any) -> Any:
        raise AssertionError

    for name in ("programme", "programme_of", "render_template", "jsonify"):
        monkeypatch.setattr(f"retreat.agenda.public.{name}", never)
    for path, etag in tags.items():
        with count_queries() as queries:
            assert is_fresh(client, path, etag)
        assert len(queries) <= {page: 4, DAY: 3}.get(path, 2), queries


def test_any_etag_is_no_page_that_is_not_there(client: PageClient, page: str) -> None:
    for path in ("/2020/sessions/NEVER", "/2020/agenda/2020-09-09"):
        assert client.get(path, headers={"If-None-Match": "*"}).status_code == 404
    assert client.get(DAY, headers={"If-None-Match": '"other", W/"more"'}).status_code == 200


# What is decided elsewhere -----------------------------------------------------------------------------------------


def publishes_a_change(edition: Edition) -> None:
    week.session(edition, "Another")
    week.publish(edition)


def publishes_a_cancellation(edition: Edition) -> None:
    cancel_session(week.session(edition, "Never mind"), at=AT, by=NADIA)
    week.publish(edition)


def titles_a_day(edition: Edition) -> None:
    editions.title_day(edition, TUESDAY, Translated(en="A day of its own"), at=AT, by=NADIA)


def renames_a_track(edition: Edition) -> None:
    track = frame.add_track(edition, Translated(en="Campus"), at=AT, by=NADIA)
    week.session(edition, "On it", track=track)
    week.publish(edition)
    frame.update_track(track, {"name": Translated(en="Learning")}, at=AT, by=NADIA)


@pytest.mark.parametrize("change", [publishes_a_change, publishes_a_cancellation, titles_a_day, renames_a_track])
def test_what_an_organiser_publishes_is_another_page(
    client: PageClient, edition: Any, page: str, change: Callable[[Edition], None]
) -> None:
    before = {path: tag(client, path) for path in (WEEK, DAY, page, JSON)}
    change(edition)
    db.session.commit()
    for path, etag in before.items():
        assert not is_fresh(client, path, etag), path


@pytest.mark.parametrize(
    "values",
    [
        {"title": Translated(en="Another name")},
        {"city": "Tetouan"},
        {"note": Translated(en="Hours may move.")},
        {"zone": "Europe/Madrid"},
        {"ends_on": date(2020, 2, 29)},
        {"contact_email": "week@example.org"},
        {"are_participants_shown": True},
        {"main_language": "fr"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_the_frame_of_the_page_says_is_part_of_it(
    client: PageClient, edition: Any, page: str, values: dict[str, Any]
) -> None:
    before = {path: tag(client, path) for path in (WEEK, DAY, page)}
    editions.update_edition(edition, values, at=AT, by=NADIA)
    db.session.commit()
    for path, etag in before.items():
        assert not is_fresh(client, path, etag), path


def test_closing_the_edition_is_another_page(client: PageClient, edition: Any, page: str) -> None:
    before = tag(client, page)
    editions.close_edition(edition, at=AT, by=NADIA)
    db.session.commit()
    assert not is_fresh(client, page, before)


def test_registrations_leave_the_agenda_as_it_is(client: PageClient, edition: Any, page: str) -> None:
    before = {path: tag(client, path) for path in (WEEK, DAY, page, JSON)}
    registrations.register(edition, answers(edition), at=AT, by=DELEGATE)
    db.session.commit()
    assert all(is_fresh(client, path, etag) for path, etag in before.items())


def test_a_seat_that_is_taken_is_another_page_of_its_session(client: PageClient, edition: Any, page: str) -> None:
    before = {path: tag(client, path) for path in (DAY, page)}
    registration = registrations.register(edition, answers(edition), at=AT, by=DELEGATE, is_approved=True)
    session_id = places.offers(registration, at=BEFORE)[0].session.session_id
    assert session_id
    places.sign_up(session_id, registration, at=BEFORE, by=DELEGATE)
    db.session.commit()
    assert not is_fresh(client, page, before[page])
    assert "19 of 20 seats left" in client.page.text
    assert is_fresh(client, DAY, before[DAY])


def test_a_session_that_is_full_says_so_on_its_day_and_frees_again(client: PageClient, edition: Any) -> None:
    made = week.session(edition, "Port visit", kind=Kind.VISIT, capacity=1)
    week.publish(edition)
    tags = [tag(client, DAY)]
    assert "Every seat is taken" not in client.page.text
    registration = registrations.register(edition, answers(edition), at=AT, by=DELEGATE, is_approved=True)
    places.sign_up(made.id, registration, at=BEFORE, by=DELEGATE)
    tags.append(tag(client, DAY))
    assert "Every seat is taken" in client.page.text
    assert "can wait for a seat, on the own page" in client.get(f"/2020/sessions/{made.code}").text
    places.give_back(made.id, registration, at=BEFORE, by=DELEGATE)
    assert tag(client, DAY) == tags[0]
    assert "Every seat is taken" not in client.page.text
    assert len(set(tags)) == 2


def test_a_paper_that_is_hung_up_renamed_or_taken_down_is_another_page(client: PageClient, edition: Any) -> None:
    made = week.session(edition)
    week.publish(edition)
    path = f"/2020/sessions/{made.code}"
    tags = [tag(client, path)]
    paper = hung(made, "Minutes", Audience.EVERYBODY)
    tags.append(tag(client, path))
    assert "Minutes" in client.page.text
    paper = papers.papers_of(made)[0]
    renamed = {"title": Translated(en="Draft minutes"), "language": "", "audience": Audience.EVERYBODY}
    papers.change(made, paper, **renamed, at=AT, by=NADIA)
    tags.append(tag(client, path))
    assert "Draft minutes" in client.page.text
    papers.remove(made, paper, at=AT, by=NADIA)
    tags.append(tag(client, path))
    assert "minutes" not in client.page.text
    assert len(set(tags)) == len(tags)


def test_the_running_order_and_its_results_are_part_of_a_ceremonys_page(
    client: PageClient, edition: Any, clock: Any
) -> None:
    made = week.session(edition, "Awards", kind=Kind.CEREMONY)
    week.publish(edition)
    path = f"/2020/sessions/{made.code}"
    tags = [tag(client, path)]
    award = Award(session_id=made.id, prize=Translated(en="First prize"), winner_name=Translated(en="Bishkek"))
    db.session.add(award)
    db.session.flush()
    step = RunningOrderItem(
        session_id=made.id, position=1, minutes=5, title=Translated(en="First prize: Bishkek"), award_id=award.id
    )
    db.session.add(step)
    tags.append(tag(client, path))
    step.minutes = 10
    tags.append(tag(client, path))
    award.announced_at = BEFORE + timedelta(hours=1)
    tags.append(tag(client, path))
    assert "Bishkek" not in client.page.text
    with clock(BEFORE + timedelta(hours=1)):
        tags.append(tag(client, path))
        assert "Bishkek" in client.page.text
    assert len(set(tags)) == len(tags)


def test_a_ceremonys_hour_and_title_are_the_published_ones(client: PageClient, edition: Any) -> None:
    made = week.session(edition, "Awards", kind=Kind.CEREMONY)
    db.session.add(RunningOrderItem(session_id=made.id, position=1, minutes=5, title=Translated(en="Welcome")))
    week.publish(edition)
    made.title, made.starts, made.ends = Translated(en="Renamed in the draft"), time(15), time(16)
    made.start_utc, made.end_utc = made.start_utc.replace(hour=14), made.end_utc.replace(hour=15)  # type: ignore[union-attr]
    made.is_listed = False
    page = client.get(f"/2020/sessions/{made.code}").text
    assert "Welcome" in page
    assert "09:30" in page
    assert "Renamed" not in page
    assert "15:00" not in page


# Who reads ---------------------------------------------------------------------------------------------------------


def test_each_language_zone_filter_and_address_is_another_page(client: PageClient, app: Flask, page: str) -> None:
    for path in (WEEK, DAY, page):
        fresh = [
            lambda path: path,
            lambda path: f"{path}?lang=fr",
            lambda path: f"{path}?tz=Asia/Singapore",
            lambda path: f"{path}?q=finance",
            lambda path: f"{path}?kind=workshop",
        ]
        tags = [tag(app.test_client(), address(path)) for address in fresh]  # type: ignore[arg-type]
        tags.append(tag(app.test_client(), path, **{"Accept-Language": "ru"}))  # type: ignore[arg-type]
        other = app.test_client()
        other.set_cookie("retreat_tz_auto", "Asia/Kabul")
        tags.append(tag(other, path))  # type: ignore[arg-type]
        other.set_cookie("retreat_lang", "es")
        tags.append(tag(other, path))  # type: ignore[arg-type]
        assert len(set(tags)) == len(tags)


def test_a_choice_is_remembered_by_a_304_too(client: PageClient, page: str) -> None:
    path = f"{DAY}?tz=Asia/Singapore&lang=fr"
    first = client.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert "Singapour" in client.get(DAY).text


def test_an_organiser_has_a_page_of_his_own(client: PageClient, as_role: Any, page: str) -> None:
    for path in (WEEK, DAY, page):
        answer = as_role("viewer").get(path)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["ETag"] != tag(client, path)
    assert as_role("viewer").get(JSON).headers["ETag"] == tag(client, JSON)


def test_a_message_for_the_reader_waits_for_a_page_that_shows_messages(client: PageClient, page: str) -> None:
    before = tag(client, DAY)
    with client.session_transaction() as session:
        session["_flashes"] = [("message", "Saved.")]
    assert is_fresh(client, DAY, before)
    assert "Saved." not in client.get(DAY).text
    assert "Saved." in client.get("/2020/register").text


# What is delivered -------------------------------------------------------------------------------------------------


def test_static_files_and_releases_are_part_of_every_page(
    client: PageClient, app: Flask, page: str, monkeypatch: Any, tmp_path: Path
) -> None:
    tags = [tag(client, DAY)]
    monkeypatch.setattr(unchanged, "_release", lambda _root: "another release of the code, templates and catalogues")
    monkeypatch.setattr(unchanged, "_look_at", lambda _root: "another release of the code, templates and catalogues")
    tags.append(tag(client, DAY))
    monkeypatch.setattr(zones, "tzdata_version", lambda: "2099z")
    tags.append(tag(client, DAY))
    (tmp_path / "css").mkdir()
    style = tmp_path / "css" / "public.css"
    style.write_text("")
    monkeypatch.setitem(app.config, "STATIC_ROOT", tmp_path)
    tags.append(tag(client, DAY))
    os.utime(style, ns=(1, 1))
    tags.append(tag(client, DAY))
    monkeypatch.setitem(app.config, "BASE_URL", "https://other.example.org")
    tags.append(tag(client, DAY))
    assert len(set(tags)) == len(tags)


def test_every_static_file_of_the_pages_is_looked_at(client: PageClient, app: Flask, page: str) -> None:
    root = app.config["STATIC_ROOT"]
    watched = {file for folder in unchanged._STATIC for file in (root / folder).glob("*.*")}
    for path in (WEEK, DAY, page):
        client.get(path)
        text = client.get(path).text
        used = {part.partition("?")[0] for part in text.split('"') if part.startswith("/static/")}
        assert used
        assert {root / name.removeprefix("/static/").partition("#")[0] for name in used} <= watched


# Time --------------------------------------------------------------------------------------------------------------


def at(hour: int, minute: int, second: int = 0, day: int = 25) -> datetime:
    """On the wall of Tangier, UTC+1."""
    return datetime(2020, 2, day, hour - 1, minute, second, tzinfo=UTC)


def test_a_page_changes_the_moment_a_session_begins_or_ends(client: PageClient, edition: Any, clock: Any) -> None:
    week.session(edition, "Odd", starts=time(9, 32), ends=time(10, 58))
    week.publish(edition)
    tags = []
    for now, runs in ((at(9, 31, 59), False), (at(9, 32), True), (at(10, 57, 59), True), (at(10, 58), False)):
        with clock(now):
            for path in (WEEK, DAY):
                tags.append(tag(client, path))
                assert ("is-running" in client.get(DAY).text) is runs
    assert len(set(tags)) == len(tags)


def test_between_boundaries_a_page_of_the_event_lasts_five_minutes_and_says_one_hour(
    client: PageClient, page: str, clock: Any
) -> None:
    with clock(at(10, 1)):
        before = client.get(DAY)
    with clock(at(10, 4, 59)):
        assert is_fresh(client, DAY, before.headers["ETag"])
        assert client.get(DAY).data == before.data
        assert "Now 10:00" in client.page.text
    with clock(at(10, 5)):
        assert not is_fresh(client, DAY, before.headers["ETag"])


def test_outside_the_event_a_page_lasts_until_midnight_at_the_venue(client: PageClient, page: str, clock: Any) -> None:
    with clock(at(1, 0, day=10)):
        before = {path: tag(client, path) for path in (WEEK, DAY, page)}
    with clock(at(23, 59, day=10)):
        assert all(is_fresh(client, path, etag) for path, etag in before.items())
    with clock(datetime(2020, 2, 10, 23, 0, tzinfo=UTC)):
        assert not any(is_fresh(client, path, etag) for path, etag in before.items())


def test_the_json_knows_no_hour(client: PageClient, page: str, clock: Any) -> None:
    before = tag(client, JSON)
    with clock(at(10, 0)):
        assert is_fresh(client, JSON, before)


moments = st.datetimes(datetime(2020, 2, 20), datetime(2020, 3, 5), timezones=st.just(UTC))


@given(st.lists(st.tuples(moments, st.integers(1, 500)), max_size=12), moments)
def test_nothing_begins_or_ends_between_the_moment_of_a_page_and_now(
    spans: list[tuple[datetime, int]], now: datetime
) -> None:
    edition = Edition(zone="Africa/Casablanca", starts_on=date(2020, 2, 24), ends_on=date(2020, 2, 28))
    sessions = [
        (start.date(), start, start + timedelta(minutes=length), "Africa/Casablanca") for start, length in spans
    ]
    boundaries = boundaries_of(sessions)
    moment = moment_of(boundaries, edition, now)
    assert now - timedelta(days=1) <= moment <= now
    assert not any(moment < instant <= now for instant in boundaries.instants)
    assert moment_of(boundaries, edition, moment) == moment


def test_a_session_without_an_hour_is_over_with_its_day_on_its_own_wall() -> None:
    found = boundaries_of([(TUESDAY, None, None, "America/Mexico_City"), (None, None, None, "UTC")])
    assert found == Boundaries((datetime(2020, 2, 26, 6, tzinfo=UTC),), frozenset({TUESDAY}))


# How much ----------------------------------------------------------------------------------------------------------


def test_a_day_of_two_hundred_sessions_is_light_and_asks_little(
    client: PageClient, edition: Any, clock: Any, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    busy_day.make(edition)
    week.publish(edition)
    assert len(client.get(DAY).data) <= 60_000
    with count_queries() as queries:
        page = client.get(DAY)
    assert len(queries) <= 8
    assert page.text.count('<li class="slot ') == 200
    for now in (at(8, 0), at(12, 40), at(17, 35)):
        with clock(now):
            assert len(client.get(DAY).data) <= 60_000
