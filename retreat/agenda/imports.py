"""An agenda file into the draft: every row is read and judged before the first is written; all of them or none.

Only a plan without errors is carried out: see `import_plan`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from retreat.agenda import frame, rows, waiting
from retreat.agenda.import_plan import ROLES, Plan, Planned
from retreat.agenda.models import AgendaSession
from retreat.agenda.people import People
from retreat.agenda.service import add_session, change_session, new_codes
from retreat.agenda.values import Appearance, SessionValues
from retreat.core import audit, sheets
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.sheets import Sheet, SheetError
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.network import service as network

COMMON_COLUMNS = rows.COLUMNS
COLUMNS = (*rows.COLUMNS, *rows.EXTRA_COLUMNS)
MOST_ROWS = 5_000

_SAME = {
    "date": "date",
    "start": "starts",
    "end": "ends",
    "zone": "zone_override",
    "kind": "kind",
    "languages": "languages",
    "listed": "is_listed",
    "status": "status",
    "capacity": "capacity",
    "link": "link",
    "registration_link": "registration_link",
    "tags": "tags",
    "locked": "is_locked",
    "sign_up": "takes_sign_up",
    "expected": "expected",
    "points": "points",
}
"""Columns whose value goes to the session as it is."""


@dataclass(slots=True)
class AgendaImport:
    """What an import did, or in a dry run would do. `made` are the names of venues, halls, tracks and bodies."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    made: list[str] = field(default_factory=list)
    warnings: list[SheetError] = field(default_factory=list)


def read(name: str, content: bytes) -> Sheet:
    """An agenda file as CSV, XLSX or JSON, by the ending of its name. Raises SheetErrors."""
    return sheets.read(name, content, columns=COLUMNS, most_rows=MOST_ROWS)


def import_agenda(edition: Edition, sheet: Sheet, *, at: datetime, by: Actor, dry_run: bool = False) -> AgendaImport:
    """Create or update a session for each row (see `COLUMNS`). Raises SheetErrors, and then nothing is changed."""
    # One import at a time: two files that bring the same new code come one after the other.
    editions.hold_and_read(edition)
    plan = Plan(edition, sheet)
    plan.judge()
    result = AgendaImport(made=plan.names_to_make, warnings=plan.findings.warnings)
    if dry_run:
        # What is different, and who is meant by a name, shows only when it is done: done, and taken back.
        with db.session.begin_nested() as trial:
            _carry_out(plan, result, at, by)
            trial.rollback()
        return result
    _carry_out(plan, result, at, by)
    audit.record(
        "agenda.imported",
        edition,
        at=at,
        by=by,
        edition_id=edition.id,
        file=sheet.name,
        created=result.created,
        updated=result.updated,
    )
    return result


def _carry_out(plan: Plan, result: AgendaImport, at: datetime, by: Actor) -> None:
    edition, people = plan.edition, People(plan.edition)
    _make_names(plan, at, by)
    unnamed = [planned for planned in plan.rows if not planned.code]
    reserved = {planned.code for planned in plan.rows}
    for planned, code in zip(unnamed, _free_codes(edition, len(unnamed), reserved), strict=True):
        planned.code = code
    changed, seated = set(), []
    for planned in plan.rows:
        values = _session_values(plan, planned)
        if planned.session is None:
            planned.session = add_session(edition, {**values, "code": planned.code}, at=at, by=by, people=people)
            plan.sessions[planned.code] = planned.session
            result.created += 1
        elif names := change_session(planned.session, values, at=at, by=by, people=people):
            changed.add(planned.code)
            if "capacity" in names or "takes_sign_up" in names:
                seated.append(planned.session)
        for name in people.unsure:
            message = _l("several people are called %(name)s, and the organisation does not say which one", name=name)
            plan.findings.warn(planned.row.line, "speakers", message)
        people.unsure.clear()
    # Parents last: a row may be part of a later one.
    moves = [
        (plan.sessions[planned.code], plan.sessions.get(planned.values["part_of"]))
        for planned in plan.rows
        if "part_of" in planned.values
    ]
    moves = [(session, parent) for session, parent in moves if session.parent is not parent]
    for session, _ in moves:
        # Loose first: two that change places cannot be written in any order.
        session.parent, session.updated_at, session.updated_by = None, at, str(by)
    db.session.flush()
    for session, parent in moves:
        session.parent = parent
    db.session.flush()
    for session in seated:
        waiting.promote(session.id, at=at)
    changed.update(session.code for session, _ in moves)
    known = len(plan.rows) - result.created
    result.updated = len(changed & plan.codes_before)
    result.unchanged = known - result.updated


