"""Steps and their inverse: what undo gives back, when it refuses, and that it never overwrites anybody."""

from datetime import date, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from retreat.agenda import service
from retreat.agenda.board import steps
from retreat.agenda.board.made import TouchedSince
from retreat.agenda.board.models import Step, StepKind
from retreat.agenda.board.steps import GoneSince, NothingToRedo, NothingToUndo
from retreat.agenda.models import AgendaSession, Audience, Document, Part, PartRole
from retreat.agenda.service import SessionLocked, SessionPublished
from retreat.agenda.values import Appearance
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall
from tests.agenda import week
from tests.agenda.board.making import hall, place, where
from tests.agenda.week import AT, NADIA, TUESDAY


def undo(of, who):
    return steps.undo(of, at=AT, by=who)


def redo(of, who):
    return steps.redo(of, at=AT, by=who)


class TestUndo:
    def test_the_inverse_is_written_and_can_be_undone_itself(self, tangier, kasbah, malabata, nadia):
        finance = week.session(tangier, hall=kasbah)
        place(finance, "10:00-11:30", malabata, by=nadia)
        assert undo(tangier, nadia).is_undone
        assert where(finance) == "25 09:30-11:00 kasbah"
        assert not redo(tangier, nadia).is_undone
        assert where(finance) == "25 10:00-11:30 malabata"

    def test_fifty_steps_go_back_and_forth(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah)
        for number in range(50):
            start = timedelta(hours=8, minutes=5 * number)
            hours = [f"{(AT.replace(hour=0) + start + more):%H:%M}" for more in (timedelta(), timedelta(hours=1))]
            place(finance, "-".join(hours), kasbah, by=nadia)
        for _ in range(50):
            undo(tangier, nadia)
        assert where(finance) == "25 09:30-11:00 kasbah"
        with pytest.raises(NothingToUndo, match="no step of yours to undo"):
            undo(tangier, nadia)
        for _ in range(50):
            redo(tangier, nadia)
        assert where(finance) == "25 12:05-13:05 kasbah"
        with pytest.raises(NothingToRedo):
            redo(tangier, nadia)

    def test_it_is_ones_own_last_step_and_nobody_elses(self, tangier, kasbah, nadia, lena):
        finance, rights = week.session(tangier, hall=kasbah), week.session(tangier, "Rights", hall=kasbah)
        place(finance, "10:00-11:30", kasbah, by=nadia)
        place(rights, "12:00-13:00", kasbah, by=lena)
        undo(tangier, nadia)
        assert (where(finance), where(rights)) == ("25 09:30-11:00 kasbah", "25 12:00-13:00 kasbah")

    def test_it_is_refused_when_somebody_has_touched_the_session_since(self, tangier, kasbah, nadia, lena):
        finance = week.session(tangier, hall=kasbah)
        place(finance, "10:00-11:30", kasbah, by=nadia)
        place(finance, "12:00-13:00", kasbah, by=lena)
        with pytest.raises(TouchedSince, match="Lena Osei has touched “Local Finance” since that step"):
            undo(tangier, nadia)
        assert where(finance) == "25 12:00-13:00 kasbah"
        undo(tangier, lena)
        undo(tangier, nadia)
        assert where(finance) == "25 09:30-11:00 kasbah"

    def test_a_new_title_is_no_reason_to_refuse_and_stays(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah)
        place(finance, "10:00-11:30", kasbah, by=nadia)
        service.update_session(finance, {"title": finance.title.with_text("en", "Money")}, at=AT, by=NADIA)
        undo(tangier, nadia)
        assert (where(finance), finance.title["en"]) == ("25 09:30-11:00 kasbah", "Money")

    def test_all_of_a_step_or_nothing(self, tangier, kasbah, nadia, lena):
        bureau = week.session(tangier, "Bureau", starts=time(9), ends=time(14), hall=kasbah)
        lunch = week.session(tangier, "Lunch", starts=time(12), ends=time(13), hall=kasbah, parent=bureau)
        place(bureau, "10:00-15:00", kasbah, by=nadia)
        place(lunch, "14:00-15:00", kasbah, by=lena)
        with pytest.raises(TouchedSince, match="Lunch"):
            undo(tangier, nadia)
        db.session.expire_all()
        assert where(bureau) == "25 10:00-15:00 kasbah"

    def test_a_new_step_ends_what_could_be_done_again(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah)
        place(finance, "10:00-11:30", kasbah, by=nadia)
        undo(tangier, nadia)
        place(finance, "12:00-13:00", kasbah, by=nadia)
        with pytest.raises(NothingToRedo):
            redo(tangier, nadia)
        undo(tangier, nadia)
        assert where(finance) == "25 09:30-11:00 kasbah"

    def test_what_is_locked_since_stays(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah)
        place(finance, "10:00-11:30", kasbah, by=nadia)
        service.update_session(finance, {"is_locked": True}, at=AT, by=NADIA)
        with pytest.raises(SessionLocked):
            undo(tangier, nadia)
        db.session.expire_all()
        assert where(finance) == "25 10:00-11:30 kasbah"

    def test_a_hall_that_is_gone_is_said(self, db_session, tangier, kasbah, malabata, nadia):
        finance = week.session(tangier, hall=malabata)
        place(finance, "10:00-11:30", kasbah, by=nadia)
        db_session.execute(delete(Hall).where(Hall.id == malabata.id))
        db_session.expire_all()
        with pytest.raises(GoneSince, match="The hall"):
            undo(tangier, nadia)

    def test_a_session_that_is_gone_is_said(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah, code="LF")
        place(finance, "10:00-11:30", kasbah, by=nadia)
        service.delete_session(finance, at=AT, by=NADIA)
        with pytest.raises(GoneSince, match="LF"):
            undo(tangier, nadia)

    def test_another_venue_and_its_zone_come_back(self, tangier, kasbah, nadia):
        away = editions.add_venue(tangier, tangier.title, at=AT, by=NADIA)
        away.zone = "Europe/Moscow"
        finance = week.session(tangier, hall=kasbah)
        place(finance, "09:30-11:00", hall(tangier, "Kremlin", venue=away), by=nadia)
        undo(tangier, nadia)
        assert (finance.zone, f"{finance.start_utc:%H:%M}") == ("Africa/Casablanca", "08:30")

    def test_the_history_keeps_who_undid(self, db_session, tangier, kasbah, nadia):
        place(week.session(tangier, hall=kasbah), "10:00-11:30", kasbah, by=nadia)
        undo(tangier, nadia)
        said = db_session.execute(select(AuditEntry.action, AuditEntry.actor_name).order_by(AuditEntry.id)).all()
        assert ("step.undone", "Nadia Orlova") in [tuple(row) for row in said]

    def test_a_command_has_steps_of_its_own(self, tangier, kasbah, nadia):
        finance = week.session(tangier, hall=kasbah)
        place(finance, "10:00-11:30", kasbah, by=NADIA)
        with pytest.raises(NothingToUndo):
            undo(tangier, nadia)
        undo(tangier, NADIA)
        assert where(finance) == "25 09:30-11:00 kasbah"


