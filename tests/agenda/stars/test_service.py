"""Stars of people, on both databases: one row however often it is pressed, and never a way in."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from retreat.agenda import publishing, service
from retreat.agenda.attendees import attendee_of, attendees_of
from retreat.agenda.models import Access, Kind, Star
from retreat.agenda.published import programme
from retreat.agenda.revisions.concerned import Reason, concerned
from retreat.agenda.stars.service import NotToBeStarred, star, star_all, starrable, unstar
from retreat.calendars import service as calendars
from retreat.calendars.personal import personal_week
from retreat.calendars.service import PersonOwner
from retreat.calendars.subscribers import subscribers_of
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.network.models import Person
from tests.agenda import week
from tests.agenda.week import AT, NADIA


@pytest.fixture
def edition(db_session: Any) -> Edition:
    made = week.edition()
    week.session(made, "Local Finance", code="FIN")
    week.session(made, "Lunch", code="LUNCH", kind=Kind.BREAK)
    week.session(made, "Members meet", code="MEMBERS", access=Access.MEMBER)
    week.session(made, "Open and unlisted", code="QUIET", is_listed=False)
    week.session(made, "By invitation", code="SECRET", access=Access.INVITED, is_listed=False)
    week.publish(made)
    return made


@pytest.fixture
def ana(db_session: Any) -> Person:
    return somebody("Ana")


def somebody(name: str, **values: Any) -> Person:
    made = Person(badge_name=name, created_at=AT, **values)
    db.session.add(made)
    db.session.flush()
    return made


def codes(sessions: Any) -> list[str]:
    return sorted(one.code for one in sessions)


def starred(edition: Edition, person: Person, code: str) -> None:
    star(person.id, service.session_by_code(edition, code).id, edition, at=AT)


def my_week(edition: Edition, person: Person) -> list[str]:
    return codes(personal_week(person.id, edition))


def test_a_star_puts_a_session_into_the_week_and_takes_it_out_again(edition, ana) -> None:
    assert my_week(edition, ana) == ["LUNCH"]
    starred(edition, ana, "FIN")
    starred(edition, ana, "QUIET")
    assert my_week(edition, ana) == ["FIN", "LUNCH", "QUIET"]
    unstar(ana.id, service.session_by_code(edition, "FIN").id)
    assert my_week(edition, ana) == ["LUNCH", "QUIET"]


@pytest.mark.parametrize("code", ["SECRET", "MEMBERS", "LUNCH"])
def test_nobody_stars_what_is_not_for_them(edition, ana, code: str) -> None:
    with pytest.raises(NotToBeStarred):
        starred(edition, ana, code)


def test_a_draft_session_cannot_be_starred_before_it_is_published(edition, ana) -> None:
    week.session(edition, "New", code="NEW")
    with pytest.raises(NotToBeStarred):
        starred(edition, ana, "NEW")


def test_a_star_lets_nobody_in_any_more(edition, ana) -> None:
    starred(edition, ana, "FIN")
    service.update_session(service.session_by_code(edition, "FIN"), {"access": Access.MEMBER}, at=AT, by=NADIA)
    week.publish(edition)
    assert my_week(edition, ana) == ["LUNCH"]
    assert "FIN" not in codes(starrable(programme(edition), attendee_of(ana.id, edition.id)))


def test_pressing_twice_is_one_star(edition, ana, db_session) -> None:
    number = service.session_by_code(edition, "FIN").id
    assert star_all(ana.id, [number, number], at=AT) == 1
    assert star_all(ana.id, [number], at=AT) == 0
    assert star_all(ana.id, [], at=AT) == 0
    assert len(db_session.scalars(select(Star)).all()) == 1


def test_pressing_twice_at_once_is_one_star(edition, ana, app, db_session) -> None:
    person, session, slug = ana.id, service.session_by_code(edition, "FIN").id, edition.id
    db_session.commit()

    def press(_: int) -> None:
        with app.app_context():
            star(person, session, db.session.get_one(Edition, slug), at=AT)
            db.session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(8)))
    assert len(db_session.scalars(select(Star)).all()) == 1


def test_attendees_of_many_are_those_of_each(edition, ana, db_session, count_queries) -> None:
    bea = somebody("Bea")
    starred(edition, ana, "FIN")
    db_session.flush()
    with count_queries() as queries:
        found = attendees_of(edition.id, select(Person.id))
    assert found == {one.id: attendee_of(one.id, edition.id) for one in (ana, bea)}
    assert len(queries) == 2
    assert found[ana.id].stars == (service.session_by_code(edition, "FIN").id,)


def test_a_change_concerns_who_starred_the_session_and_may_attend_it(edition, ana) -> None:
    bea = somebody("Bea")
    starred(edition, ana, "FIN")
    star_all(bea.id, [service.session_by_code(edition, "MEMBERS").id], at=AT)
    for code in ("FIN", "MEMBERS"):
        service.update_session(
            service.session_by_code(edition, code), {"title": Translated(en="Other")}, at=AT, by=NADIA
        )
    found = concerned(edition, publishing.difference_to_publish(edition).changes)
    assert found.by_reason == {Reason.STARRED: ["Ana"]}


def test_a_change_that_shuts_somebody_out_concerns_them_too(edition, ana) -> None:
    starred(edition, ana, "FIN")
    fin = service.session_by_code(edition, "FIN")
    service.update_session(fin, {"access": Access.INVITED, "is_listed": False}, at=AT, by=NADIA)
    found = concerned(edition, publishing.difference_to_publish(edition).changes)
    assert found.by_reason == {Reason.STARRED: ["Ana"]}


def test_a_starred_session_is_in_the_calendar_of_its_subscribers(edition, ana) -> None:
    calendars.subscribe(PersonOwner(ana.id), edition.id, "Phone", language="en", at=AT)
    starred(edition, ana, "FIN")
    finance = programme(edition).session("FIN")
    assert finance is not None
    assert subscribers_of(edition, [finance]) == {finance.uid: {ana.id: "Ana"}}
