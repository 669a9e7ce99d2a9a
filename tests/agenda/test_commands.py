"""The agenda's commands, as a script sees them."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from retreat.core.db import db
from tests.agenda import week

HEADER = "code,title,date,start,end,hall,speakers\n"
FILE = HEADER + (
    "A,Local Finance,2020-02-25,09:30,11:00,Malabata,Amina Bennani\n"
    "B,Local Democracy,2020-02-25,10:00,11:30,Malabata,Amina Bennani; Jonas Berg\n"
    "C,Lunch,2020-02-25,11:30,12:30,Malabata,\n"
)


@pytest.fixture
def edition(app: Flask) -> None:
    with app.app_context():
        week.edition()
        db.session.commit()


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    result = app.test_cli_runner().invoke(args=list(arguments))
    return result.exit_code, result.stdout, result.stderr


def written(folder: Path, content: str, name: str = "week.csv") -> str:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_an_agenda_is_imported_looked_at_and_published(app: Flask, edition: None, tmp_path: Path) -> None:
    file = written(tmp_path, FILE)
    assert run(app, "import", "agenda", "2020", file, "--dry-run") == (
        *(0, "3 created, 0 updated, 0 unchanged; dry run\nto be made: Malabata\n", ""),
    )
    assert run(app, "import", "agenda", "2020", file) == (0, "3 created, 0 updated, 0 unchanged\nmade: Malabata\n", "")
    assert run(app, "import", "agenda", "2020", file) == (0, "0 created, 0 updated, 3 unchanged\n", "")
    assert run(app, "agenda", "clashes", "2020") == (
        0,
        "hall Malabata, 2020-02-25 10:00–11:00: A “Local Finance” and B “Local Democracy”\n"
        "person Amina Bennani, 2020-02-25 10:00–11:00: A “Local Finance” and B “Local Democracy”\n"
        "2 clashes\n",
        "",
    )
    status, out, err = run(app, "agenda", "clashes", "2020", "--format", "json")
    assert (status, json.loads(out), err) == (
        0,
        [
            {"kind": "hall", "sessions": ["A", "B"], "detail": "Malabata"},
            {"kind": "person", "sessions": ["A", "B"], "detail": "Amina Bennani"},
        ],
        "",
    )
    assert run(app, "agenda", "publish", "2020", "--note", "Welcome") == (0, "Revision 1 of 2020 is published.\n", "")
    assert run(app, "agenda", "publish", "2020") == (
        0,
        "Nothing has changed since revision 1: no new one was made.\n",
        "",
    )


def test_every_error_of_a_file_goes_to_standard_error_and_nothing_is_stored(
    app: Flask, edition: None, tmp_path: Path
) -> None:
    file = written(tmp_path, FILE + "D,,2020-02-25,25:00,11:00,,\n" + "A,Again,25/02/2020,,,New hall,\n")
    assert run(app, "import", "agenda", "2020", file) == (
        1,
        "",
        f"{file}:5: start: “25:00” is not a time; write HH:MM, from 00:00 to 23:59\n"
        f"{file}:5: title: the title is empty\n"
        f"{file}:6: date: “25/02/2020” is not a date; write YYYY-MM-DD\n"
        f"{file}:6: code: “A” is in line 2 already\n",
    )
    assert run(app, "export", "agenda", "2020", "--format", "json") == (0, "[]\n", "")


def test_warnings_go_to_standard_error_and_the_import_succeeds(app: Flask, edition: None, tmp_path: Path) -> None:
    file = written(tmp_path, "title,date\nTravel,2020-03-01\n")
    assert run(app, "import", "agenda", "2020", file) == (
        0,
        "1 created, 0 updated, 0 unchanged\n",
        f"warning: {file}:2: date: 2020-03-01 is outside the edition's days\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", "agenda", "1999", "none.csv"), "There is no edition “1999”.\n"),
        (("import", "agenda", "2020", "none.csv"), "none.csv cannot be read: No such file or directory.\n"),
        (("export", "agenda", "1999"), "There is no edition “1999”.\n"),
        (("agenda", "publish", "1999"), "There is no edition “1999”.\n"),
        (("agenda", "clashes", "1999", "--format", "json"), "There is no edition “1999”.\n"),
    ],
)
@pytest.mark.one_database
def test_a_command_that_cannot_is_one_sentence_and_exit_status_one(
    app: Flask, edition: None, arguments: tuple[str, ...], message: str
) -> None:
    assert run(app, *arguments) == (1, "", message)


def test_an_export_comes_back_through_the_commands(app: Flask, edition: None, tmp_path: Path) -> None:
    run(app, "import", "agenda", "2020", written(tmp_path, FILE))
    status, first, err = run(app, "export", "agenda", "2020", "--format", "json")
    assert (status, err, [row["code"] for row in json.loads(first)]) == (0, "", ["A", "B", "C"])
    for kind in ("json", "xlsx", "csv"):
        out = str(tmp_path / f"again.{kind}")
        assert run(app, "export", "agenda", "2020", "--format", kind, "--out", out) == (0, "", "")
        assert run(app, "import", "agenda", "2020", out) == (0, "0 created, 0 updated, 3 unchanged\n", "")
    assert run(app, "export", "agenda", "2020", "--format", "json")[1] == first


@pytest.mark.one_database
def test_no_clash_is_said_too(app: Flask, edition: None) -> None:
    assert run(app, "agenda", "clashes", "2020") == (0, "No clashes.\n", "")
    assert run(app, "agenda", "clashes", "2020", "--format", "json") == (0, "[]\n", "")


@pytest.mark.one_database
def test_an_empty_draft_is_not_published_and_that_is_no_failure(app: Flask, edition: None) -> None:
    assert run(app, "agenda", "publish", "2020") == (0, "There is no session yet: nothing was published.\n", "")


def test_clashes_of_the_draft_take_three_queries_for_one_session_and_for_many(app: Flask, count_queries: Any) -> None:
    from retreat.agenda import checks

    with app.app_context():
        for slug, number in (("2020", 1), ("2021", 20)):
            edition = week.edition(slug)
            week.imported(edition, *({"title": f"T{n}", "hall": "H", "speakers": "Ana"} for n in range(number)))
            db.session.commit()
            db.session.refresh(edition)
            with count_queries() as queries:
                checks.draft_clashes(edition)
            assert len(queries) == 3
