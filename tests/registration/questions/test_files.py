"""Answers in files of registrations."""

import json

import pytest

from retreat.core import sheets
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.stored import values_of
from retreat.registration import proof, service
from retreat.registration.exports import export_registrations, registrations_of
from retreat.registration.imports import import_registrations, known_columns
from retreat.registration.questions.replies import Reply
from retreat.registration.rows import COLUMNS, TRAVEL
from tests.registration.making import AT, DELEGATE, edition, registrations
from tests.registration.making import answers as built_in
from tests.registration.questions.making import answers, question, reply, said, taken

HEAD = "code,given_name,email"


@pytest.fixture
def tangier(db_session):
    return edition()


def load(of, text, name="people.csv"):
    content = text.encode() if isinstance(text, str) else text
    sheet = sheets.read(name, content, columns=known_columns(of))
    return import_registrations(of, sheet, at=AT, by=COMMAND)


def refusals(of, text):
    db.session.commit()
    with pytest.raises(sheets.SheetErrors) as refused:
        load(of, text)
    db.session.rollback()
    return refused.value.lines


def columns_in(content):
    return content.decode("utf-8-sig").splitlines()[0].split(",")


def test_without_questions_the_columns_are_those_that_were_promised(tangier):
    assert columns_in(export_registrations([], "csv", tangier)) == list(COLUMNS)
    load(tangier, f"{HEAD}\nA,Ana,a@example.org\n")
    assert list(json.loads(export_registrations(registrations(), "json"))[0]) == [*COLUMNS, *TRAVEL]


def test_the_editions_questions_follow_in_their_order(tangier):
    question(tangier, "b", position=2)
    question(tangier, "a", position=1)
    assert columns_in(export_registrations([], "csv", tangier)) == [*COLUMNS, "q_a", "q_b"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_what_is_exported_comes_back_unchanged(tangier, kind):
    question(tangier, "dish", "choices", options=["fish", "rice"])
    question(tangier, "age", "number")
    question(tangier, "home", "country")
    question(tangier, "cv", "file")
    file = values_of(b"%PDF-", name="cv.pdf", media_type="application/pdf")
    replies = said(tangier, dish=reply("rice", "fish"), age="30", home="MA", cv=Reply(file=file))
    service.register(tangier, built_in(tangier), at=AT, by=DELEGATE, replies=replies)
    db.session.commit()
    content = export_registrations(registrations_of(tangier), kind)
    done = load(tangier, content, f"people.{kind}")
    assert (done.added, done.changed, done.unchanged) == (0, 0, 1)
    assert answers(registrations()[0]) == {"dish": "fish;rice", "age": "30", "home": "MA", "cv": "cv.pdf"}


def test_options_are_read_by_slug_and_by_label_in_any_language(tangier):
    made = question(tangier, "dish", "choices", options=["fish", "rice", "soup"])
    made.options[1].label = Translated(en="Rice", ru="Рис")
    db.session.flush()
    load(tangier, f"{HEAD},q_dish\nA,Ana,a@example.org,рис; SOUP\n")
    assert (answers(registrations()[0]), taken(tangier)) == ({"dish": "rice;soup"}, {"fish": 0, "rice": 1, "soup": 1})


def test_every_wrong_answer_is_said_with_its_line_and_nothing_is_kept(tangier):
    question(tangier, "dish", "choice", options=["fish", "rice"])
    question(tangier, "age", "number")
    question(tangier, "born", "date")
    question(tangier, "comes", "yes-no")
    lines = refusals(
        tangier,
        f"{HEAD},q_dish,q_age,q_born,q_comes\nA,Ana,a@example.org,pork,old,1.2.1990,perhaps\n"
        "B,Bea,b@example.org,fish;rice,,,\n",
    )
    assert lines == [
        "people.csv:2: q_dish: “pork” is not one of fish, rice",
        "people.csv:2: q_age: “old” is not a number",
        "people.csv:2: q_born: “1.2.1990” is not a date; write YYYY-MM-DD",
        "people.csv:2: q_comes: “perhaps” is neither yes nor no",
        "people.csv:3: q_dish: only one answer can be given here",
    ]
    assert registrations() == []


def test_a_row_too_many_for_a_choice_is_refused(tangier):
    question(tangier, "dinner", "choice", options=[("gala", 1)])
    lines = refusals(tangier, f"{HEAD},q_dinner\nA,Ana,a@example.org,gala\nB,Bea,b@example.org,gala\n")
    assert lines == ["people.csv:3: q_dinner: no place is left for “Gala”"]
    assert (registrations(), taken(tangier)) == ([], {"gala": 0})


def test_a_status_gives_back_what_was_ticked_and_takes_it_again(tangier):
    question(tangier, "dinner", "choice", options=[("gala", 1)])
    load(tangier, f"{HEAD},q_dinner\nA,Ana,a@example.org,gala\n")
    load(tangier, "code,status\nA,declined\n")
    assert taken(tangier) == {"gala": 0}
    load(tangier, f"{HEAD},q_dinner\nB,Bea,b@example.org,gala\n")
    assert refusals(tangier, "code,status\nA,approved\n") == ["people.csv:2: q_dinner: no place is left for “Gala”"]
    assert taken(tangier) == {"gala": 1}


def test_an_empty_cell_clears_and_a_missing_column_keeps(tangier):
    question(tangier, "note")
    question(tangier, "age", "number")
    load(tangier, f"{HEAD},q_note,q_age\nA,Ana,a@example.org,Hello,30\n")
    load(tangier, "code,q_note\nA,\n")
    assert answers(registrations()[0]) == {"age": "30"}


def test_a_changed_answer_on_the_badge_opens_the_proof(tangier):
    question(tangier, "dish", "choice", options=["fish", "rice"], is_on_badge=True)
    load(tangier, f"{HEAD},q_dish\nA,Ana,a@example.org,fish\n")
    (one,) = registrations()
    service.approve_proof(one, proof.fingerprint(one), at=AT, by=DELEGATE)
    load(tangier, "code,q_dish\nA,rice\n")
    assert proof.state(registrations()[0]) is proof.Proof.CHANGED


def test_travel_comes_in_from_any_file(tangier):
    load(tangier, f"{HEAD},arrival,arrival_time,hotel\nA,Ana,a@example.org,2020-02-23,9:05,Minzah\n")
    (one,) = registrations()
    row = json.loads(export_registrations([one], "json"))[0]
    assert (row["arrival_time"], row["departure_time"], row["hotel"]) == ("09:05", "", "Minzah")
    assert refusals(tangier, "code,departure_time\nA,25:00\n") == [
        "people.csv:2: departure_time: “25:00” is not a time; write HH:MM"
    ]
