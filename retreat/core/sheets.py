"""Tables that come and go as files: CSV, XLSX and JSON, read strictly and written so that they come back the same.

A reader collects every error with its line and column and raises them together; it never gives half a file.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from retreat.core.errors import RetreatError

MOST_ROWS = 20_000
LARGEST_WORKBOOK = 200_000_000
"""Bytes once unpacked: a small file can be packed to fill the memory."""
LONGEST_CELL = 20_000
"""Characters; a longer cell is a broken quotation mark rather than a description."""

# C0 and C1 controls but tab and line breaks, lone surrogates (undecodable bytes), non-characters.
_REFUSED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Invisible, and able to turn the rest of a line around; isolates (U+2066-2069) and marks are left alone.
_DROPPED = re.compile("[\ufeff\u202a-\u202e]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# Letters are what a formula needs to call anything: "+212 600 000 000" and "-5" are left as they are.
_FORMULA = re.compile(r"'*(?:[=@]|[+-](?![\d\s().,:/+-]*\Z))")

_TOKEN = re.compile(r"\\[\\,;]|.", re.DOTALL)
_SPECIAL = re.compile(r"[\\,;]")
_ESCAPED = re.compile(r"\\([\\,;])")

TRUE, FALSE = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


@dataclass(frozen=True, slots=True)
class SheetError:
    """What is wrong in one cell; `column` is the column's name, or the part of the file when it is no cell."""

    file: str
    line: int
    column: str
    message: Any

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.column}: {self.message}"


class SheetErrors(RetreatError):
    """Everything that is wrong with a file, in its order; nothing of it was kept."""

    def __init__(self, errors: Iterable[SheetError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: error.line))
        super().__init__(f"{len(self.errors)} errors")

    @property
    def message(self) -> str:
        count = len(self.errors)
        return ngettext(
            "The file has an error; nothing was imported.",
            "The file has %(num)s errors; nothing was imported.",
            count,
        )

    @property
    def lines(self) -> list[str]:
        """One line an error, as `FILE:LINE: column: what is wrong`."""
        return [str(error) for error in self.errors]


