"""Registrations from files: every row or none, and back again byte for byte."""

import time

import pytest
from sqlalchemy import select

from retreat.core import sheets
from retreat.core.audit import COMMAND
from retreat.core.db import db
from retreat.core.mail import OutboxMail
from retreat.network.models import Person
from retreat.registration import service
from retreat.registration.exports import export_registrations, registrations_of
from retreat.registration.imports import import_registrations
from retreat.registration.models import Status
from retreat.registration.rows import COLUMNS, READ, TRAVEL
from tests.registration.making import AT, DELEGATE, answers, category, edition, registrations

HEAD = "given_name,family_name,email"


def sheet(text, name="people.csv"):
    return sheets.read(name, text.encode() if isinstance(text, str) else text, columns=READ)


def load(of, text, **options):
    return import_registrations(of, sheet(text), at=AT, by=COMMAND, **options)


def refusals(of, text):
    with pytest.raises(sheets.SheetErrors) as refused:
        load(of, text)
    assert registrations() == []
    return refused.value.lines


def test_new_people_are_submitted_in_the_first_category_and_nobody_is_mailed(db_session):
    tangier = edition()
    done = load(tangier, f"{HEAD}\nAna,Fernández,Ana@example.org\nBea,,bea@example.org\n")
    assert (done.added, done.changed, done.unchanged, done.warnings) == (2, 0, 0, ())
    assert [(one.code, one.printed_name, one.email, one.status, one.category.slug) for one in registrations()] == [
        ("R20-0001", "Ana Fernández", "ana@example.org", Status.SUBMITTED, "delegate"),
        ("R20-0002", "Bea", "bea@example.org", Status.SUBMITTED, "delegate"),
    ]
    assert tangier.taken == category(tangier).taken == 2
    assert db_session.scalars(select(OutboxMail)).all() == []
    assert [step.by for one in registrations() for step in one.history] == ["command line"] * 2


def test_every_column_comes_in(db_session):
    tangier = edition()
    row = (
        "code,honorific,given_name,family_name,badge_name,native_name,native_language,position,organisation,city,country,"
        "section,category,email,phone,languages,arrival,departure,diet,access_needs,visa_letter,status\n"
        "VIP-1,H.E.,Bakyt,Asanov,Bakyt A.,Бакыт Асанов,ky,Mayor,City of Osh,Osh,Kyrgyzstan,Eurasia,Press,"
        "b@example.org,+996 555,RU; en,2020-02-23,2020-02-29,Halal,Ramp,yes,approved\n"
    )
    load(tangier, row)
    one = registrations()[0]
    assert sheets.csv_bytes(COLUMNS, export_rows(tangier)).decode("utf-8-sig").splitlines()[1] == (
        "VIP-1,H.E.,Bakyt,Asanov,Bakyt A.,Бакыт Асанов,ky,Mayor,City of Osh,Osh,Kyrgyzstan,Eurasia,press,"
        "b@example.org,+996 555,ru;en,2020-02-23,2020-02-29,Halal,Ramp,yes,approved"
    )
    assert (one.section.slug, one.language) == ("eurasia", "ru")


def export_rows(of):
    from retreat.registration.rows import cells

    return [cells(one) for one in registrations_of(of)]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_what_is_exported_comes_back_unchanged(db_session, kind):
    tangier = edition()
    load(
        tangier,
        f'{HEAD},diet,phone\nAna,Fernández,ana@example.org,=SUM(A1),+212 600\nİnci,,inci@example.org,"a,b\nc",\n',
    )
    content = export_registrations(registrations_of(tangier), kind)
    done = import_registrations(tangier, sheet(content, f"people.{kind}"), at=AT, by=COMMAND)
    assert (done.added, done.changed, done.unchanged) == (0, 0, 2)
    assert export_registrations(registrations_of(tangier), "json") == export_registrations(
        registrations_of(tangier), "json"
    )


def test_a_known_code_updates_a_missing_column_keeps_and_an_empty_cell_clears(db_session):
    tangier = edition()
    load(tangier, "code,given_name,email,position,diet\nA-1,Ana,ana@example.org,Mayor,Vegan\n")
    done = load(tangier, "code,position\nA-1,\n")
    assert (done.added, done.changed) == (0, 1)
    one = registrations()[0]
    assert (one.given_name, one.email, one.position, one.diet) == ("Ana", "ana@example.org", "", "Vegan")


