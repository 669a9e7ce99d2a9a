"""Organisations, people and seats: found, made, imported."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from flask_babel import lazy_gettext as _l
from sqlalchemy import Engine, select
from sqlalchemy.orm import joinedload, make_transient_to_detached

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.names import free_slug, search_key
from retreat.core.sheets import Findings, Imported, Sheet, SheetRow, boolean
from retreat.network.models import Body, BodyKind, Organisation, OrganisationKind, Person, Seat, SeatRole, Section

DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)

ORGANISATION_COLUMNS = ("name", "name_fr", "name_es", "name_ru", "kind", "city", "country", "section", "member")
SEAT_COLUMNS = (
    "body",
    "honorific",
    "given_name",
    "family_name",
    "organisation",
    "email",
    "role",
    "from",
    "until",
)


def sections() -> list[Section]:
    """The nine, in their order.

    They come with the schema and change with it alone, so a process asks the database for them once.
    """
    kept = _sections.get(db.engine)
    if kept:
        return [db.session.merge(_as_stored(values), load=False) for values in kept]
    found = list(db.session.scalars(select(Section).order_by(Section.position)))
    _sections[db.engine] = [
        {"id": one.id, "slug": one.slug, "name": one.name, "position": one.position} for one in found
    ]
    return found


_sections: WeakKeyDictionary[Engine, list[dict[str, Any]]] = WeakKeyDictionary()


def _as_stored(values: Mapping[str, Any]) -> Section:
    section = Section(**values)
    make_transient_to_detached(section)
    return section


def section_named(name: str, known: Iterable[Section]) -> Section | None:
    """By slug or by its name in any language."""
    key = search_key(name)
    for section in known:
        if key == section.slug or key in {search_key(text) for text in section.name.values()}:
            return section
    return None


def body_named(name: str, known: Iterable[Body]) -> Body | None:
    """By slug or by its name in any language."""
    key = search_key(name)
    for body in known:
        if key == body.slug or key in {search_key(text) for text in body.name.values()}:
            return body
    return None


def bodies() -> list[Body]:
    return list(db.session.scalars(select(Body).order_by(Body.position, Body.id)))


def add_body(name: Translated, kind: BodyKind = BodyKind.OTHER, *, at: datetime, by: Actor) -> Body:
    """A body that meets; its slug is made from the English name."""
    known = bodies()
    body = Body(
        slug=free_slug(name.text("en"), "body", {body.slug for body in known}),
        name=name,
        kind=kind,
        position=max((body.position for body in known), default=0) + 1,
    )
    db.session.add(body)
    db.session.flush()
    audit.record("body.added", body, at=at, by=by, name=dict(name))
    return body


def find_organisations(words: str, *, limit: int = 10) -> list[Organisation]:
    """Those whose name or city begins a word with what was typed; members first."""
    key = search_key(words)
    if not key:
        return []
    escaped = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = db.session.scalars(
        select(Organisation)
        .where(Organisation.name_key.like(f"%{escaped}%", escape="\\"))
        .options(joinedload(Organisation.section))
        .order_by(Organisation.is_member.desc(), Organisation.name_key)
        .limit(limit * 3)
    )
    return sorted(found, key=lambda one: (not one.name_key.startswith(key), not one.is_member))[:limit]


def all_organisations() -> list[Organisation]:
    return list(
        db.session.scalars(
            select(Organisation).options(joinedload(Organisation.section)).order_by(Organisation.name_key)
        )
    )


def organisation_named(name: str) -> Organisation | None:
    """The one known by this name in its main spelling."""
    return db.session.scalar(select(Organisation).where(Organisation.name_key == search_key(name)))


def import_organisations(sheet: Sheet, *, at: datetime, by: Actor) -> Imported:
    """All rows or none (raises SheetErrors): known names are updated, a missing column keeps, an empty cell clears."""
    findings = Findings(sheet.name)
    known_sections = sections()
    known = {one.name_key: one for one in all_organisations()}
    seen: dict[str, int] = {}
    added: list[Organisation] = []
    changed = 0
    for row in sheet.rows:
        key = search_key(row.cells.get("name", ""))
        if not key:
            findings.refuse(row.line, "name", _l("a name is needed"))
            continue
        values = _organisation_values(row, findings, known_sections)
        if key in seen:
            findings.refuse(row.line, "name", _l("the same name is already in line %(line)s", line=seen[key]))
            continue
        seen[key] = row.line
        if key in known:
            changed += _assign(known[key], values, row)
        else:
            added.append(Organisation(name_key=key, **_new_organisation(values)))
    _raise_and_forget(findings)
    db.session.add_all(added)
    db.session.flush()
    for one in added:
        audit.record("organisation.imported", one, at=at, by=by)
    return Imported(len(added), changed, len(sheet.rows) - len(added) - changed)


def _raise_and_forget(findings: Findings) -> None:
    if findings.errors:
        db.session.rollback()
    findings.raise_if_any()


def _organisation_values(row: SheetRow, findings: Findings, known: list[Section]) -> dict[str, Any]:
    cells = row.cells
    values: dict[str, Any] = {name: cells[name] for name in ("city", "country") if name in cells}
    values["names"] = {
        code: cells[column]
        for code, column in (("en", "name"), ("fr", "name_fr"), ("es", "name_es"), ("ru", "name_ru"))
        if column in cells
    }
    if "kind" in cells:
        values["kind"] = _enum(OrganisationKind, cells["kind"] or "city", row, "kind", findings)
    if "section" in cells:
        section = section_named(cells["section"], known) if cells["section"] else None
        if cells["section"] and section is None:
            message = _l("“%(text)s” is not one of the nine Sections", text=cells["section"])
            findings.refuse(row.line, "section", message)
        values["section_id"] = section.id if section else None
    if "member" in cells:
        member = boolean(cells["member"]) if cells["member"] else False
        if member is None:
            findings.refuse(row.line, "member", _l("“%(text)s” is neither yes nor no", text=cells["member"]))
        values["is_member"] = bool(member)
    return values


def _enum(kind: Any, text: str, row: SheetRow, column: str, findings: Findings) -> Any:
    try:
        return kind(text.lower())
    except ValueError:
        findings.refuse(
            row.line,
            column,
            _l("“%(text)s” is not one of %(known)s", text=text, known=", ".join(member.value for member in kind)),
        )
        return None


def _new_organisation(values: dict[str, Any]) -> dict[str, Any]:
    return {**{key: value for key, value in values.items() if key != "names"}, "name": Translated(values["names"])}


def _assign(organisation: Organisation, values: dict[str, Any], _row: SheetRow) -> bool:
    name = organisation.name
    for code, text in values["names"].items():
        name = name.with_text(code, text)
    fresh = {**{key: value for key, value in values.items() if key != "names"}, "name": name}
    differing = {key: value for key, value in fresh.items() if getattr(organisation, key) != value}
    for key, value in differing.items():
        setattr(organisation, key, value)
    return bool(differing)


def import_seats(sheet: Sheet, *, at: datetime, by: Actor) -> Imported:
    """All rows or none (raises SheetErrors). A body that is not known is made; so is a person not known by e-mail.

    The same person, body, role and first day is the same seat: its last day is updated.
    """
    findings = Findings(sheet.name)
    rows = [(row, _seat_values(row, findings)) for row in sheet.rows]
    findings.raise_if_any()
    known_bodies = bodies()
    added = changed = 0
    for row, values in rows:
        body = body_named(row.cells["body"], known_bodies)
        if body is None:
            body = add_body(Translated(en=row.cells["body"]), at=at, by=by)
            known_bodies.append(body)
        person = _person_of_seat(row.cells, at)
        seat = next(
            (
                one
                for one in person.seats
                if (one.body_id, one.role, one.starts_on) == (body.id, values["role"], values["starts_on"])
            ),
            None,
        )
        if seat is None:
            seat = Seat(body=body, **values)
            person.seats.append(seat)
            db.session.flush()
            audit.record("seat.imported", seat, at=at, by=by, body=body.slug, person=person.printed_name)
            added += 1
        elif seat.ends_on != values["ends_on"]:
            seat.ends_on = values["ends_on"]
            changed += 1
    db.session.flush()
    return Imported(added, changed, len(rows) - added - changed)


def _seat_values(row: SheetRow, findings: Findings) -> dict[str, Any]:
    cells = row.cells
    if not cells.get("body"):
        findings.refuse(row.line, "body", _l("a body is needed"))
    if not (cells.get("given_name") or cells.get("family_name")):
        findings.refuse(row.line, "family_name", _l("a name is needed"))
    values = {
        "role": _enum(SeatRole, cells.get("role") or "member", row, "role", findings),
        "starts_on": _day(row, "from", findings),
        "ends_on": _day(row, "until", findings),
    }
    if values["starts_on"] and values["ends_on"] and values["starts_on"] > values["ends_on"]:
        findings.refuse(row.line, "until", _l("ends before it begins"))
    return values


def _day(row: SheetRow, column: str, findings: Findings) -> date | None:
    text = row.cells.get(column, "")
    if not text:
        return None
    try:
        # fromisoformat alone also takes 20200228 and 2020-W09-5.
        return date.fromisoformat(text if DAY.match(text) else "")
    except ValueError:
        findings.refuse(row.line, column, _l("“%(text)s” is not a date; write YYYY-MM-DD", text=text))
        return None


def _person_of_seat(cells: Any, at: datetime) -> Person:
    """By e-mail and name, else by name and organisation; a new Person otherwise."""
    given, family = cells.get("given_name", ""), cells.get("family_name", "")
    email, organisation = cells.get("email", "").lower(), cells.get("organisation", "")
    query = select(Person).where(Person.given_name == given, Person.family_name == family)
    query = query.where(Person.email == email) if email else query.where(Person.organisation == organisation)
    person = db.session.scalar(query.order_by(Person.id))
    if person is None:
        known = organisation_named(organisation) if organisation else None
        person = Person(
            honorific=cells.get("honorific", ""),
            given_name=given,
            family_name=family,
            email=email,
            organisation=organisation,
            organisation_id=known.id if known else None,
            created_at=at,
        )
        db.session.add(person)
        db.session.flush()
    return person
