"""One line of an agenda file: cells to values, or what is wrong with them; and back.

A column that the file lacks gives no value (what is known stays); an empty cell gives the empty value (it is cleared).
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from retreat.agenda.models import Access, Kind, PartState, PointKind, SessionStatus
from retreat.agenda.points import MOST_MINUTES, MOST_POINTS, Point
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.sheets import Findings, SheetRow, boolean, escaped, split_escaped, split_list, unescaped

COLUMNS = (
    *("code", "part_of", "date", "start", "end", "zone", "title", "title_fr", "title_es", "title_ru"),
    *("kind", "track", "venue", "hall", "languages", "access", "listed", "chair", "moderators", "speakers"),
    *("body", "capacity", "status", "description", "description_fr", "description_es", "description_ru"),
    *("link", "registration_link", "tags", "note", "locked"),
)
"""The common columns, in the order of an export."""

TRANSLATED = ("title", "description", "note")
EXTRA_COLUMNS = (
    *(
        column
        for name in TRANSLATED
        for column in (f"{name}_{language}" for language in LANGUAGES)
        if column not in COLUMNS
    ),
    "sign_up",
    "expected",
    "points",
    "venue_zone",
)
"""Also read, and written where nothing may be lost: English beside another main language, a note's translations,
whether people sign up, how many are reckoned with, the points as JSON, and where a venue is that has to be made."""

CODE = re.compile(r"[A-Za-z0-9-]{1,24}\Z")
LONGEST_LINE, LONGEST_TEXT, LONGEST_LINK = 300, 10_000, 2000
MOST_SEATS = 1_000_000

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::00)?\Z", re.ASCII)
_NUMBER = re.compile(r"\d{1,7}\Z", re.ASCII)
# Blanks of every kind, controls, and marks that turn the rest of a line around.
_NOT_IN_A_LINK = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z")
NOBODY = frozenset(
    {
        *("tbc", "tba", "tbd", "n.n.", "nn", "to be confirmed", "to be determined"),
        *("à confirmer", "por confirmar", "уточняется", "будет объявлено"),
    }
)
"""What people write where a name is to come."""

_TBC = re.compile(r"\s*\(\s*tbc\s*\)\Z", re.IGNORECASE)


class BadCell(Exception):
    """Why a cell cannot be; caught here, and told with its line and column."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """A person as printed: `Name, position, organisation`, with `(tbc)` after the name until confirmed.

    Somebody who is still to be named has no name: `tbc`, or `tbc, Mayor, Izmir` for who will come from there.
    """

    name: str
    position: str = ""
    organisation: str = ""
    state: PartState = PartState.CONFIRMED


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may come: everyone, a circle, or the seats of the body with this name."""

    access: Access
    body: str = ""


def read_row(row: SheetRow, findings: Findings) -> dict[str, Any]:
    """The values of the columns the file has; a bad cell is reported and left out."""
    values = {}
    for column, cell in row.cells.items():
        try:
            values[column] = _PARSERS[column](cell)
        except BadCell as error:
            findings.refuse(row.line, column, error.args[0])
    return values


def _line(cell: str) -> str:
    text = " ".join(cell.split())
    if len(text) > LONGEST_LINE:
        raise BadCell(_l("is longer than %(count)s characters", count=LONGEST_LINE))
    return text


def _text(cell: str) -> str:
    if len(cell) > LONGEST_TEXT:
        raise BadCell(_l("is longer than %(count)s characters", count=LONGEST_TEXT))
    return cell


def _code(cell: str) -> str:
    if cell and not CODE.match(cell):
        raise BadCell(_l("“%(code)s” is not a code: 1 to 24 of A–Z, a–z, 0–9 and -", code=cell))
    return cell


def _date(cell: str) -> date | None:
    if not cell:
        return None
    try:
        return date.fromisoformat(cell if _DATE.match(cell) else "")
    except ValueError:
        raise BadCell(_l("“%(text)s” is not a date; write YYYY-MM-DD", text=cell)) from None


def _time(cell: str) -> time | None:
    if not cell:
        return None
    match = _TIME.match(cell)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise BadCell(_l("“%(text)s” is not a time; write HH:MM, from 00:00 to 23:59", text=cell))
    return time(int(match[1]), int(match[2]))


def _number(cell: str) -> int | None:
    if not cell:
        return None
    if not _NUMBER.match(cell) or int(cell) > MOST_SEATS:
        raise BadCell(_l("“%(text)s” is not a number of places", text=cell))
    return int(cell)


def _yes_no_or_nothing(cell: str) -> bool | None:
    return _boolean(False)(cell) if cell else None


def _boolean(default: bool) -> Callable[[str], bool]:
    def parse(cell: str) -> bool:
        value = boolean(cell) if cell else default
        if value is None:
            raise BadCell(_l("“%(text)s” is neither yes nor no", text=cell))
        return value

    return parse


def _word(kind: type[Kind] | type[SessionStatus], default: Any) -> Callable[[str], Any]:
    def parse(cell: str) -> Any:
        try:
            return kind(cell.lower()) if cell else default
        except ValueError:
            raise BadCell(_l("“%(text)s” is not one of %(known)s", text=cell, known=", ".join(kind))) from None

    return parse


def _admission(cell: str) -> Admission:
    word, _, body = cell.partition(":")
    word = word.strip().lower()
    if not cell:
        return Admission(Access.OPEN)
    if word == Access.BODY and _line(body):
        return Admission(Access.BODY, _line(body))
    if body or word == Access.BODY or word not in set(Access):
        known = ", ".join([*(value for value in Access if value != Access.BODY), "body:NAME"])
        raise BadCell(_l("“%(text)s” is not one of %(known)s", text=cell, known=known))
    return Admission(Access(word))


