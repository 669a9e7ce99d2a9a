"""Last year's week as this year's beginning: what is held when, without the people, the links and the seats.

The first day of the one edition becomes the first of the other, and so on. Every session comes as tentative, under a
code and a UID of its own. Halls, venues and tracks are found by slug or by any of their names, and made where wished.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from retreat.agenda import frame
from retreat.agenda.board import steps
from retreat.agenda.board.models import StepKind
from retreat.agenda.bulk.copying import made_change, make
from retreat.agenda.bulk.outcome import CannotStandThere, Line, NothingToDo, Outcome, Spot, all_sessions, spot
from retreat.agenda.import_plan import Names
from retreat.agenda.models import AgendaSession, SessionStatus, Track
from retreat.agenda.service import draft_sessions
from retreat.agenda.times import BadTime, instants
from retreat.agenda.values import SessionRefused, SessionValues
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Day, Edition, Hall, Venue

T = TypeVar("T", Venue, Hall, Track)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What comes along, beside titles, kinds, hours and parts."""

    descriptions: bool = True
    notes: bool = False
    makes_places: bool = True
    """Halls, venues and tracks that this edition lacks are made; otherwise they are to be confirmed."""
    day_titles: bool = False


def copy_skeleton(edition: Edition, other: Edition, wishes: Wishes, *, at: datetime, by: Actor) -> Outcome:
    """Copy the other edition's draft, as one step; a session that is here already stays as it is.

    Raises SessionRefused, NothingToDo or CannotStandThere; then nothing is changed.
    """
    if other.id == edition.id:
        raise SessionRefused("other", _l("Choose another edition."))
    editions.hold(edition.id)
    places = _Places(edition, other, wishes, at=at, by=by)
    here = {_key(edition, session.title, session.date, session.starts) for session in all_sessions(edition)}
    theirs, values, left, bad = [], [], [], []
    for session in draft_sessions(other):
        one = _values(edition, other, session, wishes, places)
        title = one["title"].text(edition.main_language, "en")
        if session.status is SessionStatus.CANCELLED:
            left.append(Line(session.code, session.title, spot(session), why=_l("cancelled there")))
        elif _key(edition, one["title"], one["date"], one["starts"]) in here:
            left.append(Line(session.code, session.title, _wanted(one), why=_l("there already")))
        else:
            venue = one["venue"]
            try:
                instants(one["date"], one["starts"], one["ends"], venue.zone if venue else edition.zone)
            except BadTime as error:
                bad.append(_l("%(code)s, “%(title)s”: %(reason)s", code=session.code, title=title, reason=error))
            theirs.append(session)
            values.append(one)
    if bad:
        raise CannotStandThere(bad)
    if not values:
        raise NothingToDo
    made = make(edition, values, at=at, by=by)
    _bind_parts(theirs, made)
    if wishes.day_titles:
        _copy_day_titles(edition, other, at=at, by=by)
    step = steps.record(edition, StepKind.COPIED, [made_change(session) for session in made], at=at, by=by)
    lines = tuple(
        Line(session.code, session.title, spot(before), spot(session))
        for before, session in zip(theirs, made, strict=True)
    )
    return Outcome(lines=lines, left=tuple(left), made=tuple(places.made), step=step)


def _key(edition: Edition, title: Translated, day: date | None, starts: Any) -> tuple[str, date | None, Any]:
    return title.text(edition.main_language, "en"), day, starts


def _wanted(values: SessionValues) -> Spot:
    hall = values["hall"]
    return Spot(values["date"], values["starts"], values["ends"], hall.name if hall else Translated())


def _values(
    edition: Edition, other: Edition, session: AgendaSession, wishes: Wishes, places: "_Places"
) -> SessionValues:
    day = day_by_position(session.date, edition, other)
    hall, venue = places.hall(session), places.venue(session.venue)
    values: SessionValues = {
        "title": _with_main(session.title, edition.main_language),
        "kind": session.kind,
        "status": SessionStatus.TENTATIVE,
        "is_listed": session.is_listed,
        "access": session.access,
        "access_body": session.access_body,
        "body": session.body,
        "takes_sign_up": session.takes_sign_up,
        "languages": list(session.languages),
        "tags": list(session.tags),
        "track": places.track(session.track),
        "date": day,
        "starts": session.starts if day else None,
        "ends": session.ends if day else None,
        "hall": hall,
        "venue": hall.venue if hall else venue,
    }
    if wishes.descriptions:
        values["description"] = session.description
    if wishes.notes:
        values["note"] = session.note
    return values


