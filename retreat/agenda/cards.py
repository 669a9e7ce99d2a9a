"""How one session is shown to one reader: every word resolved, every state named. Templates only set it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache

from babel import Locale
from flask_babel import gettext as _

from retreat.agenda.labels import ACCESS, ROLES, STATUS
from retreat.agenda.models import Access, Kind, PartState, SessionStatus
from retreat.agenda.published import PublishedPart, PublishedSession
from retreat.core import dates, zones
from retreat.core.i18n import Rendering, Translated
from retreat.editions.models import Edition

_PEOPLE_ON_A_CARD = 3
HYBRID = "hybrid"
"""The tag that promises a link before there is one."""
ILLUSTRATIVE = "illustrative"
"""The tag of what the demo has made up, such as an hour that no source gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose page it is: language, the edition's main language and zone, the reader's own zone, the hour."""

    language: str
    main_language: str = "en"
    zone: str
    city: str
    own_zone: str | None = None
    now: datetime
    own_city: str = field(init=False, default="")

    def __post_init__(self) -> None:
        if self.own_zone:
            object.__setattr__(self, "own_city", dates.zone_city(self.own_zone, self.language))

    @classmethod
    def of(cls, edition: Edition, language: str, now: datetime, own_zone: str | None = None) -> "Reader":
        """Somebody who reads a page of this edition, in this language, at that instant."""
        return cls(
            language=language,
            main_language=edition.main_language,
            zone=edition.zone,
            city=edition.city,
            own_zone=own_zone,
            now=now,
        )

    @property
    def wall_clock(self) -> datetime:
        """Now, at the venue."""
        return self.now.astimezone(zones.zone(self.zone))

    @property
    def today(self) -> date:
        return self.wall_clock.date()

    def words(self, translated: Translated) -> Rendering:
        return translated.best(self.language, self.main_language)

    def own_clock(self, instant: datetime, wall: datetime) -> str:
        """The reader's own time, with the weekday where it is another day there; empty where clocks agree."""
        if not self.own_zone:
            return ""
        own = instant.astimezone(zones.zone(self.own_zone))
        if own.utcoffset() == wall.utcoffset():
            return ""
        day = f"{dates.short_weekday(own.date(), self.language)} " if own.date() != wall.date() else ""
        return day + dates.clock(own)


@dataclass(frozen=True, slots=True)
class Tag:
    """A state in words; `kind` (ok, attention, off, now) and `symbol` only repeat it."""

    text: str
    kind: str = ""
    symbol: str = ""
    is_over: bool = False
    """Says that the session has ended; a card says so beside its hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCard:
    """Texts of one session. Times are empty while they are to be confirmed."""

    session: PublishedSession
    code: str
    title: Rendering
    starts: str
    ends: str
    start_iso: str
    end_iso: str
    own_starts: str
    own_ends: str
    other_zone: str
    """Says the zone where it is not the edition's."""
    hall: Rendering
    venue: Rendering
    track: Rendering
    colour: int
    languages: tuple[str, ...]
    language_names: tuple[str, ...]
    people: str
    tags: tuple[Tag, ...]
    states: str
    """CSS classes of its states."""

    @property
    def is_over(self) -> bool:
        return any(tag.is_over for tag in self.tags)

    @property
    def codes(self) -> str:
        """Like "EN·FR": interpretation as it is written on a card."""
        return "·".join(self.languages).upper()

    @property
    def is_break(self) -> bool:
        return self.session.kind is Kind.BREAK


@cache
def _language_names(language: str) -> Mapping[str, str]:
    names: Mapping[str, str] = Locale.parse(language).languages
    return names


def language_name(code: str, language: str) -> str:
    """The name of a language, in a language: "Russian", «русский»."""
    return _language_names(language).get(code, code.upper())


def zone_sentence(city: str, zone: str, at: datetime, language: str) -> str:
    """Like "Tangier time, UTC+1", with the offset in force at that instant."""
    name = city or dates.zone_city(zone, language)
    words: str = _("%(city)s time, %(offset)s", city=name, offset=zones.offset_label(at, zone))
    return words[:1].upper() + words[1:]


def length_words(minutes: int) -> str:
    """Like "45 min", "1 h 30"."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return _("%(minutes)s min", minutes=rest)
    return _("%(hours)s h %(minutes)s", hours=whole, minutes=f"{rest:02d}") if rest else _("%(hours)s h", hours=whole)


def access_words(session: PublishedSession, reader: Reader) -> str:
    """Who may come."""
    if session.access is Access.BODY and session.access_body_name:
        return _("Members only: %(body)s", body=reader.words(session.access_body_name).text)
    return str(ACCESS[session.access])


def hall_words(session: PublishedSession, reader: Reader) -> Rendering:
    """The hall's printed name; a venue alone stands for it; else to be confirmed."""
    for name in (session.hall_name, session.venue_name):
        if name:
            return reader.words(name)
    return Rendering(_("Hall to be confirmed"), reader.language)


