"""An agenda file into the draft: every row is read and judged before the first is written; all of them or none.

Two passes over the same rows. `_Plan` judges: it knows the draft, resolves names, and collects every error with its
place. Only a plan without errors is carried out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from retreat.agenda import frame, rows
from retreat.agenda.models import Access, AgendaSession, Part, PartRole, Track
from retreat.agenda.service import Appearance, People, SessionValues, add_session, change_session, new_codes
from retreat.agenda.times import BadTime, instants
from retreat.core import audit, sheets
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.names import search_key
from retreat.core.sheets import Findings, Sheet, SheetError, SheetRow
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall, Venue
from retreat.network import service as network
from retreat.network.models import Body

COMMON_COLUMNS = rows.COLUMNS
COLUMNS = (*rows.COLUMNS, *rows.EXTRA_COLUMNS)
MOST_ROWS = 5_000
NOBODY = frozenset({"tbc", "tba", "tbd", "n.n.", "nn", "to be confirmed", "to be determined"})

ROLES = {"chair": PartRole.CHAIR, "moderators": PartRole.MODERATOR, "speakers": PartRole.SPEAKER}
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


@dataclass(slots=True)
class _Planned:
    """One row with what it will be applied to; `code` is empty until one is made."""

    row: SheetRow
    values: dict[str, Any]
    session: AgendaSession | None
    code: str


def read(name: str, content: bytes) -> Sheet:
    """An agenda file as CSV, XLSX or JSON, by the ending of its name. Raises SheetErrors."""
    return sheets.read(name, content, columns=COLUMNS, most_rows=MOST_ROWS)


def import_agenda(
    edition: Edition, sheet: Sheet, *, at: datetime, by: Actor, dry_run: bool = False
) -> AgendaImport:
    """Create or update a session for each row (see `COLUMNS`). Raises SheetErrors, and then nothing is changed."""
    plan = _Plan(edition, sheet)
    plan.judge()
    result = AgendaImport(made=plan.names_to_make, warnings=plan.findings.warnings)
    if dry_run:
        result.created = sum(planned.session is None for planned in plan.rows)
        result.updated = len(plan.rows) - result.created
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


class _Plan:
    def __init__(self, edition: Edition, sheet: Sheet) -> None:
        self.edition = edition
        self.findings = Findings(sheet.name)
        self.sessions = _sessions_by_code(edition)
        self.codes_before = frozenset(self.sessions)
        self.venues = _Names(edition, Venue)
        self.halls = _Names(edition, Hall)
        self.tracks = _Names(edition, Track)
        self.bodies = _Names(None, Body)
        self.sheet = sheet
        self.rows: list[_Planned] = []

    @property
    def names_to_make(self) -> list[str]:
        return [name for names in (self.venues, self.halls, self.tracks, self.bodies) for name in names.missing.values()]

    def judge(self) -> None:
        """Read every row and raise all errors together."""
        lines: dict[str, int] = {}
        for row in self.sheet.rows:
            values = rows.read_row(row, self.findings)
            code = values.get("code", "")
            if code in lines:
                message = _l("“%(code)s” is in line %(line)s already", code=code, line=lines[code])
                self.findings.refuse(row.line, "code", message)
                continue
            if code:
                lines[code] = row.line
            self.rows.append(_Planned(row, values, self.sessions.get(code), code))
        if "title" not in self.sheet.columns and (not self.rows or any(not planned.session for planned in self.rows)):
            self.findings.refuse(1, "title", _l("this column is missing"))
        for planned in self.rows:
            self._judge_title(planned)
            self._judge_people(planned)
            self._judge_names(planned)
            self._judge_times(planned)
            self._judge_capacity(planned)
        self._judge_parents()
        self.findings.raise_if_any()

    def _refuse(self, planned: _Planned, column: str, message: object) -> None:
        self.findings.refuse(planned.row.line, column, message)

    def _judge_title(self, planned: _Planned) -> None:
        """The title's own column is in the edition's main language; that language's column may only agree with it."""
        main = self.edition.main_language
        if planned.row.cells.get("title") == "":
            self._refuse(planned, "title", _l("the title is empty"))
        for name in rows.TRANSLATED:
            both = planned.values.get(name), planned.values.get(f"{name}_{main}")
            if all(both) and both[0] != both[1]:
                message = _l("says something else than “%(column)s”, which is in the same language", column=name)
                self._refuse(planned, f"{name}_{main}", message)

    def _judge_people(self, planned: _Planned) -> None:
        for column in ROLES.keys() & planned.values.keys():
            people = planned.values[column]
            planned.values[column] = [person for person in people if person.name.casefold() not in NOBODY]
            if len(planned.values[column]) < len(people):
                message = _l("“to be confirmed” names nobody and is left out; write Name (tbc)")
                self.findings.warn(planned.row.line, column, message)

    def _judge_names(self, planned: _Planned) -> None:
        values = planned.values
        for names, column in ((self.tracks, "track"), (self.venues, "venue"), (self.bodies, "body")):
            names.want(values.get(column))
        if admission := values.get("access"):
            names_body = admission.body
            self.bodies.want(names_body)
        for column in ("body", "access"):
            name = values.get(column) if column == "body" else getattr(values.get(column), "body", "")
            if name and self.bodies.find(name) is None:
                self.findings.warn(planned.row.line, column, _l("no body “%(name)s” was known: it is made", name=name))
        hall = values.get("hall")
        if hall and not self._hall_candidates(planned, hall):
            self.halls.missing.setdefault(search_key(hall), hall)

    def _hall_candidates(self, planned: _Planned, name: str) -> list[Hall]:
        venue = planned.values.get("venue")
        return [hall for hall in self.halls.all(name) if not venue or hall.venue is self.venues.find(venue)]

    def _judge_times(self, planned: _Planned) -> None:
        if any(column not in planned.values for column in ("date", "start", "end", "zone") if column in planned.row.cells):
            return  # Its cell was refused already.
        session, values = planned.session, planned.values
        day, starts, ends = (
            values.get(column, getattr(session, name, None))
            for column, name in (("date", "date"), ("start", "starts"), ("end", "ends"))
        )
        try:
            instants(day, starts, ends, self._zone(planned))
        except BadTime as error:
            self._refuse(planned, error.field, error)
        if day and "date" in values and not self.edition.starts_on <= day <= self.edition.ends_on:
            message = _l("%(date)s is outside the edition's days", date=day.isoformat())
            self.findings.warn(planned.row.line, "date", message)

    def _zone(self, planned: _Planned) -> str:
        """The zone that will be in force: a new venue has the edition's."""
        session, values = planned.session, planned.values
        override = values.get("zone", session.zone_override if session else None)
        if override:
            return str(override)
        venue = session.venue if session else None
        if "venue" in values:
            venue = self.venues.find(values["venue"])
        if hall := values.get("hall"):
            found = self.pick_hall(planned, hall)
            venue = found.venue if found else venue
        return venue.zone if venue else self.edition.zone

    def pick_hall(self, planned: _Planned, name: str) -> Hall | None:
        """The hall of this name: in the row's venue, else in the session's own, else the first."""
        candidates = self._hall_candidates(planned, name)
        own = planned.session.venue if planned.session else None
        return next((hall for hall in candidates if hall.venue is own), next(iter(candidates), None))

    def _judge_capacity(self, planned: _Planned) -> None:
        capacity, taken = planned.values.get("capacity"), planned.session.taken if planned.session else 0
        if capacity is not None and capacity < taken:
            self._refuse(planned, "capacity", _l("%(count)s people already have a place", count=taken))

    def _judge_parents(self) -> None:
        """One level, over the draft as it will be: a later row or a session outside the file may be the other side."""
        parents = {code: session.parent.code if session.parent else "" for code, session in self.sessions.items()}
        known = {*parents, *(planned.code for planned in self.rows)}
        parents |= {planned.code: planned.values["part_of"] for planned in self.rows if "part_of" in planned.values}
        having_parts = {parent for parent in parents.values() if parent}
        for planned in self.rows:
            parent = planned.values.get("part_of")
            if not parent:
                continue
            if parent not in known:
                self._refuse(planned, "part_of", _l("there is no session “%(code)s”", code=parent))
            elif parent == planned.code:
                self._refuse(planned, "part_of", _l("a session is no part of itself"))
            elif parents.get(parent):
                message = _l("“%(code)s” is itself part of another session; there is one level only", code=parent)
                self._refuse(planned, "part_of", message)
            elif planned.code in having_parts and not self._has_row_of_part(planned.code):
                message = _l("“%(code)s” has parts of its own; there is one level only", code=planned.code)
                self._refuse(planned, "part_of", message)

    def _has_row_of_part(self, code: str) -> bool:
        """Then the part's own row is told, and not this one too."""
        return any(planned.values.get("part_of") == code for planned in self.rows)


