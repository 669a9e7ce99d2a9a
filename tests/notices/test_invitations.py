"""A session in somebody's calendar, put there by mail: once, followed where it changes, and taken out again."""

import email
from datetime import time, timedelta

import icalendar
import pytest
import vobject
from sqlalchemy import select

from retreat.agenda import places
from retreat.agenda.models import Access, PartRole, SessionStatus
from retreat.agenda.published import programme
from retreat.agenda.values import Appearance
from retreat.core import mail as core_mail
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.mail import MailState, OutboxMail
from retreat.network.models import Person
from retreat.notices.invitations import Sent, StepKind, facts_hash, steps
from retreat.notices.models import CalendarInvitation
from retreat.portal.people import merging
from retreat.registration import service as registrations
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.core.smtp import post_office
from tests.notices.making import MINUTE, MORNING, changed, publish, speaker, tomorrow
from tests.registration.making import AT, DELEGATE


@pytest.fixture
def here(db_session):
    return tomorrow()


@pytest.fixture
def invited(clock, run_jobs, outbox):
    """`invited(at)` lets the worker work; gives every invitation that was not given before."""
    given = []

    def read(at=MORNING):
        with clock(at):
            run_jobs()
        new = [
            mail
            for mail in outbox()
            if mail.template == "notices/mail/invitation.txt" and mail.id not in {one.id for one in given}
        ]
        given.extend(new)
        return new

    return read


def one(mail):
    """The method, and the only event."""
    calendar = icalendar.Calendar.from_ical(mail.calendar)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def shift(here, at=MORNING, **values):
    changed(here.panel, **values)
    publish(here.edition, at, urgent=False)


def send(here, invited):
    """The first invitations."""
    shift(here, description=Translated(en="First"))
    publish_invitations(here)
    return invited()


def publish_invitations(here, at=MORNING):
    changed(here.opening, description=Translated(en=str(at)))
    publish(here.edition, at, urgent=False, invitations=True)


def test_those_with_a_part_or_a_personal_invitation_get_one_mail_for_each_session(here, invited):
    places.invite(here.dinner, here.ana, at=AT, by=NADIA)
    other = speaker("Dilek Su", "dilek@example.org")
    changed(here.panel, parts=[Appearance(PartRole.CHAIR, "Cemal Baş", person=here.chair),
                               Appearance(PartRole.SPEAKER, "Dilek Su", person=other)])  # fmt: skip
    publish_invitations(here)
    mails = invited()
    assert {(mail.recipient, one(mail)[1]["SUMMARY"]) for mail in mails} == {
        ("ana@example.org", "Dinner"),
        ("cemal@example.org", "Finance"),
        ("dilek@example.org", "Finance"),
    }
    assert {mail.recipient: mail.links for mail in mails}["ana@example.org"] == {"link": ["registration", here.ana.id]}
    publish_invitations(here, MORNING + MINUTE)
    assert invited() == []


def test_only_who_has_not_answered_is_asked_to(here, invited):
    for one_of in (here.ana, here.bea):
        places.invite(here.dinner, one_of, at=AT, by=NADIA)
    places.sign_up(here.dinner.id, here.bea, at=AT, by=DELEGATE)
    said = {mail.recipient: core_mail.write(mail).body for mail in send(here, invited)}
    asked = {to for to, text in said.items() if "Please say on your own page whether you come." in text}
    assert asked == {"ana@example.org"}
    assert "You are invited to this session. This mail" in said["bea@example.org"]


@pytest.mark.one_database
def test_an_invitation_has_the_uid_of_the_feed_and_names_its_recipient_alone(here, invited):
    (mail,) = send(here, invited)
    method, event = one(mail)
    shown = programme(here.edition).session(here.panel.code)
    assert method == "REQUEST"
    assert (event["UID"], event["SEQUENCE"]) == (shown.uid, shown.sequence)
    assert (event.start, event.end) == (shown.start_utc, shown.end_utc)
    assert event["LOCATION"] == "Malabata, Tangier"
    assert str(event["ATTENDEE"]) == "mailto:cemal@example.org"
    assert event["ATTENDEE"].params["CN"] == "Cemal Baş"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert str(event["ORGANIZER"]) == "mailto:retreat@example.org"


def test_changes_of_time_hall_and_link_follow_by_themselves_and_others_do_not(here, invited):
    (first,) = send(here, invited)
    sequences = [one(first)[1]["SEQUENCE"]]
    for minutes, values in enumerate(
        ({"starts": time(9, 45)}, {"hall": here.other}, {"link": "https://join.example/1"}), 1
    ):
        at = MORNING + minutes * MINUTE
        shift(here, at, **values)
        (mail,) = invited(at)
        method, event = one(mail)
        assert (method, event["UID"]) == ("REQUEST", here.panel.uid)
        sequences.append(event["SEQUENCE"])
    assert sequences == sorted(set(sequences))
    assert event["LOCATION"] == "Spartel, Tangier"
    shift(here, MORNING + 9 * MINUTE, title=Translated(en="Another title"))
    assert invited(MORNING + 9 * MINUTE) == []


