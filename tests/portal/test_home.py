"""The front door and an edition's home page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import AT, NADIA
from tests.client import PageClient

pytestmark = pytest.mark.one_database
Clock = Callable[[datetime], AbstractContextManager[None]]


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def home(client: PageClient, path: str = "/2020/") -> str:
    assert client.get(path).status_code == 200
    return client.page.text


@pytest.mark.usefixtures("db_session")
def test_without_an_edition_the_front_door_says_so(client: PageClient) -> None:
    assert "No edition is announced yet" in home(client, "/")


@pytest.mark.usefixtures("db_session")
def test_an_edition_that_is_not_listed_is_reached_by_its_address_only(client: PageClient) -> None:
    editions.set_value(week.edition(), "listed", "no", at=AT, by=NADIA)
    assert "No edition is announced yet" in home(client, "/")
    assert "Tangier" in home(client)


@pytest.mark.parametrize(
    ("today", "slug"),
    [
        (noon(2019, 1, 1), "2020"),
        (noon(2020, 2, 26), "2020"),
        (noon(2020, 6, 1), "2021"),
        (noon(2021, 2, 19), "2021"),
        (noon(2030, 1, 1), "2021"),
    ],
)
@pytest.mark.usefixtures("db_session")
def test_the_front_door_leads_to_the_edition_that_runs_or_is_next_or_was_last(
    client: PageClient, clock: Clock, today: datetime, slug: str
) -> None:
    week.edition("2020")
    week.edition("2021", starts_on=date(2021, 2, 15), ends_on=date(2021, 2, 19))
    with clock(today):
        answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{slug}/")


@pytest.mark.usefixtures("db_session")
def test_an_unknown_edition_is_answered_by_a_404_page(client: PageClient) -> None:
    assert client.get("/2099/").status_code == 404
    assert "There is no such page" in client.page.text


def test_the_home_page_says_when_where_and_how(client: PageClient, db_session: Any) -> None:
    edition = week.edition(slug="2020")
    edition.theme = Translated(en="Synchronizing Efforts")
    edition.note = Translated(en="Halls are illustrative.")
    edition.contact_email = "retreat@example.org"
    editions.title_day(edition, date(2020, 2, 28), Translated(en="Presidency"), at=AT, by=NADIA)
    editions.add_hall(edition, Translated(en="Grand Hall"), capacity=400, at=AT, by=NADIA)
    text = home(client)
    for words in (
        "Monday 24 – Friday 28 February 2020, Morocco",
        "Synchronizing Efforts",
        "Halls are illustrative.",
        "Presidency",
        "Tangier time, UTC+1",
        "Grand Hall (400 seats)",
        "retreat@example.org",
        "How to take part",
    ):
        assert words in text
    assert "/2020/register" in client.page.links


@pytest.mark.usefixtures("db_session")
def test_the_nine_sections_are_named_in_order(client: PageClient) -> None:
    week.edition()
    text = home(client)
    names = [
        "Africa",
        "Asia-Pacific",
        "Eurasia",
        "Europe",
        "Middle East and West Asia",
        "Latin America",
        "North America",
        "Metropolis",
        "Forum of Regions",
    ]
    assert " ".join(names) in text


@pytest.mark.usefixtures("db_session")
def test_the_home_page_invents_no_link(client: PageClient) -> None:
    edition = week.edition()
    week.session(edition)
    week.publish(edition)
    home(client)
    inside = {link.split("#")[0] for link in client.page.links if link.startswith("/")}
    assert {link: client.get(link).status_code for link in inside} == dict.fromkeys(inside, 200)


@pytest.mark.parametrize(
    ("opens", "closes", "today", "words", "has_link"),
    [
        (None, None, noon(2020, 1, 1), "Open online, without an account", True),
        (date(2020, 1, 10), None, noon(2020, 1, 9), "Not open yet opens on Friday 10 January", False),
        (None, date(2020, 2, 21), noon(2020, 2, 21), "Open until Friday 21 February", True),
        (None, date(2020, 2, 21), noon(2020, 2, 22), "Closed since Friday 21 February", False),
        (None, date(2020, 2, 21), noon(2026, 2, 22), "Closed since Friday 21 February 2020", False),
    ],
)
def test_whether_one_can_register_is_said_with_the_date(
    client: PageClient,
    clock: Clock,
    db_session: Any,
    opens: date | None,
    closes: date | None,
    today: datetime,
    words: str,
    has_link: bool,
) -> None:
    edition = week.edition()
    edition.registration_opens, edition.registration_closes = opens, closes
    db_session.commit()
    with clock(today):
        assert f"Registration {words}" in home(client)
        hero = client.get("/2020/").text.split("</h1>")[1].split("now-card")[0]
    assert ("/2020/register" in hero) is has_link


@pytest.mark.usefixtures("db_session")
def test_during_the_event_the_page_says_what_is_on_and_what_is_next(client: PageClient, clock: Clock) -> None:
    edition = week.edition()
    week.session(edition, "Running")
    week.session(edition, "Hidden", is_listed=False)
    week.session(edition, "Soon", starts=time(12), ends=time(13))
    week.session(edition, "Later", starts=time(15), ends=time(16))
    week.publish(edition)
    with clock(datetime(2020, 2, 25, 9, 20, tzinfo=UTC)):
        text = home(client, "/2020/?tz=Europe/Moscow")
    assert "Tuesday, 10:20 12:20 Moscow Now 09:30 Running" in text
    assert "Next 12:00 Soon" in text
    assert "Later" not in text
    assert "Hidden" not in text


@pytest.mark.usefixtures("db_session")
def test_every_language_is_offered_for_the_same_page(client: PageClient) -> None:
    week.edition()
    home(client)
    assert [link for link in client.page.links if "lang=" in link] == [
        f"/2020/?lang={code}" for code in ("en", "fr", "es", "ru")
    ]
    assert '<html lang="ru"' in client.get("/2020/?lang=ru").text
    assert '<html lang="ru"' in client.get("/2020/").text
