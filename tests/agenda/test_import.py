"""Agenda files into the draft: all rows or none, and every error with its place."""

import csv
import threading
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from retreat.agenda import exports, imports, service
from retreat.agenda.models import Access, AgendaSession, Kind, Part, PartRole, PartState, SessionStatus, Track
from retreat.agenda.publishing import NothingToPublish
from retreat.agenda.values import Appearance
from retreat.core import sheets
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.sheets import SheetErrors
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall, Venue
from retreat.network.models import Body, Person
from tests.agenda import week
from tests.agenda.week import AT, NADIA, imported


def draft(edition: Edition) -> dict[str, AgendaSession]:
    return {session.code: session for session in service.draft_sessions(edition)}


def refused(edition: Edition, *rows: dict[str, str]) -> list[str]:
    with pytest.raises(SheetErrors) as caught:
        imported(edition, *rows)
    db.session.rollback()
    return caught.value.lines


def names(kind: Any) -> list[str]:
    return [str(thing.name) for thing in db.session.scalars(select(kind).order_by(kind.id))]


def test_a_row_becomes_a_session_with_everything_it_says(db_session: Session) -> None:
    edition = week.edition()
    done = imported(
        edition,
        {
            "code": "PRES",
            "part_of": "",
            "date": "2020-02-28",
            "start": "09:30",
            "end": "13:00",
            "zone": "",
            "title": "Meeting of the UCLG Presidency",
            "title_fr": "Réunion de la Présidence de CGLU",
            "title_es": "",
            "title_ru": "Заседание Президиума",
            "kind": "presidency",
            "track": "Statutory bodies",
            "venue": "Congress centre",
            "hall": "Grand Hall",
            "languages": "EN;FR;ES",
            "access": "body:UCLG Presidency",
            "listed": "yes",
            "chair": "Mohamed Boudra, President of UCLG, Al Hoceima",
            "moderators": "",
            "speakers": "Emilia Saiz, Secretary General; Satybek Kanybekov (tbc), , Bishkek",
            "body": "UCLG Presidency",
            "capacity": "120",
            "status": "tentative",
            "description": "The award ceremony is inside.",
            "description_fr": "",
            "description_es": "",
            "description_ru": "",
            "link": "https://example.org/join",
            "registration_link": "",
            "tags": "presidency;awards",
            "note": "Water on the table",
            "locked": "yes",
        },
    )
    made = draft(edition)["PRES"]
    assert (done.created, done.updated, done.made) == (
        *(1, 0),
        ["Congress centre", "Grand Hall", "Statutory bodies", "UCLG Presidency"],
    )
    assert made.title == Translated(
        en="Meeting of the UCLG Presidency", fr="Réunion de la Présidence de CGLU", ru="Заседание Президиума"
    )
    assert (made.date, made.starts, made.ends, made.zone, made.zone_override) == (
        *(date(2020, 2, 28), time(9, 30), time(13)),
        *("Africa/Casablanca", None),
    )
    assert (str(made.hall and made.hall.name), str(made.venue and made.venue.name)) == ("Grand Hall", "Congress centre")
    assert (made.kind, made.access, made.access_body, made.status) == (
        *(Kind.PRESIDENCY, Access.BODY, made.body, SessionStatus.TENTATIVE),
    )
    assert (made.languages, made.tags, made.capacity, made.is_listed, made.is_locked) == (
        *(["en", "fr", "es"], ["presidency", "awards"], 120, True, True),
    )
    assert [(part.role, part.printed_name, part.office, part.organisation, part.state) for part in made.parts] == [
        (PartRole.CHAIR, "Mohamed Boudra", "President of UCLG", "Al Hoceima", PartState.CONFIRMED),
        (PartRole.SPEAKER, "Emilia Saiz", "Secretary General", "", PartState.CONFIRMED),
        (PartRole.SPEAKER, "Satybek Kanybekov", "", "Bishkek", PartState.TO_BE_CONFIRMED),
    ]