class _Names:
    """Things by any of their names or their slug; and the names that nothing has yet, in the order met."""

    def __init__(self, edition: Edition | None, kind: Any) -> None:
        query = select(kind).order_by(kind.position, kind.id)
        if edition is not None:
            query = query.where(kind.edition_id == edition.id)
        if kind is Hall:
            query = query.options(selectinload(Hall.venue))
        self._known: dict[str, list[Any]] = {}
        self.missing: dict[str, str] = {}
        for thing in db.session.scalars(query):
            self.know(thing)

    def know(self, thing: Any) -> None:
        for key in {*(search_key(text) for text in thing.name.values()), thing.slug}:
            self._known.setdefault(key, []).append(thing)

    def all(self, name: str) -> list[Any]:
        return self._known.get(search_key(name), [])

    def find(self, name: str | None) -> Any:
        return next(iter(self.all(name)), None) if name else None

    def want(self, name: str | None) -> None:
        """Note a name that nothing has, under its first spelling."""
        if name and not self.all(name):
            self.missing.setdefault(search_key(name), name)


def _sessions_by_code(edition: Edition) -> dict[str, AgendaSession]:
    """The draft with all that a row may change, its rows locked against other editors."""
    found = db.session.scalars(
        select(AgendaSession)
        .where(AgendaSession.edition_id == edition.id)
        .options(
            selectinload(AgendaSession.parts).selectinload(Part.person),
            selectinload(AgendaSession.parent),
            selectinload(AgendaSession.venue),
            selectinload(AgendaSession.hall).selectinload(Hall.venue),
            selectinload(AgendaSession.track),
            selectinload(AgendaSession.body),
            selectinload(AgendaSession.access_body),
        )
        .order_by(AgendaSession.id)
        .with_for_update(key_share=True)
    )
    return {session.code: session for session in found}


