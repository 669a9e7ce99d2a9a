"""Files of rows: read strictly, every error with its place, and written so that they come back the same."""

import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.core import sheets

COLUMNS = ("code", "title", "note")


def errors_of(content: bytes, name: str = "week.csv", required: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(sheets.SheetErrors) as caught:
        sheets.read(name, content, columns=COLUMNS, required=required)
    return caught.value.lines


def rows_of(content: bytes, name: str = "week.csv") -> list[tuple[int, dict[str, str]]]:
    return [(row.line, dict(row.cells)) for row in sheets.read(name, content, columns=COLUMNS).rows]


def test_columns_come_in_any_order_and_a_missing_one_gives_no_cell() -> None:
    assert rows_of(b"title,code\nOpening,A1\n") == [(2, {"title": "Opening", "code": "A1"})]


@pytest.mark.parametrize("content", ["code,title\nA1,Été\n", "code;title\r\nA1;Été\r\n", "code;title\rA1;Été"])
def test_commas_and_semicolons_and_every_line_break_are_read(content: str) -> None:
    assert rows_of(content.encode()) == [(2, {"code": "A1", "title": "Été"})]


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert rows_of(b"\xef\xbb\xbfcode\nA1\n") == [(2, {"code": "A1"})]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    content = b'code,title\n\nA1,"two\nlines"\n,\nA2,"x"\n'
    assert rows_of(content) == [(3, {"code": "A1", "title": "two\nlines"}), (6, {"code": "A2", "title": "x"})]


def test_cells_are_stripped_composed_and_without_invisible_turns() -> None:
    content = "title\n \u00a0E\u0301te\u0301\u202e \n".encode()
    assert rows_of(content) == [(2, {"title": "Été"})]


def test_every_line_break_in_a_cell_becomes_one_kind() -> None:
    assert rows_of('title\n"a\r\nb\u2028c"\n'.encode()) == [(2, {"title": "a\nb\nc"})]


def test_a_greek_question_mark_does_not_become_a_separator() -> None:
    assert rows_of("code;title\nA1;x\u037ey\n".encode()) == [(2, {"code": "A1", "title": "x;y"})]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "week.csv:1: header: the file is empty; it needs a line with the names of the columns"),
        (b"\n\n", "week.csv:1: header: the file is empty; it needs a line with the names of the columns"),
        (b"code,colour\nA,red\n", "week.csv:1: colour: no such column; known are code, title, note"),
        (b"code,title,code\n", "week.csv:1: code: this column is there twice"),
        (b"code,\n", "week.csv:1: header: column 2 has no name"),
        (b"code,title\nA1\n", "week.csv:2: row: has 1 cells, but the header has 2"),
        (b"code,title\nA1,x,y\n", "week.csv:2: row: has 3 cells, but the header has 2"),
        (b"code\nA1\nA\x00\n", "week.csv:3: code: contains the control character U+0000"),
        (b"code\nA\x1b[31m\n", "week.csv:2: code: contains the control character U+001B"),
        (b'code\nA1\n"never closed\n\n', "week.csv:3: row: is not CSV: unexpected end of data"),
    ],
)
def test_a_bad_file_says_where_and_what(content: bytes, expected: str) -> None:
    assert errors_of(content) == [expected]


def test_a_missing_required_column_is_named() -> None:
    assert errors_of(b"code\nA1\n", required=("title",)) == ["week.csv:1: title: this column is missing"]


def test_a_file_in_another_encoding_is_refused_at_the_line_of_its_first_foreign_byte() -> None:
    assert errors_of("title\nOpening\nÉté\n".encode("latin-1")) == [
        "week.csv:3: encoding: the file is not UTF-8 (the byte 0xC9 is in this line); save it as “CSV UTF-8”"
    ]
    assert errors_of("title\nÉté\n".encode("utf-16")) == [
        "week.csv:1: encoding: the file is UTF-16; save it as “CSV UTF-8”"
    ]


def test_every_error_is_told_and_not_only_the_first() -> None:
    assert errors_of(b"code,title\nA\x07,B\x08\nx\n") == [
        "week.csv:2: code: contains the control character U+0007",
        "week.csv:2: title: contains the control character U+0008",
        "week.csv:3: row: has 1 cells, but the header has 2",
    ]


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(sheets.FileUnreadable) as caught:
        sheets.read_file(tmp_path / "none.csv", columns=COLUMNS)
    assert str(caught.value) == f"{tmp_path / 'none.csv'} cannot be read: No such file or directory."


