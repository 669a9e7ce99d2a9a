"""An edition's home page, composed from what is known of it. Says nothing that the data do not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from retreat.agenda.cards import Reader, SessionCard, card, is_running, language_name, noon, zone_sentence
from retreat.agenda.models import Kind
from retreat.agenda.pages import DayTab
from retreat.agenda.published import Programme, PublishedSession, listed
from retreat.core import dates, zones
from retreat.core.i18n import Rendering
from retreat.editions.models import Edition, Hall, Venue
from retreat.network.models import Section
from retreat.registration.window import Opening
from retreat.registration.window import window as window_of

_MAIN_LANGUAGES = 3
_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class NowCard:
    """What is on, and what begins next today."""

    clock: str
    own_clock: str
    now: tuple[SessionCard, ...]
    next: tuple[SessionCard, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class VenueLines:
    name: Rendering
    place: str
    halls: tuple[tuple[Rendering, int | None], ...]


@dataclass(frozen=True, slots=True)
class RegistrationState:
    """Whether one can register today, as a word and a sentence."""

    is_open: bool
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class HomePage:
    now_card: NowCard | None
    is_running: bool
    dates: str
    tabs: tuple[DayTab, ...]
    facts: tuple[Fact, ...]
    registration: RegistrationState
    venues: tuple[VenueLines, ...]
    sections: tuple[Rendering, ...]
    languages: tuple[tuple[str, int], ...]


def home_page(
    edition: Edition,
    programme: Programme,
    tabs: tuple[DayTab, ...],
    venues: Mapping[Venue, Sequence[Hall]],
    sections: Sequence[Section],
    reader: Reader,
) -> HomePage:
    running = edition.starts_on <= reader.today <= edition.ends_on
    public = [session for session in listed(programme) if session.kind is not Kind.BREAK]
    languages = Counter(code for session in public for code in session.languages)
    spoken = tuple((language_name(code, reader.language), number) for code, number in languages.most_common())
    registration = registration_state(edition, reader)
    return HomePage(
        now_card=_now_card(public, reader) if running else None,
        is_running=running,
        dates=dates.weekday_range(edition.starts_on, edition.ends_on, reader.language),
        tabs=tuple(tab for tab in tabs if edition.starts_on <= tab.day <= edition.ends_on),
        facts=tuple(_facts(edition, venues, [name for name, _number in spoken], registration, reader)),
        registration=registration,
        venues=tuple(_venue_lines(venue, halls, reader) for venue, halls in venues.items() if halls),
        sections=tuple(reader.words(section.name) for section in sections),
        languages=spoken,
    )


def registration_state(edition: Edition, reader: Reader) -> RegistrationState:
    """Open, not yet, or over; days end at midnight of the edition's zone."""
    window = window_of(edition, reader.now)
    day = _day(window.day, reader) if window.day else ""
    if window.opening is Opening.EARLY:
        return RegistrationState(False, _("Not open yet"), _("opens on %(day)s", day=day))
    if window.opening is Opening.OVER:
        return RegistrationState(False, _("Closed"), _("since %(day)s", day=day) if day else "")
    if day:
        return RegistrationState(True, _("Open"), _("until %(day)s", day=day))
    return RegistrationState(True, _("Open"), _("online, without an account"))


def _day(day: date, reader: Reader) -> str:
    return dates.long_date(day, reader.language, year=day.year != reader.today.year)


def _now_card(sessions: Sequence[PublishedSession], reader: Reader) -> NowCard:
    today = [session for session in sessions if session.date == reader.today and not session.is_cancelled]
    running = [session for session in today if is_running(session, reader.now)]
    coming = [session for session in today if session.start_utc and session.start_utc > reader.now]
    soonest = [session for session in coming if session.start_utc == coming[0].start_utc]
    wall = reader.wall_clock
    own = reader.own_clock(reader.now, wall)
    return NowCard(
        clock=f"{dates.weekday(wall.date(), reader.language)}, {dates.clock(wall)}",
        own_clock=f"{own} {reader.own_city}" if own else "",
        now=tuple(card(session, reader) for session in running[:_AT_ONCE]),
        next=tuple(card(session, reader) for session in soonest[:_AT_ONCE]),
    )


def _facts(
    edition: Edition,
    venues: Mapping[Venue, Sequence[Hall]],
    spoken: Sequence[str],
    registration: RegistrationState,
    reader: Reader,
) -> list[Fact]:
    at = noon(edition.starts_on, edition.zone)
    facts = [Fact(_("Host city"), edition.city, edition.country)]
    count = sum(len(halls) for halls in venues.values())
    if count:
        names = ", ".join(reader.words(venue.name).text for venue, halls in venues.items() if halls)
        facts.append(Fact(_("Where"), ngettext("%(num)d hall", "%(num)d halls", count), names))
    if spoken:
        first, rest = spoken[:_MAIN_LANGUAGES], spoken[_MAIN_LANGUAGES:]
        more = _("%(languages)s in some sessions", languages=", ".join(rest)) if rest else ""
        facts.append(Fact(_("Interpretation"), _sentence(", ".join(first)), _sentence(more)))
    facts.append(
        Fact(
            _("Time"),
            zone_sentence(edition.city, edition.zone, at, reader.language),
            _("your own: %(zone)s", zone=f"{reader.own_city}, {zones.offset_label(at, reader.own_zone)}")
            if reader.own_zone
            else edition.zone,
        )
    )
    facts.append(Fact(_("Registration"), registration.title, registration.text))
    return facts


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _venue_lines(venue: Venue, halls: Sequence[Hall], reader: Reader) -> VenueLines:
    return VenueLines(
        name=reader.words(venue.name),
        place=", ".join(text for text in (venue.address, venue.city) if text),
        halls=tuple((reader.words(hall.name), hall.capacity) for hall in halls),
    )