def test_a_title_is_all_that_a_row_needs(db_session: Session) -> None:
    edition = week.edition()
    imported(edition, {"title": "Opening"}, {"title": "Closing"})
    assert {code: (str(one.title), one.date, one.kind) for code, one in draft(edition).items()} == {
        "S20-001": ("Opening", None, Kind.OTHER),
        "S20-002": ("Closing", None, Kind.OTHER),
    }


def test_a_missing_column_keeps_and_an_empty_cell_clears(db_session: Session) -> None:
    edition = week.edition()
    imported(
        edition,
        {"code": "A", "title": "T", "title_fr": "F", "hall": "H", "tags": "x", "speakers": "Ana", "chair": "Ben"},
    )
    done = imported(edition, {"code": "A", "title": "T2", "tags": "", "speakers": ""})
    made = draft(edition)["A"]
    assert (done.created, done.updated, done.unchanged) == (0, 1, 0)
    assert (made.title, str(made.hall and made.hall.name), made.tags) == (Translated(en="T2", fr="F"), "H", [])
    assert [part.printed_name for part in made.parts] == ["Ben"]
    imported(edition, {"code": "A", "title_fr": "", "hall": ""})
    assert (made.title, made.hall) == (Translated(en="T2"), None)


def test_the_same_file_again_changes_nothing(db_session: Session) -> None:
    edition = week.edition()
    rows = (
        {
            "code": "A",
            "title": "T",
            "date": "2020-02-25",
            "start": "09:00",
            "end": "10:00",
            "hall": "H",
            "speakers": "Ana",
        },
        {"code": "B", "title": "U", "date": "", "start": "", "end": "", "hall": "H", "speakers": ""},
    )
    imported(edition, *rows)
    week.publish(edition)
    done = imported(edition, *rows)
    assert (done.created, done.updated, done.unchanged, done.made) == (0, 0, 2, [])
    with pytest.raises(NothingToPublish):
        week.publish(edition)


def test_an_end_before_the_start_is_on_the_next_day_and_a_day_without_time_is_to_be_confirmed(
    db_session: Session,
) -> None:
    edition = week.edition()
    imported(
        edition,
        {"code": "GALA", "title": "Dinner", "date": "2020-02-27", "start": "20:00", "end": "00:30"},
        {"code": "TBC", "title": "Visit", "date": "2020-02-27", "start": "", "end": ""},
    )
    gala, visit = draft(edition)["GALA"], draft(edition)["TBC"]
    assert gala.start_utc is not None
    assert gala.end_utc is not None
    assert (gala.end_utc - gala.start_utc).total_seconds() == 4.5 * 3600
    assert (visit.date, visit.start_utc) == (date(2020, 2, 27), None)


def test_a_hall_without_a_venue_goes_to_the_default_one_and_names_are_found_in_any_spelling(
    db_session: Session,
) -> None:
    edition = week.edition()
    palace = editions.add_venue(edition, Translated(en="Palace", fr="Palais"), at=AT, by=NADIA)
    editions.add_hall(edition, Translated(en="Grand Hall", fr="Grande salle"), venue=palace, at=AT, by=NADIA)
    imported(
        edition,
        {"code": "A", "title": "T", "venue": "", "hall": "Malabata", "track": "Campus"},
        {"code": "B", "title": "T", "venue": "", "hall": "grande SALLE", "track": "campus"},
        {"code": "C", "title": "T", "venue": "palais", "hall": "Malabata", "track": ""},
        {"code": "D", "title": "T", "venue": "Port", "hall": "Malabata", "track": ""},
    )
    assert {
        code: (one.venue and str(one.venue.name), one.hall and one.hall.slug) for code, one in draft(edition).items()
    } == {
        "A": ("Tangier", "malabata"),
        "B": ("Palace", "grand-hall"),
        "C": ("Palace", "malabata-2"),
        "D": ("Port", "malabata-3"),
    }
    assert (names(Venue), names(Track)) == (["Tangier", "Palace", "Port"], ["Campus"])


