"""Which badges a run prints, in which order, and what is noted afterwards."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.service import edition_by_slug
from retreat.printing import badges, pdf, service
from retreat.printing.models import BadgePrint
from retreat.printing.service import BadgeChoice, NothingToPrint
from retreat.printing.sheets import Sheet
from retreat.registration.models import Status
from retreat.registration.service import approve, register
from tests.agenda import week
from tests.printing import paper
from tests.registration import making

AT = datetime(2020, 2, 1, 9, tzinfo=UTC)
LENA = Actor("organiser", "Lena Osei")


def person(edition, family_name, *, approved=True, **values):
    email = f"{len(making.registrations())}@example.org"
    registration = register(
        edition, making.answers(edition, family_name=family_name, email=email, **values), at=AT, by=LENA
    )
    if approved:
        approve(registration, at=AT, by=LENA)
    return registration


@pytest.fixture
def edition(db_session):
    return making.edition()


def codes(found):
    return [one.family_name for one in found]


def test_badges_come_by_category_then_family_name_whatever_the_accents(edition):
    for name, category in (
        ("Zola", "delegate"),
        ("Öztürk", "delegate"),
        ("abel", "delegate"),
        ("Boudra", "elected"),
        ("Oz", "delegate"),
    ):
        person(edition, name, category=category)
    assert codes(service.registrations_for_badges(edition)) == ["abel", "Oz", "Öztürk", "Zola", "Boudra"]


def test_only_the_approved_have_a_badge_unless_another_status_is_asked_for(edition):
    person(edition, "Approved")
    person(edition, "Submitted", approved=False)
    assert codes(service.registrations_for_badges(edition)) == ["Approved"]
    assert codes(service.registrations_for_badges(edition, status=Status.SUBMITTED)) == ["Submitted"]


def test_a_run_may_be_kept_to_approved_proofs_and_to_what_was_not_printed(edition):
    first, second = person(edition, "First"), person(edition, "Second")
    first.proof_approved_at = AT
    service.record_prints([(second.id, "hash")], edition=edition, at=AT, by=LENA)
    assert codes(service.registrations_for_badges(edition, proof_approved=True)) == ["First"]
    assert codes(service.registrations_for_badges(edition, only_unprinted=True)) == ["First"]


def test_another_editions_people_are_not_printed(edition):
    person(edition, "Here")
    person(making.edition("2021"), "There")
    assert codes(service.registrations_for_badges(edition)) == ["Here"]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (BadgeChoice(), "No registration is approved yet, so there is no badge to print."),
        (BadgeChoice(only_unprinted=True), "Every badge of this choice has been printed already."),
        (BadgeChoice(proof_approved=True), "Nobody of this choice has approved the proof of the badge yet."),
        (BadgeChoice(status=Status.WAITLISTED), "No registration has this status, so there is no badge to print."),
    ],
)
@pytest.mark.one_database
def test_an_empty_run_says_why(edition, choice, sentence):
    with pytest.raises(NothingToPrint) as refused:
        service.make_badges(edition, choice)
    assert refused.value.message == sentence


def test_a_run_is_printed_and_noted_with_what_it_said(edition):
    ana = person(edition, "Diaz")
    done = service.make_badges(edition, BadgeChoice())
    assert "Diaz" in paper.text(done.book.content).splitlines()
    assert paper.codes(done.book.content) == {ana.badge_token}
    service.record_prints(done.printed, edition=edition, at=AT, by=LENA)
    rows = db.session.scalars(select(BadgePrint)).all()
    assert [(row.registration_id, row.printed_at, row.printed_by) for row in rows] == [(ana.id, AT, "Lena Osei")]
    (facts,) = service.badge_facts([ana], edition)
    assert rows[0].content_hash == badges.content_hash(facts)


@pytest.mark.one_database
def test_the_hash_of_the_front_does_not_change_with_the_back(edition):
    person(edition, "Diaz")
    plain = service.make_badges(edition, BadgeChoice())
    double = service.make_badges(edition, BadgeChoice(double_sided=True))
    assert plain.printed == double.printed


def test_a_registration_that_is_gone_meanwhile_is_not_noted(edition):
    ana = person(edition, "Diaz")
    assert service.record_prints([(ana.id, "a"), (ana.id + 999, "b")], edition=edition, at=AT, by=LENA) == 1


@pytest.mark.one_database
def test_the_same_run_again_comes_from_the_folder(edition, monkeypatch):
    person(edition, "Diaz")
    first = service.make_badges(edition, BadgeChoice())
    monkeypatch.setattr(badges, "print_badges", lambda *_args, **_kwargs: pytest.fail("rendered again"))
    assert service.make_badges(edition, BadgeChoice()) == first


@pytest.mark.one_database
def test_a_changed_badge_is_rendered_again(edition):
    ana = person(edition, "Diaz")
    before = service.make_badges(edition, BadgeChoice())
    ana.city = "Salto"
    db.session.flush()
    after = service.make_badges(edition, BadgeChoice())
    assert "Salto" in paper.text(after.book.content)
    assert before.printed != after.printed


@pytest.mark.one_database
def test_the_badge_speaks_the_editions_main_language(edition):
    edition.main_language = "ru"
    person(edition, "Diaz")
    text = paper.text(service.make_badges(edition, BadgeChoice()).book.content)
    assert "Делегат" in text
    assert "24–28 февраля" in text


@pytest.mark.one_database
def test_the_title_says_the_year_once(edition):
    assert service.event_facts(edition, "en").title == "UCLG Retreat & Campus 2020"
    edition.title = Translated(en="Retreat 2020")
    assert service.event_facts(edition, "en").title == "Retreat 2020"


@pytest.mark.one_database
def test_the_back_shows_only_what_everybody_may_know(db_session):
    edition = week.edition()
    week.session(edition, "Local Finance")
    week.session(edition, "Secret talks", is_listed=False)
    week.session(edition, "Not published yet")
    week.publish(edition)
    week.session(edition, "Draft")
    titles = [row.title for day in service.week_of(edition, "en") for row in day.rows]
    assert titles == ["Local Finance", "Not published yet"]


@pytest.mark.one_database
def test_without_pango_a_run_says_what_to_install(edition, monkeypatch):
    monkeypatch.setattr(pdf, "_can_load", lambda _library: False)
    with pytest.raises(service.PrintingDoesNotWork) as refused:
        service.make_badges(edition, BadgeChoice())
    assert "apt install libpangoft2-1.0-0" in refused.value.message


@pytest.mark.one_database
def test_a_run_reads_the_database_as_often_for_three_as_for_one(edition, count_queries):
    def queries():
        db.session.commit()
        with count_queries() as counted:
            service.make_badges(edition_by_slug("2020"), BadgeChoice(sheet=Sheet.A6))
        return len(counted)

    person(edition, "One")
    once = queries()
    person(edition, "Two")
    person(edition, "Three")
    assert queries() == once


def test_photographs_of_a_run_are_read_in_one_query_and_printed(db_session, count_queries):
    from retreat.registration import photographs
    from retreat.registration import service as registrations
    from tests.registration import pictures
    from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

    tangier = edition()
    for name in ("Ana", "Bea", "Cem"):
        one = registrations.register(tangier, answers(tangier, given_name=name), at=AT, by=DELEGATE)
        registrations.approve(one, at=AT, by=REGISTRAR)
        if name != "Bea":
            photographs.keep(one, pictures.photograph(), None, at=AT, by=DELEGATE)
    db_session.commit()
    with count_queries() as queries:
        done = service.make_badges(tangier, service.BadgeChoice())
    assert len([query for query in queries if "photograph.content" in query]) == 1
    assert len([query for query in queries if "photograph" in query]) == 2
    assert done.book.content.count(b"/DCTDecode") >= 1
