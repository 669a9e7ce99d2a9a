"""Booths, closures and walks: entered, refused in words, taken back."""

from datetime import date, time

import pytest

from retreat.agenda import frame
from retreat.agenda.frame import FrameRefused
from retreat.agenda.halls import service
from retreat.core.audit import AuditEntry
from retreat.core.i18n import Translated
from retreat.editions.models import HallClosure, Walk
from tests.agenda import week
from tests.agenda.week import AT, NADIA, TUESDAY

FRAME = "/organise/2020/agenda/frame"


def hall_of(edition):
    return frame.create_hall(edition, {"name": Translated(en="Kasbah")}, at=AT, by=NADIA)


def test_a_hall_is_closed_all_day_or_over_midnight_and_opened_again(db_session):
    hall = hall_of(week.edition())
    service.close_hall(hall, TUESDAY, None, None, "", at=AT, by=NADIA)
    night = service.close_hall(hall, TUESDAY, time(22), time(2), "building up", at=AT, by=NADIA)
    service.open_hall(hall, night.id, at=AT, by=NADIA)
    with pytest.raises(service.NoSuchClosure):
        service.open_hall(hall, night.id, at=AT, by=NADIA)
    assert [(one.date, one.starts, one.reason) for one in db_session.query(HallClosure)] == [(TUESDAY, None, "")]
    actions = [entry.action for entry in db_session.query(AuditEntry).order_by(AuditEntry.id)]
    assert actions[-3:] == ["hall.closed", "hall.closed", "hall.opened"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("day", "starts", "ends", "field"),
    [
        (TUESDAY, time(9), None, "ends"),
        (TUESDAY, None, time(9), "starts"),
        (TUESDAY, time(9), time(9), "ends"),
        (date(9999, 12, 31), None, None, "date"),
        (date(2020, 2, 24), None, None, "date"),
    ],
)
def test_what_is_no_closure_is_refused_beside_its_field(db_session, day, starts, ends, field):
    hall = hall_of(week.edition())
    service.close_hall(hall, date(2020, 2, 24), None, None, "", at=AT, by=NADIA)
    with pytest.raises(FrameRefused) as refused:
        service.close_hall(hall, day, starts, ends, "", at=AT, by=NADIA)
    assert refused.value.field == field


def test_walks_are_kept_once_a_pair_and_forgotten_when_empty(db_session):
    edition = week.edition()
    venues = [frame.create_venue(edition, {"name": Translated(en=name)}, at=AT, by=NADIA) for name in ("A", "B", "C")]
    db_session.refresh(edition)
    one, other = service.pair_of(venues[1], venues[0]), service.pair_of(venues[0], venues[2])
    service.set_walks(edition, {one: 12, other: 5}, at=AT, by=NADIA)
    service.set_walks(edition, {one: 15, other: None}, at=AT, by=NADIA)
    assert service.walks(edition) == {one: 15}
    for minutes in (0, -1, 601):
        with pytest.raises(FrameRefused):
            service.set_walks(edition, {other: 5, one: minutes}, at=AT, by=NADIA)
    with pytest.raises(FrameRefused):
        service.set_walks(edition, {(1, 999): 5}, at=AT, by=NADIA)
    frame.delete_from_frame(venues[0], at=AT, by=NADIA)
    db_session.expire_all()
    assert week.count(Walk) == 0


@pytest.mark.one_database
class TestPages:
    def test_booths_and_pairs_are_entered_with_the_hall(self, as_role, db_session):
        edition = week.edition()
        programmer = as_role("programmer")
        programmer.submit(f"{FRAME}/hall/new", form_id="edit", name_en="Kasbah", booths="3", language_pairs="")
        db_session.expire_all()
        assert (edition.halls[0].booths, edition.halls[0].language_pairs) == (3, None)
        answer = programmer.submit(f"{FRAME}/hall/kasbah", form_id="edit", booths="-1")
        assert (answer.status_code, edition.halls[0].booths) == (422, 3)
        programmer.submit(f"{FRAME}/hall/kasbah", form_id="edit", booths="", language_pairs="6")
        db_session.expire_all()
        assert (edition.halls[0].booths, edition.halls[0].language_pairs) == (None, 6)

    def test_a_hall_is_closed_and_opened_by_hand(self, as_role, db_session):
        edition = week.edition()
        hall_of(edition)
        programmer = as_role("programmer")
        address = f"{FRAME}/hall/kasbah/closures"
        closing = {"date": "2020-02-25", "starts": "06:00", "ends": "14:00", "reason": "rehearsal"}
        answer = programmer.submit(address, form_id="edit", **closing | {"ends": ""})
        assert (answer.status_code, 'value="rehearsal"' in answer.get_data(as_text=True)) == (422, True)
        assert programmer.submit(address, form_id="edit", **closing | {"ends": "25:10"}).status_code == 422
        assert programmer.submit(address, form_id="edit", **closing | {"date": "soon"}).status_code == 422
        assert programmer.submit(address, form_id="edit", **closing).status_code == 303
        programmer.get(address)
        assert "06:00–14:00" in programmer.page.text
        programmer.get(FRAME)
        assert "1 time" in programmer.page.text
        number = db_session.query(HallClosure).one().id
        assert programmer.submit(address, action=f"{address}/{number}/remove").status_code == 303
        assert week.count(HallClosure) == 0

    def test_walks_are_entered_all_at_once_and_what_will_not_do_comes_back(self, as_role, db_session):
        edition = week.edition()
        for name in ("Palace", "Port"):
            frame.create_venue(edition, {"name": Translated(en=name)}, at=AT, by=NADIA)
        db_session.commit()
        db_session.refresh(edition)
        (one, other), *_rest = [service.pair_of(*pair) for pair in service.pairs(edition)]
        programmer = as_role("programmer")
        answer = programmer.submit(FRAME, action=f"{FRAME}/walks", **{f"walk-{one}-{other}": "soon"})
        assert answer.status_code == 422
        assert 'value="soon"' in answer.get_data(as_text=True)
        assert week.count(Walk) == 0
        answer = programmer.submit(FRAME, action=f"{FRAME}/walks", **{f"walk-{one}-{other}": "12"})
        assert (answer.status_code, week.count(Walk)) == (303, 1)