class FileUnreadable(RetreatError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(_l("%(name)s cannot be read: %(reason)s.", name=name, reason=reason))
        self.name = name


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, in rows."""

    added: int
    changed: int
    unchanged: int
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Findings:
    """Errors and warnings as they are met while a sheet is read."""

    file: str
    errors: list[SheetError] = field(default_factory=list)
    warnings: list[SheetError] = field(default_factory=list)

    def refuse(self, line: int, column: str, message: Any) -> None:
        self.errors.append(SheetError(self.file, line, column, message))

    def warn(self, line: int, column: str, message: Any) -> None:
        self.warnings.append(SheetError(self.file, line, column, message))

    def raise_if_any(self) -> None:
        if self.errors:
            raise SheetErrors(self.errors)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: a column that the file lacks is not in `cells` (keep what is known); an empty cell is "" (clear it)."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read: cells are stripped, NFC, without control characters and with one kind of line break."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_file(
    path: str | Path,
    *,
    columns: Collection[str] | None,
    required: Collection[str] = (),
    most_rows: int = MOST_ROWS,
) -> Sheet:
    """Read the file at `path`; errors name it as it was given. See `read`."""
    return read(str(path), content_of(path), columns=columns, required=required, most_rows=most_rows)


def content_of(path: str | Path) -> bytes:
    """The bytes of the file at `path`. Raises FileUnreadable."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise FileUnreadable(str(path), error.strerror or error.__class__.__name__) from error


def read(
    name: str,
    content: bytes,
    *,
    columns: Collection[str] | None,
    required: Collection[str] = (),
    called: Mapping[str, str] | None = None,
    most_rows: int = MOST_ROWS,
) -> Sheet:
    """The table in `content`; the ending of `name` says whether it is .json, .xlsx or CSV.

    `columns` are those allowed (None: any), `required` those that must be there. A column
    is known however it is written ("Given Name" is given_name), and by what it is `called` as well. A file of more than
    `most_rows` rows is refused as a whole, before it can fill the memory. Raises SheetErrors.
    """
    findings = Findings(name)
    ending = Path(name).suffix.lower()
    reader = {".json": _json_table, ".xlsx": _xlsx_table}.get(ending, _csv_table)
    table = reader(findings, content, columns)
    header_line, header = next(table, (1, []))
    names = _header(findings, header_line, _named(header, columns, called or {}), columns, required)
    findings.raise_if_any()
    rows = tuple(_rows(findings, names, table, most_rows))
    findings.raise_if_any()
    return Sheet(name, tuple(names), rows)


def boolean(cell: str) -> bool | None:
    """yes/no, true/false, 1/0 in any case; None when it is neither."""
    word = cell.strip().lower()
    return True if word in TRUE else False if word in FALSE else None


def split_list(cell: str) -> list[str]:
    """The entries of a cell that separates them by `;`, without empty ones."""
    return [unescaped(part) for part in split_escaped(cell, ";") if part]


def join_list(entries: Iterable[str]) -> str:
    """The cell that `split_list` reads back as these entries."""
    return ";".join(escaped(entry) for entry in entries)


def split_escaped(cell: str, separator: str) -> list[str]:
    """Cut at each `separator` that no backslash precedes; parts are stripped and still escaped."""
    parts = [""]
    for token in _TOKEN.findall(cell):
        if token == separator:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def escaped(text: str) -> str:
    """`text` so that neither `;` nor `,` in it cuts a cell."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


# Reading -----------------------------------------------------------------------------------------------------------

Table = Iterator[tuple[int, list[str]]]
"""Line number and raw cells; the first is the header."""


def _named(header: list[str], columns: Collection[str] | None, called: Mapping[str, str]) -> list[str]:
    """Each cell of the header as the column that it means, or as it stands."""
    known = {_letters(word): name for word, name in called.items()} | {_letters(name): name for name in columns or ()}
    return [known.get(_letters(cell), cell) for cell in header]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text).casefold()))


def _header(
    findings: Findings, line: int, header: list[str], columns: Collection[str] | None, required: Collection[str]
) -> list[str]:
    names = [unicodedata.normalize("NFC", _DROPPED.sub("", cell)).strip() for cell in header]
    if columns is not None:
        names = [name.lower() for name in names]
    if not any(names):
        findings.refuse(line, "header", _l("the file is empty; it needs a line with the names of the columns"))
        return names
    for position, name in enumerate(names, 1):
        if not name:
            findings.refuse(line, "header", _l("column %(number)s has no name", number=position))
        elif _REFUSED.search(name):
            findings.refuse(line, "header", _l("the name of column %(number)s is not readable", number=position))
        elif name in names[: position - 1]:
            findings.refuse(line, name, _l("this column is there twice"))
        elif columns is not None and name not in columns:
            findings.refuse(line, name, _l("no such column; known are %(columns)s", columns=", ".join(columns)))
    for name in required:
        if name not in names:
            findings.refuse(line, name, _l("this column is missing"))
    return names


def _rows(findings: Findings, names: list[str], table: Table, most: int) -> Iterator[SheetRow]:
    width = len(names)
    for number, (line, raw) in enumerate(table, 1):
        if number > most:
            findings.refuse(line, "row", _l("is one too many: a file may have %(count)s rows", count=most))
            return
        cells = [cleaned(findings, line, name, text) for name, text in zip(names, raw, strict=False)]
        if len(raw) == width or (len(raw) > width and not any(text.strip() for text in raw[width:])):
            if any(cells):
                yield SheetRow(line, dict(zip(names, cells, strict=True)))
        elif any(text.strip() for text in raw):
            findings.refuse(
                line,
                "row",
                _l("has %(cells)s cells, but the header has %(columns)s", cells=len(raw), columns=width),
            )


def cleaned(findings: Findings, line: int, column: str, text: str) -> str:
    """A cell as every reader gives it; one that nobody may have is reported and empty."""
    if len(text) > LONGEST_CELL:
        findings.refuse(line, column, _l("is longer than %(count)s characters", count=LONGEST_CELL))
        return ""
    if text.isascii() and text.isprintable():
        return text.strip()
    bad = _REFUSED.search(text)
    if bad:
        code = f"U+{ord(bad.group()):04X}"
        findings.refuse(line, column, _l("contains the control character %(code)s", code=code))
        return ""
    return unicodedata.normalize("NFC", _DROPPED.sub("", _BREAKS.sub("\n", text))).strip()


def _csv_table(findings: Findings, content: bytes, columns: Collection[str] | None) -> Table:
    text = _decoded(findings, content)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(text, columns), strict=True, skipinitialspace=True
    )
    line = 1
    try:
        for cells in reader:
            if any(cells):
                yield line, [_unguarded(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        findings.refuse(line, "row", _l("is not CSV: %(reason)s", reason=str(error)))


def _decoded(findings: Findings, content: bytes) -> str:
    """The text of a UTF-8 file; the first byte that is not UTF-8 is reported where it stands."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        findings.refuse(1, "encoding", _l("the file is UTF-16; save it as “CSV UTF-8”"))
        findings.raise_if_any()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"0x{content[error.start]:02X}"
        message = _l("the file is not UTF-8 (the byte %(byte)s is in this line); save it as “CSV UTF-8”", byte=byte)
        findings.refuse(line, "encoding", message)
        findings.raise_if_any()
        raise AssertionError from error


def _delimiter(text: str, columns: Collection[str] | None) -> str:
    """Comma, semicolon, or the tab of what was copied from a spreadsheet.

    Whichever finds more known columns in the first line, else cuts it into more cells.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")

    def score(delimiter: str) -> tuple[int, int]:
        names = [name.strip().strip('"').strip().lower() for name in first.split(delimiter)]
        return sum(name in (columns or ()) for name in names), len(names)

    return max(",;\t", key=score)


def _json_table(findings: Findings, content: bytes, columns: Collection[str] | None) -> Table:
    """A list of objects keyed by column; an object that lacks a key is refused when others have it."""
    text = _decoded(findings, content)
    objects = list(_json_objects(findings, text))
    findings.raise_if_any()
    names = list(dict.fromkeys(name for _, row in objects for name in row))
    if not objects and columns is not None:
        names = list(columns)
    yield 1, names
    for line, row in objects:
        for name in names:
            if name not in row:
                findings.refuse(line, name, _l("this key is missing here, but other rows have it"))
        yield line, [_plain(row.get(name)) for name in names]


def _json_objects(findings: Findings, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    decoder, blank = json.JSONDecoder(), re.compile(r"[\s,]*")
    try:
        if not isinstance(json.loads(text), list):
            findings.refuse(1, "row", _l("the file is not a list of rows"))
            return
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        findings.refuse(line, "row", _l("is not JSON: %(reason)s", reason=getattr(error, "msg", "too deep")))
        return
    # The text is known to be a list: walk it item by item, to know the line of each.
    at = blank.match(text, text.index("[") + 1).end()  # type: ignore[union-attr]
    line, counted = 1, 0
    while text[at] != "]":
        line, counted = line + text.count("\n", counted, at), at
        item, at = decoder.raw_decode(text, at)
        if isinstance(item, dict):
            yield line, item
        else:
            findings.refuse(line, "row", _l("is not an object"))
        at = blank.match(text, at).end()  # type: ignore[union-attr]


def _xlsx_table(findings: Findings, content: bytes, _columns: Collection[str] | None) -> Table:
    from zipfile import ZipFile

    from openpyxl import load_workbook

    # A damaged or made-up workbook fails in as many ways as openpyxl and the XML parser have lines.
    try:
        with ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_WORKBOOK:
                raise ValueError("too large")  # noqa: TRY301
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows()
        yield from _filled(findings, rows)
        book.close()
    except Exception:  # noqa: BLE001
        findings.refuse(1, "encoding", _l("the file is not an Excel workbook (.xlsx) that can be read"))
        findings.raise_if_any()


def _filled(findings: Findings, rows: Iterable[Iterable[Any]]) -> Table:
    """The rows that say something; a workbook leaves out empty cells at the end of one, the header says how many."""
    width = 0
    for line, row in enumerate(rows, 1):
        cells = [_xlsx_cell(findings, line, cell) for cell in row]
        if any(cells):
            width = width or max(number for number, cell in enumerate(cells, 1) if cell)
            yield line, cells[:width] + [""] * (width - len(cells)) + [cell for cell in cells[width:] if cell]


def _xlsx_cell(findings: Findings, line: int, cell: Any) -> str:
    if cell.data_type == "f":
        findings.refuse(line, cell.column_letter, _l("is a formula; write its value"))
        return ""
    if cell.data_type == "e":
        findings.refuse(line, cell.column_letter, _l("is an error of the spreadsheet (%(value)s)", value=cell.value))
        return ""
    return _plain(cell.value)


def _plain(value: object) -> str:
    """A typed cell as the text that CSV would have."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case datetime():
            text = f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
        case date():
            text = f"{value:%Y-%m-%d}"
        case time():
            text = f"{value:%H:%M}"
        case float() if value.is_integer():
            text = str(int(value))
        case list():
            text = join_list(_plain(item) for item in value)
        case dict():
            text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        case _:
            text = str(value)
    return text


# Writing -----------------------------------------------------------------------------------------------------------

Cells = Mapping[str, str]


def write(kind: str, columns: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """The table as "csv", "xlsx" or "json"."""
    return {"csv": csv_bytes, "xlsx": xlsx_bytes, "json": json_bytes}[kind](columns, rows)


def csv_bytes(columns: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """UTF-8 with a BOM, without which Excel shows names in a Western encoding; commas, CRLF (RFC 4180).

    A cell that a spreadsheet would run as a formula gets an apostrophe, which `read` takes off again.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(map(_guarded, columns))
    writer.writerows([_guarded(row[name]) for name in columns] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def json_bytes(columns: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """A list of objects with the columns in their order: the same bytes for the same rows."""
    return (
        json.dumps([{name: row[name] for name in columns} for row in rows], ensure_ascii=False, indent=1) + "\n"
    ).encode()


def xlsx_bytes(columns: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """A workbook of one sheet in which every cell is text: no formula, no date that Excel reads its own way."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Retreat")
    sheet.freeze_panes = "A2"
    for cells in [list(columns), *([row[name] for name in columns] for row in rows)]:
        line = []
        for text in cells:
            cell = WriteOnlyCell(sheet, value=_REFUSED.sub("", text))
            cell.data_type = "s"
            line.append(cell)
        sheet.append(line)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _guarded(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