def link(cell: str) -> str:
    try:
        parts = urlsplit(cell)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if cell and not good:
        raise BadCell(_l("“%(text)s” is not a link; it begins with https://", text=cell[:80]))
    if len(cell) > LONGEST_LINK:
        raise BadCell(_l("A link has at most %(count)s characters", count=LONGEST_LINK))
    if _NOT_IN_A_LINK.search(cell):
        raise BadCell(_l("A link has no blanks and no invisible characters in it; copy it again from where it is from"))
    return cell


def _languages(cell: str) -> list[str]:
    found = [entry.lower() for entry in split_list(cell)]
    for language in found:
        if not _LANGUAGE.match(language):
            raise BadCell(_l("“%(text)s” is not a language code such as en or fr", text=language))
    return list(dict.fromkeys(found))


def _tags(cell: str) -> list[str]:
    return list(dict.fromkeys(_line(tag) for tag in split_list(cell)))


def _people(cell: str) -> list[Appearance]:
    return [appearance(entry) for entry in split_escaped(cell.replace("\n", ";"), ";") if entry]


def appearance(entry: str) -> Appearance:
    """`Name, position, organisation`; with more commas than two, all between the first and the last is the position."""
    name, *rest = (_line(unescaped(part)) for part in split_escaped(entry, ","))
    organisation = rest.pop() if len(rest) > 1 else ""
    state = PartState.TO_BE_CONFIRMED if _TBC.search(name) else PartState.CONFIRMED
    name = _TBC.sub("", name)
    if name.casefold() in NOBODY:
        name, state = "", PartState.TO_BE_CONFIRMED
    elif not name and state is PartState.CONFIRMED:
        raise BadCell(_l("“%(text)s” has no name; write Name, position, organisation", text=entry))
    return Appearance(name, ", ".join(part for part in rest if part), organisation, state)


def _points(cell: str) -> list[Point]:
    """A list of objects: `title` by language, and if it is said `kind` and `minutes`."""
    try:
        found = [_point(one) for one in json.loads(cell or "[]")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadCell(_l('are no points of an agenda; write [{"title": {"en": …}, "kind": …, "minutes": …}]')) from None
    if len(found) > MOST_POINTS:
        raise BadCell(_l("are more than %(count)s points", count=MOST_POINTS))
    return found


def _point(given: dict[str, Any]) -> Point:
    title, minutes = Translated({code: _line(str(text)) for code, text in given["title"].items()}), given.get("minutes")
    if minutes is not None and not (isinstance(minutes, int) and minutes is not True and 0 < minutes <= MOST_MINUTES):
        raise ValueError
    return Point(title, PointKind(given.get("kind", PointKind.INFORMATION)), minutes)


_PARSERS: dict[str, Callable[[str], Any]] = {
    "code": _code,
    "part_of": _code,
    "date": _date,
    "start": _time,
    "end": _time,
    "zone": _line,
    "kind": _word(Kind, Kind.OTHER),
    "track": _line,
    "venue": _line,
    "hall": _line,
    "languages": _languages,
    "access": _admission,
    "listed": _boolean(True),
    "chair": _people,
    "moderators": _people,
    "speakers": _people,
    "body": _line,
    "capacity": _number,
    "status": _word(SessionStatus, SessionStatus.CONFIRMED),
    "link": link,
    "registration_link": link,
    "tags": _tags,
    "locked": _boolean(False),
    "sign_up": _yes_no_or_nothing,
    "expected": _number,
    "points": _points,
    "venue_zone": _line,
    **{column: _line for column in (*COLUMNS, *EXTRA_COLUMNS) if column.startswith("title")},
    **{column: _text for column in (*COLUMNS, *EXTRA_COLUMNS) if column.startswith(("description", "note"))},
}


# And back ----------------------------------------------------------------------------------------------------------


def people_cell(people: Iterable[Appearance]) -> str:
    """The cell that is read back as these people."""
    return "; ".join(_entry(person) for person in people)


def _entry(person: Appearance) -> str:
    parts = [
        _name_cell(person),
        person.position,
        person.organisation,
    ]
    while not parts[-1]:
        parts.pop()
    plain, safe = ", ".join(parts), ", ".join(escaped(part) for part in parts)
    # A position with commas needs no mark where an organisation follows: it is read back as it stands.
    return plain if _reads_back(plain, person) else safe


def _reads_back(entry: str, person: Appearance) -> bool:
    try:
        return not {";", "\\", "\n"} & set(entry) and appearance(entry) == person
    except BadCell:
        return False


def _name_cell(person: Appearance) -> str:
    if not person.name:
        return "tbc"
    return person.name + (" (tbc)" if person.state == PartState.TO_BE_CONFIRMED else "")


def access_cell(admission: Admission) -> str:
    return f"body:{admission.body}" if admission.access == Access.BODY else admission.access.value


def boolean_cell(value: bool) -> str:
    return "yes" if value else "no"


def points_cell(points: Iterable[Point]) -> str:
    """The cell that is read back as these points; empty for none."""
    cells = []
    for point in points:
        cell: dict[str, Any] = {"title": dict(point.title), "kind": point.kind.value}
        if point.minutes is not None:
            cell["minutes"] = point.minutes
        cells.append(cell)
    return json.dumps(cells, ensure_ascii=False) if cells else ""


def time_cell(value: time | None) -> str:
    return f"{value:%H:%M}" if value else ""


def date_cell(value: date | None) -> str:
    return value.isoformat() if value else ""