def test_a_session_may_be_part_of_one_in_a_later_row_or_of_one_that_is_known(db_session: Session) -> None:
    edition = week.edition()
    imported(edition, {"code": "A", "title": "T"})
    imported(
        edition,
        {"code": "B", "title": "Ceremony", "part_of": "C"},
        {"code": "C", "title": "Presidency", "part_of": ""},
        {"code": "D", "title": "Lunch", "part_of": "A"},
    )
    assert {code: one.parent and one.parent.code for code, one in draft(edition).items()} == {
        "A": None,
        "B": "C",
        "C": None,
        "D": "A",
    }
    done = imported(edition, {"code": "B", "title": "Ceremony", "part_of": "A"})
    assert (done.updated, draft(edition)["B"].parent) == (1, draft(edition)["A"])


def test_people_are_found_by_name_and_made_once(db_session: Session) -> None:
    edition = week.edition()
    known = Person(given_name="Mohamed", family_name="Boudra", created_at=AT)
    db.session.add(known)
    week.session(edition, parts=[Appearance(PartRole.CHAIR, "Mohamed Boudra", person=known)])
    imported(
        edition,
        {"title": "A", "speakers": "Mohamed Boudra; Ana Colau", "chair": ""},
        {"title": "B", "speakers": "Ana Colau, Mayor", "chair": "tbc; Ben (tbc)"},
    )
    assert [person.printed_name for person in db.session.scalars(select(Person).order_by(Person.id))] == [
        *("Mohamed Boudra", "Ana Colau", "Ben")
    ]
    assert len(set(db.session.scalars(select(Part.person_id).where(Part.printed_name == "Mohamed Boudra")))) == 1


