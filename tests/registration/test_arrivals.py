"""Who has arrived."""

from datetime import UTC, datetime, timedelta

import pytest

from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.registration import service as registering
from retreat.registration.arrivals import service
from retreat.registration.models import Status
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition, registrations

MORNING = datetime(2020, 2, 24, 8, 5, tzinfo=UTC)
URL = "/organise/2020/registrations/R20-0001"


@pytest.fixture
def ana(db_session):
    made = edition()
    one = registering.register(made, answers(made), at=AT, by=DELEGATE)
    registering.approve(one, at=AT, by=REGISTRAR)
    db.session.commit()
    return one


def test_the_first_word_stands_and_the_second_desk_reads_since_when(ana):
    version = ana.version
    service.note_arrival(ana, at=MORNING, by=REGISTRAR)
    with pytest.raises(service.AlreadyArrived, match="at 09:05"):
        service.note_arrival(ana, at=MORNING + timedelta(hours=1), by=REGISTRAR)
    assert (ana.arrived_at, ana.version) == (MORNING, version)


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.APPROVED])
def test_only_who_is_approved_arrives(ana, status):
    ana.status = status
    db.session.commit()
    with pytest.raises(service.NotApproved):
        service.note_arrival(ana, at=MORNING, by=REGISTRAR)
    assert ana.arrived_at is None


def test_a_slip_of_the_hand_is_taken_back_and_both_are_written_down(ana):
    service.note_arrival(ana, at=MORNING, by=REGISTRAR)
    service.undo_arrival(ana, at=MORNING, by=REGISTRAR)
    with pytest.raises(service.NotArrived):
        service.undo_arrival(ana, at=MORNING, by=REGISTRAR)
    assert ana.arrived_at is None
    actions = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert actions[-2:] == ["registration.arrived", "registration.arrival_undone"]


@pytest.mark.one_database
def test_the_desk_has_the_button_and_the_page_says_the_hour(as_role, ana, clock):
    desk = as_role("desk")
    with clock(MORNING):
        desk.submit(URL, action="/arrived")
        text = desk.get(URL).text
    assert "Monday 24 February 2020, 09:05" in text
    assert desk.post(f"{URL}/arrived").status_code == 400
    desk.submit(URL, action="/not-arrived")
    assert "Not yet arrived." in desk.get(URL).text
    assert registrations()[0].arrived_at is None


@pytest.mark.one_database
def test_who_only_looks_has_no_button_and_who_waits_none_either(as_role, ana):
    assert "Note the arrival" not in as_role("viewer").get(URL).text
    ana.status = Status.SUBMITTED
    db.session.commit()
    assert "At the desk" not in as_role("desk").get(URL).text
