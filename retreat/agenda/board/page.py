"""The board of one day as its template sets it out: every word resolved, every place worked out. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from retreat.agenda import labels
from retreat.agenda.board import grid, words
from retreat.agenda.board.cards import Card, Cards
from retreat.agenda.board.grid import Grid
from retreat.agenda.board.reading import HallRead, Read, SessionRead, StepRead, length_of
from retreat.agenda.cards import Reader, noon
from retreat.agenda.checking.cards import ClashCard
from retreat.agenda.checking.panel import Panel
from retreat.agenda.layout import MINUTES_A_ROW
from retreat.agenda.models import Kind
from retreat.core import dates, zones
from retreat.core.i18n import Rendering, Translated
from retreat.core.names import initials, search_key


@dataclass(frozen=True, slots=True)
class Filters:
    """What the shelf is narrowed to; empty means everything."""

    q: str = ""
    track: str = ""
    kind: str = ""

    def __bool__(self) -> bool:
        return bool(self.q or self.track or self.kind)

    def lets_through(self, session: SessionRead) -> bool:
        text = " ".join((session.code, *session.title.values(), *(part.name for part in session.parts)))
        return (
            search_key(self.q) in search_key(text)
            and (not self.track or session.track == self.track)
            and (not self.kind or session.kind == self.kind)
        )


@dataclass(frozen=True, slots=True)
class Tab:
    day: date
    label: str
    title: Rendering
    sessions: int
    clashes: int
    is_current: bool
    is_outside: bool
    """No day of the edition, but a session is there."""


@dataclass(frozen=True, slots=True)
class Head:
    """Over a column; `slug` is empty for "to be confirmed"."""

    column: int
    slug: str
    name: Rendering
    seats: str
    zone: str
    has_clash: bool


@dataclass(frozen=True, slots=True)
class Past:
    clock: str
    iso: str
    text: str
    is_undone: bool


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    cards: tuple[Card, ...]
    total: int
    filters: Filters
    tracks: tuple[Choice, ...]
    kinds: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody else who has the board open."""

    name: str
    initials: str


@dataclass(frozen=True, slots=True)
class Tick:
    line: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    day: date
    label: str
    title: Rendering
    heading: str
    zone: str
    tabs: tuple[Tab, ...]
    grid: Grid
    heads: tuple[Head, ...]
    ticks: tuple[Tick, ...]
    cards: tuple[Card, ...]
    untimed: tuple[Card, ...]
    unplaced: tuple[Card, ...]
    shelf: Shelf
    panel: Panel
    past: tuple[Past, ...]
    undo: str
    redo: str
    here: tuple[Here, ...]
    now_line: int | None
    now_clock: str
    revision: int | None
    touched: int
    sessions: int
    """Of the whole edition."""
    has_halls: bool


def days_of(starts_on: date, ends_on: date, used: Iterable[date | None]) -> tuple[date, ...]:
    """The edition's days, and any other on which a session is, in order."""
    length = (ends_on - starts_on).days + 1
    return tuple(sorted({starts_on + timedelta(days=number) for number in range(length)} | {d for d in used if d}))