def day_by_position(day: date | None, edition: Edition, other: Edition) -> date | None:
    """First day to first day; a day that this edition does not have is no day yet. Pure."""
    if day is None or not other.starts_on <= day <= other.ends_on:
        return None
    moved = edition.starts_on + (day - other.starts_on)
    return moved if moved <= edition.ends_on else None


def _with_main(text: Translated, main: str) -> Translated:
    return text if text.get(main) else text.with_text(main, text.text(main, "en"))


def _bind_parts(theirs: list[AgendaSession], made: list[AgendaSession]) -> None:
    mine = {before.id: session for before, session in zip(theirs, made, strict=True)}
    for before, session in zip(theirs, made, strict=True):
        if before.parent_id in mine:
            session.parent = mine[before.parent_id]
    db.session.flush()


def _copy_day_titles(edition: Edition, other: Edition, *, at: datetime, by: Actor) -> None:
    """Where a day has no title of its own yet."""
    days = {day.date: day for day in db.session.scalars(select(Day).where(Day.edition_id == edition.id))}
    for theirs in db.session.scalars(select(Day).where(Day.edition_id == other.id)).all():
        mine = days.get(edition.starts_on + timedelta(days=(theirs.date - other.starts_on).days))
        if mine is not None and not mine.title and theirs.title:
            editions.title_day(edition, mine.date, theirs.title, at=at, by=by)


class _Places:
    """Halls, venues and tracks here for those of the other edition."""

    def __init__(self, edition: Edition, other: Edition, wishes: Wishes, *, at: datetime, by: Actor) -> None:
        self.made: list[str] = []
        self._edition, self._other, self._wishes, self._at, self._by = edition, other, wishes, at, by
        self._known = {model: Names(edition, model) for model in (Venue, Hall, Track)}
        self._found: dict[tuple[type[Any], int], Any] = {}

    def venue(self, theirs: Venue | None) -> Venue | None:
        def made(name: Translated) -> Venue:
            """In the same city it is the same building; elsewhere it is a name for one that is to be found."""
            if theirs is None or self._other.city != self._edition.city:
                return editions.add_venue(self._edition, name, at=self._at, by=self._by)
            city, zone, address = theirs.city, theirs.zone, theirs.address
            return editions.add_venue(
                self._edition, name, city=city, zone=zone, address=address, at=self._at, by=self._by
            )

        return self._like(Venue, theirs, made) if theirs else None

    def hall(self, session: AgendaSession) -> Hall | None:
        theirs = session.hall

        def made(name: Translated) -> Hall:
            venue = self.venue(theirs.venue) if theirs else None
            capacity = theirs.capacity if theirs else None
            return editions.add_hall(self._edition, name, venue=venue, capacity=capacity, at=self._at, by=self._by)

        return self._like(Hall, theirs, made) if theirs else None

    def track(self, theirs: Track | None) -> Track | None:
        def made(name: Translated) -> Track:
            track = frame.add_track(self._edition, name, at=self._at, by=self._by)
            if theirs:
                track.colour = theirs.colour
            return track

        return self._like(Track, theirs, made) if theirs else None

    def _like(self, model: type[T], theirs: T, make: Callable[[Translated], T]) -> T | None:
        """By slug, else by any of its names, else made."""
        if (model, theirs.id) in self._found:
            found: T | None = self._found[model, theirs.id]
            return found
        names = self._known[model]
        name: Translated = _with_main(theirs.name, self._edition.main_language)
        texts = (theirs.slug, *name.values())
        like: T | None = next((thing for text in texts if (thing := names.find(text)) is not None), None)
        if like is None and self._wishes.makes_places:
            like = make(name)
            names.know(like)
            self.made.append(name.text(self._edition.main_language, "en"))
        self._found[model, theirs.id] = like
        return like
