"""Filters, search, and what is on now: on real pages, with what visitors type."""

from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote

import pytest

from retreat.agenda import frame
from retreat.agenda.models import Access, Kind, PartRole
from retreat.agenda.points import Point
from retreat.agenda.service import cancel_session
from retreat.agenda.values import Appearance
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.network.models import Body
from tests.agenda import week
from tests.agenda.week import AT, NADIA
from tests.client import PageClient

WEEK, DAY = "/2020/agenda", "/2020/agenda/2020-02-25"
pytestmark = pytest.mark.one_database
TITLES = ("Local Finance", "Culture", "Lunch", "Bureau", "Port visit")


@pytest.fixture
def edition(db_session: Any) -> Any:
    made = week.edition()
    campus, host = (frame.add_track(made, Translated(en=name), at=AT, by=NADIA) for name in ("Campus", "Host city"))
    grand, kasbah = (
        editions.add_hall(made, Translated(en=name, ru=russian), at=AT, by=NADIA)
        for name, russian in (("Grand Hall", "Большой зал"), ("Kasbah", "Касба"))
    )
    bureau = Body(name=Translated(en="Executive Bureau"), slug="executive-bureau")
    db_session.add(bureau)
    db_session.flush()
    speaker = [Appearance(PartRole.SPEAKER, "İbrahim Öztürk", "Mayor", "Şanlıurfa")]
    week.session(
        made,
        Translated(en="Local Finance", fr="Finances locales", ru="Местные финансы"),
        track=campus,
        hall=grand,
        kind=Kind.WORKSHOP,
        languages=["en", "ru"],
        parts=speaker,
    )
    week.session(made, "Culture", track=campus, hall=kasbah, kind=Kind.PANEL, languages=["en"])
    week.session(made, "Lunch", kind=Kind.BREAK, starts=time(12), ends=time(13))
    week.session(
        made, "Bureau", hall=grand, kind=Kind.COMMITTEE, body=bureau, access=Access.BODY, access_body=bureau,
        starts=time(14), ends=time(15), points=[Point(Translated(en="Minutes", fr="Procès-verbal de Durban"))],
    )  # fmt: skip
    week.session(made, "Port visit", track=host, kind=Kind.VISIT, starts=time(16), ends=time(17))
    week.session(made, "Thursday talk", date=date(2020, 2, 27), track=campus, hall=kasbah)
    week.publish(made)
    return made


def shown(client: PageClient, path: str) -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    cards = answer.text.partition('<ol class="slots"')[2].partition('<ul class="legend"')[0]
    return {title for title in TITLES if title in cards}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("track=campus", {"Local Finance", "Culture"}),
        ("kind=break", {"Lunch"}),
        ("body=executive-bureau", {"Bureau"}),
        ("language=ru", {"Local Finance"}),
        ("hall=grand-hall", {"Local Finance", "Bureau"}),
        ("hall=-", {"Lunch", "Port visit"}),
        ("track=campus&hall=kasbah", {"Culture"}),
        ("track=campus&kind=break", set()),
        ("q=finance", {"Local Finance"}),
        ("q=FINANCES+locales", {"Local Finance"}),
        ("q=" + quote("финансы"), {"Local Finance"}),
        ("q=ibrahim+ozturk", {"Local Finance"}),
        ("q=sanliurfa", {"Local Finance"}),
        ("q=" + quote("большой зал"), {"Local Finance", "Bureau"}),
        ("q=finance&track=host-city", set()),
        ("q=proces+verbal+durban", {"Bureau"}),
    ],
)
@pytest.mark.usefixtures("edition")
def test_each_filter_and_any_word_narrows_the_day(client: PageClient, query: str, expected: set[str]) -> None:
    assert shown(client, f"{DAY}?{query}") == expected
    text = client.page.text
    assert f"{len(expected)} of 5 sessions" in text
    if not expected:
        assert "No session fits these filters" in text
        assert "Show all" in text
    assert client.get(f"{WEEK}?{query}").status_code == 200


@pytest.mark.usefixtures("edition")
def test_a_session_is_found_by_its_code(client: PageClient) -> None:
    code = client.get("/2020/agenda.json").json["sessions"][0]["code"]
    assert len(shown(client, f"{DAY}?q={code.lower()}")) == 1


@pytest.mark.usefixtures("edition")
def test_choices_say_how_many_they_leave_with_the_others_as_they_are(client: PageClient) -> None:
    text = client.get(DAY).text
    assert ">Campus (2)</option>" in text
    assert ">Host city (1)</option>" in text
    text = client.get(f"{DAY}?hall=kasbah").text
    assert ">Campus (1)</option>" in text
    assert ">Host city (0)</option>" in text
    assert ">Grand Hall (2)</option>" in text


@pytest.mark.usefixtures("edition")
def test_filters_stay_on_from_day_to_day_and_in_another_language(client: PageClient) -> None:
    client.get(f"{DAY}?track=campus&q=talk")
    assert "/2020/agenda?q=talk&track=campus" in client.page.links
    assert "/2020/agenda/2020-02-27?q=talk&track=campus" in client.page.links
    assert f"{DAY}?track=campus&q=talk&lang=ru" in client.page.links
    assert "Thursday talk" in client.get("/2020/agenda/2020-02-27?q=talk&track=campus").text