def test_a_hundred_thousand_lines_are_refused_at_once_and_read_in_seconds_where_they_may_be() -> None:
    content = b"code,title,note\n" + "A1,Une journée,x\n".encode() * 100_000
    assert errors_of(content) == ["week.csv:20002: row: is one too many: a file may have 20000 rows"]
    began = time.process_time()
    assert len(sheets.read("week.csv", content, columns=COLUMNS, most_rows=100_000).rows) == 100_000
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[", "week.json:1: row: is not JSON: Expecting value"),
        (b"{}", "week.json:1: row: the file is not a list of rows"),
        (b"[\n{},\n3]", "week.json:3: row: is not an object"),
        (
            b'[\n{"code": "A", "title": "x"},\n{"code": "B"}]',
            "week.json:3: title: this key is missing here, but other rows have it",
        ),
        (b'[{"colour": ""}]', "week.json:1: colour: no such column; known are code, title, note"),
        (b"[" * 100_000, "week.json:1: row: is not JSON: too deep"),
    ],
)
def test_bad_json_says_where_and_what(content: bytes, expected: str) -> None:
    assert errors_of(content, "week.json") == [expected]


def test_json_may_hold_numbers_and_truths() -> None:
    content = b'[{"code": 7, "title": true, "note": null}, {"code": "a;b", "title": ["x;y", "z"], "note": 1.5}]'
    assert [cells for _, cells in rows_of(content, "week.json")] == [
        {"code": "7", "title": "yes", "note": ""},
        {"code": "a;b", "title": r"x\;y;z", "note": "1.5"},
    ]


@pytest.mark.parametrize("content", [b"code\nA1\n", b"", b"PK\x03\x04nonsense", "half", "other zip", "bomb"])
def test_what_is_no_workbook_is_refused(content: bytes | str) -> None:
    whole = sheets.xlsx_bytes(["code"], [{"code": str(number)} for number in range(500)])
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", b" " * (300_000_000 if content == "bomb" else 3))
    made = {"half": whole[: len(whole) // 2], "other zip": zipped.getvalue(), "bomb": zipped.getvalue()}
    assert errors_of(made.get(content, content), "week.xlsx") == [
        "week.xlsx:1: encoding: the file is not an Excel workbook (.xlsx) that can be read"
    ]


def test_a_workbook_with_dates_and_numbers_is_read_as_text_and_its_formulas_are_refused() -> None:
    from datetime import date
    from datetime import time as clock

    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    book.active.append(["code", "title", "note"])
    book.active.append([12, date(2020, 2, 28), clock(9, 30)])
    book.active.append([1, None, None])
    target = io.BytesIO()
    book.save(target)
    assert rows_of(target.getvalue(), "week.xlsx") == [
        (2, {"code": "12", "title": "2020-02-28", "note": "09:30"}),
        (3, {"code": "1", "title": "", "note": ""}),
    ]
    book.active.append(["=1+1", "x", "y"])
    target = io.BytesIO()
    book.save(target)
    assert errors_of(target.getvalue(), "week.xlsx") == ["week.xlsx:4: A: is a formula; write its value"]


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "'=1"])
def test_a_spreadsheet_never_runs_what_a_delegate_typed(cell: str) -> None:
    [_, line] = sheets.csv_bytes(["code"], [{"code": cell}]).decode("utf-8-sig").splitlines()
    assert line.strip('"').startswith("'")

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(sheets.xlsx_bytes(["code"], [{"code": cell}])))
    assert book.active is not None
    assert [(row.value, row.data_type) for row in book.active["A"]] == [("code", "s"), (cell, "s")]


@pytest.mark.parametrize("cell", ["+212 (0)539 / 34 - 00", "-5", "a=b", "O'Neill"])
def test_a_telephone_number_is_written_as_it_is(cell: str) -> None:
    assert sheets.csv_bytes(["code"], [{"code": cell}]).decode("utf-8-sig").splitlines() == ["code", cell]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), max_size=8).map(
    lambda text: sheets.read("x.json", json.dumps([{"a": text, "b": "-"}]).encode(), columns=None).rows[0].cells["a"]
)
prefixed = st.builds("".join, st.tuples(st.sampled_from(["", "=", "'", "''=", "+", "-", "@", '"', ";"]), texts)).map(
    str.strip
)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
@given(st.data())
def test_what_is_written_is_read_back_the_same(kind: str, data: st.DataObject) -> None:
    rows = data.draw(
        st.lists(st.fixed_dictionaries({"code": prefixed, "title": prefixed, "note": st.just("x")}), max_size=3)
    )
    content = sheets.write(kind, COLUMNS, rows)
    assert [cells for _, cells in rows_of(content, f"week.{kind}")] == rows


@given(st.lists(prefixed.filter(bool)))
def test_entries_of_a_list_keep_their_separators(entries: list[str]) -> None:
    assert sheets.split_list(sheets.join_list(entries)) == entries


def test_truths_are_yes_and_no_in_several_spellings() -> None:
    assert [sheets.boolean(word) for word in ("Yes", "TRUE", "1", "no", "false", "0", "maybe", "")] == [
        *(True, True, True, False, False, False, None, None)
    ]