def test_the_same_file_twice_changes_nothing(db_session):
    tangier = edition()
    text = f"{HEAD}\nAna,Fernández,ana@example.org\nBea,,ana@example.org\n"
    load(tangier, text)
    done = load(tangier, text)
    assert (done.added, done.changed, done.unchanged) == (0, 0, 2)


def test_a_status_is_honoured_with_its_place(db_session):
    tangier = edition()
    load(tangier, f"code,{HEAD},status\nA,Ana,,a@example.org,approved\nB,Bea,,b@example.org,declined\n")
    assert [one.status for one in registrations()] == [Status.APPROVED, Status.DECLINED]
    assert tangier.taken == 1
    load(tangier, "code,status\nA,withdrawn\nB,submitted\n")
    db_session.expire_all()
    assert [one.status for one in registrations()] == [Status.WITHDRAWN, Status.SUBMITTED]
    assert tangier.taken == category(tangier).taken == 1
    assert [step.after for step in registrations()[0].history] == [Status.APPROVED, Status.WITHDRAWN]


def test_more_people_than_places_are_waitlisted_with_a_warning_whatever_they_ask_for(db_session):
    tangier = edition(capacity=1)
    done = load(tangier, f"{HEAD},status\nAna,,a@example.org,approved\nBea,,b@example.org,approved\n")
    assert [one.status for one in registrations()] == [Status.APPROVED, Status.WAITLISTED]
    assert done.warnings == (
        "people.csv:3: status: every place is taken: this registration is waitlisted instead of approved",
    )
    assert tangier.taken == 1


def test_moving_to_another_category_moves_the_place(db_session):
    tangier = edition()
    load(tangier, "code,given_name,email\nA,Ana,a@example.org\n")
    load(tangier, "code,category\nA,press\n")
    db_session.expire_all()
    assert (tangier.taken, category(tangier).taken, category(tangier, "press").taken) == (1, 0, 1)


def test_numbers_go_on_after_the_codes_of_a_file(db_session):
    tangier = edition()
    load(tangier, f"code,{HEAD}\nR20-0041,Ana,,a@example.org\n,Bea,,b@example.org\n")
    made = service.register(tangier, answers(tangier, given_name="Cem"), at=AT, by=DELEGATE)
    assert [one.code for one in registrations()] == ["R20-0041", "R20-0042", "R20-0043"]
    assert made.code == "R20-0043"


def test_the_address_book_is_used_where_address_and_name_are_the_same(db_session):
    known = Person(given_name="Ana", family_name="Fernández", email="ana@example.org", created_at=AT)
    db_session.add(known)
    tangier = edition()
    load(tangier, f"{HEAD}\nAna,FERNANDEZ,ana@example.org\nAna,Fernández,other@example.org\n")
    first, second = registrations()
    assert first.person is known
    assert second.person is not known


def test_samples_are_marked(db_session):
    load(edition(), f"{HEAD}\nAna,,a@example.org\n", is_sample=True)
    assert registrations()[0].is_sample


def test_every_error_is_said_with_its_line_and_column_and_nothing_is_kept(db_session):
    tangier = edition()
    text = (
        "code,given_name,email,section,category,native_language,languages,arrival,departure,visa_letter,status\n"
        "A,Ana,ana@,Atlantis,king,klingonese,e,23.02.2020,2020-02-30,maybe,maybe\n"
        "B,,b@example.org,,,,,2020-02-25,2020-02-24,,\n"
        "C C,Cem,c@example.org,,,,,,,,\n"
        "A,Ana,a@example.org,,,,,,,,\n"
        "D,Dua,,,,,,,,,\n"
        f"E,{'x' * 101},e@example.org,,,,,,,,\n"
        "F,Eli\u202e,f@example.org,,,,,,,,\n"
    )
    lines = refusals(tangier, text)
    assert [line.split(": ")[:2] for line in lines] == [
        ["people.csv:2", "email"],
        ["people.csv:2", "section"],
        ["people.csv:2", "category"],
        ["people.csv:2", "native_language"],
        ["people.csv:2", "languages"],
        ["people.csv:2", "arrival"],
        ["people.csv:2", "departure"],
        ["people.csv:2", "visa_letter"],
        ["people.csv:2", "status"],
        ["people.csv:3", "departure"],
        ["people.csv:3", "given_name"],
        ["people.csv:4", "code"],
        ["people.csv:5", "code"],
        ["people.csv:6", "email"],
        ["people.csv:7", "given_name"],
    ]
    assert lines[5] == "people.csv:2: arrival: “23.02.2020” is not a date; write YYYY-MM-DD"
    assert lines[12] == "people.csv:5: code: the same is already in line 2"


