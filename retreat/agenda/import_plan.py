"""What an agenda file would do to the draft: every row is judged before the first is written.

A plan knows the draft, resolves names, and collects every error with its place; carrying it out is another module's.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from retreat.agenda import rows
from retreat.agenda.models import AgendaSession, Part, PartRole, Track
from retreat.agenda.times import BadTime, instants
from retreat.core import zones
from retreat.core.db import db
from retreat.core.names import search_key
from retreat.core.sheets import Findings, Sheet, SheetRow
from retreat.editions.models import Edition, Hall, Venue
from retreat.network.models import Body

ROLES = {"chair": PartRole.CHAIR, "moderators": PartRole.MODERATOR, "speakers": PartRole.SPEAKER}


@dataclass(slots=True)
class Planned:
    """One row with what it will be applied to; `code` is empty until one is made."""

    row: SheetRow
    values: dict[str, Any]
    session: AgendaSession | None
    code: str


class Plan:
    def __init__(self, edition: Edition, sheet: Sheet) -> None:
        self.edition = edition
        self.findings = Findings(sheet.name)
        self.sessions = _sessions_by_code(edition)
        self.codes_before = frozenset(self.sessions)
        self.venues = Names(edition, Venue)
        self.halls = Names(edition, Hall)
        self.tracks = Names(edition, Track)
        self.bodies = Names(None, Body)
        self.venue_zones: dict[str, str] = {}
        self.sheet = sheet
        self.rows: list[Planned] = []

    @property
    def names_to_make(self) -> list[str]:
        return [
            name for names in (self.venues, self.halls, self.tracks, self.bodies) for name in names.missing.values()
        ]

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
            self.rows.append(Planned(row, values, self.sessions.get(code), code))
        if "title" not in self.sheet.columns and (not self.rows or any(not planned.session for planned in self.rows)):
            self.findings.refuse(1, "title", _l("this column is missing"))
        for planned in self.rows:
            self._judge_title(planned)
            self._judge_points(planned)
            self._judge_places(planned)
            self._judge_listed(planned)
            self._judge_names(planned)
            self._judge_venue_zone(planned)
            self._judge_times(planned)
            self._judge_capacity(planned)
        self._judge_parents()
        self.findings.raise_if_any()

    def _refuse(self, planned: Planned, column: str, message: object) -> None:
        self.findings.refuse(planned.row.line, column, message)

    def _judge_title(self, planned: Planned) -> None:
        """The title's own column is in the edition's main language; that language's column may only agree with it."""
        main = self.edition.main_language
        if planned.row.cells.get("title") == "":
            self._refuse(planned, "title", _l("the title is empty"))
        for name in rows.TRANSLATED:
            both = planned.values.get(name), planned.values.get(f"{name}_{main}")
            if all(both) and both[0] != both[1]:
                message = _l("says something else than “%(column)s”, which is in the same language", column=name)
                self._refuse(planned, f"{name}_{main}", message)

    def _judge_points(self, planned: Planned) -> None:
        if any(not point.title.get(self.edition.main_language) for point in planned.values.get("points", ())):
            self._refuse(planned, "points", _l("a point has no title in the edition's main language"))

    def _judge_places(self, planned: Planned) -> None:
        """A hall of this name would be one hall, and everything in it would clash."""
        for column in ("hall", "venue"):
            if planned.values.get(column, "").casefold() in rows.NOBODY:
                planned.values[column] = ""
                self.findings.warn(planned.row.line, column, _l("“to be confirmed” is no name: it is left empty"))

    def _judge_listed(self, planned: Planned) -> None:
        """An empty cell clears, and what is not said to be unlisted is listed: nobody should learn that afterwards."""
        session = planned.session
        if session is not None and not session.is_listed and planned.row.cells.get("listed") == "":
            message = _l("the cell is empty: this session was unlisted, and will be listed; write no to keep it")
            self.findings.warn(planned.row.line, "listed", message)

    def _judge_names(self, planned: Planned) -> None:
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

    def _judge_venue_zone(self, planned: Planned) -> None:
        """A venue that has to be made is where the file says: elsewhere, the same wall would show another instant."""
        name, zone = planned.values.get("venue"), planned.values.get("venue_zone")
        if not name or not zone:
            return
        if zone not in zones.names():
            message = _l("“%(name)s” is not a time zone; write it like Africa/Casablanca.", name=zone[:60])
            self._refuse(planned, "venue_zone", message)
            return
        venue = self.venues.find(name)
        there = venue.zone if venue else self.venue_zones.setdefault(search_key(name), zone)
        if there != zone and not planned.values.get("zone"):
            message = _l("the wall time stays as it is, now in %(zone)s", zone=there)
            self.findings.warn(planned.row.line, "venue_zone", message)

    def _hall_candidates(self, planned: Planned, name: str) -> list[Hall]:
        venue = planned.values.get("venue")
        return [hall for hall in self.halls.all(name) if not venue or hall.venue is self.venues.find(venue)]

    def _judge_times(self, planned: Planned) -> None:
        if any(
            column not in planned.values for column in ("date", "start", "end", "zone") if column in planned.row.cells
        ):
            return  # Its cell was refused already.
        session, values = planned.session, planned.values
        day, starts, ends = (
            values.get(column, getattr(session, name, None))
            for column, name in (("date", "date"), ("start", "starts"), ("end", "ends"))
        )
        zone = self._zone(planned)
        try:
            instants(day, starts, ends, zone)
        except BadTime as error:
            self._refuse(planned, error.field, error)
        if session and session.starts and zone != session.zone and "zone" not in values:
            message = _l("the wall time stays as it is, now in %(zone)s", zone=zone)
            self.findings.warn(planned.row.line, "hall" if "hall" in values else "venue", message)
        if day and "date" in values and not self.edition.starts_on <= day <= self.edition.ends_on:
            message = _l("%(date)s is outside the edition's days", date=day.isoformat())
            self.findings.warn(planned.row.line, "date", message)

    def _zone(self, planned: Planned) -> str:
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
        to_make = self.venue_zones.get(search_key(values.get("venue") or ""))
        return venue.zone if venue else to_make or self.edition.zone

    def pick_hall(self, planned: Planned, name: str) -> Hall | None:
        """The hall of this name: in the row's venue, else in the session's own, else the first."""
        candidates = self._hall_candidates(planned, name)
        own = planned.session.venue if planned.session else None
        return next((hall for hall in candidates if hall.venue is own), next(iter(candidates), None))

    def _judge_capacity(self, planned: Planned) -> None:
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


class Names:
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
            selectinload(AgendaSession.points),
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
