from datetime import UTC, date, datetime

import pytest

from retreat.core.audit import SYSTEM
from retreat.core.i18n import Translated
from retreat.core.zones import UnknownZone
from retreat.editions import service
from retreat.editions.models import Edition
from tests.making import NOON, an_edition


def test_an_edition_comes_with_its_days_categories_and_a_venue(db_session):
    edition = an_edition()
    assert [day.date.day for day in edition.days] == [22, 23, 24, 25, 26]
    assert [(venue.city, venue.zone) for venue in edition.venues] == [("Tangier", "Africa/Casablanca")]
    assert [category.letter for category in edition.categories] == ["D", "E", "S", "P", "M", "A", "H"]


def test_its_pages_answer_at_once(client, db_session):
    an_edition("2031")
    assert [client.get(path).status_code for path in ("/2031/", "/2031/agenda", "/2031/register")] == [200, 200, 200]


@pytest.mark.parametrize("slug", ["organise", "sign-in", "calendar", "static", "healthz", "verify", "Über", "a b", ""])
def test_an_address_that_is_needed_elsewhere_is_refused(db_session, slug):
    with pytest.raises(service.BadSlug):
        an_edition(slug)


def test_a_second_edition_at_the_same_address_is_refused(db_session):
    an_edition("2027")
    with pytest.raises(service.EditionExists):
        an_edition("2027")


def test_dates_the_wrong_way_round_are_refused(db_session):
    with pytest.raises(service.BadDates):
        an_edition(starts_on=date(2027, 2, 26), ends_on=date(2027, 2, 22))


@pytest.mark.parametrize("day", [date(1, 1, 1), date(202, 2, 22), date(9999, 12, 31)])
def test_a_year_in_which_nobody_meets_is_refused(db_session, day):
    with pytest.raises(service.BadYears, match="1900 to 2999"):
        an_edition(starts_on=day, ends_on=day)
    edition = an_edition()
    with pytest.raises(service.BadYears):
        service.update_edition(edition, {"starts_on": day, "ends_on": day}, at=NOON, by=SYSTEM)
    assert edition.starts_on.year == 2027


def test_a_zone_that_is_none_is_refused(db_session):
    with pytest.raises(UnknownZone):
        an_edition(zone="CEST")


@pytest.mark.parametrize(
    ("key", "value", "name", "stored"),
    [
        ("capacity", "50", "capacity", 50),
        ("capacity", "", "capacity", None),
        ("registration_closes", "2027-01-31", "registration_closes", date(2027, 1, 31)),
        ("registration_opens", "", "registration_opens", None),
        ("listed", "no", "is_listed", False),
        ("title_ru", "Ретрит", "title", Translated(en="UCLG Retreat & Campus", ru="Ретрит")),
        ("city", "Kazan", "city", "Kazan"),
    ],
)
def test_a_setting_is_said_as_text(db_session, key, value, name, stored):
    edition = service.set_value(an_edition(), key, value, at=NOON, by=SYSTEM)
    assert getattr(edition, name) == stored


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("capacity", "many"),
        ("capacity", "-1"),
        ("capacity", "1000001"),
        ("capacity", "9" * 40),
        ("title", ""),
        ("listed", "perhaps"),
        ("registration_closes", "31.1.2027"),
        ("registration_opens", "20270131"),
        ("city", ""),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_and_changes_nothing(db_session, key, value):
    edition = an_edition()
    before = {column.key: getattr(edition, column.key) for column in Edition.__table__.columns}
    with pytest.raises(service.BadSetting):
        service.set_value(edition, key, value, at=NOON, by=SYSTEM)
    assert {column.key: getattr(edition, column.key) for column in Edition.__table__.columns} == before


def test_an_unknown_setting_is_named(db_session):
    with pytest.raises(service.UnknownSetting, match="colour"):
        service.set_value(an_edition(), "colour", "blue", at=NOON, by=SYSTEM)


def test_closing_twice_keeps_the_first_instant(db_session):
    edition = service.close_edition(an_edition(), at=NOON, by=SYSTEM)
    service.close_edition(edition, at=datetime(2028, 1, 1, tzinfo=UTC), by=SYSTEM)
    assert edition.closed_at == NOON


def test_a_changed_setting_makes_every_feed_another(db_session):
    edition = an_edition()
    before = edition.agenda_rev
    service.set_value(edition, "city", "Kazan", at=NOON, by=SYSTEM)
    assert edition.agenda_rev == before + 1


def test_the_current_edition_is_the_running_else_the_next_else_the_latest(db_session):
    past = an_edition("2020", starts_on=date(2020, 2, 24), ends_on=date(2020, 2, 28))
    older = an_edition("2019", starts_on=date(2019, 2, 11), ends_on=date(2019, 2, 15))
    coming = an_edition("2027")
    later = an_edition("2028", starts_on=date(2028, 2, 21), ends_on=date(2028, 2, 25))
    everything = [past, older, coming, later]
    assert service.current(everything, datetime(2020, 2, 25, tzinfo=UTC)) is past
    assert service.current(everything, NOON) is coming
    assert service.current(everything, datetime(2030, 1, 1, tzinfo=UTC)) is later
    assert service.current([], NOON) is None


def test_a_longer_week_gets_its_days_and_a_titled_day_is_never_lost(db_session):
    edition = an_edition()
    service.title_day(edition, date(2027, 2, 26), Translated(en="Presidency"), at=NOON, by=SYSTEM)
    service.set_value(edition, "to", "2027-02-25", at=NOON, by=SYSTEM)
    assert [day.date.day for day in edition.days] == [22, 23, 24, 25, 26]
    service.set_value(edition, "from", "2027-02-23", at=NOON, by=SYSTEM)
    assert [day.date.day for day in sorted(edition.days, key=lambda day: day.date)] == [23, 24, 25, 26]


class TestCommands:
    CREATE = [
        *("edition", "create", "2030", "--title", "Retreat", "--city", "Kazan", "--country", "Russia"),
        *("--zone", "Europe/Moscow", "--from", "2030-02-04", "--to", "2030-02-08"),
    ]

    def test_an_edition_is_made_set_and_closed(self, app):
        run = app.test_cli_runner().invoke
        assert run(args=self.CREATE).output == "Edition 2030: Kazan, 5 days from 2030-02-04.\n"
        assert run(args=["edition", "set", "2030", "capacity", "50"]).output == "2030: capacity = 50\n"
        assert run(args=["edition", "close", "2030"]).exit_code == 0
        with app.app_context():
            edition = service.edition_by_slug("2030")
            assert (edition.capacity, edition.closed_at is not None) == (50, True)

    def test_a_refusal_is_one_sentence_and_status_1(self, app):
        result = app.test_cli_runner().invoke(args=["edition", "set", "1999", "capacity", "1"])
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", "There is no edition “1999”.\n")