def test_a_missing_address_column_is_an_error_for_new_people(db_session):
    assert refusals(edition(), "given_name\nAna\n") == ["people.csv:2: email: an e-mail address is needed"]


def test_an_unknown_column_is_refused(db_session):
    with pytest.raises(sheets.SheetErrors) as refused:
        sheet("given_name,mail\nAna,a@example.org\n")
    assert refused.value.lines[0].startswith("people.csv:1: mail: no such column; known are code, honorific,")


def test_the_same_person_twice_in_a_file_is_an_error(db_session):
    assert refusals(edition(), f"{HEAD}\nAna,,a@example.org\nANA,,a@example.org\n") == [
        "people.csv:3: email: the same is already in line 2"
    ]


def test_a_thousand_rows_are_read_within_five_seconds(db_session):
    tangier = edition()
    rows = "".join(f"Given{n},Family{n},p{n}@example.org,Mayor,City {n}\n" for n in range(1000))
    began = time.process_time()
    done = load(tangier, f"{HEAD},position,city\n{rows}")
    db.session.commit()
    spent = time.process_time() - began
    assert done.added == 1000
    assert tangier.taken == 1000
    assert spent < 5


class TestCommands:
    def run(self, app, *words):
        return app.test_cli_runner().invoke(args=list(words))

    def prepare(self, app, tmp_path, text):
        with app.app_context():
            edition()
            db.session.remove()
        path = tmp_path / "people.csv"
        path.write_text(text, encoding="utf-8-sig")
        return str(path)

    def test_a_file_goes_in_and_comes_out(self, app, tmp_path):
        path = self.prepare(app, tmp_path, f"{HEAD}\nAna,Fernández,ana@example.org\n")
        done = self.run(app, "import", "registrations", "2020", path)
        assert (done.exit_code, done.output) == (0, "Registrations: 1 added, 0 changed, 0 unchanged.\n")
        out = tmp_path / "out.json"
        shown = self.run(app, "export", "registrations", "2020", "--format", "json")
        self.run(app, "export", "registrations", "2020", "--format", "json", "--out", str(out))
        assert shown.exit_code == 0
        assert shown.output.encode() == out.read_bytes()
        assert list(__import__("json").loads(shown.output)[0]) == [*COLUMNS, *TRAVEL]

    def test_a_dry_run_stores_nothing(self, app, tmp_path):
        path = self.prepare(app, tmp_path, f"{HEAD}\nAna,Fernández,ana@example.org\n")
        done = self.run(app, "import", "registrations", "2020", path, "--dry-run")
        assert (done.exit_code, "dry run" in done.output) == (0, True)
        with app.app_context():
            assert registrations() == []

    def test_errors_end_with_status_one_and_one_line_each(self, app, tmp_path):
        path = self.prepare(app, tmp_path, f"{HEAD}\nAna,,a@\n,,b@example.org\n")
        done = self.run(app, "import", "registrations", "2020", path)
        assert done.exit_code == 1
        assert done.stderr.splitlines() == [
            f"{path}:2: email: “a@” is not an e-mail address",
            f"{path}:3: family_name: a name is needed: given, family or badge name",
        ]

    def test_an_unknown_edition_is_one_sentence(self, app, tmp_path):
        path = self.prepare(app, tmp_path, f"{HEAD}\nAna,,a@example.org\n")
        done = self.run(app, "import", "registrations", "1999", path)
        assert (done.exit_code, done.stderr) == (1, "There is no edition “1999”.\n")
