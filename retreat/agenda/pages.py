"""The public pages of the agenda, composed: a week in brief, a day on its grid; one session is `session_page`'s.

Pure, but for the language in which gettext answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _

from retreat.agenda.cards import (
    Reader,
    SessionCard,
    card,
    hall_words,
    is_over,
    is_running,
    language_name,
    noon,
    zone_sentence,
)
from retreat.agenda.filters import Filters, Found, narrow
from retreat.agenda.layout import MINUTES_A_ROW, Card, DayGrid, Slot, lay_out
from retreat.agenda.models import Kind
from retreat.agenda.now import NowStrip, now_strip
from retreat.agenda.published import Programme, PublishedSession, listed
from retreat.agenda.seats import Seats, takes_sign_up
from retreat.core import dates, zones
from retreat.core.i18n import Rendering, Translated

_MINUTES_A_DAY = 24 * 60
_SPREADING = frozenset({Kind.PLENARY, Kind.CEREMONY, Kind.BREAK})
_MOST_BUTTONS = 100
"""Cards of a day that come with the button of a star; on a fuller day a script adds them, and the week has them all."""
_FIT_A_LAPTOP, _FIT_A_DESKTOP = 7, 9
"""Hall columns that a window of 1400 px and one of 1700 px hold; more scroll inside their frame."""


@dataclass(frozen=True, slots=True)
class DayTab:
    day: date
    weekday: str
    short_weekday: str
    label: str
    title: Rendering
    is_today: bool
    sessions: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What the week and its days share: tabs, filters, and which revision this is."""

    reader: Reader
    revision: int | None
    published: str
    tabs: tuple[DayTab, ...]
    found: Found
    now: NowStrip
    zone: str
    own_zone: str
    starred: frozenset[str]
    """Codes of what the reader has starred, of the whole programme."""
    is_starred_timed: bool
    """One of them has an hour, and a calendar can hold it."""

    @property
    def filters(self) -> Filters:
        return self.found.filters


@dataclass(frozen=True, slots=True)
class Tick:
    line: int
    label: str
    iso: str
    own: str


@dataclass(frozen=True, slots=True)
class HallHead:
    column: int
    width: int
    name: Rendering
    seats: int | None


@dataclass(frozen=True, slots=True)
class NestedCard:
    card: SessionCard
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class PlacedCard:
    card: SessionCard
    place: Card
    shows_hall: bool
    """Where no heading names it: the card is wider than its hall."""
    nested: tuple[NestedCard, ...]

    @property
    def classes(self) -> str:
        """Of the place on the grid, by the short names of static/css/grid.css."""
        place = self.place
        return "".join(
            (
                f" c{place.column}",
                f" wide-{place.width}" if place.width > 1 else "",
                f" f{place.first_line} t{place.last_line}",
                f" has-parts head-{place.head_line}" if place.head_line else "",
                " has-flow" if self.nested and not place.head_line else "",
                " has-venue" if self.shows_hall else "",
            )
        )

    @property
    def parts(self) -> tuple[tuple[SessionCard, str], ...]:
        """Each with the rows of its hour; none where the parts do not follow one another."""
        drawn = self.place.head_line is not None
        return tuple(
            (nested.card, f"f{nested.first_line} t{nested.last_line}" if drawn else "") for nested in self.nested
        )


@dataclass(frozen=True, slots=True)
class ListedCard:
    card: SessionCard
    nested: tuple[SessionCard, ...] = ()

    @property
    def parts(self) -> tuple[tuple[SessionCard, str], ...]:
        return tuple((card, "") for card in self.nested)


@dataclass(frozen=True, slots=True)
class DayPage:
    frame: Frame
    tab: DayTab
    grid: DayGrid
    placed: tuple[PlacedCard, ...]
    halls: tuple[HallHead, ...]
    ticks: tuple[Tick, ...]
    later: tuple[ListedCard, ...]
    untimed: tuple[SessionCard, ...]
    shown: int
    total: int
    now_line: int | None
    now_before: int
    """How many cards stand before the now-line in order of time."""
    now_clock: str
    offset: str
    """Like "+01:00", of the venue's clock on this day: cards write only hours."""
    languages: tuple[tuple[str, str], ...]
    """What the codes on the cards stand for."""
    has_buttons: bool
    """Whether cards come with the button of a star."""

    @property
    def is_wide(self) -> bool:
        return self.grid.columns > _FIT_A_LAPTOP

    @property
    def is_wider(self) -> bool:
        return self.grid.columns > _FIT_A_DESKTOP


@dataclass(frozen=True, slots=True)
class WeekDay:
    tab: DayTab
    items: tuple[ListedCard, ...]


@dataclass(frozen=True, slots=True)
class WeekPage:
    frame: Frame
    days: tuple[WeekDay, ...]
    unscheduled: tuple[SessionCard, ...]
    shown: int
    total: int