class TestMade:
    """Steps that made sessions, such as copied breaks."""

    @pytest.fixture
    def coffee(self, tangier, kasbah, nadia):
        made = week.session(
            tangier, "Coffee", code="C", hall=kasbah, parts=[Appearance(PartRole.CHAIR, "Amina Bennani")]
        )
        change = {"id": made.id, "code": made.code, "before": None, "after": steps.placement(made)}
        steps.record(tangier, StepKind.COPIED, [change], at=AT, by=nadia)
        return made

    def test_undo_removes_them_and_redo_makes_the_same(self, db_session, tangier, coffee, nadia):
        key, uid = coffee.id, coffee.uid
        undo(tangier, nadia)
        assert week.count(AgendaSession) == 0
        redo(tangier, nadia)
        again = db_session.get_one(AgendaSession, key)
        assert (again.uid, again.code, where(again)) == (uid, "C", "25 09:30-11:00 kasbah")
        assert [part.printed_name for part in again.parts] == ["Amina Bennani"]
        undo(tangier, nadia)
        assert (week.count(AgendaSession), week.count(Part)) == (0, 0)

    def test_not_when_somebody_has_worked_on_them(self, tangier, coffee, nadia):
        service.update_session(coffee, {"tags": ["sponsored"]}, at=AT, by=NADIA)
        with pytest.raises(TouchedSince):
            undo(tangier, nadia)

    def test_not_when_a_paper_hangs_on_them(self, db_session, tangier, coffee, nadia):
        file = {"file_name": "a.pdf", "media_type": "application/pdf", "size": 1, "digest": "d", "content": b"x"}
        paper = {"token": "t", "title": coffee.title, "audience": Audience.EVERYBODY, "added_at": AT, "added_by": "x"}
        db_session.add(Document(session_id=coffee.id, **paper, **file))
        db_session.flush()
        with pytest.raises(TouchedSince):
            undo(tangier, nadia)

    def test_not_when_they_are_in_calendars(self, tangier, coffee, nadia):
        week.publish(tangier)
        with pytest.raises(SessionPublished):
            undo(tangier, nadia)

    def test_moves_of_them_go_back_first(self, tangier, coffee, kasbah, nadia):
        place(coffee, "15:00-15:30", kasbah, by=nadia)
        undo(tangier, nadia)
        undo(tangier, nadia)
        redo(tangier, nadia)
        redo(tangier, nadia)
        assert where(db.session.scalars(select(AgendaSession)).one()) == "25 15:00-15:30 kasbah"


