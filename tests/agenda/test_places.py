"""Seats in sessions, on both databases: who gets one, who may, and what comes of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from retreat.agenda import places, service
from retreat.agenda.models import Access, AgendaSession, Kind, PartRole, Place, PlaceState
from retreat.agenda.places import NoPlaceYet, NoSignUp, SessionFull
from retreat.agenda.values import Appearance, SessionRefused
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.network.models import Body, Seat
from retreat.registration import service as registrations
from retreat.registration.models import Registration
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition


def delegate(of, name="Ana", **values):
    given = answers(of, given_name=name, email=f"{name.lower()}@example.org", **values)
    return registrations.register(of, given, at=AT, by=DELEGATE)


def dinner(of, **values):
    return week.session(of, "Dinner at the port", **{"code": "DINNER", "kind": Kind.SOCIAL, "capacity": 2, **values})


def published(of):
    week.publish(of)
    return of


def sign_up(session, who):
    return places.sign_up(session.id, who, at=AT, by=DELEGATE)


def give_back(session, who):
    places.give_back(session.id, who, at=AT, by=DELEGATE)


def offered(who, at=AT):
    return {offer.session.code: offer for offer in places.offers(who, at=at)}


def taken(session):
    db.session.flush()
    db.session.refresh(session)
    return session.taken


def states():
    return [place.state for place in db.session.scalars(select(Place).order_by(Place.id))]


class TestSigningUp:
    def test_a_seat_is_taken_and_given_back(self, db_session):
        tangier = edition()
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        sign_up(party, ana)
        assert (taken(party), states()) == (1, [PlaceState.TAKEN])
        assert (offered(ana)["DINNER"].is_mine, offered(ana)["DINNER"].seats.left) == (True, 1)
        give_back(party, ana)
        assert (taken(party), states()) == (0, [])
        kept = db_session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("place.%"))).all()
        assert kept == ["place.taken", "place.given_back"]

    def test_pressing_twice_is_one_seat(self, db_session):
        tangier = edition()
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        assert sign_up(party, ana) is sign_up(party, ana)
        give_back(party, ana)
        give_back(party, ana)
        assert taken(party) == 0

    def test_who_comes_too_late_reads_a_sentence(self, db_session):
        tangier = edition()
        party = dinner(tangier, capacity=1)
        ana, bea = delegate(tangier), delegate(tangier, "Bea")
        published(tangier)
        sign_up(party, ana)
        with pytest.raises(SessionFull, match="Every seat of “Dinner at the port” is taken"):
            sign_up(party, bea)
        assert offered(bea)["DINNER"].seats.is_full
        give_back(party, ana)
        assert sign_up(party, bea).state is PlaceState.TAKEN

    def test_without_a_place_at_the_edition_there_is_no_seat(self, db_session):
        tangier = edition(capacity=0)
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        with pytest.raises(NoPlaceYet):
            sign_up(party, ana)

    def test_a_closed_edition_takes_none(self, db_session):
        tangier = edition()
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        editions.close_edition(tangier, at=AT, by=REGISTRAR)
        with pytest.raises(NoSignUp):
            sign_up(party, ana)

    def test_an_unpublished_session_is_not_there(self, db_session):
        tangier = edition()
        party, ana = dinner(tangier), delegate(tangier)
        assert offered(ana) == {}
        with pytest.raises(NoSignUp):
            sign_up(party, ana)

    def test_fewer_seats_than_are_taken_is_refused_with_a_sentence(self, db_session):
        tangier = edition()
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        sign_up(party, ana)
        with pytest.raises(SessionRefused, match="1 people already have a place"):
            service.update_session(party, {"capacity": 0}, at=AT, by=NADIA)


class TestWhoMay:
    @pytest.fixture
    def bureau(self, db_session):
        body = Body(slug="executive-bureau", name=Translated(en="Executive Bureau"))
        db_session.add(body)
        db_session.flush()
        return body

    def test_an_unlisted_dinner_of_a_body_is_offered_to_its_members_only(self, db_session, bureau):
        tangier = edition()
        party = dinner(tangier, access=Access.BODY, access_body=bureau, is_listed=False)
        ana, bea = delegate(tangier), delegate(tangier, "Bea")
        db_session.add(Seat(body=bureau, person=bea.person))
        published(tangier)
        assert offered(ana) == {}
        with pytest.raises(NoSignUp) as hidden:
            sign_up(party, ana)
        with pytest.raises(NoSignUp) as unknown:
            places.sign_up(999_999, ana, at=AT, by=DELEGATE)
        assert hidden.value.message == unknown.value.message
        assert sign_up(party, bea).state is PlaceState.TAKEN

    def test_a_listed_session_of_a_body_takes_nobody_else_either(self, db_session, bureau):
        tangier = edition()
        party, ana = dinner(tangier, access=Access.BODY, access_body=bureau), delegate(tangier)
        published(tangier)
        with pytest.raises(NoSignUp):
            sign_up(party, ana)
        assert taken(party) == 0

    def test_another_editions_session_is_out_of_reach(self, db_session):
        kazan = edition("kazan")
        party = dinner(kazan)
        published(kazan)
        ana = delegate(edition())
        with pytest.raises(NoSignUp):
            sign_up(party, ana)

    def test_an_invitation_is_accepted_declined_and_accepted_after_all(self, db_session):
        tangier = edition()
        party = dinner(tangier, access=Access.INVITED, is_listed=False)
        ana, bea = delegate(tangier), delegate(tangier, "Bea")
        published(tangier)
        places.invite(party, ana, at=AT, by=NADIA)
        assert offered(ana)["DINNER"].state is PlaceState.INVITED
        assert offered(bea) == {}
        sign_up(party, ana)
        assert taken(party) == 1
        give_back(party, ana)
        assert (taken(party), offered(ana)["DINNER"].state) == (0, PlaceState.DECLINED)
        sign_up(party, ana)
        assert taken(party) == 1

    def test_an_invitation_holds_no_seat(self, db_session):
        tangier = edition()
        party = dinner(tangier, capacity=1)
        ana, bea = delegate(tangier), delegate(tangier, "Bea")
        published(tangier)
        places.invite(party, ana, at=AT, by=NADIA)
        sign_up(party, bea)
        with pytest.raises(SessionFull):
            sign_up(party, ana)
        assert states() == [PlaceState.INVITED, PlaceState.TAKEN]

    def test_an_organiser_frees_a_seat(self, db_session):
        tangier = edition()
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        place = sign_up(party, ana)
        assert [(one.name, one.code, one.state) for one in places.guests(party, "en")] == [
            ("Ana Fernández", "R20-0001", PlaceState.TAKEN)
        ]
        number = place.id
        places.free(party, number, at=AT, by=NADIA)
        assert taken(party) == 0
        with pytest.raises(places.UnknownPlace):
            places.free(party, number, at=AT, by=NADIA)


class TestClashes:
    def test_another_sign_up_and_an_own_part_are_said(self, db_session):
        tangier = edition()
        ana = delegate(tangier)
        party, visit = dinner(tangier), week.session(tangier, "The harbour", code="VISIT", kind=Kind.VISIT)
        speech = Appearance(PartRole.SPEAKER, "Ana Fernández", person=ana.person)
        week.session(tangier, "Panel", code="PANEL", parts=[speech])
        published(tangier)
        assert [one.code for one in offered(ana)["DINNER"].clashes] == ["PANEL"]
        sign_up(visit, ana)
        assert sorted(one.code for one in offered(ana)["DINNER"].clashes) == ["PANEL", "VISIT"]
        sign_up(party, ana)
        assert taken(party) == 1


class TestLeaving:
    @pytest.mark.parametrize(
        "step",
        [
            lambda one: registrations.withdraw(one, at=AT, by=DELEGATE),
            lambda one: registrations.decline(one, "Full", at=AT, by=REGISTRAR),
            lambda one: registrations.cancel(one, "Full", at=AT, by=REGISTRAR),
        ],
        ids=["withdrawn", "declined", "cancelled"],
    )
    def test_who_does_not_come_leaves_every_seat_and_keeps_the_parts(self, app, db_session, step):
        tangier = edition()
        ana, bea = delegate(tangier), delegate(tangier, "Bea")
        speech = Appearance(PartRole.SPEAKER, "Ana Fernández", person=ana.person)
        party, panel = dinner(tangier), week.session(tangier, "Panel", code="PANEL", parts=[speech])
        published(tangier)
        for who in (ana, bea):
            sign_up(party, who)
        step(ana)
        assert taken(party) == 1
        assert [place.person_id for place in db_session.scalars(select(Place))] == [bea.person_id]
        assert [part.person_id for part in panel.parts] == [ana.person_id]


class TestAtOnce:
    def arranged(self, app, people, capacity):
        with app.app_context():
            tangier = edition()
            party = dinner(tangier, capacity=capacity)
            for number in range(people):
                delegate(tangier, f"P{number}")
            published(tangier)
            number = party.id
            ids = [one.id for one in db.session.scalars(select(Registration).order_by(Registration.id))]
            db.session.commit()
            db.session.remove()
        return number, ids

    def all_at_once(self, app, session_id, ids):
        def one(registration_id):
            with app.app_context():
                try:
                    places.sign_up(session_id, db.session.get_one(Registration, registration_id), at=AT, by=DELEGATE)
                    db.session.commit()
                except SessionFull as refusal:
                    db.session.rollback()
                    return refusal.message
                return "seat"

        with ThreadPoolExecutor(24) as pool:
            return list(pool.map(one, ids))

    def test_two_hundred_at_once_for_fifty_seats_give_exactly_fifty(self, app):
        session_id, ids = self.arranged(app, 200, 50)
        said = self.all_at_once(app, session_id, ids)
        assert (said.count("seat"), said.count("Every seat of “Dinner at the port” is taken.")) == (50, 150)
        with app.app_context():
            assert db.session.get_one(AgendaSession, session_id).taken == 50
            assert len(states()) == 50

    def test_the_same_person_twenty_times_at_once_has_one_seat(self, app):
        session_id, ids = self.arranged(app, 1, 5)
        assert self.all_at_once(app, session_id, ids * 20) == ["seat"] * 20
        with app.app_context():
            assert (db.session.get_one(AgendaSession, session_id).taken, len(states())) == (1, 1)


class TestOver:
    def test_nobody_signs_up_for_what_is_over(self, db_session):
        tangier = edition()
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        late = party.end_utc + timedelta(minutes=1)
        assert offered(ana, late) == {}
        with pytest.raises(NoSignUp):
            places.sign_up(party.id, ana, at=late, by=DELEGATE)


class TestFiles:
    def test_a_file_that_cancels_somebody_frees_the_seat_as_well(self, db_session):
        from retreat.core import sheets
        from retreat.registration.imports import import_registrations
        from retreat.registration.rows import COLUMNS

        tangier = edition()
        party, ana = dinner(tangier), delegate(tangier)
        published(tangier)
        sign_up(party, ana)
        sheet = sheets.read("x.csv", b"code,status\nR20-0001,cancelled\n", columns=COLUMNS)
        import_registrations(tangier, sheet, at=AT, by=REGISTRAR)
        assert (taken(party), states()) == (0, [])

    @pytest.mark.parametrize("said", [True, False, None])
    def test_whether_people_sign_up_survives_the_lossless_file(self, db_session, said):
        from retreat.agenda import exports, imports

        tangier = edition()
        party = dinner(tangier, takes_sign_up=said)
        content = exports.export_agenda(tangier, "json")
        service.update_session(party, {"takes_sign_up": None if said else True}, at=AT, by=NADIA)
        imports.import_agenda(tangier, imports.read("week.json", content), at=AT, by=NADIA)
        assert party.takes_sign_up is said
        assert exports.export_agenda(tangier, "json") == content