def days_of(programme: Programme, titles: Mapping[date, Translated], reader: Reader) -> tuple[DayTab, ...]:
    """The edition's days, and any other that has a listed session, in order."""
    counts: dict[date, int] = dict.fromkeys(titles, 0)
    for session in listed(programme):
        if session.date is not None:
            counts[session.date] = counts.get(session.date, 0) + (session.kind is not Kind.BREAK)
    return tuple(
        DayTab(
            day=day,
            weekday=dates.weekday(day, reader.language),
            short_weekday=dates.short_weekday(day, reader.language),
            label=dates.long_date(day, reader.language),
            title=reader.words(titles.get(day, Translated())),
            is_today=day == reader.today,
            sessions=number,
        )
        for day, number in sorted(counts.items())
    )


def frame(
    programme: Programme,
    tabs: tuple[DayTab, ...],
    reader: Reader,
    found: Found,
    dates_of: tuple[date, date],
    day: date | None,
    starred: frozenset[str] = frozenset(),
) -> Frame:
    """`dates_of` are the edition's first and last day."""
    first_day = day or (tabs[0].day if tabs else reader.today)
    at = _instant_of(listed(programme), first_day) or noon(first_day, reader.zone)
    return Frame(
        reader=reader,
        revision=programme.revision,
        published=published_words(programme, reader),
        tabs=tabs,
        found=found,
        now=now_strip(programme, *dates_of, reader),
        zone=zone_sentence(reader.city, reader.zone, at, reader.language),
        own_zone=_own_zone(reader, at),
        starred=starred,
        is_starred_timed=any(one.is_timed and one.code in starred for one in programme),
    )


def _own_zone(reader: Reader, at: datetime) -> str:
    """Like "Kazan, UTC+3"; empty where the reader's clock shows the same as the venue's."""
    if reader.own_zone is None or dates.same_wall(reader.own_zone, reader.zone, at):
        return ""
    return ", ".join(dict.fromkeys((reader.own_city, zones.offset_label(at, reader.own_zone))))


def published_words(programme: Programme, reader: Reader) -> str:
    """Like "Published Monday 24 February 2020, 18:40, version 12"."""
    if programme.published_at is None:
        return ""
    return _(
        "Published %(moment)s, version %(number)s",
        moment=dates.moment(programme.published_at, reader.zone, reader.language),
        number=programme.revision,
    )


def _instant_of(sessions: Iterable[PublishedSession], day: date) -> datetime | None:
    return next((session.start_utc for session in sessions if session.date == day and session.start_utc), None)


def day_page(
    programme: Programme,
    tabs: tuple[DayTab, ...],
    day: date,
    reader: Reader,
    filters: Filters,
    dates_of: tuple[date, date],
    full: Mapping[int, Seats],
    starred: frozenset[str] = frozenset(),
) -> DayPage | None:
    """One day; None when the edition has no such day. `full` are sessions without a free seat."""
    tab = next((tab for tab in tabs if tab.day == day), None)
    if tab is None:
        return None
    all_that_day = [session for session in listed(programme) if session.date == day]
    found = narrow(programme, all_that_day, filters, reader, starred)
    sessions = found.sessions
    cards = {session.code: _kept_card(programme, session, reader, full) for session in sessions}
    grid = lay_out((_slot(session) for session in sessions if session.is_timed), _hall_order(all_that_day))
    placed = tuple(_placed(place, cards, grid) for place in grid.cards)
    now_line, now_before = _now_line(grid, placed, reader, day)
    return DayPage(
        frame=frame(programme, tabs, reader, found, dates_of, day, starred),
        tab=tab,
        grid=grid,
        placed=placed,
        halls=_hall_heads(grid, sessions, reader),
        ticks=_ticks(grid, day, reader),
        later=_listed(grid.later, grid, cards),
        untimed=tuple(cards[session.code] for session in sessions if not session.is_timed),
        shown=len(sessions),
        total=found.total,
        now_line=now_line,
        now_before=now_before,
        now_clock=dates.clock(reader.wall_clock) if now_line else "",
        offset=noon(day, reader.zone).astimezone(zones.zone(reader.zone)).isoformat()[-6:],
        languages=tuple(
            (code.upper(), language_name(code, reader.language))
            for code in sorted({code for session in sessions for code in session.languages})
        ),
        has_buttons=len(sessions) <= _MOST_BUTTONS,
    )


def _kept_card(
    programme: Programme, session: PublishedSession, reader: Reader, full: Mapping[int, Seats]
) -> SessionCard:
    """A card says the same to everybody of one language and zone, until its session begins, is over or is full."""
    seats = full.get(session.session_id or 0)
    is_full = seats is not None and takes_sign_up(session, seats, reader.now)
    now = (is_running(session, reader.now), is_over(session, reader))
    return programme.keep(
        ("card", session.code, reader.language, reader.own_zone, now, is_full),
        lambda: card(session, reader, is_full=is_full),
    )


