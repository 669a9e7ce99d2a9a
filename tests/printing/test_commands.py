"""`flask print …`: files from the command line."""

from datetime import date, time

import pytest
from sqlalchemy import func, select

from retreat.agenda.models import Kind
from retreat.ceremony.models import Award
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.printing.models import BadgePrint
from retreat.registration.service import approve, register
from tests.agenda import week
from tests.client import outside
from tests.printing import paper
from tests.registration import making

pytestmark = pytest.mark.one_database


@pytest.fixture
def flask(app, tmp_path, monkeypatch):
    """`flask("print", …)` gives exit status, output and errors; relative files go to a folder of the test."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        done = outside(lambda: app.test_cli_runner().invoke(args=list(arguments)))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return run


@pytest.fixture
def edition(db_session):
    edition = week.edition()
    for number in range(5):
        made = register(
            edition,
            making.answers(edition, family_name=f"Name{number}", email=f"{number}@example.org"),
            at=week.AT,
            by=week.LENA,
        )
        if number:
            approve(made, at=week.AT, by=week.LENA)
    meeting = week.session(edition, "Presidency", date=date(2020, 2, 28), code="S20-100")
    session = week.session(
        edition,
        "Ceremony",
        date=date(2020, 2, 28),
        starts=time(11),
        ends=time(12),
        kind=Kind.CEREMONY,
        parent_id=meeting.id,
        code="S20-101",
    )
    db.session.add(
        Award(session_id=session.id, prize=Translated(en="First place"), winner_name=Translated(en="Bishkek"))
    )
    week.publish(edition)
    db.session.commit()
    return edition


def printed():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(BadgePrint))


def test_badges_of_the_approved_one_a6_page_each(edition, flask, tmp_path):
    assert flask("print", "badges", "2020", "out.pdf") == (0, "out.pdf: 4 badges\n", "")
    content = (tmp_path / "out.pdf").read_bytes()
    assert paper.sizes_mm(content) == [(105, 148)] * 4
    tokens = {one.badge_token for one in making.registrations()[1:]}
    assert set().union(*(paper.codes(content, page) for page in range(1, 5))) == tokens
    assert printed() == 4


def test_four_up_and_double_sided(edition, flask, tmp_path):
    flask("print", "badges", "2020", "out.pdf", "--sheet", "a4-4up", "--double-sided")
    assert paper.sizes_mm((tmp_path / "out.pdf").read_bytes()) == [(210, 297)] * 2


def test_only_what_was_not_printed(edition, flask, tmp_path):
    flask("print", "badges", "2020", "out.pdf")
    assert flask("print", "badges", "2020", "more.pdf", "--only-unprinted") == (
        1,
        "",
        "Every badge of this choice has been printed already.\n",
    )
    assert not (tmp_path / "more.pdf").exists()


def test_another_status(edition, flask):
    assert flask("print", "badges", "2020", "out.pdf", "--status", "submitted")[:2] == (0, "out.pdf: 1 badge\n")


def test_only_approved_proofs(edition, flask):
    making.registrations()[2].proof_approved_at = week.AT
    db.session.commit()
    assert flask("print", "badges", "2020", "out.pdf", "--proof-approved")[:2] == (0, "out.pdf: 1 badge\n")


def test_a_missing_glyph_is_a_warning_with_the_name(edition, flask):
    one = making.registrations()[1]
    one.city = "ႠႡ"
    db.session.commit()
    status, _, errors = flask("print", "badges", "2020", "out.pdf")
    assert status == 0
    assert errors == f"warning: {one.code} Ana Name1: no print font has Ⴀ (U+10A0) Ⴁ (U+10A1)\n"


@pytest.mark.parametrize("code", ["S20-100", "S20-101"])
def test_programme_and_diplomas_by_either_code(edition, flask, tmp_path, code):
    assert flask("print", "programme", "2020", code, "p.pdf", "--language", "fr")[:2] == (0, "p.pdf: 1 page\n")
    assert flask("print", "diplomas", "2020", code, "d.pdf")[:2] == (0, "d.pdf: 1 page\n")
    assert "Ceremony" in paper.text((tmp_path / "p.pdf").read_bytes()).splitlines()
    assert "Bishkek" in paper.text((tmp_path / "d.pdf").read_bytes()).splitlines()


def test_the_agenda_of_a_day(edition, flask, tmp_path):
    assert flask("print", "agenda", "2020", "a.pdf", "--day", "2020-02-28")[:2] == (0, "a.pdf: 1 page\n")
    lines = paper.text((tmp_path / "a.pdf").read_bytes()).splitlines()
    assert "Presidency" in lines
    assert "Ceremony" in lines


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("badges", "1999", "x.pdf"), "There is no edition “1999”."),
        (("programme", "1999", "S20-101", "x.pdf"), "There is no edition “1999”."),
        (("programme", "2020", "NOPE", "x.pdf"), "“NOPE” is no session with a ceremony, and none of its parts is one."),
        (("diplomas", "2020", "NOPE", "x.pdf"), "“NOPE” is no session with a ceremony, and none of its parts is one."),
        (("agenda", "2020", "x.pdf", "--day", "2020-03-01"), "2020-03-01 is no day of this edition."),
        (("agenda", "2020", "nowhere/x.pdf"), "nowhere/x.pdf cannot be written: No such file or directory."),
    ],
)
def test_a_wrong_word_is_one_sentence(edition, flask, tmp_path, arguments, sentence):
    assert flask("print", *arguments) == (1, "", f"{sentence}\n")
    assert not (tmp_path / "x.pdf").exists()


def test_a_badge_is_not_noted_when_its_file_cannot_be_written(edition, flask):
    assert flask("print", "badges", "2020", "nowhere/x.pdf")[0] == 1
    assert printed() == 0


def test_the_same_run_gives_the_same_bytes(edition, flask, tmp_path):
    flask("print", "badges", "2020", "one.pdf")
    flask("print", "badges", "2020", "two.pdf")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