def test_a_cancellation_takes_it_out_and_a_reinstatement_puts_it_back(here, invited):
    (first,) = send(here, invited)
    shift(here, MORNING + MINUTE, status=SessionStatus.CANCELLED, link="https://join.example/1")
    (second,) = invited(MORNING + MINUTE)
    shift(here, MORNING + 2 * MINUTE, title=Translated(en="Still cancelled"))
    assert invited(MORNING + 2 * MINUTE) == []
    shift(here, MORNING + 3 * MINUTE, status=SessionStatus.CONFIRMED)
    (third,) = invited(MORNING + 3 * MINUTE)
    read = [one(mail) for mail in (first, second, third)]
    assert [method for method, _ in read] == ["REQUEST", "CANCEL", "REQUEST"]
    assert [event["STATUS"] for _, event in read] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert "join.example" not in second.calendar
    sequences = [event["SEQUENCE"] for _, event in read]
    assert sequences == sorted(set(sequences))


def test_who_loses_the_part_or_the_invitation_loses_the_entry_and_hears_nothing_new(here, invited):
    place = places.invite(here.dinner, here.ana, at=AT, by=NADIA)
    assert len(send(here, invited)) == 2
    db.session.delete(db.session.get_one(type(place), place.id))
    changed(here.dinner, hall=here.other, link="https://join.example/new")
    shift(here, MORNING + MINUTE, parts=[], hall=here.other, access=Access.INVITED)
    mails = invited(MORNING + MINUTE)
    assert {(mail.recipient, one(mail)[0]) for mail in mails} == {
        ("ana@example.org", "CANCEL"),
        ("cemal@example.org", "CANCEL"),
    }
    assert not any("Spartel" in mail.calendar or "join.example/new" in mail.calendar for mail in mails)
    assert not any("Spartel" in str(mail.values) for mail in mails)


def test_who_withdraws_keeps_the_part_and_loses_the_invitation(here, invited):
    places.invite(here.dinner, here.ana, at=AT, by=NADIA)
    assert len(send(here, invited)) == 2
    registrations.withdraw(here.ana, at=AT, by=DELEGATE)
    shift(here, MORNING + MINUTE, title=Translated(en="Another"))
    (mail,) = invited(MORNING + MINUTE)
    assert (mail.recipient, one(mail)[0]) == ("ana@example.org", "CANCEL")


def test_a_session_that_loses_its_time_leaves_the_calendar(here, invited):
    send(here, invited)
    shift(here, MORNING + MINUTE, starts=None, ends=None)
    (mail,) = invited(MORNING + MINUTE)
    method, event = one(mail)
    assert (method, event.start.hour) == ("CANCEL", 8)
    shift(here, MORNING + 2 * MINUTE, title=Translated(en="Another"))
    assert invited(MORNING + 2 * MINUTE) == []


def test_what_is_past_and_whom_no_mail_reaches_are_left_out(here, invited):
    here.chair.email = ""
    publish_invitations(here)
    assert invited() == []
    here.chair.email = "cemal@example.org"
    publish_invitations(here, MORNING + timedelta(hours=2))
    assert invited(MORNING + timedelta(hours=2)) == []
    assert week.count(CalendarInvitation) == 0


def test_without_the_box_nobody_is_invited_anew_and_what_was_sent_is_still_corrected(here, invited):
    shift(here, hall=here.other)
    assert invited() == []
    publish_invitations(here, MORNING + MINUTE)
    assert len(invited(MORNING + MINUTE)) == 1
    shift(here, MORNING + 2 * MINUTE, hall=here.hall)
    assert len(invited(MORNING + 2 * MINUTE)) == 1


