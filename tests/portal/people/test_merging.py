"""Two rows of the address book become one, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import UniqueConstraint, func, select

from retreat.agenda.models import AgendaSession, Part, Place, PlaceState, Star
from retreat.calendars.models import Subscription
from retreat.ceremony.models import Award
from retreat.core.audit import AuditEntry
from retreat.core.db import Model, db
from retreat.core.i18n import Translated
from retreat.network import duplicates, offices
from retreat.network.models import Body, Office, Person, Seat, SeatRole, TwoPeople
from retreat.notices.models import CalendarInvitation
from retreat.portal.people import merging
from retreat.registration import service as registrations
from retreat.registration.invitations import service as invitations
from retreat.registration.invitations.models import Invitation
from tests.registration.invitations.making import invite
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition


@pytest.fixture
def ana(db_session):
    return person(db_session, given_name="Ana", family_name="Fernández", email="ana@example.org")


@pytest.fixture
def anna(db_session, ana):
    return person(db_session, given_name="Anna", family_name="Fernandez", position="Mayor")


def person(db_session, **values):
    made = Person(created_at=AT, **values)
    db_session.add(made)
    db_session.flush()
    return made


def session_of(db_session, of, **values):
    made = AgendaSession(
        edition=of,
        code="S1",
        uid="s1",
        zone=of.zone,
        created_at=AT,
        updated_at=AT,
        title=Translated(en="Dinner"),
        **values,
    )
    db_session.add(made)
    db_session.flush()
    return made


def merge(keep, lose, *from_lost):
    return merging.merge(keep, lose, from_lost=from_lost, at=AT, by=REGISTRAR)


def rows(db_session, kind):
    return db_session.scalar(select(func.count()).select_from(kind))


class TestPointers:
    def test_every_table_that_refuses_a_second_row_of_a_person_has_a_rule(self):
        settled = {*merging._COLLISIONS, "registration"}
        strict = {
            table.name
            for table, column in merging.pointers()
            if any(
                column.name in constraint.columns
                for constraint in table.constraints
                if isinstance(constraint, UniqueConstraint)
            )
            or column.unique
            or any(index.unique and column.name in index.columns for index in table.indexes)
        }
        assert strict <= settled

    def test_everything_that_points_to_the_one_points_to_the_other(self, db_session, ana, anna):
        tangier = edition()
        session = session_of(db_session, tangier)
        invite(tangier, email="other@example.org", prefill={}, person_id=anna.id)
        made = registrations.register(
            tangier, answers(tangier, email="anna@example.org"), at=AT, by=DELEGATE, person=anna
        )
        body, cem = Body(slug="presidency", name=Translated(en="Presidency")), person(db_session, given_name="Cem")
        db_session.add_all(
            [
                Part(session=session, person=anna, printed_name="Anna"),
                Place(session=session, person=anna, state=PlaceState.INVITED, created_at=AT),
                Star(session=session, person=anna, created_at=AT),
                CalendarInvitation(
                    edition_id=session.edition_id,
                    person=anna,
                    uid=session.uid,
                    sequence=0,
                    facts_hash="",
                    created_at=AT,
                    mailed_at=AT,
                ),
                Seat(person=anna, body=body),
                Subscription(person=anna, edition=tangier, token_hash="0" * 64, created_at=AT),
                Award(session=session, recipient=anna, presenter=anna, prize=Translated(en="First")),
                TwoPeople(one_id=anna.id, other_id=cem.id, said_at=AT, said_by="x"),
            ]
        )
        db_session.flush()
        before, lost = merging.pointing(anna), anna.id
        assert set(before) == {table.name for table, _column in merging.pointers()} - {"revised_part"}
        merge(ana, anna)
        assert merging.pointing(ana) == before
        assert made.person_id == ana.id
        assert db_session.get(Person, lost) is None
        for table, column in merging.pointers():
            assert db_session.scalar(select(func.count()).select_from(table).where(column == lost)) == 0, column


class TestStars:
    def test_a_session_that_both_have_starred_is_starred_once_since_the_first(self, db_session, ana, anna):
        session = session_of(db_session, edition())
        db_session.add_all(
            [
                Star(session=session, person=ana, created_at=AT + timedelta(days=1)),
                Star(session=session, person=anna, created_at=AT),
            ]
        )
        db_session.flush()
        merge(ana, anna)
        (kept,) = db_session.scalars(select(Star))
        assert (kept.person_id, kept.created_at) == (ana.id, AT)


class TestMerging:
    def test_each_field_is_of_the_side_that_was_chosen_and_both_names_are_noted(self, db_session, ana, anna):
        lost = anna.id
        merge(ana, anna, "position", "family_name")
        assert (ana.given_name, ana.family_name, ana.position, ana.email) == (
            "Ana",
            "Fernandez",
            "Mayor",
            "ana@example.org",
        )
        (entry,) = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "person.merged"))
        assert (entry.subject_id, entry.details["kept"], entry.details["gone"], entry.details["gone_id"]) == (
            ana.id,
            "Ana Fernández",
            "Anna Fernandez",
            lost,
        )

    def test_the_last_name_is_never_chosen_away(self, db_session, ana):
        badge = person(db_session, badge_name="Anita")
        with pytest.raises(merging.NameNeeded):
            merge(badge, ana, "badge_name")

    def test_nobody_is_merged_with_themselves_or_with_somebody_who_was_forgotten(self, db_session, ana, anna):
        with pytest.raises(merging.OneAndTheSame):
            merge(ana, ana)
        anna.erased_at = AT
        db_session.flush()
        with pytest.raises(merging.PersonForgotten):
            merge(ana, anna)

    def test_both_registered_at_one_edition_is_refused_with_both_references(self, db_session):
        tangier = edition()
        one = registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        other = registrations.register(tangier, answers(tangier, given_name="Bea"), at=AT, by=DELEGATE)
        with pytest.raises(merging.BothRegistered) as refusal:
            merge(one.person, other.person)
        assert (refusal.value.edition, refusal.value.one, refusal.value.other) == ("2020", "R20-0001", "R20-0002")
        assert rows(db_session, Person) == 2

    def test_registrations_at_two_editions_become_one_persons(self, db_session):
        durban, tangier = edition("2019"), edition()
        one = registrations.register(durban, answers(durban), at=AT, by=DELEGATE)
        other = registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        merge(one.person, other.person)
        assert one.person_id == other.person_id

    @pytest.mark.parametrize(
        ("mine", "theirs", "state", "taken"),
        [
            (PlaceState.TAKEN, PlaceState.TAKEN, PlaceState.TAKEN, 1),
            (PlaceState.INVITED, PlaceState.TAKEN, PlaceState.TAKEN, 1),
            (PlaceState.DECLINED, PlaceState.INVITED, PlaceState.INVITED, 0),
        ],
    )
    def test_of_two_places_in_one_session_the_better_stays(self, db_session, ana, anna, mine, theirs, state, taken):
        seats = [mine, theirs].count(PlaceState.TAKEN)
        session = session_of(db_session, edition(), capacity=5, taken=seats)
        db_session.add_all(
            [
                Place(session=session, person=ana, state=mine, created_at=AT),
                Place(session=session, person=anna, state=theirs, created_at=AT),
            ]
        )
        db_session.flush()
        merge(ana, anna)
        (place,) = db_session.scalars(select(Place))
        assert (place.person_id, place.state) == (ana.id, state)
        assert db_session.scalar(select(AgendaSession.taken)) == taken

    @pytest.mark.parametrize("other", [PlaceState.INVITED, PlaceState.DECLINED, PlaceState.WAITING])
    def test_only_waiting_counts_for_the_place_in_the_line(self, db_session, ana, anna, other):
        session = session_of(db_session, edition(), capacity=0, taken=0)
        long_ago = AT - timedelta(days=9)
        db_session.add_all(
            [
                Place(session=session, person=ana, state=PlaceState.WAITING, created_at=AT),
                Place(session=session, person=anna, state=other, is_invited=True, created_at=long_ago),
            ]
        )
        db_session.flush()
        merge(ana, anna)
        (place,) = db_session.scalars(select(Place).execution_options(populate_existing=True))
        assert (place.state, place.is_invited) == (PlaceState.WAITING, True)
        assert place.created_at == (long_ago if other is PlaceState.WAITING else AT)

    def test_the_same_seat_is_one_and_another_term_stays(self, db_session, ana, anna):
        body = Body(slug="council", name=Translated(en="World Council"))
        term = {"body": body, "role": SeatRole.MEMBER, "starts_on": date(2019, 1, 1)}
        db_session.add_all([Seat(person=ana, **term), Seat(person=anna, **term), Seat(person=anna, body=body)])
        db_session.flush()
        merge(ana, anna)
        assert [(seat.person_id, seat.starts_on) for seat in db_session.scalars(select(Seat).order_by(Seat.id))] == [
            (ana.id, date(2019, 1, 1)),
            (ana.id, None),
        ]

    def test_the_same_office_is_one_over_all_its_days(self, db_session, ana, anna):
        ana.position = "mayor"
        first = offices.note(ana, at=AT)
        second = offices.note(anna, at=AT + timedelta(days=400))
        second.starts_on = date(2018, 5, 1)
        db_session.flush()
        merge(ana, anna)
        (one,) = db_session.scalars(select(Office))
        assert one is first
        assert (one.seen_first, one.seen_last, one.starts_on) == (
            AT.date(),
            (AT + timedelta(days=400)).date(),
            date(2018, 5, 1),
        )

    def test_who_was_told_apart_from_the_one_is_told_apart_from_both(self, db_session, ana, anna):
        cem = person(db_session, given_name="Cem")
        for one, other in ((ana, anna), (cem, anna), (cem, ana)):
            duplicates.say_two_people(one, other, at=AT, by=REGISTRAR)
            duplicates.say_two_people(other, one, at=AT, by=REGISTRAR)
        assert rows(db_session, TwoPeople) == 3
        merge(ana, anna)
        assert [(one.one_id, one.other_id) for one in db_session.scalars(select(TwoPeople))] == [(ana.id, cem.id)]


def test_every_foreign_key_to_a_person_is_found():
    named = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.target_fullname == "person.id"
    }
    assert named == {f"{table.name}.{column.name}" for table, column in merging.pointers()}
    assert "registration.person_id" in named


def test_ten_who_merge_the_same_two_while_ten_answer_an_invitation_leave_one_person(app, clock):
    with app.app_context(), clock(AT):
        tangier = edition()
        one, other = (Person(given_name="Ana", family_name=name, created_at=AT) for name in ("Ruiz", "Ruíz"))
        db.session.add_all([one, other])
        db.session.flush()
        number = invite(tangier, person_id=other.id).id
        keep_id, lose_id = one.id, other.id
        db.session.commit()
        db.session.remove()

    def act(index):
        with app.app_context():
            try:
                if index % 2:
                    keep, lose = db.session.get(Person, keep_id), db.session.get(Person, lose_id)
                    if lose is not None:
                        merge(keep, lose)
                else:
                    invitation = db.session.get_one(Invitation, number)
                    given = answers(invitation.edition, family_name="Ruiz")
                    invitations.register(invitation, given, at=AT, by=DELEGATE, submission_key="k")
                db.session.commit()
            except merging.PersonForgotten:
                db.session.rollback()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(act, range(20)))
    with app.app_context():
        (person_left,) = db.session.scalars(select(Person))
        (made,) = db.session.scalars(select(registrations.Registration))
        assert (person_left.id, made.person_id) == (keep_id, keep_id)
