"""What is counted, from rows and from both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.registration import service as registering
from retreat.registration.arrivals.service import note_arrival
from retreat.registration.models import Gender, Status
from retreat.registration.numbers.counts import Row, added_up, numbers
from retreat.registration.numbers.shares import Group, Hidden
from retreat.registration.numbers.tables import csv
from tests.registration.making import AT, DELEGATE, REGISTRAR, answers, edition

AFRICA, EUROPE = Translated(en="Africa"), Translated(en="Europe", fr="Europe")
DAY = datetime(2020, 1, 6, 12, tzinfo=UTC)


def row(**values):
    given = {
        "status": Status.SUBMITTED,
        "arrived_at": None,
        "gender": None,
        "city": "",
        "country": "",
        "organisation": "",
        "section_id": None,
        "category_id": 1,
        "languages": [],
        "created_at": DAY,
        "approved_at": None,
        **values,
    }
    return Row(**given)


def added(*rows, zone="Africa/Casablanca"):
    return added_up(rows, sections={1: AFRICA, 2: EUROPE}, categories={1: Translated(en="Delegate")}, zone=zone)


class TestAddingUp:
    def test_nobody_is_no_error(self):
        found = added()
        assert (found.registered, found.sections, found.over_time.chart, found.over_time.periods) == (0, (), None, ())
        assert found.shares.groups == {}

    def test_who_is_where(self):
        approved = {"status": Status.APPROVED}
        found = added(row(), row(**approved), row(**approved, arrived_at=DAY), row(status=Status.WAITLISTED))
        assert (found.registered, found.approved, found.arrived, found.waiting) == (4, 2, 1, 1)

    def test_one_city_in_several_spellings_is_one_under_the_usual_spelling(self):
        found = added(
            row(city="İzmir", country="Türkiye"),
            row(city="İzmir", country="Turkiye"),
            row(city="IZMIR", country="Türkiye"),
            row(city="izmir"),
            row(),
        )
        assert found.cities == (("İzmir", 4),)
        assert found.countries == (("Türkiye", 3),)

    def test_two_cities_of_one_name_stay_two(self):
        found = added(
            row(city="Tripoli", country="Libya"),
            row(city="Tripoli", country="Libya"),
            row(city="Tripoli", country="Lebanon"),
            row(city="Tripoli"),
        )
        assert found.cities == (("Tripoli (Libya)", 2), ("Tripoli", 1), ("Tripoli (Lebanon)", 1))

    def test_sections_most_first_and_who_named_none_last(self):
        found = added(row(), row(), row(section_id=1), row(section_id=2))
        assert found.sections == ((AFRICA, 1), (EUROPE, 1), (None, 2))

    def test_a_person_listens_in_several_languages_and_counts_once_in_each(self):
        assert added(row(languages=["fr", "en", "fr"]), row(languages=["fr"])).languages == (("fr", 2), ("en", 1))

    def test_days_are_those_of_the_host_city(self):
        late = datetime(2020, 1, 6, 23, 30, tzinfo=UTC)
        assert added(row(created_at=late)).over_time.periods[0].day == date(2020, 1, 7)
        assert added(row(created_at=late), zone="UTC").over_time.periods[0].day == date(2020, 1, 6)

    def test_registered_and_approved_by_the_end_of_each_day(self):
        later = DAY + timedelta(days=3)
        found = added(row(), row(status=Status.APPROVED, approved_at=later), row(created_at=later)).over_time
        assert found.periods == ((DAY.date(), 2, 0, 2, 0), (later.date(), 1, 1, 3, 1))
        assert (found.is_weekly, found.chart.total, found.chart.second.total) == (False, 3, 1)

    def test_a_long_time_is_told_by_weeks(self):
        found = added(*(row(created_at=DAY + timedelta(days=n)) for n in range(40))).over_time
        assert found.is_weekly
        assert [one.registered for one in found.periods] == [7, 7, 7, 7, 7, 5]
        assert found.periods[-1].registered_by == 40

    def test_an_approval_that_came_with_a_file_counts_from_the_registration(self):
        assert added(row(status=Status.APPROVED)).over_time.periods[0].approved == 1


class TestOfAnEdition:
    @pytest.fixture
    def tangier(self, db_session):
        made = edition()
        for number in range(12):
            gender = Gender.WOMAN if number < 6 else Gender.MAN if number < 8 else None
            one = registering.register(
                made, answers(made, email=f"p{number}@example.org", gender=gender), at=AT, by=DELEGATE
            )
            if number < 3:
                registering.approve(one, at=AT + timedelta(days=2), by=REGISTRAR)
            if number == 0:
                note_arrival(one, at=AT, by=REGISTRAR)
            if number == 11:
                registering.decline(one, "No", at=AT, by=REGISTRAR)
        db.session.commit()
        return made

    def test_only_who_means_to_come(self, tangier):
        found = numbers(tangier)
        assert (found.registered, found.approved, found.arrived, found.waiting) == (11, 3, 1, 0)
        assert found.cities == (("Montevideo", 11),)
        assert [(one.name.text("en"), one.number) for one in found.categories] == [("Delegate", 11)]
        assert found.over_time.periods[-1] == ((AT + timedelta(days=2)).date(), 0, 3, 11, 3)

    def test_women_and_men_are_hidden_where_groups_are_small(self, tangier):
        found = numbers(tangier).shares
        assert found.groups == {}
        file = csv(numbers(tangier), say=lambda name: name.text("en"), is_public=False).decode()
        assert "women and men,all,not shown" in file

    def test_the_public_file_names_no_category_city_or_organisation(self, tangier):
        public = csv(numbers(tangier), say=lambda name: name.text("en"), is_public=True).decode()
        internal = csv(numbers(tangier), say=lambda name: name.text("en"), is_public=False).decode()
        for word in ("Montevideo", "Delegate", "waiting"):
            assert word not in public
            assert word in internal
        assert "total,registered,11" in public
        assert "country or territory,Uruguay,11" in public

    def test_it_asks_as_many_questions_for_twelve_as_for_forty(self, tangier, count_queries):
        counted = []
        for last in (12, 40):
            for number in range(12, last):
                registering.register(tangier, answers(tangier, email=f"q{number}@x.org"), at=AT, by=DELEGATE)
            db.session.commit()
            assert tangier.id
            with count_queries() as queries:
                numbers(tangier)
            counted.append(len(queries))
        assert counted == [3, 3]


def test_the_file_says_few_and_not_shown_as_the_page_does():
    rows = [row(gender=Gender.WOMAN)] * 20 + [row(gender=Gender.MAN)] * 20 + [row()] * 20
    found = added(*rows)
    assert found.shares.groups[Group.ANOTHER] is Hidden.FEW
    text = csv(found, say=str, is_public=True).decode()
    assert "women and men,women,20" in text
    assert "women and men,another,fewer than 5" in text
    assert "women and men,unanswered,not shown" in text