@pytest.mark.one_database
def test_the_mail_arrives_as_calendars_expect_it(here, app, clock, run_jobs):
    with post_office() as (post, url):
        app.config["SMTP_URL"] = url
        publish_invitations(here)
        with clock(MORNING):
            run_jobs()
    (taken,) = post.taken
    read = email.message_from_bytes(taken.as_bytes())
    parts = [(part.get_content_type(), part.get_param("method")) for part in read.walk()]
    assert parts == [
        ("multipart/mixed", None),
        ("multipart/alternative", None),
        ("text/plain", None),
        ("text/html", None),
        ("text/calendar", "REQUEST"),
        ("application/ics", None),
    ]
    plain, html, calendar, attached = [part for part in read.walk() if not part.is_multipart()]
    sent = db.session.scalars(select(OutboxMail).where(OutboxMail.calendar != "")).one()
    assert calendar.get_payload(decode=True) == attached.get_payload(decode=True) == sent.calendar.encode()
    assert (calendar.get_content_charset(), attached.get_filename()) == ("utf-8", "invitation.ics")
    assert read["To"] == "cemal@example.org"
    assert sent.state is MailState.SENT
    said = plain.get_payload(decode=True).decode()
    assert "Finance" in said
    link = f"{app.config['BASE_URL']}/2020/agenda"
    assert link in said
    assert f'<a href="{link}">' in html.get_payload(decode=True).decode()
    event = vobject.readOne(calendar.get_payload(decode=True).decode()).vevent
    assert (event.uid.value, event.summary.value) == (here.panel.uid, "Finance")
    assert event.attendee.params["CN"] == ["Cemal Baş"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("change", "subjects"), [({"starts": time(9, 45)}, ["Invitation"]), ({"status": SessionStatus.CANCELLED}, [])]
)
def test_an_invitation_that_a_server_put_off_never_arrives_after_its_correction(
    here, app, clock, run_jobs, change, subjects
):
    with post_office() as (post, url):
        app.config["SMTP_URL"] = url
        with clock(MORNING):
            run_jobs()
        del post.taken[:]
        post.recipient_answers += ["451 later"]
        publish_invitations(here)
        with clock(MORNING):
            run_jobs()
        assert post.taken == []
        shift(here, MORNING + MINUTE / 2, **change)
        for minutes in (0.5, 1, 5):
            with clock(MORNING + minutes * MINUTE):
                run_jobs()
    assert [taken["Subject"].partition(":")[0] for taken in post.taken] == subjects
    assert all("09:45" in taken.as_string() for taken in post.taken)


@pytest.mark.one_database
def test_a_name_cannot_add_a_property(here, invited):
    here.chair.badge_name = 'Cemal";X-EVIL=1:\r\nATTENDEE:mailto:x@y.z'
    here.chair.honorific = "a,b;c"
    publish_invitations(here)
    (mail,) = invited()
    _, event = one(mail)
    assert str(event["ATTENDEE"]) == "mailto:cemal@example.org"
    assert "X-EVIL" not in event["ATTENDEE"].params
    assert all(len(line) <= 75 for line in mail.calendar.encode().split(b"\r\n"))


@pytest.mark.one_database
def test_markup_in_a_title_stays_text_in_the_mail_of_an_invitation(here):
    html = core_mail._as_html("<b>Title</b> & co\nhttp://x.example/?a=1&b=2\n\nMore\n")
    assert "<p>&lt;b&gt;Title&lt;/b&gt; &amp; co<br>" in html
    assert '<a href="http://x.example/?a=1&amp;b=2">http://x.example/?a=1&amp;b=2</a>' in html


@pytest.mark.one_database
def test_steps_are_decided_from_values(here):
    session = programme(here.edition).session(here.panel.code)
    sent = {(7, session.uid): Sent(5, facts_hash(session), is_cancelled=True)}

    def kinds(sent, entitled, at=MORNING):
        wanted = {session.uid: entitled}
        found = steps([session], {}, wanted, sent, at=at, are_new_wanted=True)
        return [(step.person_id, step.kind, step.sequence) for step in found]

    assert kinds({}, {7, 8}) == [(7, StepKind.NEW, 0), (8, StepKind.NEW, 0)]
    # Taken back once, then given again: the number goes on growing.
    assert kinds(sent, {7}) == [(7, StepKind.CHANGED, 6)]
    assert kinds(sent, set()) == []
    assert kinds({(7, session.uid): Sent(0, facts_hash(session), is_cancelled=False)}, {7}) == []
    assert kinds({(7, session.uid): Sent(0, "another", is_cancelled=False)}, {7}, session.end_utc) == []


@pytest.mark.one_database
def test_two_persons_who_are_one_keep_one_invitation(here, invited):
    send(here, invited)
    twin = Person(badge_name="Cemal Bas", email="cemal@example.org", created_at=AT)
    db.session.add(twin)
    db.session.flush()
    row = db.session.scalars(select(CalendarInvitation)).one()
    values = {
        name: getattr(row, name) for name in ("edition_id", "uid", "sequence", "facts_hash", "created_at", "mailed_at")
    }
    db.session.add(CalendarInvitation(person_id=twin.id, **values))
    db.session.flush()
    merging.merge(here.chair, twin, from_lost=[], at=MORNING, by=NADIA)
    assert [one.person_id for one in db.session.scalars(select(CalendarInvitation))] == [here.chair.id]