def _free_codes(edition: Edition, count: int, reserved: Iterable[str]) -> list[str]:
    codes: list[str] = []
    while len(codes) < count:
        codes += [code for code in new_codes(edition, count - len(codes)) if code not in reserved]
    return codes


def _make_names(plan: Plan, at: datetime, by: Actor) -> None:
    edition = plan.edition

    def named(name: str) -> Translated:
        return Translated({edition.main_language: name})

    for key, name in plan.venues.missing.items():
        zone = plan.venue_zones.get(key)
        plan.venues.know(editions.add_venue(edition, named(name), zone=zone, at=at, by=by))
    for name in plan.tracks.missing.values():
        plan.tracks.know(frame.add_track(edition, named(name), at=at, by=by))
    for name in plan.bodies.missing.values():
        plan.bodies.know(network.add_body(named(name), at=at, by=by))
    for planned in plan.rows:
        hall = planned.values.get("hall")
        if hall and not plan.pick_hall(planned, hall):
            venue = plan.venues.find(planned.values.get("venue"))
            plan.halls.know(editions.add_hall(edition, named(hall), venue=venue, at=at, by=by))


def _session_values(plan: Plan, planned: Planned) -> SessionValues:
    given, session = planned.values, planned.session
    values: dict[str, Any] = {name: given[column] for column, name in _SAME.items() if column in given}
    for name in rows.TRANSLATED:
        texts = _texts(given, name, plan.edition.main_language)
        if texts:
            before = getattr(session, name) if session else Translated()
            values[name] = Translated({**before, **texts})
    if "track" in given:
        values["track"] = plan.tracks.find(given["track"])
    if "body" in given:
        values["body"] = plan.bodies.find(given["body"])
    if "venue" in given:
        values["venue"] = plan.venues.find(given["venue"])
    if "hall" in given:
        values["hall"] = plan.pick_hall(planned, given["hall"]) if given["hall"] else None
        if values["hall"]:
            values["venue"] = values["hall"].venue
    if "access" in given:
        values["access"] = given["access"].access
        values["access_body"] = plan.bodies.find(given["access"].body)
    if not ROLES.keys().isdisjoint(given):
        values["parts"] = _parts(given, session)
    return values  # type: ignore[return-value]


def _texts(given: dict[str, Any], name: str, main: str) -> dict[str, str]:
    texts = {language: given[f"{name}_{language}"] for language in LANGUAGES if f"{name}_{language}" in given}
    if name in given:
        texts[main] = given[name]
    elif not texts.get(main, "x"):
        # The main language's text is cleared by its own column only.
        del texts[main]
    return texts


def _parts(given: dict[str, Any], session: AgendaSession | None) -> list[Appearance]:
    """Chair, moderators, speakers, in that order; a role whose column is missing keeps its people."""
    parts: list[Appearance] = []
    for column, role in ROLES.items():
        if column in given:
            parts += [
                Appearance(role, person.name, person.position, person.organisation, person.state)
                for person in given[column]
            ]
        elif session:
            parts += [
                Appearance(role, part.printed_name, part.office, part.organisation, part.state, part.person)
                for part in session.parts
                if part.role == role
            ]
    return parts
