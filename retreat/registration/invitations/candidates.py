"""Who could be invited: from a file, from the seats of a body, from the list of another edition.

Each source gives candidates; `batches.plan` says who of them is invited and who is not, and why.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.core.db import db
from retreat.core.i18n import LANGUAGES
from retreat.core.sheets import Findings, Sheet, SheetRow
from retreat.editions.models import Category, Edition
from retreat.network import service as network
from retreat.network.models import Body, Person, Seat, SeatRole
from retreat.registration import answers as typed
from retreat.registration.invitations.service import PREFILLED
from retreat.registration.models import Registration, Status
from retreat.registration.rows import category_named

COLUMNS = (
    *("email", "honorific", "given_name", "family_name", "position", "organisation", "city", "country"),
    *("section", "category", "language"),
)
_TEXTS = ("honorific", "given_name", "family_name", "position", "organisation", "city", "country")
MOST_ROWS = 5_000
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person to invite, with what is known of them."""

    email: str
    prefill: Mapping[str, Any] = field(default_factory=dict)
    person_id: int | None = None
    is_erased: bool = False
    category_id: int | None = None
    language: str = ""

    @property
    def name(self) -> str:
        return typed.printed_name(self.prefill)

    @property
    def identity(self) -> tuple[str, str]:
        return self.email, typed.name_key(self.prefill)


def from_sheet(edition: Edition, sheet: Sheet) -> list[Candidate]:
    """Every row as a candidate. Raises SheetErrors with every error; a row without an address is none."""
    findings = Findings(sheet.name)
    categories = list(db.session.scalars(select(Category).where(Category.edition_id == edition.id)))
    sections = network.sections()
    found = []
    for row in sheet.rows:
        prefill: dict[str, Any] = {name: text for name in _TEXTS if (text := _text(row, name, findings))}
        if cell := row.cells.get("section", ""):
            section = network.section_named(cell, sections)
            if section is None:
                findings.refuse(row.line, "section", _l("“%(text)s” is not one of the nine Sections", text=cell))
            else:
                prefill["section_id"] = section.id
        category_id = _category(row, categories, findings)
        language = _language(row, findings)
        found.append(Candidate(_email(row, findings), prefill, category_id=category_id, language=language))
    findings.raise_if_any()
    return recognised(found)


def _text(row: SheetRow, name: str, findings: Findings) -> str:
    text, problem = typed.cleaned(row.cells.get(name, ""), typed.LONGEST[name])
    if problem is not None:
        findings.refuse(row.line, name, problem)
    return text


def _email(row: SheetRow, findings: Findings) -> str:
    cell = row.cells.get("email", "")
    address = typed.email(cell) if cell else ""
    if address is None:
        findings.refuse(row.line, "email", _l("“%(text)s” is not an e-mail address", text=cell))
    return address or ""


def _category(row: SheetRow, known: list[Category], findings: Findings) -> int | None:
    cell = row.cells.get("category", "")
    if not cell:
        return None
    category = category_named(cell, known)
    if category is None:
        slugs = ", ".join(one.slug for one in known)
        message = _l("“%(text)s” is not a category of this edition; known are %(known)s", text=cell, known=slugs)
        findings.refuse(row.line, "category", message)
        return None
    return category.id


def _language(row: SheetRow, findings: Findings) -> str:
    cell = row.cells.get("language", "").lower()
    if cell and cell not in LANGUAGES:
        message = _l("“%(text)s” is not one of %(known)s", text=cell, known=", ".join(LANGUAGES))
        findings.refuse(row.line, "language", message)
    return cell


def from_body(body: Body, day: date, *, with_substitutes: bool) -> list[Candidate]:
    """Who sits on the body on that day, in the order of the seats; each once."""
    seats = db.session.scalars(
        select(Seat).where(Seat.body_id == body.id).options(joinedload(Seat.person)).order_by(Seat.id)
    )
    people = [
        seat.person for seat in seats if seat.covers(day) and (with_substitutes or seat.role is not SeatRole.SUBSTITUTE)
    ]
    latest = _latest_registrations(one.id for one in people)
    return [_of_person(one, latest.get(one.id)) for one in dict.fromkeys(people)]


def _of_person(person: Person, latest: Registration | None) -> Candidate:
    """The address book says who it is; the last registration adds city, country and language."""
    prefill = {name: getattr(latest, name) for name in ("city", "country", "section_id")} if latest else {}
    own = {name: value for name in PREFILLED if (value := getattr(person, name, None)) and name != "languages"}
    return Candidate(
        (person.email or (latest.email if latest else "")).lower(),
        {**prefill, **own},
        person.id,
        is_erased=person.erased_at is not None,
        language=latest.language if latest else "",
    )


def from_edition(other: Edition, *, statuses: Collection[Status], categories: Collection[str]) -> list[Candidate]:
    """Who was registered there with one of these statuses; with `categories`, slugs, only those."""
    query = (
        select(Registration)
        .join(Registration.category)
        .where(Registration.edition_id == other.id, Registration.status.in_(sorted(statuses)))
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    )
    if categories:
        query = query.where(Category.slug.in_(sorted(categories)))
    return [
        Candidate(
            one.email,
            {name: value for name in PREFILLED if (value := getattr(one, name))},
            one.person_id,
            is_erased=one.person.erased_at is not None,
            language=one.language,
        )
        for one in db.session.scalars(query)
    ]


def recognised(candidates: Iterable[Candidate]) -> list[Candidate]:
    """With the Person of the address book who has the same address and the same name, and their language.

    The organiser's file is a word about who is meant, as that of registrations is; a visitor's form never is.
    """
    found = list(candidates)
    addresses = sorted({one.email for one in found if one.email})
    known: dict[tuple[str, str], int] = {}
    for start in range(0, len(addresses), _AT_A_TIME):
        people = db.session.scalars(
            select(Person)
            .where(Person.email.in_(addresses[start : start + _AT_A_TIME]), Person.erased_at.is_(None))
            .order_by(Person.id)
        )
        for person in people:
            key = typed.name_key({name: getattr(person, name) for name in typed.NAMES})
            known.setdefault((person.email, key), person.id)
    latest = _latest_registrations(known.values())
    return [_with_person(one, known.get(one.identity), latest) for one in found]


def _with_person(one: Candidate, person_id: int | None, latest: Mapping[int, Registration]) -> Candidate:
    if person_id is None:
        return one
    language = one.language or (latest[person_id].language if person_id in latest else "")
    return Candidate(one.email, one.prefill, person_id, category_id=one.category_id, language=language)


def _latest_registrations(people: Iterable[int]) -> dict[int, Registration]:
    numbers = sorted(set(people))
    found: dict[int, Registration] = {}
    for start in range(0, len(numbers), _AT_A_TIME):
        rows = db.session.scalars(
            select(Registration)
            .where(Registration.person_id.in_(numbers[start : start + _AT_A_TIME]))
            .order_by(Registration.created_at, Registration.id)
        )
        found.update({one.person_id: one for one in rows})
    return found
