"""Offices are noted by registrations and dated by organisers; and the address book is looked through."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from retreat.core.audit import AuditEntry
from retreat.network import duplicates, offices
from retreat.network.likeness import Reason
from retreat.network.models import Office, Person
from retreat.registration import service as registrations
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

YEAR = timedelta(days=365)


def noted(db_session):
    db_session.flush()
    return [
        (one.position, one.organisation, one.seen_first, one.seen_last)
        for one in db_session.scalars(select(Office).order_by(Office.id))
    ]


class TestNoting:
    def test_a_registration_notes_the_office_without_asking_the_database_first(self, db_session, count_queries):
        tangier = edition()
        with count_queries() as queries:
            registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE)
            db_session.flush()
        assert [query for query in queries if "FROM office" in query] == []
        assert noted(db_session) == [("Mayor", "City of Montevideo", AT.date(), AT.date())]

    def test_the_same_office_a_year_later_is_the_same_and_another_is_another(self, db_session):
        durban, tangier, kazan = edition("2019"), edition(), edition("2021")
        made = registrations.register(durban, answers(durban), at=AT, by=DELEGATE)
        again = answers(tangier, position="MAYOR")
        registrations.register(tangier, again, at=AT + YEAR, by=DELEGATE, person=made.person)
        other = answers(kazan, position="Senator")
        registrations.register(kazan, other, at=AT + 2 * YEAR, by=DELEGATE, person=made.person)
        assert [row[0] for row in noted(db_session)] == ["MAYOR", "Senator"]
        assert noted(db_session)[0][2:] == (AT.date(), (AT + YEAR).date())
        assert [one.position for one in offices.newest_first(made.person.offices)] == ["Senator", "MAYOR"]

    def test_a_slip_that_is_corrected_the_same_day_is_no_office(self, db_session):
        tangier = edition()
        made = registrations.register(tangier, answers(tangier, position="Mayr"), at=AT, by=DELEGATE)
        registrations.correct(made, answers(tangier), version=None, at=AT, by=DELEGATE)
        assert [row[0] for row in noted(db_session)] == ["Mayor"]

    def test_who_names_neither_has_no_office(self, db_session):
        tangier = edition()
        registrations.register(tangier, answers(tangier, position="", organisation=""), at=AT, by=DELEGATE)
        assert noted(db_session) == []


class TestDating:
    def test_an_organisers_dates_are_kept_whatever_is_registered_later(self, db_session):
        tangier, kazan = edition(), edition("2021")
        made = registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE)
        (office,) = made.person.offices
        offices.set_dates(office, date(2018, 5, 1), None, at=AT, by=REGISTRAR)
        registrations.register(kazan, answers(kazan), at=AT + YEAR, by=DELEGATE, person=made.person)
        assert (office.starts_on, office.seen_last) == (date(2018, 5, 1), (AT + YEAR).date())
        assert db_session.scalars(select(AuditEntry).where(AuditEntry.action == "office.dated")).one().subject_id

    def test_an_end_before_the_beginning_is_refused(self, db_session):
        tangier = edition()
        (office,) = registrations.register(tangier, answers(tangier), at=AT, by=DELEGATE).person.offices
        with pytest.raises(offices.EndsBeforeItBegins):
            offices.set_dates(office, date(2020, 2, 2), date(2020, 2, 1), at=AT, by=REGISTRAR)


class TestLooking:
    @pytest.fixture
    def book(self, db_session):
        people = [
            Person(given_name="Айгуль", family_name="Османова", email="a@x.org", created_at=AT),
            Person(given_name="Aigul", family_name="Osmanova", organisation="Bishkek", created_at=AT),
            Person(given_name="Cem", family_name="Kaya", organisation="İzmir", created_at=AT),
            Person(given_name="Aigul", family_name="Osmanova", created_at=AT, erased_at=AT),
        ]
        db_session.add_all(people)
        db_session.flush()
        return people

    @pytest.mark.parametrize(
        ("words", "count"), [("osmanova", 2), ("ОСМАНОВА айгуль", 2), ("izmir", 1), ("a@x", 1), ("nobody", 0), ("", 3)]
    )
    def test_people_are_found_in_every_script(self, db_session, book, words, count):
        assert len(duplicates.found(words)) == count

    def test_whoever_looks_alike_is_named_with_the_reasons_until_told_apart(self, db_session, book):
        one, other, *_rest = book
        (found,) = duplicates.alike(one)
        assert (found.entry.id, found.likeness.reasons) == (other.id, (Reason.SPELLING,))
        assert [(first.id, second.id) for first, second, _likeness in duplicates.pairs()] == [(one.id, other.id)]
        duplicates.say_two_people(other, one, at=AT, by=REGISTRAR)
        assert (duplicates.alike(one), duplicates.alike(other), duplicates.pairs()) == ([], [], [])
