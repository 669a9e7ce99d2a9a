from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda import publishing
from retreat.agenda import service as agenda
from retreat.agenda.models import Kind
from retreat.ceremony import order, service
from retreat.core.audit import SYSTEM
from retreat.core.i18n import Translated
from tests.making import NOON, an_edition

SECRET = "Bishkek"


def a_ceremony():
    """An edition with a published ceremony inside the Presidency meeting, and one award that nobody may know yet."""
    edition = an_edition()
    meeting = agenda.create_session(
        edition,
        {
            "code": "MEETING",
            "title": Translated(en="Presidency"),
            "date": date(2027, 2, 26),
            "starts": time(9),
            "ends": time(13),
        },
        at=NOON,
        by=SYSTEM,
    )
    session = agenda.create_session(
        edition,
        {
            "code": "AWARDS",
            "title": Translated(en="Award ceremony"),
            "date": date(2027, 2, 26),
            "starts": time(11),
            "ends": time(11, 45),
            "kind": Kind.CEREMONY,
            "parent": meeting,
        },
        at=NOON,
        by=SYSTEM,
    )
    award = service.save_award(
        session,
        None,
        {
            "prize": Translated(en="First place"),
            "place": 1,
            "winner_name": Translated(en=f"City of {SECRET}"),
            "recipient_name": "Satybek Kanybekov",
            "citation": Translated(en=f"For what {SECRET} has done"),
        },
        at=NOON,
        by=SYSTEM,
    )
    for title, minutes, award_id in (
        ("Welcome", 5, None),
        (f"Diploma to {SECRET}", 10, award.id),
        ("Photograph", 3, None),
    ):
        service.save_step(
            session,
            None,
            title=Translated(en=title),
            minutes=minutes,
            people=Translated(en=f"Somebody from {SECRET}") if award_id else Translated(),
            note=Translated(),
            award_id=award_id,
            at=NOON,
            by=SYSTEM,
        )
    publishing.publish(edition, at=NOON, by=SYSTEM)
    return edition, session, award


@given(st.lists(st.integers(0, 120), max_size=12))
def test_each_step_begins_when_the_one_before_is_over(minutes):
    begins = datetime(2020, 2, 28, 11, tzinfo=UTC)
    found = order.starts(begins, minutes)
    ends = [*found[1:], order.ends(begins, minutes)][: len(found)]
    for before, after, length in zip(found, ends, minutes, strict=True):
        assert after - before == timedelta(minutes=length)


@given(st.permutations(range(6)), st.integers(0, 5), st.integers(-9, 9))
def test_moving_a_step_keeps_all_of_them_and_the_others_in_order(ids, moving, by):
    after = order.moved(ids, moving, by)
    assert sorted(after) == sorted(ids)
    assert [one for one in after if one != moving] == [one for one in ids if one != moving]
    assert after.index(moving) == max(0, min(5, list(ids).index(moving) + by))


def test_the_ceremony_is_found_by_its_own_code_and_by_that_of_the_meeting(db_session):
    edition, session, _ = a_ceremony()
    assert service.ceremony_of(edition.id, "AWARDS") is session
    assert service.ceremony_of(edition.id, "MEETING") is session
    with pytest.raises(service.UnknownCeremony):
        service.ceremony_of(edition.id, "NONE")


def test_a_sealed_result_is_nowhere_and_an_announced_one_is_there(client, db_session):
    _, session, award = a_ceremony()
    paths = [
        *("/2027/", "/2027/agenda", "/2027/agenda/2027-02-26", "/2027/sessions/AWARDS", "/2027/sessions/MEETING"),
        *("/2027/agenda.json", "/2027/calendar/agenda.ics"),
    ]
    assert [path for path in paths if SECRET in client.get(path).text] == []
    assert "First place" in client.get("/2027/sessions/AWARDS").text
    service.announce(session, [award], at=NOON, by=SYSTEM)
    assert [path for path in paths if SECRET in client.get(path).text] == [
        "/2027/sessions/AWARDS",
        "/2027/sessions/MEETING",
    ]
    service.seal(session, [award], at=NOON, by=SYSTEM)
    assert SECRET not in client.get("/2027/sessions/AWARDS").text


def test_an_announcement_in_the_future_is_no_announcement_yet(client, db_session, clock):
    _, _, award = a_ceremony()
    award.announced_at = NOON + timedelta(hours=1)
    with clock(NOON):
        assert SECRET not in client.get("/2027/sessions/AWARDS").text
    with clock(NOON + timedelta(hours=2)):
        assert SECRET in client.get("/2027/sessions/AWARDS").text


def test_the_protocol_officer_orders_the_steps(as_role, db_session):
    _, session, _ = a_ceremony()
    protocol = as_role("protocol")
    first, second, third = service.running_order_of(session.id)
    page = "/organise/2027/ceremony/AWARDS"
    assert "11:05" in protocol.get(page).text
    protocol.submit(page, action=f"/steps/{third.id}/up")
    db_session.expire_all()
    assert [step.id for step in service.running_order_of(session.id)] == [first.id, third.id, second.id]
    protocol.submit(f"{page}/steps/{second.id}", action="/remove")
    db_session.expire_all()
    assert [step.id for step in service.running_order_of(session.id)] == [first.id, third.id]


def test_a_step_without_a_title_keeps_what_was_typed(as_role, db_session):
    _, session, _ = a_ceremony()
    protocol = as_role("protocol")
    answer = protocol.submit(
        "/organise/2027/ceremony/AWARDS/steps/new", form_id="edit", minutes="7", people_fr="La présidente"
    )
    assert (answer.status_code, "La présidente" in answer.text) == (422, True)
    assert len(service.running_order_of(session.id)) == 3


@pytest.mark.parametrize(("amount", "currency"), [("10000", ""), ("", "USD"), ("10000", "DOLLARS"), ("-1", "USD")])
def test_an_amount_and_its_currency_come_together(as_role, db_session, amount, currency):
    a_ceremony()
    answer = as_role("protocol").submit(
        "/organise/2027/ceremony/AWARDS/awards/new", form_id="edit", prize_en="Prize", amount=amount, currency=currency
    )
    assert answer.status_code == 422


def test_an_award_is_added_changed_and_removed(as_role, db_session):
    _, session, award = a_ceremony()
    protocol = as_role("protocol")
    page = "/organise/2027/ceremony/AWARDS"
    answer = protocol.submit(
        f"{page}/awards/new", form_id="edit", prize_en="Second place", place="2", amount="500.50", currency="eur"
    )
    assert answer.status_code == 303
    db_session.expire_all()
    added = service.awards_of(session.id)[-1]
    assert (added.place, str(added.amount), added.currency) == (2, "500.50", "EUR")
    protocol.submit(f"{page}/awards/{award.id}", action="/remove")
    db_session.expire_all()
    assert [one.id for one in service.awards_of(session.id)] == [added.id]
    assert [step.award_id for step in service.running_order_of(session.id)] == [None, None, None]


def test_a_viewer_sees_the_ceremony_and_changes_nothing(as_role, db_session):
    a_ceremony()
    viewer = as_role("viewer")
    answer = viewer.post("/organise/2027/ceremony/AWARDS/announce")
    assert answer.status_code in (400, 403)
