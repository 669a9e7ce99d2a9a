"""The form of one session: points, people, parts, a promise of a link, and two editors at once."""

from typing import Any

import pytest

from retreat.agenda import service
from retreat.agenda.models import PointKind
from retreat.agenda.points import Point, points_of
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.registration import service as registrations
from tests.agenda import week
from tests.agenda.week import AT, NADIA
from tests.registration.making import DELEGATE, answers, edition

pytestmark = pytest.mark.one_database

URL = "/organise/2020/agenda/sessions"


@pytest.fixture
def tangier(db_session: Any) -> Any:
    made = edition()
    db_session.commit()
    return made


@pytest.fixture
def programmer(as_role: Any) -> Any:
    return as_role("programmer")


def draft(code: str) -> Any:
    db.session.expire_all()
    from retreat.editions.service import edition_by_slug

    return service.session_by_code(edition_by_slug("2020"), code)


def sent(programmer: Any, url: str, **values: Any) -> Any:
    """The form as it is shown with other answers in it, sent by a press of "Save" or of another button."""
    programmer.get(url)
    (form,) = [one for one in programmer.page.forms if "version" in one.values() or "title_en" in one.values()]
    given = {**form.values(), **values}
    return programmer.post(url, data={key: value for key, value in given.items() if value is not None})


class TestPoints:
    def test_rows_are_added_moved_and_removed_without_saving(self, programmer: Any, tangier: Any) -> None:
        made = week.session(tangier, points=[Point(Translated(en="Minutes")), Point(Translated(en="Budget"))])
        code = made.code
        db.session.commit()
        page = sent(programmer, f"{URL}/{code}", points_do="down-0")
        assert page.status_code == 200
        assert page.text.index('value="Budget"') < page.text.index('value="Minutes"')
        assert 'name="points-2-title_en"' in sent(programmer, f"{URL}/{code}", points_do="add").text
        assert 'value="Minutes"' not in sent(programmer, f"{URL}/{code}", points_do="remove-0").text
        for odd in ("remove-9", "up-", "explode-0", "down-99999999999999999999"):
            assert sent(programmer, f"{URL}/{code}", points_do=odd).status_code == 200
        assert [point.title for point in points_of(draft(code).points)] == [
            Translated(en="Minutes"),
            Translated(en="Budget"),
        ]

    def test_they_are_saved_with_kind_minutes_and_languages(self, programmer: Any, tangier: Any) -> None:
        code = week.session(tangier).code
        db.session.commit()
        values = {
            "points-0-title_en": "Adoption of the minutes",
            "points-0-title_fr": "Adoption du procès-verbal",
            "points-0-kind": "adoption",
            "points-0-minutes": "10",
            "points-1-title_en": "",
            "points-1-kind": "information",
            "points-1-minutes": "",
        }
        assert sent(programmer, f"{URL}/{code}", **values).status_code == 303
        assert points_of(draft(code).points) == (
            Point(Translated(en="Adoption of the minutes", fr="Adoption du procès-verbal"), PointKind.ADOPTION, 10),
        )

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"points-0-minutes": "ten"}, "Point 1: a point takes 1 to 1440 minutes."),
            ({"points-0-kind": "vote"}, "Point 1: choose what is done with it."),
            ({"points-0-title_en": "x" * 301}, "Point 1: at most 300 characters."),
            ({"points-0-title_en": "", "points-0-title_fr": "Budget"}, "enter a title in the edition&#39;s main"),
        ],
    )
    def test_what_a_point_cannot_be_keeps_what_was_typed(
        self, programmer: Any, tangier: Any, values: dict[str, str], sentence: str
    ) -> None:
        code = week.session(tangier).code
        db.session.commit()
        given = {"points-0-title_en": "Budget", "points-0-kind": "discussion", "points-0-minutes": "10", **values}
        page = sent(programmer, f"{URL}/{code}", title_en="Another name", **given)
        assert page.status_code == 422
        assert sentence in page.text
        assert 'value="Another name"' in page.text
        assert draft(code).title == Translated(en="Local Finance")

    def test_the_public_page_shows_them(self, client: Any, tangier: Any) -> None:
        code = week.session(tangier, points=[Point(Translated(en="Minutes"), PointKind.ADOPTION, 10)]).code
        week.publish(tangier)
        db.session.commit()
        page = client.get(f"/2020/sessions/{code}").text
        assert "Agenda of the meeting" in page
        assert "for adoption" in page
        assert "10 min" in page