@pytest.mark.usefixtures("edition")
def test_a_chip_takes_its_filter_away_and_leaves_the_others(client: PageClient) -> None:
    client.get(f"{DAY}?track=campus&hall=kasbah")
    assert "Track: Campus" in client.page.text
    assert f"{DAY}?hall=kasbah" in client.page.links
    assert f"{DAY}?track=campus" in client.page.links
    assert DAY in client.page.links


@pytest.mark.usefixtures("edition")
def test_a_filtered_day_has_the_columns_of_the_halls_it_shows(client: PageClient) -> None:
    text = client.get(f"{DAY}?hall=kasbah").text
    assert "halls-1 " in text
    assert text.count('<p class="hall-') == 1


@pytest.mark.parametrize("name", ["q", "track", "kind", "body", "language", "hall"])
@pytest.mark.parametrize(
    "value",
    [
        "never-was",
        "x" * 10_000,
        "\x00\x1b[31m\r\nSet-Cookie: a=b",
        "<script>alert(1)</script>",
        "%' OR 1=1 --",
        "٣",
        "\ud800",
    ],
    ids=["unknown", "long", "control", "markup", "sql", "digit", "surrogate"],
)
@pytest.mark.usefixtures("edition")
def test_whatever_is_asked_for_gives_a_page_with_a_sentence(client: PageClient, name: str, value: str) -> None:
    for page in (DAY, WEEK):
        answer = client.get(f"{page}?{name}={quote(value, errors='surrogatepass')}")
        assert answer.status_code == 200
        assert "No session fits these filters" in answer.text
        assert "<script>alert" not in answer.text
        assert "\x00" not in answer.text
        assert "Set-Cookie: a=b" not in str(answer.headers)
        assert len(answer.data) < 60_000


@pytest.mark.usefixtures("edition")
def test_of_a_filter_that_is_said_twice_the_first_counts(client: PageClient) -> None:
    assert shown(client, f"{DAY}?kind=break&kind=visit") == {"Lunch"}
    assert shown(client, f"{DAY}?track=&track=campus") == set(TITLES)
    assert shown(client, f"{DAY}?{'q=zzz&' * 500}") == set()


@pytest.mark.usefixtures("edition")
def test_blanks_alone_look_for_nothing(client: PageClient) -> None:
    assert shown(client, f"{DAY}?q=+%09+") == set(TITLES)
    assert "Show all" not in client.page.text


# Now and next ------------------------------------------------------------------------------------------------------


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    """On the wall of Tangier, UTC+1."""
    return datetime(2020, 2, day, hour - 1, minute, tzinfo=UTC)


def strip(client: PageClient, path: str) -> str:
    client.get(path)
    return client.page.text.partition("Now and next")[2].partition("Evening")[0]


@pytest.mark.usefixtures("edition")
def test_now_and_next_says_what_runs_in_each_hall_and_what_comes(client: PageClient, clock: Any) -> None:
    with clock(at(10, 15)):
        for page in (DAY, WEEK):
            said = strip(client, page)
            assert "Tuesday, 10:15" in said
            assert "Grand Hall Now Local Finance , until 11:00 14:00 Bureau" in said
            assert "Kasbah Now Culture , until 11:00" in said
            assert "Hall to be confirmed 12:00 Lunch" in said


@pytest.mark.usefixtures("edition")
def test_a_session_that_has_just_ended_is_no_longer_on_and_one_that_begins_is(client: PageClient, clock: Any) -> None:
    with clock(at(11)):
        assert "Now Local Finance" not in strip(client, WEEK)
    with clock(at(14)):
        assert "Now Bureau" in strip(client, WEEK)


def test_what_is_cancelled_is_neither_on_nor_next(client: PageClient, edition: Any, clock: Any) -> None:
    cancel_session(week.session(edition, "Never mind", starts=time(10), ends=time(11)), at=AT, by=NADIA)
    week.publish(edition)
    with clock(at(10, 15)):
        said = client.get(WEEK).text.partition('class="now-strip"')[2].partition("</section>")[0]
    assert "Local Finance" in said
    assert "Never mind" not in said


@pytest.mark.usefixtures("edition")
@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (datetime(2020, 1, 20, tzinfo=UTC), "The event begins on 24 February."),
        (at(20), "Nothing runs at this moment. The next session begins on 27 February at 09:30."),
        (at(20, day=28), "Nothing runs at this moment."),
        (datetime(2020, 3, 20, tzinfo=UTC), "The event ended on 28 February."),
    ],
)
def test_outside_its_hours_one_quiet_sentence_stands_there(
    client: PageClient, clock: Any, now: datetime, sentence: str
) -> None:
    with clock(now):
        for page in (DAY, WEEK):
            client.get(page)
            assert sentence in client.page.text
            assert "Now and next" not in client.page.text


@pytest.mark.usefixtures("edition")
def test_a_session_page_says_what_comes_next_in_its_track_and_in_its_hall(client: PageClient, edition: Any) -> None:
    rows = client.get("/2020/agenda.json").json["sessions"]
    code = next(row["code"] for row in rows if row["title"] == "Local Finance")
    assert "Next in this track" not in client.get(f"/2020/sessions/{code}").text
    week.session(edition, "More campus", track=frame.tracks(edition)[0], starts=time(15), ends=time(16))
    week.publish(edition)
    client.get(f"/2020/sessions/{code}")
    assert "Next in this hall 14:00 Bureau" in client.page.text
    assert "Next in this track 15:00 More campus" in client.page.text
    assert "At the same time 09:30 Culture" in client.page.text
