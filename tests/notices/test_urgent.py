"""An organiser changes a room at 08:50: by nine o'clock those know whose week it is, and no other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from retreat.agenda import frame, places, publishing
from retreat.agenda.models import Access, SessionStatus, Star
from retreat.agenda.published import sessions_of_revision
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.jobs import Job
from retreat.editions import service as editions
from retreat.notices import service as notices
from retreat.notices.models import Notice
from retreat.notices.news import News, is_urgent, news
from retreat.registration import service as registrations
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.core.smtp import post_office
from tests.notices.making import MINUTE, MORNING, changed, delegate, publish, tomorrow
from tests.registration.making import AT, DELEGATE, REGISTRAR


@pytest.fixture
def here(db_session):
    return tomorrow()


@pytest.fixture
def told(clock, run_jobs, outbox):
    """`told(at)` lets the worker work at that instant; gives every mail but those of registering."""

    def read(at=MORNING):
        with clock(at):
            run_jobs()
        return [mail for mail in outbox() if mail.template.startswith("notices/")]

    return read


def text(mail):
    from retreat.core.mail import write

    written = write(mail)
    return f"{written.subject}\n{written.body}"


def test_only_those_whose_week_holds_the_session_are_told_once_and_in_words(here, told):
    changed(here.panel, hall=here.other)
    publish(here.edition)
    (mail,) = told()
    assert mail.recipient == "cemal@example.org"
    said = text(mail)
    assert said.startswith("Changed: Finance\n")
    assert "Where: Spartel, Tangier\nBefore: Malabata, Tangier\n" in said
    assert "When: Tuesday 25 February 2020, 09:30–11:00 (Africa/Casablanca, UTC+1)" in said
    assert len(told()) == 1


def test_a_plenary_concerns_everybody_who_is_registered_each_with_the_link_of_their_own(here, told):
    here.ana.language = "fr"
    here.bea.filled_by_email = "assistant@example.org"
    registrations.approve(here.ana, at=AT, by=REGISTRAR)
    changed(here.opening, starts=time(12, 30))
    changed(here.panel, hall=here.other)
    publish(here.edition)
    mails = {mail.recipient: mail for mail in told()}
    assert mails.keys() == {"ana@example.org", "bea@example.org", "assistant@example.org", "cemal@example.org"}
    assert mails["ana@example.org"].links == {"link": ["registration", here.ana.id]}
    assert mails["ana@example.org"].language == "fr"
    assert ": mardi 25 février 2020, 12:30–13:00" in text(mails["ana@example.org"])
    # Who has two sessions that change has one mail.
    assert text(mails["cemal@example.org"]).startswith("2 changes in your week\n")


def test_who_starred_a_session_is_told(here, told):
    talk = week.session(here.edition, "Talk", starts=time(15), ends=time(16))
    week.publish(here.edition)
    db.session.add(Star(person_id=here.ana.person_id, session_id=talk.id, created_at=AT))
    changed(talk, hall=here.other)
    publish(here.edition)
    assert [mail.recipient for mail in told()] == ["ana@example.org"]


def test_who_withdrew_is_not_told(here, told):
    gone = delegate(here.edition, "Gone")
    registrations.withdraw(gone, at=AT, by=DELEGATE)
    changed(here.opening, hall=here.other)
    publish(here.edition)
    assert {mail.recipient for mail in told()} == {"ana@example.org", "bea@example.org", "cemal@example.org"}


@pytest.mark.one_database
def test_what_is_further_away_or_over_can_wait_for_the_calendar(here, told):
    changed(here.opening, hall=here.other)
    publish(here.edition, MORNING - timedelta(days=3))
    assert told(MORNING - timedelta(days=3)) == []
    changed(here.opening, hall=here.hall)
    publish(here.edition, MORNING + timedelta(hours=8))
    assert told(MORNING + timedelta(hours=8)) == []


@pytest.mark.one_database
def test_a_session_that_leaves_the_next_two_days_is_told_as_well(here, told):
    changed(here.panel, date=date(2020, 2, 28))
    publish(here.edition)
    (mail,) = told()
    assert "Friday 28 February" in text(mail)
    assert "Before: Tuesday 25 February" in text(mail)


def test_a_cancellation_and_its_taking_back_are_told(here, told):
    changed(here.panel, status=SessionStatus.CANCELLED)
    publish(here.edition)
    changed(here.panel, status=SessionStatus.CONFIRMED)
    first = told()
    publish(here.edition, MORNING + MINUTE)
    second = told(MORNING + MINUTE)[1:]
    assert text(*first).startswith("Cancelled: Finance\n")
    assert "This session is cancelled.\nIt was to be: Tuesday 25 February 2020" in text(*first)
    assert "This session takes place after all." in text(*second)


def test_what_was_taken_back_before_anybody_was_told_is_not_told(here, told):
    changed(here.panel, hall=here.other)
    publish(here.edition)
    changed(here.panel, hall=here.hall)
    publish(here.edition, MORNING + MINUTE)
    assert told(MORNING + MINUTE) == []
    first, second = db.session.scalars(select(Notice).order_by(Notice.id))
    assert (first.told_with, second.told_with) == (3, None)


def test_what_was_taken_back_after_the_mail_is_told_as_it_is_then(here, told):
    changed(here.panel, hall=here.other)
    publish(here.edition)
    told()
    changed(here.panel, hall=here.hall)
    publish(here.edition, MORNING + MINUTE)
    first, second = told(MORNING + MINUTE)
    assert "Where: Spartel, Tangier\nBefore: Malabata, Tangier" in text(first)
    assert "Where: Malabata, Tangier\nBefore: Spartel, Tangier" in text(second)


def test_a_mail_that_a_server_put_off_never_arrives_after_a_later_one(here, app, clock, run_jobs):
    with post_office() as (post, url):
        app.config["SMTP_URL"] = url
        with clock(MORNING):
            run_jobs()
        del post.taken[:]
        changed(here.panel, hall=here.other)
        changed(here.opening, hall=here.other)
        publish(here.edition)
        post.recipient_answers += ["451 later"] * 3
        with clock(MORNING):
            run_jobs()
        changed(here.panel, hall=here.hall)
        publish(here.edition, MORNING + MINUTE / 2)
        for minutes in (0.5, 1, 5):
            with clock(MORNING + minutes * MINUTE):
                run_jobs()
    said = {mail["To"]: mail.get_content() for mail in post.taken}
    assert len(post.taken) == len(said) == 3
    # What was taken back nobody has heard of; what stands is told.
    assert not any("Finance" in text for text in said.values())
    assert all("Where: Spartel" in text for text in said.values())


def test_who_was_not_reached_last_time_is_told_from_what_they_know(here, app, clock, run_jobs):
    third = frame.create_hall(here.edition, {"name": Translated(en="Cap")}, at=week.AT, by=NADIA)
    with post_office() as (post, url):
        app.config["SMTP_URL"] = url
        with clock(MORNING):
            run_jobs()
        del post.taken[:]
        changed(here.opening, hall=here.other)
        publish(here.edition)
        post.recipient_answers += ["451 later"]
        with clock(MORNING):
            run_jobs()
        reached = {mail["To"] for mail in post.taken}
        del post.taken[:]
        changed(here.opening, hall=third)
        publish(here.edition, MORNING + MINUTE / 2)
        with clock(MORNING + MINUTE / 2):
            run_jobs()
    said = {mail["To"]: mail.get_content() for mail in post.taken}
    assert (len(reached), len(said)) == (2, 3)
    assert {to for to, text in said.items() if "Before: Spartel" in text} == reached
    assert all(
        "Where: Cap" in text and ("Before: Malabata" in text) == (to not in reached) for to, text in said.items()
    )


def test_a_revision_that_was_to_be_silent_stays_so_when_the_next_one_is_told(here, told):
    changed(here.opening, hall=here.other)
    publish(here.edition, urgent=False)
    changed(here.panel, hall=here.other)
    publish(here.edition, MORNING + MINUTE)
    (mail,) = told(MORNING + MINUTE)
    assert mail.recipient == "cemal@example.org"


@pytest.mark.one_database
def test_other_changes_and_a_hall_that_is_only_renamed_mail_nobody(here, told):
    changed(here.panel, title=Translated(en="Another title"), description=Translated(en="Words"))
    here.hall.name = Translated(en="Malabata II")
    publish(here.edition)
    assert told() == []


@pytest.mark.one_database
def test_a_link_is_told_without_being_written_down(here, told):
    changed(here.panel, link="https://join.example/secret")
    publish(here.edition)
    (mail,) = told()
    # Who speaks and is not registered has no page of their own.
    assert "The link to join is another: please ask the organisers for it." in text(mail)
    changed(here.opening, link="https://join.example/secret")
    publish(here.edition, MORNING + MINUTE)
    later = {mail.recipient: mail for mail in told(MORNING + MINUTE)[1:]}
    assert "The link to join is another: it stands on your own page." in text(later["ana@example.org"])
    assert not any("join.example" in str(one.values) for one in (mail, *later.values()))


@pytest.mark.one_database
def test_of_what_somebody_may_no_longer_attend_nothing_new_is_said(here, told):
    places.invite(here.dinner, here.ana, at=AT, by=NADIA)
    db.session.commit()
    changed(here.dinner, hall=here.other, starts=time(20))
    publish(here.edition)
    assert "Where: Spartel" in text(*told())
    changed(here.panel, parts=[], hall=here.other, access=Access.INVITED)
    publish(here.edition, MORNING + MINUTE)
    (mail,) = told(MORNING + MINUTE)[1:]
    assert (mail.recipient, "Spartel" in text(mail)) == ("cemal@example.org", False)
    assert "This session is no longer in your week." in text(mail)


def test_a_session_that_is_gone_from_the_programme_is_told(here, told):
    db.session.delete(here.panel)
    publish(here.edition)
    assert "This session is no longer in the programme." in text(*told())


def test_publishing_without_a_decision_and_past_editions_mail_nobody(here, told):
    changed(here.opening, hall=here.other)
    week.publish(here.edition, MORNING)
    db.session.commit()
    assert (told(), week.count(Notice)) == ([], 0)
    changed(here.opening, hall=here.hall)
    editions.close_edition(here.edition, at=MORNING, by=NADIA)
    publish(here.edition)
    assert (told(), week.count(Notice)) == ([], 0)


def test_a_rollback_leaves_neither_notice_nor_job(here, db_session):
    changed(here.opening, hall=here.other)
    publishing.publish(here.edition, at=MORNING, by=NADIA, telling=publishing.Telling())
    db_session.rollback()
    kinds = list(db_session.scalars(select(Job.kind).where(Job.kind == notices.JOB)))
    assert (week.count(Notice), kinds) == (0, [])


def test_two_workers_at_once_tell_each_person_once(here, app, outbox):
    changed(here.opening, hall=here.other)
    publish(here.edition)
    edition_id = here.edition.id
    db.session.remove()

    def work(_number):
        with app.app_context():
            edition = db.session.get_one(editions.Edition, edition_id)
            notice = notices.tell(edition, at=MORNING)
            db.session.commit()
            return notice is not None

    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(work, range(2))) == [False, True]
    told = [mail.recipient for mail in outbox() if mail.template.startswith("notices/")]
    assert sorted(told) == ["ana@example.org", "bea@example.org", "cemal@example.org"]


def test_the_number_of_queries_is_the_same_for_many_people(here, count_queries):
    def counted(hall):
        changed(here.opening, hall=hall)
        publish(here.edition)
        with count_queries() as queries:
            notice = notices.tell(here.edition, at=MORNING)
        db.session.commit()
        return notice.people, len(queries)

    few = counted(here.other)
    for number in range(40):
        delegate(here.edition, f"Delegate{number}")
    many = counted(here.hall)
    assert (few[0], many[0]) == (3, 43)
    assert many[1] <= few[1]


@pytest.mark.one_database
def test_what_is_news_is_decided_from_two_states(here):
    changed(here.panel, hall=here.other)
    publish(here.edition)
    last = publishing.last_revision(here.edition)
    before, after = (
        {one.code: one for one in sessions_of_revision(revision_id)}[here.panel.code]
        for revision_id in (last.id - 1, last.id)
    )
    assert news(before, after) == {News.PLACE}
    (change,) = publishing.difference([before], [after]).changes
    start = before.start_utc
    assert not is_urgent(change, start - timedelta(hours=48, seconds=1))
    assert is_urgent(change, start - timedelta(hours=48))
    assert is_urgent(change, before.end_utc - timedelta(seconds=1))
    assert not is_urgent(change, before.end_utc)