def test_what_is_odd_but_possible_is_a_warning(db_session: Session) -> None:
    edition = week.edition()
    done = imported(
        edition,
        {"title": "A", "date": "2020-03-02", "access": "body:Presidncy", "chair": "To be confirmed", "hall": "TBD"},
    )
    assert sorted(map(str, done.warnings)) == [
        "week.csv:2: access: no body “Presidncy” was known: it is made",
        "week.csv:2: date: 2020-03-02 is outside the edition's days",
        "week.csv:2: hall: “to be confirmed” is no name: it is left empty",
    ]
    assert (done.created, names(Body)[-1:], names(Hall)) == (1, ["Presidncy"], [])


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        ({"title": ""}, ["title: the title is empty"]),
        ({"start": "09:00"}, ["end: Give the end as well: a start needs one."]),
        ({"end": "09:00"}, ["start: Give the start as well: there is an end without one."]),
        ({"start": "09:00", "end": "10:00", "date": ""}, ["date: Give the date as well: there is a time without one."]),
        ({"start": "09:00", "end": "09:00"}, ["end: The end is the same as the start; a session takes time."]),
        (
            {"start": "25:00", "end": "26:00"},
            [
                "start: “25:00” is not a time; write HH:MM, from 00:00 to 23:59",
                "end: “26:00” is not a time; write HH:MM, from 00:00 to 23:59",
            ],
        ),
        ({"date": "25.02.2020"}, ["date: “25.02.2020” is not a date; write YYYY-MM-DD"]),
        ({"zone": "CEST"}, ["zone: “CEST” is not a time zone; write it like Africa/Casablanca."]),
        (
            {"date": "2020-03-29", "start": "02:30", "end": "04:00", "zone": "Europe/Madrid"},
            ["start: 02:30 does not exist in Europe/Madrid on 2020-03-29: the clocks go forward."],
        ),
        (
            {"date": "2020-10-25", "start": "02:30", "end": "04:00", "zone": "Europe/Madrid"},
            ["start: 02:30 happens twice in Europe/Madrid on 2020-10-25: the clocks go back."],
        ),
        ({"part_of": "NONE"}, ["part_of: there is no session “NONE”"]),
        ({"part_of": "A"}, ["part_of: a session is no part of itself"]),
        ({"link": "ftp://example.org"}, ["link: “ftp://example.org” is not a link; it begins with https://"]),
        ({"title_en": "Something else"}, ["title_en: says something else than “title”, which is in the same language"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_row_is_told_by_line_and_column_and_nothing_is_imported(
    db_session: Session, row: dict[str, str], errors: list[str]
) -> None:
    week.edition()
    db.session.commit()
    edition = editions.edition_by_slug("2020")
    good = {"code": "G", "title": "Good", **dict.fromkeys(row, "")}
    good |= {"title": "Good", "hall": "New hall"}
    bad = {"code": "A", "title": "Bad", "date": "2020-02-25", "hall": "", **row}
    columns = list(dict.fromkeys((*good, *bad)))
    lines = refused(edition, *({column: one.get(column, "") for column in columns} for one in (good, bad)))
    assert lines == [f"week.csv:3: {error}" for error in errors]
    assert (week.count(AgendaSession), week.count(Hall), editions.edition_by_slug("2020").last_session_number) == (
        0,
        0,
        0,
    )


def test_a_code_may_be_in_a_file_once(db_session: Session) -> None:
    edition = week.edition()
    rows = [{"code": code, "title": "T"} for code in ("A", "", "A", "B", "", "A")]
    assert refused(edition, *rows) == [
        "week.csv:4: code: “A” is in line 2 already",
        "week.csv:7: code: “A” is in line 2 already",
    ]


def test_parts_go_one_level_deep_whichever_side_the_file_changes(db_session: Session) -> None:
    week.edition()
    edition = editions.edition_by_slug("2020")
    imported(edition, {"code": "A", "title": "T", "part_of": ""}, {"code": "B", "title": "T", "part_of": "A"})
    db.session.commit()
    assert refused(edition, {"code": "C", "title": "T", "part_of": "B"}) == [
        "week.csv:2: part_of: “B” is itself part of another session; there is one level only"
    ]
    assert refused(
        edition, {"code": "C", "title": "T", "part_of": ""}, {"code": "A", "title": "T", "part_of": "C"}
    ) == ["week.csv:3: part_of: “A” has parts of its own; there is one level only"]
    assert refused(
        edition, {"code": "X", "title": "T", "part_of": "Y"}, {"code": "Y", "title": "T", "part_of": "X"}
    ) == [
        "week.csv:2: part_of: “Y” is itself part of another session; there is one level only",
        "week.csv:3: part_of: “X” is itself part of another session; there is one level only",
    ]
    imported(edition, {"code": "A", "title": "T", "part_of": "B"}, {"code": "B", "title": "T", "part_of": ""})
    assert {code: one.parent and one.parent.code for code, one in draft(edition).items()} == {"A": "B", "B": None}


def test_a_time_is_judged_with_what_is_known_of_the_session(db_session: Session) -> None:
    edition = week.edition()
    imported(edition, {"code": "A", "title": "T", "date": "2020-03-29", "start": "02:30", "end": "04:00"})
    db.session.commit()
    assert refused(edition, {"code": "A", "zone": "Europe/Madrid"}) == [
        "week.csv:2: start: 02:30 does not exist in Europe/Madrid on 2020-03-29: the clocks go forward."
    ]
    assert refused(edition, {"code": "A", "date": ""}) == [
        "week.csv:2: date: Give the date as well: there is a time without one."
    ]


def test_a_file_without_titles_may_change_known_sessions_and_make_none(db_session: Session) -> None:
    edition = week.edition()
    imported(edition, {"code": "A", "title": "T"})
    db.session.commit()
    assert refused(edition, {"code": "A", "hall": "H"}, {"code": "B", "hall": "H"}) == [
        "week.csv:1: title: this column is missing"
    ]
    imported(edition, {"code": "A", "hall": "H"})
    assert str(draft(edition)["A"].title) == "T"


def test_a_file_of_more_rows_than_a_week_has_is_refused(db_session: Session) -> None:
    content = b"title\n" + b"x\n" * 100_000
    with pytest.raises(SheetErrors) as caught:
        imports.read("week.csv", content)
    assert caught.value.lines == ["week.csv:5002: row: is one too many: a file may have 5000 rows"]


def test_a_dry_run_counts_and_stores_nothing(db_session: Session) -> None:
    edition = week.edition()
    imported(edition, {"code": "A", "title": "T"}, {"code": "B", "title": "Same"})
    done = imported(
        edition,
        {"code": "A", "title": "U", "hall": "H"},
        {"code": "B", "title": "Same", "hall": ""},
        {"code": "", "title": "V", "hall": ""},
        dry_run=True,
    )
    assert (done.created, done.updated, done.unchanged, done.made) == (1, 1, 1, ["H"])
    assert ([str(one.title) for one in draft(edition).values()], week.count(Hall)) == (["T", "Same"], 0)


def test_in_a_french_edition_the_title_is_french_and_english_has_a_column(db_session: Session) -> None:
    edition = week.edition(main_language="fr", title=Translated(fr="Retraite"))
    imported(edition, {"code": "A", "title": "Ouverture", "title_en": "Opening", "title_fr": "", "hall": "Salle"})
    made = draft(edition)["A"]
    assert (made.title, made.hall and made.hall.name) == (
        Translated(fr="Ouverture", en="Opening"),
        Translated(fr="Salle"),
    )


def test_two_imports_of_one_file_at_once_make_each_session_once(app: Flask) -> None:
    with app.app_context():
        week.edition()
        db.session.commit()
    both, outcomes = threading.Barrier(3), []

    def bring() -> None:
        with app.app_context():
            both.wait(10)
            done = imported(
                editions.edition_by_slug("2020"),
                {"code": "A", "title": "T", "hall": "H", "speakers": "Ana"},
                {"code": "B", "title": "T", "hall": "I", "speakers": "Ana"},
            )
            db.session.commit()
            outcomes.append((done.created, done.unchanged))

    threads = [threading.Thread(target=bring) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == [(0, 2), (0, 2), (2, 0)]
    with app.app_context():
        assert (week.count(Hall), week.count(Person), week.count(AgendaSession)) == (2, 1, 2)


def test_a_move_to_a_venue_in_another_zone_keeps_the_wall_time_and_says_so(db_session: Session) -> None:
    edition = week.edition()
    seville = editions.add_venue(edition, Translated(en="Seville"), zone="Europe/Madrid", at=AT, by=NADIA)
    editions.add_hall(edition, Translated(en="Alcázar"), venue=seville, at=AT, by=NADIA)
    imported(edition, {"code": "A", "title": "T", "date": "2020-07-01", "start": "09:30", "end": "11:00"})
    done = imported(edition, {"code": "A", "hall": "Alcazar"})
    made = draft(edition)["A"]
    assert (made.zone, made.starts) == ("Europe/Madrid", time(9, 30))
    assert [str(warning) for warning in done.warnings] == [
        "week.csv:2: hall: the wall time stays as it is, now in Europe/Madrid"
    ]


def full_week(edition: Edition) -> None:
    """Every state a session can have, and text that a file could break."""
    seville = editions.add_venue(edition, Translated(en="Seville; old town"), zone="Europe/Madrid", at=AT, by=NADIA)
    imported(
        edition,
        {
            "code": "A",
            "part_of": "B",
            "date": "2020-02-25",
            "start": "22:00",
            "end": "01:00",
            "zone": "Europe/Moscow",
            "title": '=cmd|"x", «Été»; “two”\u2028lines',
            "title_en": "",
            "title_fr": "Déjà, vu",
            "title_es": "¿Qué?",
            "title_ru": "Мир",
            "kind": "side-event",
            "track": "Campus, learning",
            "venue": "Seville; old town",
            "hall": "Hall, 1",
            "languages": "en;ar",
            "access": "body:Presidency, enlarged",
            "listed": "no",
            "chair": r"Ana\; Ben, Mayor\, MP, Porto\, PT",
            "moderators": "Ана (tbc)",
            "speakers": "X, , Y; Z",
            "body": "UBUNTU",
            "capacity": "0",
            "status": "cancelled",
            "description": "One\n\n+two",
            "description_fr": "-trois",
            "link": "https://example.org/?a=1;b=2",
            "registration_link": "http://example.org",
            "tags": r"a\;b;c\,d;\\e",
            "note": "@home",
            "note_fr": "chez moi",
            "locked": "yes",
        },
    )
    week.session(edition, "Unscheduled", date=None, starts=None, ends=None, code="C", venue=seville)
    week.session(edition, "No time yet", starts=None, ends=None, code="D", capacity=12)


@pytest.mark.parametrize("kind", ["json", "xlsx"])
def test_a_draft_is_the_same_after_export_and_import_into_an_empty_edition(db_session: Session, kind: str) -> None:
    edition, other = week.edition(), week.edition("2021")
    week.session(edition, "Presidency", code="B")
    full_week(edition)
    content = exports.export_agenda(edition, kind)
    editions.add_venue(other, Translated(en="Seville; old town"), zone="Europe/Madrid", at=AT, by=NADIA)
    imports.import_agenda(other, imports.read(f"week.{kind}", content), at=AT, by=NADIA)
    assert exports.export_agenda(other, "json") == exports.export_agenda(edition, "json")
    before, after = ([exports.row(session) for session in draft(one).values()] for one in (edition, other))
    assert before == after
    assert [
        (one.title, one.note, one.description, one.start_utc, service.appearances(one))
        for one in draft(edition).values()
    ] == [
        (one.title, one.note, one.description, one.start_utc, service.appearances(one)) for one in draft(other).values()
    ]


@pytest.mark.parametrize("kind", ["json", "xlsx", "csv"])
def test_a_file_that_comes_back_unchanged_changes_nothing(db_session: Session, kind: str) -> None:
    edition = week.edition()
    week.session(edition, "Presidency", code="B")
    full_week(edition)
    db.session.commit()
    content = exports.export_agenda(edition, kind)
    done = imports.import_agenda(edition, imports.read(f"week.{kind}", content), at=AT, by=NADIA)
    assert (done.created, done.updated, done.unchanged, done.made) == (0, 0, 4, [])


@pytest.mark.one_database
def test_an_export_is_a_list_of_objects_keyed_by_the_columns_of_the_contract(db_session: Session) -> None:
    import json

    edition = week.edition()
    week.session(edition)
    content = exports.export_agenda(edition, "json")
    [exported] = json.loads(content)
    assert list(exported)[: len(imports.COMMON_COLUMNS)] == list(imports.COMMON_COLUMNS)
    assert {key: value for key, value in exported.items() if value} == {
        "code": "S20-001",
        "date": "2020-02-25",
        "start": "09:30",
        "end": "11:00",
        "title": "Local Finance",
        "kind": "other",
        "access": "open",
        "listed": "yes",
        "status": "confirmed",
        "locked": "no",
    }
    header = exports.export_agenda(edition, "csv").decode("utf-8-sig").splitlines()[0]
    assert header == (
        "code,part_of,date,start,end,zone,title,title_fr,title_es,title_ru,kind,track,venue,hall,languages,access,listed,"
        "chair,moderators,speakers,body,capacity,status,description,description_fr,description_es,description_ru,"
        "link,registration_link,tags,note,locked"
    )


@pytest.mark.one_database
def test_the_real_rows_of_a_congress_are_imported(db_session: Session) -> None:
    """Rows as the organisation printed them, brought to our columns: one hall or none, tbc everywhere."""
    edition = week.edition("2019", zone="Africa/Johannesburg", starts_on=date(2019, 11, 11), ends_on=date(2019, 11, 15))
    with (Path(__file__).parent / "congress_2019.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    done = imports.import_agenda(
        edition, sheets.read("congress.csv", _as_csv(rows), columns=imports.COLUMNS), at=AT, by=NADIA
    )
    assert done.created == len(rows)


def _as_csv(rows: list[dict[str, str]]) -> bytes:
    return sheets.csv_bytes(list(rows[0]), rows)


@pytest.mark.one_database
def test_an_empty_cell_that_lists_what_was_unlisted_is_warned_of(db_session: Session) -> None:
    edition = week.edition()
    week.session(edition, code="A", is_listed=False)
    week.session(edition, code="B")
    done = week.imported(edition, {"code": "A", "listed": ""}, {"code": "B", "listed": ""}, dry_run=True)
    assert [(warning.line, warning.column) for warning in done.warnings] == [(2, "listed")]
