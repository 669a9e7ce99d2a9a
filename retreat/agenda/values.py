"""What may be said of a session of the draft, as plain values, and what is refused of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import TypedDict

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from retreat.agenda.models import Access, AgendaSession, Kind, PartRole, PartState, SessionStatus, Track
from retreat.agenda.points import MOST_MINUTES, MOST_POINTS, Point
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.editions.models import Hall, Venue
from retreat.network.models import Body, Person

CODE = re.compile(r"[A-Za-z0-9-]{1,24}\Z")


class SessionRefused(RetreatError):
    """A value that a session cannot have; `field` names it as the agenda's columns do."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Appearance:
    """Who does what in a session, as printed. Without `person` the name is looked up, or becomes a new Person.

    An empty name, always to be confirmed, is somebody who is still to be named: nobody is looked up or made.
    """

    role: PartRole
    printed_name: str
    office: str = ""
    organisation: str = ""
    state: PartState = PartState.CONFIRMED
    person: Person | None = field(default=None, compare=False)


class SessionValues(TypedDict, total=False):
    """What may be said of a session; what is not said stays as it is."""

    code: str
    parent: AgendaSession | None
    date: date | None
    starts: time | None
    ends: time | None
    zone_override: str | None
    title: Translated
    description: Translated
    note: Translated
    kind: Kind
    track: Track | None
    venue: Venue | None
    hall: Hall | None
    languages: list[str]
    access: Access
    access_body: Body | None
    body: Body | None
    is_listed: bool
    status: SessionStatus
    capacity: int | None
    expected: int | None
    takes_sign_up: bool | None
    link: str
    registration_link: str
    tags: list[str]
    is_locked: bool
    parts: Sequence[Appearance]
    points: Sequence[Point]


def placed(session: AgendaSession, values: SessionValues) -> SessionValues:
    """A hall brings its venue; a session that leaves a venue leaves its hall. Raises SessionRefused."""
    values = values.copy()
    if "zone_override" in values:
        values["zone_override"] = values["zone_override"] or None
    if hall := values.get("hall"):
        if (venue := values.get("venue")) and venue is not hall.venue:
            raise SessionRefused(
                "hall", _l("%(hall)s is not in %(venue)s.", hall=str(hall.name), venue=str(venue.name))
            )
        values["venue"] = hall.venue
    elif "venue" in values and "hall" not in values and session.hall and session.hall.venue is not values["venue"]:
        values["hall"] = None
    if "access" in values and values["access"] != Access.BODY:
        values["access_body"] = None
    return values


def refuse(session: AgendaSession, values: SessionValues) -> None:
    """Raise SessionRefused for what this session cannot be, before anything of it is changed."""
    main = session.edition.main_language
    if not values.get("title", session.title).get(main):
        raise SessionRefused("title", _l("Enter a title in the edition's main language."))
    if not CODE.match(values.get("code", session.code or "")):
        raise SessionRefused("code", _l("A code is 1 to 24 of A–Z, a–z, 0–9 and -."))
    if "code" in values and values["code"] != session.code and _code_taken(session, values["code"]):
        raise SessionRefused("code", _l("Another session has this code."))
    if values.get("access", session.access) == Access.BODY and not values.get("access_body", session.access_body):
        raise SessionRefused("access", _l("Say to which body the session is open."))
    capacity = values.get("capacity", session.capacity)
    if capacity is not None and capacity < (session.taken or 0):
        raise SessionRefused("capacity", _l("%(count)s people already have a place.", count=session.taken))
    _refuse_contents(values.get("parts", ()), values.get("points", ()), main)
    if parent := values.get("parent"):
        _refuse_parent(session, parent)
    for thing in (values.get("hall"), values.get("venue"), values.get("track"), parent):
        if thing is not None and thing.edition_id not in (None, session.edition.id):
            raise SessionRefused("hall", _l("This belongs to another edition."))


def _refuse_contents(parts: Sequence[Appearance], points: Sequence[Point], main: str) -> None:
    for part in parts:
        if not part.printed_name and part.state is not PartState.TO_BE_CONFIRMED:
            raise SessionRefused("speakers", _l("Somebody without a name is to be confirmed."))
    if len(points) > MOST_POINTS:
        raise SessionRefused("points", _l("A session has at most %(count)s points.", count=MOST_POINTS))
    for number, point in enumerate(points, 1):
        if not point.title.get(main):
            message = _l("Point %(number)s: enter a title in the edition's main language.", number=number)
            raise SessionRefused("points", message)
        if point.minutes is not None and not 0 < point.minutes <= MOST_MINUTES:
            raise SessionRefused("points", _l("Point %(number)s: a point takes 1 to 1440 minutes.", number=number))


def _refuse_parent(session: AgendaSession, parent: AgendaSession) -> None:
    if parent is session:
        raise SessionRefused("part_of", _l("A session is no part of itself."))
    if parent.parent is not None:
        raise SessionRefused(
            "part_of",
            _l("“%(title)s” is itself part of another session; there is one level only.", title=str(parent.title)),
        )
    has_parts = session.id and db.session.scalar(
        select(func.count()).select_from(AgendaSession).where(AgendaSession.parent_id == session.id)
    )
    if has_parts:
        raise SessionRefused("part_of", _l("This session has parts of its own; there is one level only."))


def _code_taken(session: AgendaSession, code: str) -> bool:
    return bool(
        db.session.scalar(
            select(func.count())
            .select_from(AgendaSession)
            .where(AgendaSession.edition_id == session.edition.id, AgendaSession.code == code)
        )
    )
