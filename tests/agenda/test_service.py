"""The draft: sessions made, changed, cancelled and removed, and what is refused."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from retreat.agenda import service
from retreat.agenda.models import Access, AgendaSession, PartRole, PartState, SessionStatus
from retreat.agenda.service import EditedMeanwhile
from retreat.agenda.times import BadTime
from retreat.agenda.values import Appearance, SessionRefused
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.zones import tzdata_version
from retreat.editions import service as editions
from retreat.network.models import Person
from tests.agenda import week
from tests.agenda.week import AT, LENA, NADIA

LATER = AT + timedelta(hours=1)


def test_a_session_gets_a_code_a_uid_and_its_instants(db_session: Session) -> None:
    edition = week.edition()
    made = week.session(edition)
    assert (made.code, made.zone, made.start_utc, made.end_utc, made.tzdata, made.version) == (
        "S20-001",
        "Africa/Casablanca",
        datetime(2020, 2, 25, 8, 30, tzinfo=UTC),
        datetime(2020, 2, 25, 10, 0, tzinfo=UTC),
        tzdata_version(),
        1,
    )
    assert len(made.uid) == 36
    assert [entry.action for entry in db.session.scalars(select(AuditEntry)) if "session" in entry.action] == [
        "session.created"
    ]


def test_codes_go_on_and_step_over_those_that_were_given_by_hand(db_session: Session) -> None:
    edition = week.edition()
    week.session(edition, code="S20-002")
    assert [week.session(edition).code for _ in range(2)] == ["S20-001", "S20-003"]


def test_a_title_is_enough(db_session: Session) -> None:
    made = week.session(week.edition(), date=None, starts=None, ends=None)
    assert (made.date, made.start_utc, made.hall, made.status, made.access, made.is_listed) == (
        *(None, None, None),
        SessionStatus.CONFIRMED,
        Access.OPEN,
        True,
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": Translated(fr="Finances locales")}, "title"),
        ({"code": "S20/1"}, "code"),
        ({"code": "x" * 25}, "code"),
        ({"access": Access.BODY}, "access"),
        ({"ends": None}, "end"),
        ({"date": None}, "date"),
        ({"ends": time(9, 30)}, "end"),
        ({"zone_override": "Moon/Base"}, "zone"),
        ({"date": date(2020, 3, 29), "starts": time(2, 30), "zone_override": "Europe/Paris"}, "start"),
    ],
)
def test_what_cannot_be_is_refused_and_named(db_session: Session, values: dict[str, Any], field: str) -> None:
    edition = week.edition()
    with pytest.raises((SessionRefused, BadTime)) as caught:
        week.session(edition, **values)
    assert caught.value.field == field


def test_two_sessions_of_an_edition_never_have_one_code(db_session: Session) -> None:
    edition = week.edition()
    week.session(edition, code="A1")
    with pytest.raises(SessionRefused):
        week.session(edition, code="A1")
    assert week.session(week.edition("2021"), code="A1").code == "A1"


def test_a_session_takes_the_zone_of_its_venue_and_keeps_its_wall_time_when_it_moves(db_session: Session) -> None:
    edition = week.edition()
    seville = editions.add_venue(edition, Translated(en="Seville"), zone="Europe/Madrid", at=AT, by=NADIA)
    hall = editions.add_hall(edition, Translated(en="Alcázar"), venue=seville, at=AT, by=NADIA)
    made = week.session(edition, date=date(2020, 7, 1))
    assert (made.zone, made.start_utc) == ("Africa/Casablanca", datetime(2020, 7, 1, 8, 30, tzinfo=UTC))
    service.update_session(made, {"hall": hall}, at=LATER, by=NADIA)
    assert (made.venue, made.zone, made.starts, made.start_utc) == (
        seville,
        "Europe/Madrid",
        time(9, 30),
        datetime(2020, 7, 1, 7, 30, tzinfo=UTC),
    )


def test_a_zone_of_its_own_stays_wherever_a_session_goes(db_session: Session) -> None:
    edition = week.edition()
    seville = editions.add_venue(edition, Translated(en="Seville"), zone="Europe/Madrid", at=AT, by=NADIA)
    made = week.session(edition, zone_override="Europe/Moscow")
    service.update_session(made, {"venue": seville}, at=LATER, by=NADIA)
    assert made.zone == "Europe/Moscow"
    service.update_session(made, {"zone_override": None}, at=LATER, by=NADIA)
    assert made.zone == "Europe/Madrid"


def test_a_session_that_leaves_a_venue_leaves_its_hall(db_session: Session) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    other = editions.add_venue(edition, Translated(en="Port"), at=AT, by=NADIA)
    made = week.session(edition, hall=hall)
    assert made.venue is hall.venue
    service.update_session(made, {"venue": other}, at=LATER, by=NADIA)
    assert (made.venue, made.hall) == (other, None)
    with pytest.raises(SessionRefused) as caught:
        service.update_session(made, {"venue": other, "hall": hall}, at=LATER, by=NADIA)
    assert caught.value.field == "hall"


def test_a_hall_of_another_edition_is_refused(db_session: Session) -> None:
    hall = editions.add_hall(week.edition("2021"), Translated(en="Malabata"), at=AT, by=NADIA)
    with pytest.raises(SessionRefused):
        week.session(week.edition(), hall=hall)


def test_parts_of_a_session_go_one_level_deep(db_session: Session) -> None:
    edition = week.edition()
    meeting = week.session(edition, "Presidency")
    ceremony = week.session(edition, "Ceremony", parent=meeting)
    for session, parent in ((week.session(edition), ceremony), (meeting, week.session(edition)), (meeting, meeting)):
        with pytest.raises(SessionRefused) as caught:
            service.update_session(session, {"parent": parent}, at=LATER, by=NADIA)
        assert caught.value.field == "part_of"


def test_a_refused_change_changes_nothing(db_session: Session) -> None:
    made = week.session(week.edition())
    with pytest.raises(BadTime):
        service.update_session(made, {"title": Translated(en="Other"), "ends": None}, at=LATER, by=LENA)
    assert (made.title, made.ends, made.version, made.updated_by) == (
        Translated(en="Local Finance"),
        time(11),
        1,
        "Nadia Orlova",
    )


def test_who_saves_over_a_newer_version_is_told_by_whom_and_nothing_is_overwritten(db_session: Session) -> None:
    made = week.session(week.edition())
    seen = made.version
    service.update_session(made, {"title": Translated(en="Lena's")}, at=LATER, by=LENA, expected_version=seen)
    with pytest.raises(EditedMeanwhile) as caught:
        service.update_session(made, {"title": Translated(en="Nadia's")}, at=LATER, by=NADIA, expected_version=seen)
    assert (caught.value.by, caught.value.at, str(made.title)) == ("Lena Osei", LATER, "Lena's")
    assert str(caught.value) == (
        "Lena Osei has changed “Lena's” since you opened it. Nothing was overwritten: look at it again."
    )


def test_a_change_of_speakers_alone_is_a_new_version_too(db_session: Session) -> None:
    made = week.session(week.edition())
    service.update_session(made, {"parts": [Appearance(PartRole.CHAIR, "Amina Bennani")]}, at=AT, by=NADIA)
    assert made.version == 2


def test_saving_what_is_there_already_is_no_change(db_session: Session) -> None:
    made = week.session(week.edition(), tags=["x"], parts=[Appearance(PartRole.CHAIR, "Amina Bennani")])
    service.update_session(
        made,
        {"title": Translated(en="Local Finance"), "tags": ["x"], "parts": list(service.appearances(made))},
        at=LATER,
        by=LENA,
    )
    assert (made.version, made.updated_by) == (1, "Nadia Orlova")


def test_two_editors_at_once_one_is_told(app: Flask) -> None:
    with app.app_context():
        week.session(week.edition())
        db.session.commit()
    both, outcomes = threading.Barrier(2), []

    def edit(title: str) -> None:
        with app.app_context():
            try:
                made = service.session_by_code(editions.edition_by_slug("2020"), "S20-001")
                seen = made.version
                db.session.rollback()
                both.wait(10)
                made = service.session_by_code(editions.edition_by_slug("2020"), "S20-001")
                service.update_session(made, {"title": Translated(en=title)}, at=LATER, by=LENA, expected_version=seen)
                db.session.commit()
                outcomes.append("saved")
            except EditedMeanwhile:
                outcomes.append("told")

    threads = [threading.Thread(target=edit, args=(title,)) for title in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["saved", "told"]


def test_two_who_add_sessions_at_once_get_different_codes(app: Flask) -> None:
    with app.app_context():
        week.edition()
        db.session.commit()
    both = threading.Barrier(4)

    def add() -> None:
        with app.app_context():
            both.wait(10)
            for _ in range(5):
                week.session(editions.edition_by_slug("2020"))
                db.session.commit()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with app.app_context():
        codes = sorted(db.session.scalars(select(AgendaSession.code)))
    assert codes == [f"S20-{number:03}" for number in range(1, 21)]


def test_a_locked_session_keeps_time_and_hall_until_it_is_unlocked(db_session: Session) -> None:
    made = week.session(week.edition(), is_locked=True)
    with pytest.raises(service.SessionLocked):
        service.update_session(made, {"starts": time(9)}, at=LATER, by=NADIA)
    service.update_session(made, {"title": Translated(en="Renamed")}, at=LATER, by=NADIA)
    service.update_session(made, {"starts": time(9), "is_locked": False}, at=LATER, by=NADIA)
    assert (str(made.title), made.starts) == ("Renamed", time(9))


def test_a_session_that_was_never_published_can_go_and_a_published_one_can_only_be_cancelled(
    db_session: Session,
) -> None:
    edition = week.edition()
    kept, gone = week.session(edition, "Kept"), week.session(edition, "Gone")
    child = week.session(edition, "Part", parent=gone)
    service.delete_session(gone, at=LATER, by=NADIA)
    db.session.expire_all()
    assert (child.parent, [one.code for one in service.draft_sessions(edition)]) == (None, [kept.code, child.code])
    week.publish(edition)
    with pytest.raises(service.SessionPublished) as caught:
        service.delete_session(kept, at=LATER, by=NADIA)
    assert str(caught.value) == ("“Kept” has been published and is in calendars: cancel it instead of removing it.")
    service.cancel_session(kept, at=LATER, by=NADIA)
    assert kept.status == SessionStatus.CANCELLED


def test_speakers_as_free_text_become_people_once(db_session: Session) -> None:
    edition = week.edition()
    chair = Appearance(PartRole.CHAIR, "Cemal Baş", "Mayor", "Union of Municipalities")
    speaker = Appearance(PartRole.SPEAKER, "Cemal Baş", "Treasurer", "", PartState.TO_BE_CONFIRMED)
    one, other = week.session(edition, parts=[chair]), week.session(edition, parts=[speaker])
    assert one.parts[0].person is other.parts[0].person
    assert [(person.badge_name, person.position) for person in db.session.scalars(select(Person))] == [
        ("Cemal Baş", "Mayor")
    ]
    assert [(part.printed_name, part.office, part.organisation, part.role, part.state) for part in other.parts] == [
        ("Cemal Baş", "Treasurer", "", PartRole.SPEAKER, PartState.TO_BE_CONFIRMED)
    ]


def test_a_speaker_of_the_same_name_stays_the_person_he_was(db_session: Session) -> None:
    edition = week.edition()
    namesake = Person(badge_name="Jonas Berg", created_at=AT)
    db.session.add(namesake)
    week.session(edition, parts=[Appearance(PartRole.CHAIR, "Jonas Berg")])
    made = week.session(edition, parts=[Appearance(PartRole.SPEAKER, "Jonas Berg", person=namesake)])
    service.update_session(
        made,
        {"parts": [Appearance(PartRole.MODERATOR, "Jonas Berg"), Appearance(PartRole.CHAIR, "Ana")]},
        at=LATER,
        by=LENA,
    )
    assert [(part.role, part.person is namesake, part.position) for part in made.parts] == [
        (PartRole.MODERATOR, True, 0),
        (PartRole.CHAIR, False, 1),
    ]


def test_the_draft_is_listed_in_order_of_time(db_session: Session) -> None:
    edition = week.edition()
    week.session(edition, "No day", date=None, starts=None, ends=None)
    week.session(edition, "No time", starts=None, ends=None)
    week.session(edition, "Late", starts=time(10))
    week.session(edition, "Monday", date=date(2020, 2, 24), starts=time(10))
    week.session(edition, "Early", starts=time(8))
    assert [str(session.title) for session in service.draft_sessions(edition)] == [
        *("Monday", "Early", "Late", "No time", "No day")
    ]


def test_an_unknown_code_is_a_sentence(db_session: Session) -> None:
    with pytest.raises(service.UnknownSession) as caught:
        service.session_by_code(week.edition(), "nope")
    assert str(caught.value) == "There is no session “nope” in this edition."
