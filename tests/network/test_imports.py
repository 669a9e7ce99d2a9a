from datetime import date

import pytest
from sqlalchemy import func, select

from retreat.core import sheets
from retreat.core.audit import SYSTEM
from retreat.core.sheets import Imported, SheetErrors
from retreat.network import service
from retreat.network.models import Organisation, Person, Seat
from tests.making import NOON


def organisations(text: str) -> Imported:
    sheet = sheets.read("o.csv", text.encode(), columns=service.ORGANISATION_COLUMNS, required=("name",))
    return service.import_organisations(sheet, at=NOON, by=SYSTEM)


def seats(text: str) -> Imported:
    sheet = sheets.read("s.csv", text.encode(), columns=service.SEAT_COLUMNS, required=("body",))
    return service.import_seats(sheet, at=NOON, by=SYSTEM)


def test_organisations_are_added_then_updated_by_name(db_session):
    first = organisations("name,kind,city,country,section,member\nCity of Kazan,city,Kazan,Russia,Eurasia,yes\n")
    second = organisations("name,country,name_fr\nCity of Kazan,Russian Federation,Ville de Kazan\n")
    assert (first.added, second.changed) == (1, 1)
    kazan = service.organisation_named("city of KAZAN")
    assert (dict(kazan.name), kazan.city, kazan.country, kazan.section.slug) == (
        {"en": "City of Kazan", "fr": "Ville de Kazan"},
        "Kazan",
        "Russian Federation",
        "eurasia",
    )


def test_an_empty_cell_clears_and_a_missing_column_keeps(db_session):
    organisations("name,city,country\nX,Y,Z\n")
    organisations("name,city\nX,\n")
    one = service.organisation_named("X")
    assert (one.city, one.country) == ("", "Z")


def test_every_error_is_named_and_nothing_is_kept(db_session):
    with pytest.raises(SheetErrors) as caught:
        organisations(
            "name,kind,section,member\nGood,city,Eurasia,yes\nBad,planet,Mars,perhaps\n,city,,\nGood,city,,\n"
        )
    assert caught.value.lines == [
        "o.csv:3: kind: “planet” is not one of city, region, association, partner, secretariat, other",
        "o.csv:3: section: “Mars” is not one of the nine Sections",
        "o.csv:3: member: “perhaps” is neither yes nor no",
        "o.csv:4: name: a name is needed",
        "o.csv:5: name: the same name is already in line 2",
    ]
    assert db_session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_an_organisation_is_found_in_any_spelling_members_first(db_session):
    organisations("name,member\nİzmir Büyükşehir Belediyesi,yes\nIzmir Chamber,no\nKazan,yes\n")
    assert [one.name["en"] for one in service.find_organisations("izmir")] == [
        "İzmir Büyükşehir Belediyesi",
        "Izmir Chamber",
    ]
    assert service.find_organisations("%") == []


def test_seats_make_bodies_and_people_once(db_session):
    text = (
        "body,honorific,given_name,family_name,organisation,email,role,from,until\n"
        "Presidency,,Mohamed,Boudra,UCLG,,president,2019-11-15,2022-10-14\n"
        "Executive Bureau,,Mohamed,Boudra,UCLG,,member,2019-11-15,\n"
    )
    assert seats(text).added == 2
    assert seats(text).unchanged == 2
    assert db_session.scalar(select(func.count()).select_from(Person)) == 1
    seat = db_session.scalars(select(Seat).order_by(Seat.id)).first()
    assert [seat.covers(day) for day in (date(2019, 11, 14), date(2020, 2, 28), date(2022, 10, 15))] == [
        False,
        True,
        False,
    ]


def test_a_seat_that_ends_before_it_begins_is_refused(db_session):
    with pytest.raises(SheetErrors) as caught:
        seats("body,family_name,from,until\nPresidency,X,2020-01-02,2020-01-01\nPresidency,X,2020-13-01,soon\n")
    assert caught.value.lines == [
        "s.csv:2: until: ends before it begins",
        "s.csv:3: from: “2020-13-01” is not a date; write YYYY-MM-DD",
        "s.csv:3: until: “soon” is not a date; write YYYY-MM-DD",
    ]


def test_the_commands_say_what_they_did(app, tmp_path):
    file = tmp_path / "o.csv"
    file.write_text("name;member\nCity of Kazan;yes\n", encoding="utf-8-sig")
    run = app.test_cli_runner().invoke
    dry = run(args=["import", "organisations", str(file), "--dry-run"])
    assert dry.output == "Organisations: 1 added, 0 changed, 0 unchanged (dry run: nothing was stored).\n"
    assert (
        run(args=["import", "organisations", str(file)]).output == "Organisations: 1 added, 0 changed, 0 unchanged.\n"
    )
    file.write_text("name,planet\nX,Mars\n")
    bad = run(args=["import", "organisations", str(file)])
    assert bad.exit_code == 1
    assert bad.stderr.startswith(f"{file}:1: planet: no such column")