def _slot(session: PublishedSession) -> Slot:
    """Its place in time, in minutes of its own wall; a break belongs to no hall."""
    start, end = _minutes(session.starts), _minutes(session.ends)
    return Slot(
        code=session.code,
        start_min=start,
        end_min=end if end > start else end + _MINUTES_A_DAY,
        hall=None if session.kind is Kind.BREAK else session.hall_slug,
        spreads=session.kind in _SPREADING,
        parent=session.parent_code,
    )


def _minutes(wall: time | None) -> int:
    return wall.hour * 60 + wall.minute if wall else 0


def _hall_order(sessions: Sequence[PublishedSession]) -> list[str]:
    """Halls as the organisers ordered them: venue by venue, in each by position."""
    halls = {session.hall_slug: session for session in sessions if session.hall_slug}
    return sorted(halls, key=lambda slug: (halls[slug].venue_id or 0, halls[slug].hall_position or 0, slug))


def _placed(place: Card, cards: Mapping[str, SessionCard], grid: DayGrid) -> PlacedCard:
    inside = tuple(NestedCard(cards[part.code], part.first_line, part.last_line) for part in place.nested)
    heading = next((head for head in grid.headings if head.column <= place.column < head.column + head.width), None)
    shows_hall = heading is None or place.column + place.width > heading.column + heading.width
    return PlacedCard(cards[place.code], place, shows_hall, inside)


def _listed(codes: Iterable[str], grid: DayGrid, cards: Mapping[str, SessionCard]) -> tuple[ListedCard, ...]:
    return tuple(
        ListedCard(cards[code], tuple(cards[child] for child in grid.children.get(code, ()))) for code in codes
    )


def _hall_heads(grid: DayGrid, sessions: Sequence[PublishedSession], reader: Reader) -> tuple[HallHead, ...]:
    halls = {session.hall_slug: session for session in sessions if session.hall_slug}
    return tuple(
        HallHead(
            column=heading.column,
            width=heading.width,
            name=hall_words(halls[heading.hall], reader)
            if heading.hall
            else Rendering(_("Hall to be confirmed"), reader.language),
            seats=halls[heading.hall].hall_capacity if heading.hall else None,
        )
        for heading in grid.headings
    )


def _ticks(grid: DayGrid, day: date, reader: Reader) -> tuple[Tick, ...]:
    if not grid.cards:
        return ()
    midnight = datetime.combine(day, time(), tzinfo=zones.zone(reader.zone))
    hours = [midnight + timedelta(hours=grid.first_hour + number) for number in range(grid.hours)]
    return tuple(
        Tick(
            line=1 + number * 60 // MINUTES_A_ROW,
            label=dates.clock(hour),
            iso=hour.isoformat(timespec="minutes"),
            own=reader.own_clock(hour, hour),
        )
        for number, hour in enumerate(hours)
    )


def _now_line(grid: DayGrid, placed: Sequence[PlacedCard], reader: Reader, day: date) -> tuple[int | None, int]:
    """The line of this minute, on the day itself, and how many cards have begun."""
    wall = reader.wall_clock
    if wall.date() != day or not placed:
        return None, 0
    line = grid.line_at(wall.hour * 60 + wall.minute)
    if line is None:
        return None, 0
    return line, sum(card.place.first_line < line for card in placed)


def week_page(
    programme: Programme,
    tabs: tuple[DayTab, ...],
    reader: Reader,
    filters: Filters,
    dates_of: tuple[date, date],
    starred: frozenset[str] = frozenset(),
) -> WeekPage:
    """All days in brief, and what has no day yet."""
    public = listed(programme)
    found = narrow(programme, public, filters, reader, starred)
    sessions = found.sessions
    return WeekPage(
        frame=frame(programme, tabs, reader, found, dates_of, None, starred),
        days=tuple(WeekDay(tab, _brief([s for s in sessions if s.date == tab.day], reader)) for tab in tabs),
        unscheduled=tuple(card(session, reader) for session in sessions if session.date is None),
        shown=len(sessions),
        total=found.total,
    )


def _brief(sessions: Sequence[PublishedSession], reader: Reader) -> tuple[ListedCard, ...]:
    """Sessions with their parts below them."""
    codes = {session.code for session in sessions}
    inside: dict[str, list[SessionCard]] = {}
    outer = []
    for session in sessions:
        if session.parent_code in codes:
            inside.setdefault(session.parent_code or "", []).append(card(session, reader))
        else:
            outer.append(session)
    return tuple(ListedCard(card(session, reader), tuple(inside.get(session.code, ()))) for session in outer)