MOVES = st.tuples(
    st.sampled_from(("move", "undo", "redo")),
    st.integers(0, 1),  # who
    st.integers(0, 2),  # which session
    st.integers(0, 20),  # where: the hour
    st.integers(0, 2),  # the hall
    st.booleans(),  # off the board
)


class TestProperty:
    @pytest.mark.one_database
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(script=st.lists(MOVES, max_size=14))
    def test_undoing_all_of_ones_steps_gives_back_the_first_state_unless_somebody_interfered(self, db_session, script):
        """Two organisers move three sessions at random, then each undoes everything."""
        db_session.rollback()
        for table in (Step, AgendaSession, Hall, Edition):
            db_session.execute(delete(table))
        of = week.edition()
        halls = [hall(of, "Kasbah"), hall(of, "Malabata"), None]
        sessions = [week.session(of, f"Session {number}", hall=halls[number]) for number in range(3)]
        first = state(sessions)
        movers = play(script, of, halls, sessions)
        for by in BOTH:
            while attempt(steps.undo, of, by, sessions):
                pass
        after, standing = state(sessions), waiting_steps()
        for code, names in movers.items():
            # A step that stands waits behind somebody else's; what nobody else has touched is as it was.
            assert len(names) == 2 or code in standing or after[code] == first[code]
        if all(len(names) < 2 for names in movers.values()):
            assert (after, standing) == (first, set())


BOTH = (NADIA, week.LENA)


def play(script, of, halls, sessions):
    """What the two do; who has moved each session."""
    movers = {session.code: set() for session in sessions}
    for what, one, which, hour, at_hall, is_off in script:
        by, session = BOTH[one], sessions[which]
        if what != "move":
            attempt(steps.undo if what == "undo" else steps.redo, of, by, sessions)
            continue
        start = 8 * 60 + hour * 15
        hours = "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (start, start + 60))
        if place(session, "" if is_off else hours, halls[at_hall], by=by, day=None if is_off else TUESDAY):
            movers[session.code].add(by.name)
    return movers


def state(sessions):
    db.session.expire_all()
    return {session.code: steps.placement(session) for session in sessions}


def waiting_steps():
    found = db.session.scalars(select(Step).where(~Step.is_undone))
    return {change["code"] for step in found for change in step.changes}


def attempt(act, of, by, sessions):
    """Whether it went; refused, it has changed nothing."""
    before = state(sessions)
    try:
        act(of, at=AT, by=by)
    except (NothingToUndo, NothingToRedo):
        return False
    except TouchedSince:
        assert state(sessions) == before
        return False
    return True


def test_a_placement_comes_back_from_json_as_it_was(db_session):
    of = week.edition()
    kasbah = hall(of, "Kasbah")
    session = week.session(of, hall=kasbah, starts=time(9, 5), zone_override="Europe/Paris", date=date(2020, 2, 26))
    placed = steps.placement(session)
    assert placed["starts"] == "09:05"
    values = steps.values_of(placed, {kasbah.id: kasbah}, {kasbah.venue.id: kasbah.venue})
    assert values == {
        "date": date(2020, 2, 26),
        "starts": time(9, 5),
        "ends": time(11),
        "hall": kasbah,
        "venue": kasbah.venue,
        "zone_override": "Europe/Paris",
    }