def first_shown(days: Sequence[date], starts_on: date, ends_on: date, today: date) -> date:
    """Today, if it is a day of the edition, else its first."""
    return today if starts_on <= today <= ends_on and today in days else starts_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the board shows besides the sessions of its day."""

    days: tuple[date, ...]
    starts_on: date
    ends_on: date
    clashes: tuple[ClashCard, ...]
    panel: Panel
    held: Mapping[str, str]
    """Names of those who have a card in the hand, by its code."""
    here: tuple[str, ...]
    steps: tuple[StepRead, ...]
    titles: Mapping[int, Translated]
    undo: str
    redo: str
    organiser_id: int | None


def board(read: Read, day: date, around: Around, filters: Filters, reader: Reader) -> BoardPage:
    halls = {hall.slug: hall for hall in read.halls}
    numbers = _numbers(around.clashes)
    timed = [session for session in read.sessions if session.starts]
    placed = grid.lay_out((_slot(session) for session in timed), [hall.slug for hall in read.halls])
    places = {place.code: place for place in placed.places}
    titles = {session.code: session.title for session in (*read.sessions, *read.shelf)}
    make = Cards(halls, numbers, around.held, titles, read.minutes, reader)
    by_code = {session.code: session for session in read.sessions}
    found = [session for session in read.shelf if filters.lets_through(session)]
    instant = noon(day, reader.zone)
    label = dates.long_date(day, reader.language)
    here_clashes = tuple(clash for clash in around.clashes if day in clash.one.days)
    return BoardPage(
        day=day,
        label=label,
        title=reader.words(read.days.get(day, Translated())),
        heading=ngettext(
            "%(day)s, %(num)d hall, %(first)s to %(last)s, %(zone)s",
            "%(day)s, %(num)d halls, %(first)s to %(last)s, %(zone)s",
            len(read.halls),
            day=label,
            first=f"{placed.first_hour:02d}:00",
            last=f"{placed.first_hour + placed.hours:02d}:00",
            zone=reader.zone,
        ),
        zone=zones.offset_label(instant, reader.zone),
        tabs=_tabs(read, day, around, reader),
        grid=placed,
        heads=_heads(placed, halls, here_clashes, by_code, instant, reader),
        ticks=tuple(
            Tick(number * 60 // MINUTES_A_ROW + 1, f"{placed.first_hour + number:02d}:00")
            for number in range(placed.hours)
        ),
        cards=tuple(make.card(by_code[place.code], places[place.code]) for place in placed.places),
        untimed=tuple(make.card(session) for session in read.sessions if not session.starts),
        unplaced=tuple(make.card(by_code[code]) for code in placed.unplaced),
        shelf=Shelf(
            cards=tuple(make.card(session) for session in found),
            total=len(read.shelf),
            filters=filters,
            tracks=tuple(Choice(t.slug, reader.words(t.name).text, t.slug == filters.track) for t in read.tracks),
            kinds=tuple(
                Choice(kind.value, str(labels.KINDS[kind]), kind == filters.kind)
                for kind in Kind
                if kind == filters.kind or any(session.kind is kind for session in read.shelf)
            ),
        ),
        panel=around.panel,
        past=_past(read, around, reader),
        undo=around.undo,
        redo=around.redo,
        here=tuple(Here(name, initials(name)) for name in around.here),
        now_line=_now_line(placed, day, reader),
        now_clock=dates.clock(reader.wall_clock),
        revision=read.revision,
        touched=read.touched,
        sessions=len(read.dates),
        has_halls=bool(read.halls),
    )


def _numbers(clashes: Iterable[ClashCard]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for clash in clashes:
        for side in clash.sides:
            found[side.code] = (*found.get(side.code, ()), clash.one.number or 0)
    return found


def _slot(session: SessionRead) -> grid.Slot:
    start, length = _minute(session.starts), 0
    if session.starts and session.ends:
        length = length_of(session.starts, session.ends)
    return grid.Slot(
        code=session.code,
        start_min=start,
        end_min=start + length,
        hall=session.hall,
        parent=session.parent,
        spreads=session.kind is Kind.BREAK,
    )


def _minute(wall: time | None) -> int:
    return wall.hour * 60 + wall.minute if wall else 0


def _now_line(placed: Grid, day: date, reader: Reader) -> int | None:
    wall = reader.wall_clock
    return placed.line_at(wall.hour * 60 + wall.minute) if wall.date() == day else None


def _tabs(read: Read, day: date, around: Around, reader: Reader) -> tuple[Tab, ...]:
    sessions: dict[date | None, int] = {}
    for held_on in read.dates.values():
        sessions[held_on] = sessions.get(held_on, 0) + 1
    clashes: dict[date, int] = {}
    for clash in around.clashes:
        for held_on in clash.one.days:
            clashes[held_on] = clashes.get(held_on, 0) + 1
    return tuple(
        Tab(
            day=one,
            label=_tab_label(one, around, reader),
            title=reader.words(read.days.get(one, Translated())),
            sessions=sessions.get(one, 0),
            clashes=clashes.get(one, 0),
            is_current=one == day,
            is_outside=not around.starts_on <= one <= around.ends_on,
        )
        for one in around.days
    )


def _tab_label(day: date, around: Around, reader: Reader) -> str:
    """Like "Tue 25"; of a day outside the edition, which month is meant too."""
    if around.starts_on <= day <= around.ends_on:
        return words.day_label(day, reader.language)
    return dates.said_date(day, reader.language, year=day.year not in (around.starts_on.year, around.ends_on.year))


def _heads(
    placed: Grid,
    halls: Mapping[str, HallRead],
    clashes: Iterable[ClashCard],
    sessions: Mapping[str, SessionRead],
    instant: datetime,
    reader: Reader,
) -> tuple[Head, ...]:
    clashing = {sessions[side.code].hall for clash in clashes for side in clash.sides if side.code in sessions}
    heads = []
    for column, slug in enumerate(placed.halls, start=1):
        if slug is None:
            heads.append(
                Head(column, "", Rendering(_("Hall to be confirmed"), reader.language), "", "", has_clash=False)
            )
            continue
        hall = halls[slug]
        seats = ngettext("%(num)d seat", "%(num)d seats", hall.capacity) if hall.capacity else ""
        zone = "" if hall.zone == reader.zone else zones.offset_label(instant, hall.zone)
        heads.append(Head(column, slug, reader.words(hall.name), seats, zone, slug in clashing))
    return tuple(heads)


def _past(read: Read, around: Around, reader: Reader) -> tuple[Past, ...]:
    halls = {hall.id: hall.name for hall in read.halls}
    return tuple(
        Past(
            clock=dates.clock(step.at.astimezone(zones.zone(reader.zone))),
            iso=step.at.isoformat(timespec="seconds"),
            text=words.step_sentence(
                step.kind,
                step.changes,
                name=None if step.organiser_id is not None and step.organiser_id == around.organiser_id else step.by,
                titles=around.titles,
                halls=halls,
                reader=reader,
            ),
            is_undone=step.is_undone,
        )
        for step in around.steps
    )