def _carry_out(plan: _Plan, result: AgendaImport, at: datetime, by: Actor) -> None:
    edition, people = plan.edition, People(plan.edition)
    _make_names(plan, at, by)
    unnamed = [planned for planned in plan.rows if not planned.code]
    reserved = {planned.code for planned in plan.rows}
    for planned, code in zip(unnamed, _free_codes(edition, len(unnamed), reserved), strict=True):
        planned.code = code
    changed = set()
    for planned in plan.rows:
        values = _session_values(plan, planned)
        if planned.session is None:
            planned.session = add_session(edition, {**values, "code": planned.code}, at=at, by=by, people=people)
            plan.sessions[planned.code] = planned.session
            result.created += 1
        elif change_session(planned.session, values, at=at, by=by, people=people):
            changed.add(planned.code)
    # Parents last: a row may be part of a later one.
    for planned in plan.rows:
        if "part_of" in planned.values:
            session, parent = plan.sessions[planned.code], plan.sessions.get(planned.values["part_of"])
            if session.parent is not parent:
                session.parent, session.updated_at, session.updated_by = parent, at, str(by)
                changed.add(planned.code)
    db.session.flush()
    known = len(plan.rows) - result.created
    result.updated = len(changed & plan.codes_before)
    result.unchanged = known - result.updated


def _free_codes(edition: Edition, count: int, reserved: Iterable[str]) -> list[str]:
    codes: list[str] = []
    while len(codes) < count:
        codes += [code for code in new_codes(edition, count - len(codes)) if code not in reserved]
    return codes


def _make_names(plan: _Plan, at: datetime, by: Actor) -> None:
    edition = plan.edition

    def named(name: str) -> Translated:
        return Translated({edition.main_language: name})

    for name in plan.venues.missing.values():
        plan.venues.know(editions.add_venue(edition, named(name), at=at, by=by))
    for name in plan.tracks.missing.values():
        plan.tracks.know(frame.add_track(edition, named(name), at=at, by=by))
    for name in plan.bodies.missing.values():
        plan.bodies.know(network.add_body(named(name), at=at, by=by))
    for planned in plan.rows:
        hall = planned.values.get("hall")
        if hall and not plan.pick_hall(planned, hall):
            venue = plan.venues.find(planned.values.get("venue"))
            plan.halls.know(editions.add_hall(edition, named(hall), venue=venue, at=at, by=by))


def _session_values(plan: _Plan, planned: _Planned) -> SessionValues:
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