def card(session: PublishedSession, reader: Reader, *, is_full: bool = False) -> SessionCard:
    start, end = session.local_start, session.local_end
    languages = session.languages
    return SessionCard(
        session=session,
        code=session.code,
        title=reader.words(session.title),
        starts=dates.clock(start) if start else "",
        ends=dates.clock(end) if end else "",
        start_iso=start.isoformat(timespec="minutes") if start else "",
        end_iso=end.isoformat(timespec="minutes") if end else "",
        own_starts=reader.own_clock(start, start) if start else "",
        own_ends=reader.own_clock(end, end) if end else "",
        other_zone=_other_zone(session, reader),
        hall=hall_words(session, reader),
        venue=reader.words(session.venue_name),
        track=reader.words(session.track_name),
        colour=session.track_colour or 1,
        languages=languages,
        language_names=tuple(language_name(code, reader.language) for code in languages),
        people=people_words(session),
        tags=(*_tags(session, reader), *((Tag(_("Every seat is taken"), "attention"),) if is_full else ())),
        states=" ".join(_states(session, reader)),
    )


def people_words(session: PublishedSession) -> str:
    """The first few names; how many more."""
    names = [part_words(part) for part in session.parts]
    shown = ", ".join(names[:_PEOPLE_ON_A_CARD])
    more = len(names) - _PEOPLE_ON_A_CARD
    return _("%(names)s and %(number)s more", names=shown, number=more) if more > 0 else shown


def part_words(part: PublishedPart) -> str:
    """A name, or what is known of who will come: "Mayor, Izmir (to be confirmed)", "Speaker (to be confirmed)"."""
    name = part.printed_name or ", ".join(filter(None, (part.office, part.organisation))) or str(ROLES[part.role])
    return _("%(name)s (to be confirmed)", name=name) if part.state is PartState.TO_BE_CONFIRMED else name


def _other_zone(session: PublishedSession, reader: Reader) -> str:
    if not session.start_utc or session.zone == reader.zone:
        return ""
    return zone_sentence(session.city, session.zone, session.start_utc, reader.language)


def is_running(session: PublishedSession, now: datetime) -> bool:
    return (
        bool(session.start_utc and session.end_utc and session.start_utc <= now < session.end_utc)
        and not session.is_cancelled
    )


def is_over(session: PublishedSession, reader: Reader) -> bool:
    """Said on its own day only: of a past week, every session is over."""
    return bool(session.end_utc and session.end_utc <= reader.now) and session.date == reader.today


def _tags(session: PublishedSession, reader: Reader) -> list[Tag]:
    tags = []
    if session.is_cancelled:
        tags.append(Tag(str(STATUS[session.status]), "off"))
    elif session.kind is Kind.BREAK:
        return tags
    elif is_running(session, reader.now):
        tags.append(Tag(_("Now"), "now"))
    elif is_over(session, reader):
        tags.append(Tag(_("Ended"), is_over=True))
    if session.status is SessionStatus.TENTATIVE:
        tags.append(Tag(str(STATUS[session.status]), "attention"))
    if session.access is not Access.OPEN:
        tags.append(Tag(access_words(session, reader), symbol="lock"))
    if session.link or HYBRID in session.tags:
        tags.append(Tag(_("Hybrid"), symbol="screen"))
        if not session.link and not session.is_cancelled:
            tags.append(Tag(_("Link not yet available"), "attention"))
    if ILLUSTRATIVE in session.tags:
        tags.append(Tag(_("Illustrative")))
    return tags


def _states(session: PublishedSession, reader: Reader) -> list[str]:
    states = {
        "is-plenary": session.kind is Kind.PLENARY and not session.is_cancelled,
        "is-break": session.kind is Kind.BREAK,
        "is-untimed": not session.is_timed,
        "is-running": is_running(session, reader.now),
        "past": is_over(session, reader) and session.kind is not Kind.PLENARY,
        "is-tentative": session.status is SessionStatus.TENTATIVE,
        "is-cancelled": session.is_cancelled,
        "is-closed": session.access is not Access.OPEN and session.kind is not Kind.PLENARY,
    }
    return [name for name, holds in states.items() if holds]


def noon(day: date, zone: str) -> datetime:
    """Midday on that wall: an instant of the day that exists once in every zone."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=zones.zone(zone)).astimezone(UTC)
