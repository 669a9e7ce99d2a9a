"""A registration as a row of a file, and back: the columns are a promise to those who write such files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l

from retreat.core.names import search_key
from retreat.core.sheets import Findings, SheetRow, boolean, join_list, split_list
from retreat.editions.models import Category
from retreat.network.models import Section
from retreat.network.service import section_named
from retreat.registration import answers as typed
from retreat.registration.models import Registration, Status

COLUMNS = (
    "code",
    "honorific",
    "given_name",
    "family_name",
    "badge_name",
    "native_name",
    "native_language",
    "position",
    "organisation",
    "city",
    "country",
    "section",
    "category",
    "email",
    "phone",
    "languages",
    "arrival",
    "departure",
    "diet",
    "access_needs",
    "visa_letter",
    "status",
)
TRAVEL = ("arrival_time", "arrival_flight", "departure_time", "departure_flight", "hotel", "companion")
"""Come with XLSX and JSON, and are read from any file; a CSV keeps to the columns that were promised first."""

READ = (*COLUMNS, *TRAVEL)
"""What an import knows."""

_TEXTS = tuple(name for name in READ if name in typed.LONGEST and name != "email")


@dataclass(frozen=True, slots=True)
class Reader:
    """What a row is read against: the edition's categories, the Sections, and where errors go."""

    categories: tuple[Category, ...]
    sections: tuple[Section, ...]
    findings: Findings

    def values(self, row: SheetRow) -> dict[str, Any]:
        """The row's cells as values of the model; a column that the file lacks is not among them."""
        cells = row.cells
        values: dict[str, Any] = {}
        for name in _TEXTS:
            if name in cells:
                values[name] = self._text(row, name)
        for name, read in _READERS.items():
            if name in cells:
                values.update(read(self, row, cells[name]))
        if (arrival := values.get("arrival")) and (departure := values.get("departure")) and departure < arrival:
            self.findings.refuse(row.line, "departure", _l("comes before the arrival"))
        return values

    def _text(self, row: SheetRow, name: str) -> str:
        text, problem = typed.cleaned(row.cells[name], typed.LONGEST[name], several_lines=name in typed.SEVERAL_LINES)
        if problem is not None:
            self.findings.refuse(row.line, name, problem)
        return text

    def _email(self, row: SheetRow, cell: str) -> dict[str, Any]:
        address = typed.email(cell) if cell else None
        if address is None:
            missing, wrong = _l("an e-mail address is needed"), _l("“%(text)s” is not an e-mail address", text=cell)
            self.findings.refuse(row.line, "email", wrong if cell else missing)
        return {"email": address or ""}

    def _section(self, row: SheetRow, cell: str) -> dict[str, Any]:
        section = section_named(cell, self.sections) if cell else None
        if cell and section is None:
            self.findings.refuse(row.line, "section", _l("“%(text)s” is not one of the nine Sections", text=cell))
        return {"section_id": section.id if section else None}

    def _category(self, row: SheetRow, cell: str) -> dict[str, Any]:
        category = category_named(cell, self.categories) if cell else self.categories[0]
        if category is None:
            known = ", ".join(category.slug for category in self.categories)
            message = _l("“%(text)s” is not a category of this edition; known are %(known)s", text=cell, known=known)
            self.findings.refuse(row.line, "category", message)
        return {"category_id": category.id if category else None}

    def _native_language(self, row: SheetRow, cell: str) -> dict[str, Any]:
        return {"native_language": self._language(row, "native_language", cell) if cell else ""}

    def _languages(self, row: SheetRow, cell: str) -> dict[str, Any]:
        return {"languages": [self._language(row, "languages", code) for code in split_list(cell)]}

    def _language(self, row: SheetRow, column: str, cell: str) -> str:
        code = cell.strip().lower()
        if not typed.LANGUAGE_CODE.match(code):
            message = _l("“%(text)s” is not a language code such as en, fr, es or ru", text=cell)
            self.findings.refuse(row.line, column, message)
        return code

    def _arrival(self, row: SheetRow, cell: str) -> dict[str, Any]:
        return {"arrival": self._day(row, "arrival", cell)}

    def _departure(self, row: SheetRow, cell: str) -> dict[str, Any]:
        return {"departure": self._day(row, "departure", cell)}

    def _day(self, row: SheetRow, column: str, cell: str) -> date | None:
        if not cell:
            return None
        try:
            return datetime.strptime(cell, "%Y-%m-%d").date()
        except ValueError:
            self.findings.refuse(row.line, column, _l("“%(text)s” is not a date; write YYYY-MM-DD", text=cell))
            return None

    def _arrival_time(self, row: SheetRow, cell: str) -> dict[str, Any]:
        return {"arrival_time": self._time(row, "arrival_time", cell)}

    def _departure_time(self, row: SheetRow, cell: str) -> dict[str, Any]:
        return {"departure_time": self._time(row, "departure_time", cell)}

    def _time(self, row: SheetRow, column: str, cell: str) -> time | None:
        found = typed.wall_time(cell) if cell else None
        if cell and found is None:
            self.findings.refuse(row.line, column, _l("“%(text)s” is not a time; write HH:MM", text=cell))
        return found

    def _visa_letter(self, row: SheetRow, cell: str) -> dict[str, Any]:
        answer = boolean(cell) if cell else False
        if answer is None:
            self.findings.refuse(row.line, "visa_letter", _l("“%(text)s” is neither yes nor no", text=cell))
        return {"visa_letter": bool(answer)}

    def _status(self, row: SheetRow, cell: str) -> dict[str, Any]:
        if not cell:
            return {}
        try:
            return {"status": Status(cell.lower())}
        except ValueError:
            known = ", ".join(status.value for status in Status)
            self.findings.refuse(row.line, "status", _l("“%(text)s” is not one of %(known)s", text=cell, known=known))
            return {}


_READERS = {
    "email": Reader._email,  # noqa: SLF001
    "section": Reader._section,  # noqa: SLF001
    "category": Reader._category,  # noqa: SLF001
    "native_language": Reader._native_language,  # noqa: SLF001
    "languages": Reader._languages,  # noqa: SLF001
    "arrival": Reader._arrival,  # noqa: SLF001
    "arrival_time": Reader._arrival_time,  # noqa: SLF001
    "departure": Reader._departure,  # noqa: SLF001
    "departure_time": Reader._departure_time,  # noqa: SLF001
    "visa_letter": Reader._visa_letter,  # noqa: SLF001
    "status": Reader._status,  # noqa: SLF001
}


def category_named(name: str, known: Iterable[Category]) -> Category | None:
    """By slug or by its name in any language."""
    key = search_key(name)
    for category in known:
        if key == category.slug or key in {search_key(text) for text in category.name.values()}:
            return category
    return None


def cells(registration: Registration) -> Mapping[str, str]:
    """The row that `Reader.values` reads back as the same registration."""
    return {
        **{name: getattr(registration, name) for name in _TEXTS},
        "code": registration.code,
        "native_language": registration.native_language,
        "section": registration.section.name.text("en") if registration.section else "",
        "category": registration.category.slug,
        "email": registration.email,
        "languages": join_list(registration.languages),
        "arrival": registration.arrival.isoformat() if registration.arrival else "",
        "arrival_time": f"{registration.arrival_time:%H:%M}" if registration.arrival_time else "",
        "departure": registration.departure.isoformat() if registration.departure else "",
        "departure_time": f"{registration.departure_time:%H:%M}" if registration.departure_time else "",
        "visa_letter": "yes" if registration.visa_letter else "no",
        "status": registration.status.value,
    }
