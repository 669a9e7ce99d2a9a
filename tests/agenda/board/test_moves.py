"""Moves on the board: what is allowed, what goes along, and what is refused in words."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from retreat.agenda.board import presence, steps
from retreat.agenda.board.models import Step, StepKind
from retreat.agenda.board.moves import HeldBySomebody, MovedMeanwhile
from retreat.agenda.models import AgendaSession
from retreat.agenda.service import SessionLocked
from retreat.agenda.times import BadTime
from retreat.agenda.values import SessionRefused
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Hall
from tests.agenda import week
from tests.agenda.board.making import hall, place, where
from tests.agenda.week import AT, NADIA, TUESDAY


class TestMoving:
    def test_a_session_goes_to_another_hour_and_hall(self, tangier, kasbah, malabata, nadia):
        finance = week.session(tangier, hall=kasbah)
        step = place(finance, "10:05-11:35", malabata, by=nadia)
        assert where(finance) == "25 10:05-11:35 malabata"
        assert (step.kind, step.by, step.number) == (StepKind.MOVED, "Nadia Orlova", 1)
        assert f"{finance.start_utc:%H:%M}" == "09:05"

    def test_from_the_shelf_and_back(self, tangier, kasbah, nadia):
        finance = week.session(tangier, date=None, starts=None, ends=None)
        assert place(finance, "10:00-11:00", kasbah, by=nadia).kind is StepKind.PLACED
        assert where(finance) == "25 10:00-11:00 kasbah"
        assert place(finance, day=None, by=nadia).kind is StepKind.TAKEN_OFF
        assert where(finance) == ""

    def test_a_longer_one_is_resized(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah)
        assert place(finance, "09:30-11:30", kasbah, by=nadia).kind is StepKind.RESIZED

    def test_to_a_day_without_an_hour(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah)
        place(finance, to=kasbah, by=nadia)
        assert where(finance) == "25 kasbah"

    def test_where_it_is_already_makes_no_step(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah)
        assert place(finance, "09:30-11:00", kasbah, by=nadia) is None
        assert week.count(Step) == 0

    def test_another_zone_keeps_the_wall_time(self, tangier, kasbah, nadia):
        away = editions.add_venue(tangier, Translated(en="Kazan"), at=AT, by=NADIA)
        away.zone = "Europe/Moscow"
        finance = week.session(tangier, hall=kasbah)
        place(finance, "09:30-11:00", hall(tangier, "Kremlin", venue=away), by=nadia)
        assert (finance.zone, f"{finance.start_utc:%H:%M}", f"{finance.starts:%H:%M}") == (
            "Europe/Moscow",
            "06:30",
            "09:30",
        )

    def test_a_session_that_began_off_the_grid_may_go_to_another_hall(self, tangier, kasbah, malabata, nadia):
        finance = week.session(tangier, hall=kasbah, starts=time(9, 32))
        place(finance, "09:32-11:00", malabata, by=nadia)
        assert where(finance) == "25 09:32-11:00 malabata"


class TestParts:
    def test_they_move_along_in_one_step(self, tangier, kasbah, malabata, nadia):
        bureau = week.session(tangier, "Bureau", hall=kasbah, starts=time(9), ends=time(14))
        lunch = week.session(tangier, "Lunch", hall=kasbah, starts=time(12), ends=time(13), parent=bureau)
        tour = week.session(tangier, "Tour", starts=time(13), ends=time(14), parent=bureau)
        step = place(bureau, "10:00-15:00", malabata, by=nadia, day=date(2020, 2, 26))
        assert [where(one) for one in (bureau, lunch, tour)] == [
            "26 10:00-15:00 malabata",
            "26 13:00-14:00 malabata",
            "26 14:00-15:00",
        ]
        assert len(step.changes) == 3
        steps.undo(tangier, at=AT, by=nadia)
        assert [where(one) for one in (bureau, lunch)] == ["25 09:00-14:00 kasbah", "25 12:00-13:00 kasbah"]

    def test_a_longer_meeting_has_its_lunch_when_it_had_it(self, tangier, kasbah, nadia):
        bureau = week.session(tangier, "Bureau", hall=kasbah, starts=time(9), ends=time(14))
        lunch = week.session(tangier, "Lunch", hall=kasbah, starts=time(12), ends=time(13), parent=bureau)
        place(bureau, "08:00-14:00", kasbah, by=nadia)
        assert where(lunch) == "25 12:00-13:00 kasbah"

    def test_they_go_off_the_board_with_it(self, tangier, kasbah, nadia):
        bureau = week.session(tangier, "Bureau", hall=kasbah, starts=time(9), ends=time(14))
        lunch = week.session(tangier, "Lunch", starts=time(12), ends=time(13), parent=bureau)
        place(bureau, day=None, by=nadia)
        assert (where(bureau), where(lunch)) == ("", "")

    def test_a_locked_one_keeps_all_of_it_where_it_is(self, tangier, kasbah, nadia):
        bureau = week.session(tangier, "Bureau", hall=kasbah, starts=time(9), ends=time(14))
        week.session(tangier, "Lunch", starts=time(12), ends=time(13), parent=bureau, is_locked=True)
        with pytest.raises(SessionLocked, match="“Lunch” is locked"):
            place(bureau, "10:00-15:00", kasbah, by=nadia)
        db.session.expire_all()
        assert (where(bureau), week.count(Step)) == ("25 09:00-14:00 kasbah", 0)


class TestRefused:
    @pytest.mark.parametrize(
        ("hours", "day", "sentence"),
        [
            ("10:03-11:00", TUESDAY, "10:03 is not on the board"),
            ("10:00-11:01", TUESDAY, "11:01 is not on the board"),
            ("15:00-14:00", TUESDAY, "The end, 14:00, lies before the start, 15:00"),
            ("10:00-10:00", TUESDAY, "a session takes time"),
            ("10:00", TUESDAY, "Give the end as well"),
            ("10:00-11:00", date(2020, 3, 9), "2020-03-09 is not a day of this edition"),
            ("10:00-11:00", date(9999, 12, 31), "not a day of this edition"),
        ],
    )
    def test_a_time_that_cannot_be(self, tangier, kasbah, nadia, hours, day, sentence):
        finance = week.session(tangier, hall=kasbah)
        with pytest.raises(BadTime, match=sentence):
            place(finance, hours, kasbah, by=nadia, day=day)
        db.session.expire_all()
        assert (where(finance), week.count(Step)) == ("25 09:30-11:00 kasbah", 0)

    @pytest.mark.parametrize(
        ("hours", "day", "sentence"),
        [
            ("02:15-03:30", date(2026, 3, 29), "does not exist in Europe/Paris"),
            ("02:15-03:30", date(2026, 10, 25), "happens twice in Europe/Paris"),
        ],
    )
    def test_an_hour_that_the_clocks_leave_out_or_repeat(self, db_session, nadia, hours, day, sentence):
        paris = week.edition("2026", zone="Europe/Paris", starts_on=day, ends_on=day)
        gala = week.session(paris, "Gala", date=day)
        with pytest.raises(BadTime, match=sentence):
            place(gala, hours, by=nadia, day=day)
        db.session.expire_all()
        assert f"{gala.starts:%H:%M}" == "09:30"

    def test_the_hall_of_another_edition(self, tangier, nadia):
        other = week.edition("2019")
        finance = week.session(tangier)
        with pytest.raises(SessionRefused, match="another edition"):
            place(finance, "10:00-11:00", hall(other, "Alamo"), by=nadia)

    def test_a_locked_session(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah, is_locked=True)
        with pytest.raises(SessionLocked, match="“Local Finance” is locked"):
            place(finance, "10:00-11:30", kasbah, by=nadia)
        db.session.expire_all()
        assert where(finance) == "25 09:30-11:00 kasbah"

    def test_a_card_in_somebody_elses_hand(self, tangier, kasbah, nadia, lena):
        finance = week.session(tangier, hall=kasbah)
        assert presence.hold(tangier, finance, at=AT, by=lena) is None
        with pytest.raises(HeldBySomebody, match="Lena Osei is editing “Local Finance”"):
            place(finance, "10:00-11:30", kasbah, by=nadia)
        place(finance, "10:00-11:30", kasbah, by=nadia, at=AT + timedelta(seconds=31))
        assert where(finance) == "25 10:00-11:30 kasbah"

    def test_a_card_that_somebody_has_moved_since_it_was_drawn(self, tangier, kasbah, malabata, nadia, lena):
        finance = week.session(tangier, hall=kasbah)
        seen = finance.version
        place(finance, "12:00-13:00", malabata, by=lena, version=seen)
        with pytest.raises(
            MovedMeanwhile, match="Lena Osei was faster: “Local Finance” is now here: 2020-02-25, 12:00–13:00, Malabata"
        ):
            place(finance, "10:00-11:30", kasbah, by=nadia, version=seen)
        assert where(finance) == "25 12:00-13:00 malabata"


class TestAtOnce:
    def test_of_two_who_move_one_card_exactly_one_wins(self, app, db_session, tangier, kasbah, malabata, nadia, lena):
        finance = week.session(tangier, hall=kasbah)
        key, seen, halls = finance.id, finance.version, {nadia: kasbah.id, lena: malabata.id}
        db_session.commit()

        def move(who):
            with app.app_context():
                session = db.session.get_one(AgendaSession, key)
                try:
                    place(session, "12:00-13:00", db.session.get_one(Hall, halls[who]), by=who, version=seen)
                    db.session.commit()
                except MovedMeanwhile:
                    db.session.rollback()
                    return False
                else:
                    return True

        with ThreadPoolExecutor(2) as pool:
            won = list(pool.map(move, (nadia, lena)))
        assert sorted(won) == [False, True]
        db_session.expire_all()
        [step] = db_session.scalars(select(Step))
        assert (finance.hall_id, step.by) == ((kasbah.id, "Nadia Orlova") if won[0] else (malabata.id, "Lena Osei"))

    def test_steps_of_many_at_once_are_numbered_without_a_gap(self, app, db_session, tangier, nadia, lena):
        keys = [week.session(tangier, f"Session {number}").id for number in range(6)]
        db_session.commit()

        def move(number):
            with app.app_context():
                session = db.session.get_one(AgendaSession, keys[number])
                place(session, "12:00-13:00", by=(nadia, lena)[number % 2])
                db.session.commit()

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(move, range(6)))
        assert list(db_session.scalars(select(Step.number).order_by(Step.number))) == [1, 2, 3, 4, 5, 6]
