"""Waiting for a seat, on both databases: in order, exact however many ask at once, and told by a mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from retreat.agenda import imports, places, service, waiting
from retreat.agenda.attendees import attendee_of
from retreat.agenda.models import Access, AgendaSession, Kind, Place, PlaceState, SessionStatus
from retreat.core import sheets
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions import service as editions
from retreat.network.models import Body, Seat
from retreat.registration import service as registrations
from retreat.registration.models import Registration
from tests.agenda import week
from tests.agenda.test_places import delegate, dinner, give_back, offered, published, sign_up, taken
from tests.agenda.week import NADIA
from tests.registration.making import AT, DELEGATE, edition

TAKEN, WAITING, INVITED, DECLINED = PlaceState.TAKEN, PlaceState.WAITING, PlaceState.INVITED, PlaceState.DECLINED


def wait(session, who):
    return places.wait(session.id, who, at=AT, by=DELEGATE)


def state(session, who):
    db.session.flush()
    return db.session.scalar(
        select(Place.state).where(Place.session_id == session.id, Place.person_id == who.person_id)
    )


@pytest.fixture
def tangier(db_session):
    return edition()


@pytest.fixture
def full(tangier):
    """One seat, Ana has it, Bea and Cem wait for it."""
    party = dinner(tangier, capacity=1)
    people = [delegate(tangier, name) for name in ("Ana", "Bea", "Cem")]
    published(tangier)
    sign_up(party, people[0])
    for one in people[1:]:
        wait(party, one)
    return party, *people


class TestOneAfterTheOther:
    def test_who_asks_waits_in_order_and_is_told_the_number(self, full):
        party, ana, bea, cem = full
        assert [offered(one)["DINNER"].number for one in (ana, bea, cem)] == [None, 1, 2]
        assert (taken(party), state(party, cem)) == (1, WAITING)
        assert [(one.name, one.number) for one in places.guests(party, "en")] == [
            ("Ana Fernández", None),
            ("Bea Fernández", 1),
            ("Cem Fernández", 2),
        ]

    def test_asking_twice_keeps_the_first_place_in_the_line(self, full):
        party, _ana, bea, cem = full
        places.wait(party.id, bea, at=AT + timedelta(hours=1), by=DELEGATE)
        assert [offered(one)["DINNER"].number for one in (bea, cem)] == [1, 2]

    def test_where_a_seat_is_free_nobody_waits(self, tangier):
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        assert wait(party, ana).state is TAKEN
        assert taken(party) == 1

    def test_a_seat_given_back_goes_to_the_first_and_a_mail_tells(self, full, outbox):
        party, ana, bea, cem = full
        give_back(party, ana)
        assert [state(party, one) for one in (ana, bea, cem)] == [None, TAKEN, WAITING]
        assert (taken(party), offered(cem)["DINNER"].number) == (1, 1)
        assert (outbox()[-1].template, outbox()[-1].recipient) == ("agenda/mail/seat.txt", "bea@example.org")

    def test_who_leaves_the_line_frees_no_seat(self, full):
        party, ana, bea, cem = full
        give_back(party, bea)
        assert [state(party, one) for one in (ana, bea, cem)] == [TAKEN, None, WAITING]
        assert (taken(party), offered(cem)["DINNER"].number) == (1, 1)

    def test_an_organiser_who_frees_a_seat_or_makes_more_gives_them_to_those_who_wait(self, full):
        party, ana, bea, cem = full
        seat = places.guests(party, "en")[0]
        places.free(party, seat.place_id, at=AT, by=NADIA)
        assert [state(party, one) for one in (ana, bea, cem)] == [None, TAKEN, WAITING]
        service.update_session(party, {"capacity": 2}, at=AT, by=NADIA)
        assert (state(party, cem), taken(party)) == (TAKEN, 2)

    def test_a_file_with_more_seats_does_so_too(self, full):
        party, *people = full
        sheet = sheets.read("x.csv", b"code,capacity\nDINNER,\n", columns=imports.COLUMNS)
        imports.import_agenda(party.edition, sheet, at=AT, by=NADIA)
        assert [state(party, one) for one in people] == [TAKEN] * 3
        assert taken(party) == 3

    def test_who_does_not_come_to_the_edition_leaves_seats_and_lines(self, full):
        party, ana, bea, cem = full
        registrations.withdraw(bea, at=AT, by=DELEGATE)
        assert state(party, bea) is None
        registrations.withdraw(ana, at=AT, by=DELEGATE)
        assert (state(party, cem), taken(party)) == (TAKEN, 1)

    def test_nobody_is_given_a_seat_of_what_is_over(self, full):
        party, _ana, bea, _cem = full
        waiting.give_back(party.id, at=party.end_utc + timedelta(minutes=1))
        assert state(party, bea) is WAITING

    def test_what_comes_back_gives_its_free_seat_to_who_waits_and_not_to_who_asks_first(self, full):
        party, ana, bea, cem = full
        service.cancel_session(party, at=AT, by=NADIA)
        week.publish(party.edition)
        places.give_up_all(ana, at=AT, by=DELEGATE)
        assert (state(party, bea), taken(party)) == (WAITING, 0)
        service.update_session(party, {"status": SessionStatus.CONFIRMED}, at=AT, by=NADIA)
        week.publish(party.edition)
        assert [state(party, one) for one in (bea, cem)] == [TAKEN, WAITING]
        with pytest.raises(places.SessionFull):
            sign_up(party, ana)

    def test_who_waits_comes_before_who_asks_now_wherever_the_seat_comes_from(self, full, db_session):
        party, ana, bea, cem = full
        db_session.execute(update(AgendaSession).where(AgendaSession.id == party.id).values(capacity=2))
        assert wait(party, delegate(party.edition, "Dov")).state is WAITING
        assert [state(party, one) for one in (ana, bea, cem)] == [TAKEN, TAKEN, WAITING]
        assert taken(party) == 2

    def test_a_closed_edition_gives_nobody_a_seat(self, full):
        party, ana, bea, _cem = full
        editions.close_edition(party.edition, at=AT, by=NADIA)
        places.give_up_all(ana, at=AT, by=DELEGATE)
        assert (state(party, bea), taken(party)) == (WAITING, 0)

    @pytest.mark.one_database
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_mail_is_there_in_every_language(self, full, outbox, run_jobs, language):
        party, ana, bea, _cem = full
        bea.language = language
        give_back(party, ana)
        db.session.commit()
        run_jobs()
        (mail,) = [one for one in outbox() if one.template == "agenda/mail/seat.txt"]
        assert mail.subject
        assert (mail.state.value, mail.last_error) == ("kept", "")


class TestWhoMayStillCome:
    @pytest.fixture
    def bureau(self, db_session):
        body = Body(slug="bureau", name=Translated(en="Bureau"))
        db_session.add(body)
        db_session.flush()
        return body

    def test_who_lost_the_seat_on_the_body_stays_in_the_line_and_holds_up_nobody(self, tangier, bureau, db_session):
        party = dinner(tangier, capacity=1, access=Access.BODY, access_body=bureau)
        ana, bea, cem = people = [delegate(tangier, name) for name in ("Ana", "Bea", "Cem")]
        for one in people:
            db_session.add(Seat(body=bureau, person=one.person))
        published(tangier)
        sign_up(party, ana)
        wait(party, bea)
        wait(party, cem)
        db_session.delete(db_session.scalars(select(Seat).where(Seat.person_id == bea.person_id)).one())
        give_back(party, ana)
        assert [state(party, one) for one in (bea, cem)] == [WAITING, TAKEN]

    def test_who_waits_learns_nothing_of_a_session_that_is_hidden_since(self, tangier):
        party = dinner(tangier, capacity=1)
        ana, bea, invited = people = [delegate(tangier, name) for name in ("Ana", "Bea", "Ina")]
        places.invite(party, invited, at=AT, by=NADIA)
        published(tangier)
        for one in people:
            wait(party, one)
        values = {"title": Translated(en="A secret"), "is_listed": False, "access": Access.INVITED}
        service.update_session(party, values, at=AT, by=NADIA)
        week.publish(tangier)
        assert offered(bea) == {}
        assert offered(invited)["DINNER"].is_waiting
        with pytest.raises(places.NoSignUp):
            wait(party, bea)
        give_back(party, ana)
        assert [state(party, one) for one in (bea, invited)] == [WAITING, TAKEN]

    def test_waiting_admits_nobody_and_an_invitation_does_also_to_who_waits(self, tangier):
        party = dinner(tangier, capacity=1)
        invited, bea, ana = (delegate(tangier, name) for name in ("Ina", "Bea", "Ana"))
        published(tangier)
        places.invite(party, invited, at=AT, by=NADIA)
        sign_up(party, ana)
        wait(party, bea)
        wait(party, invited)
        assert [attendee_of(one.person_id, tangier.id).places for one in (bea, invited)] == [(), (party.id,)]
        service.update_session(party, {"access": Access.INVITED}, at=AT, by=NADIA)
        week.publish(tangier)
        give_back(party, ana)
        assert [state(party, one) for one in (bea, invited)] == [WAITING, TAKEN]

    def test_who_was_invited_and_leaves_the_line_is_invited_still(self, tangier):
        party = dinner(tangier, capacity=1, access=Access.INVITED, is_listed=False)
        ana, bea = delegate(tangier), delegate(tangier, "Bea")
        published(tangier)
        for one in (ana, bea):
            places.invite(party, one, at=AT, by=NADIA)
        sign_up(party, ana)
        wait(party, bea)
        give_back(party, bea)
        assert state(party, bea) is INVITED
        give_back(party, bea)
        assert state(party, bea) is DECLINED
        wait(party, bea)
        give_back(party, ana)
        assert [state(party, one) for one in (ana, bea)] == [DECLINED, TAKEN]


class TestAtOnce:
    def test_two_hundred_for_fifty_seats_and_ten_who_give_back(self, app):
        with app.app_context():
            tangier = edition()
            party = dinner(tangier, capacity=50)
            for number in range(200):
                delegate(tangier, f"P{number}")
            published(tangier)
            session_id = party.id
            ids = [one.id for one in db.session.scalars(select(Registration).order_by(Registration.id))]
            db.session.commit()
            db.session.remove()

        def all_at_once(step, whom):
            def one(registration_id):
                with app.app_context():
                    step(session_id, db.session.get_one(Registration, registration_id), at=AT, by=DELEGATE)
                    db.session.commit()

            with ThreadPoolExecutor(24) as pool:
                list(pool.map(one, whom))

        def rows(kind):
            found = select(Place.person_id, Registration.id).join(
                Registration, Registration.person_id == Place.person_id
            )
            return [key for _person, key in db.session.execute(found.where(Place.state == kind).order_by(Place.id))]

        all_at_once(places.wait, ids)
        with app.app_context():
            seated, line = rows(TAKEN), rows(WAITING)
            assert (db.session.get_one(AgendaSession, session_id).taken, len(seated), len(line)) == (50, 50, 150)
            db.session.remove()
        all_at_once(places.give_back, seated[:10])
        with app.app_context():
            assert db.session.get_one(AgendaSession, session_id).taken == 50
            assert sorted(rows(TAKEN)) == sorted(seated[10:] + line[:10])
            assert rows(WAITING) == line[10:]


@pytest.mark.one_database
def test_the_organisers_page_shows_the_line_and_says_who_has_the_seat_now(full, as_role, clock):
    db.session.commit()
    page = "/organise/2020/agenda/sessions/DINNER/seats"
    with clock(AT):
        programmer = as_role("programmer")
        shown = programmer.get(page).text
        assert shown.index("Ana Fern") < shown.index("Bea Fern") < shown.index("Cem Fern")
        assert "number 2" in shown
        programmer.submit(page, action="/1/free")
        assert "Bea Fernández was next on the waiting list and has the seat now." in programmer.get(page).text


@pytest.mark.one_database
def test_kinds_that_take_no_sign_up_have_no_line(tangier):
    plenary = week.session(tangier, "Opening", code="OPEN", kind=Kind.PLENARY, capacity=1)
    ana = delegate(tangier)
    published(tangier)
    with pytest.raises(places.NoSignUp):
        wait(plenary, ana)
