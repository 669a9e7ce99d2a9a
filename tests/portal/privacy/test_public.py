"""What everybody may read about their data; and the participants' page, which is off unless somebody switches it on."""

import pytest
from sqlalchemy import select

from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.network.models import Section
from retreat.registration import participants, service
from retreat.registration.links import new_link
from retreat.registration.models import Registration
from retreat.registration.privacy import TOPICS
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, category, edition

pytestmark = pytest.mark.one_database

SECRET = "ana.secret@example.org"


def register(of: Edition, name: str, *, is_approved: bool = True, **values) -> Registration:
    given = answers(of, given_name="", family_name=name, email=SECRET, phone="+598123", diet="no nuts", **values)
    one = service.register(of, given, at=AT, by=DELEGATE)
    if is_approved:
        service.approve(one, at=AT, by=REGISTRAR)
    return one


@pytest.fixture
def shown(db_session):
    """An edition with its page, somebody of each kind who must not stand there, and one who agreed."""
    of = edition(are_participants_shown=True)
    latin = db_session.scalars(select(Section).where(Section.slug == "latin-america")).one()
    register(of, "Agreed", is_shown=True, section_id=latin.id)
    register(of, "Silent", is_shown=False)
    register(of, "Submitted", is_shown=True, is_approved=False)
    register(of, "Hidden", is_shown=True, category="press")
    category(of, "press").is_shown = False
    db_session.commit()
    return of


def test_what_is_kept_is_said_in_every_language(client, db_session):
    edition(keep_months=18)
    for language in ("en", "fr", "es", "ru"):
        assert client.get(f"/2020/privacy?lang={language}").status_code == 200
        assert "18" in client.page.text

    client.get("/2020/privacy?lang=en")
    for topic in TOPICS.values():
        assert str(topic.what) in client.page.text


def test_every_public_page_leads_there(client, db_session):
    edition()
    for path in ("/2020/", "/2020/register", "/2020/agenda"):
        client.get(path)
        assert "/2020/privacy" in client.page.links


def test_the_participants_page_is_off_by_default(client, db_session):
    of = edition()
    register(of, "Agreed", is_shown=True)

    assert client.get("/2020/participants").status_code == 404
    client.get("/2020/")
    assert "/2020/participants" not in client.page.links


def test_it_shows_those_approved_who_agreed_of_the_categories_chosen_and_nothing_more_of_them(client, shown):
    answer = client.get("/2020/participants")

    assert "Hon. Agreed Mayor, City of Montevideo Montevideo, Uruguay" in client.page.text
    for hidden in ("Silent", "Submitted", "Hidden", SECRET, "+598123", "no nuts", "R20-"):
        assert hidden not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("q=montevideo", True),
        ("q=AGREED+mayor", True),
        ("section=latin-america", True),
        ("section=africa", False),
        ("q=ana.secret", False),
        ("q=R20-0001", False),
        ("q=%00%25", False),
        ("section=nowhere", True),
    ],
)
def test_it_is_searched_in_what_it_shows(client, shown, query, is_found):
    assert client.get(f"/2020/participants?{query}").status_code == 200
    assert ("City of Montevideo" in client.page.text) is is_found


def test_people_are_grouped_by_section_with_those_without_one_last(shown, db_session):
    register(shown, "Nobody", is_shown=True)

    groups = participants.by_section(participants.shown(shown))

    assert [[one.name for one in those] for _section, those in groups] == [["Agreed"], ["Nobody"]]
    assert isinstance(groups[0][0], Translated)


def test_the_page_asks_as_many_queries_for_three_as_for_one(client, shown, db_session, count_queries):
    client.get("/2020/participants")
    with count_queries() as one:
        client.get("/2020/participants")
    register(shown, "Second", is_shown=True)
    register(shown, "Third", is_shown=True)
    with count_queries() as three:
        client.get("/2020/participants")

    assert len(three) == len(one)


def test_the_agreement_is_taken_back_on_the_own_page_at_once_and_given_again(client, shown, db_session):
    one = db_session.scalars(select(Registration).where(Registration.family_name == "Agreed")).one()
    shown.registration_closes = AT.date().replace(year=2019)
    own = f"/2020/registration/{new_link(one, at=AT)}"

    client.submit(own, action="/shown")
    client.get("/2020/participants")
    assert "Nobody has agreed to be named here yet." in client.page.text

    client.submit(own, action="/shown")
    client.get("/2020/participants")
    assert "Agreed" in client.page.text


def test_an_administrator_switches_it_on_and_chooses_the_categories(as_role, client, db_session):
    of = edition()
    register(of, "Agreed", is_shown=True)
    register(of, "Journalist", is_shown=True, category="press")

    as_role("administrator").submit(
        "/organise/2020/settings/privacy",
        action="/settings/privacy",
        are_participants_shown="yes",
        categories=["delegate"],
        keep_months="36",
    )

    db_session.expire_all()
    assert (of.are_participants_shown, of.keep_months) == (True, 36)
    client.get("/2020/participants")
    assert "Agreed" in client.page.text
    assert "Journalist" not in client.page.text


def test_an_impossible_number_of_months_is_said_and_nothing_is_saved(as_role, db_session):
    of = edition()
    administrator = as_role("administrator")

    answer = administrator.submit(
        "/organise/2020/settings/privacy",
        action="/settings/privacy",
        keep_months="0",
        are_participants_shown="yes",
    )

    db_session.expire_all()
    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 120." in administrator.page.text
    assert (of.are_participants_shown, of.keep_months) == (False, 24)