class TestPeople:
    def test_somebody_is_found_among_the_registered_and_added_as_a_line(self, programmer: Any, tangier: Any) -> None:
        ana = registrations.register(
            tangier, answers(tangier, given_name="Ana", organisation="City of Izmir, Türkiye"), at=AT, by=DELEGATE
        )
        code, person = week.session(tangier).code, ana.person_id
        db.session.commit()
        found = programmer.get("/organise/2020/agenda/people?q=izmir").json["people"]
        assert [(one["name"], one["registered"]) for one in found] == [(ana.printed_name, True)]
        page = sent(programmer, f"{URL}/{code}", people_q="ana", people_find="1").text
        assert "registered" in page
        page = sent(programmer, f"{URL}/{code}", people_add=f"speakers:{found[0]['line']}")
        assert (page.status_code, "City of Izmir\\, Türkiye" in page.text) == (200, True)
        sent(programmer, f"{URL}/{code}", speakers=found[0]["line"])
        assert [part.person_id for part in draft(code).parts] == [person]

    def test_an_address_finds_nobody(self, programmer: Any, tangier: Any) -> None:
        registrations.register(tangier, answers(tangier, email="ana@izmir.example"), at=AT, by=DELEGATE)
        db.session.commit()
        for question in ("izmir.example", "ana@izmir.example", "R20-0001", "a", ""):
            assert programmer.get("/organise/2020/agenda/people", query_string={"q": question}).json == {"people": []}
        assert programmer.get(f"/organise/2020/agenda/people?q={'x' * 101}").status_code == 400

    def test_at_most_ten_are_offered(self, programmer: Any, tangier: Any) -> None:
        for number in range(12):
            given = answers(tangier, given_name=f"Ana{number}", email=f"a{number}@example.org")
            registrations.register(tangier, given, at=AT, by=DELEGATE)
        db.session.commit()
        assert len(programmer.get("/organise/2020/agenda/people?q=ana").json["people"]) == 10

    def test_a_speaker_to_be_confirmed_is_a_line_without_a_name(self, programmer: Any, tangier: Any) -> None:
        code = week.session(tangier).code
        db.session.commit()
        sent(programmer, f"{URL}/{code}", speakers="tbc\ntbc, Mayor, Izmir")
        assert [(part.person_id, part.organisation) for part in draft(code).parts] == [(None, ""), (None, "Izmir")]
        page = programmer.get(f"{URL}/{code}").text
        assert "tbc, Mayor, Izmir" in page
        assert "2 people to be confirmed" in page

    def test_two_of_one_name_are_a_warning(self, programmer: Any, tangier: Any) -> None:
        for town in ("Porto", "Lima"):
            given = answers(tangier, given_name="Ana", organisation=town, email=f"{town}@example.org")
            name = registrations.register(tangier, given, at=AT, by=DELEGATE).printed_name
        code = week.session(tangier).code
        db.session.commit()
        sent(programmer, f"{URL}/{code}", speakers=name)
        assert f"Several people are called {name}" in programmer.get(URL.removesuffix("/sessions")).text


class TestStates:
    def test_the_promise_of_a_link_is_a_tick(self, programmer: Any, tangier: Any) -> None:
        code = week.session(tangier, tags=["a", "hybrid", "b"]).code
        db.session.commit()
        before = draft(code).version
        assert "Link not yet available" in programmer.get(f"{URL}/{code}").text
        sent(programmer, f"{URL}/{code}")
        assert (draft(code).tags, draft(code).version) == (["a", "hybrid", "b"], before)
        sent(programmer, f"{URL}/{code}", is_hybrid=None)
        assert draft(code).tags == ["a", "b"]

    def test_a_part_is_added_where_and_when_the_whole_is(self, programmer: Any, tangier: Any) -> None:
        whole = week.session(tangier, "Presidency")
        code = whole.code
        db.session.commit()
        assert f"part_of={code}" in programmer.get(f"{URL}/{code}").text
        sent(programmer, f"{URL}/new?part_of={code}", title_en="Lunch", ends="10:00")
        (part,) = [one for one in service.draft_sessions(draft(code).edition) if one.code != code]
        assert (part.parent.code, part.starts, part.date) == (code, draft(code).starts, draft(code).date)
        assert "Lunch" in programmer.get(f"{URL}/{code}").text

    def test_a_locked_session_says_what_would_have_moved(self, programmer: Any, tangier: Any) -> None:
        code = week.session(tangier, is_locked=True).code
        db.session.commit()
        page = sent(programmer, f"{URL}/{code}", starts="09:45", title_en="Renamed")
        assert page.status_code == 422
        assert "its time and hall stay. Unlock it first, then change: start." in page.text
        assert 'value="Renamed"' in page.text

    def test_who_comes_second_reads_what_is_different(self, programmer: Any, tangier: Any) -> None:
        points = [Point(Translated(ru="Бюджет", fr="Le budget", en="Budget", es="El presupuesto"), minutes=5)]
        made = week.session(tangier, expected=50, points=points)
        code, stale = made.code, made.version
        service.update_session(made, {"title": Translated(en="Renamed by Lena"), "expected": 80}, at=AT, by=NADIA)
        db.session.commit()
        page = sent(programmer, f"{URL}/{code}", version=str(stale), title_en="Mine", expected="50")
        assert page.status_code == 409
        for text in ("What is different", "en: Mine", "en: Renamed by Lena", "People expected"):
            assert text in page.text
        # Of what neither changed, nothing is said; the points are among it in whatever order their languages are kept.
        assert "Budget / Le budget" not in page.text
        assert (draft(code).title, draft(code).expected) == (Translated(en="Renamed by Lena"), 80)


def test_how_many_are_expected_is_never_shown(client: Any, tangier: Any) -> None:
    code = week.session(tangier, expected=87_654).code
    week.publish(tangier)
    db.session.commit()
    for address in (f"/2020/sessions/{code}", "/2020/agenda/2020-02-25", "/2020/agenda.json"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "87654" not in answer.text
        assert "87,654" not in answer.text
