"""What every command does alike."""

import pytest

from retreat.core import cli
from tests.conftest import make_app


@pytest.mark.parametrize("out", [False, True])
def test_a_table_that_a_program_reads_begins_with_its_header(tmp_path, capfdbinary, out):
    path = tmp_path / "table.csv"
    cli.write_out(b"\xef\xbb\xbfcode,title\r\n", str(path) if out else None)
    assert (path.read_bytes() if out else capfdbinary.readouterr().out) == b"code,title\r\n"


@pytest.mark.one_database
def test_a_database_that_does_not_answer_is_one_sentence_and_status_1(tmp_path):
    app = make_app("postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path / "data")
    result = app.test_cli_runner().invoke(args=["agenda", "clashes", "2020", "--format", "json"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("The database does not answer (")
    assert result.stderr.endswith("): check DATABASE_URL.\n")
    assert result.stderr.count("\n") == 1


def test_a_number_that_no_row_can_have_is_no_page(app):
    addresses = app.url_map.bind("localhost")
    assert addresses.test("/organise/jobs/1.json")
    assert not addresses.test("/organise/jobs/99999999999999999999.json")
