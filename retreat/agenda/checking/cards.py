"""How a clash is said to one reader: a sentence, when, and both sides. Pure, but for the language of gettext."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from babel.lists import format_list
from flask_babel import gettext as _
from flask_babel import ngettext

from retreat.agenda.cards import length_words
from retreat.agenda.checking.solving import Offer, Solver
from retreat.agenda.checks import NumberedClash, Side
from retreat.agenda.clashes import ClashKind, Closure, Shut, TooFar, TooFewBooths, TooSmall, pairs_of
from retreat.agenda.models import PartRole
from retreat.core import dates
from retreat.core.i18n import Rendering

NAMES_SAID = 3
"""More people than this are counted rather than named."""


@dataclass(frozen=True, slots=True)
class SideCard:
    """One session of a clash."""

    code: str
    title: Rendering
    times: str
    """Like "09:00–10:30"; empty while there are none."""
    place: str
    day: date | None


@dataclass(frozen=True, slots=True)
class OfferCard:
    """A time or hall that is free, as a button: what it is called, and what the board is asked for."""

    label: str
    title: str
    code: str
    version: int
    day: date
    start: str
    end: str
    hall: str
    """The hall's slug; empty for none."""


@dataclass(frozen=True, slots=True)
class ClashCard:
    """One clash in words."""

    one: NumberedClash
    sentence: str
    when: str
    """What the sides share, like "10:00–10:30, 30 min"."""
    day: str
    """Like "Tuesday 25 February"; empty where it is not known."""
    sides: tuple[SideCard, ...]
    offers: tuple[OfferCard, ...] = ()

    @property
    def kind(self) -> ClashKind:
        return self.one.clash.kind

    @property
    def codes(self) -> tuple[str, ...]:
        return self.one.clash.sessions


def cards(
    found: Iterable[NumberedClash], language: str, main: str, solver: Solver | None = None
) -> tuple[ClashCard, ...]:
    """With a solver, what is free instead is offered too."""
    return tuple(card(one, language, main, solver) for one in found)


def card(one: NumberedClash, language: str, main: str, solver: Solver | None = None) -> ClashCard:
    day = one.sides[-1].date
    return ClashCard(
        one,
        sentence(one, language, main),
        _when(one),
        dates.long_date(day, language) if day else "",
        tuple(
            SideCard(
                side.code,
                side.title.best(language, main),
                f"{dates.clock(side.starts)}–{dates.clock(side.ends)}" if side.starts and side.ends else "",
                _hall(side, language, main),
                side.date,
            )
            for side in one.sides
        ),
        tuple(_offer(offer, language, main) for offer in solver.offers(one)) if solver else (),
    )


def _offer(offer: Offer, language: str, main: str) -> OfferCard:
    found, side = offer.suggestion, offer.side
    start, end = dates.clock(found.starts), dates.clock(found.ends)
    hall = offer.place.name.text(language, main) if offer.place else ""
    if found.is_same_hall:
        label = _("Next free %(time)s", time=start)
    elif found.is_same_time:
        label = _("Free: %(hall)s", hall=hall)
    else:
        label = _("Free %(time)s: %(hall)s", time=start, hall=hall)
    title = side.title.text(language, main)
    where = f"{start}–{end}, {hall}" if hall else f"{start}–{end}"
    return OfferCard(
        label,
        _("Move “%(title)s” to %(where)s", title=title, where=where),
        side.code,
        side.version,
        found.day,
        start,
        end,
        offer.place.slug if offer.place else "",
    )


def sentence(one: NumberedClash, language: str, main: str) -> str:
    """What is wrong, with the hall or the people by name."""
    side = one.sides[-1]
    hall = _hall(side, language, main)
    match one.clash.why:
        case TooSmall(seats, expected):
            said = _("%(hall)s seats %(seats)d, %(expected)d expected", hall=hall, seats=seats, expected=expected)
        case TooFewBooths() as lack:
            said = _interpretation(lack, hall)
        case Shut(closure):
            said = _closed(closure, side, hall)
        case TooFar() as far:
            said = _walk(one, far, language, main)
        case None:
            said = _shared(one, hall, language)
    return said


def _shared(one: NumberedClash, hall: str, language: str) -> str:
    match one.clash.kind:
        case ClashKind.HALL:
            said = _("%(hall)s is taken twice", hall=hall)
        case ClashKind.PERSON:
            said = _person(one, language)
        case ClashKind.BODY:
            said = _body(one, language)
        case _ if len(one.sides) == 1:
            said = _("Outside the days of the edition")
        case _:
            said = _("Outside the time of the session that it is part of")
    return said


def _hall(side: Side, language: str, main: str) -> str:
    return side.place.name.text(language, main) if side.place else side.venue.text(language, main)


def _people(one: NumberedClash, language: str) -> str:
    """The names, few enough to read; empty where there are more."""
    names = one.clash.names
    return format_list(list(names), locale=language) if len(names) <= NAMES_SAID else ""


def _person(one: NumberedClash, language: str) -> str:
    count, names = len(one.clash.names), _people(one, language)
    if count == 1:
        roles = {side.role_of(key) for side in one.sides for key in one.clash.keys}
        match list(roles):
            case [PartRole.SPEAKER]:
                return _("%(name)s speaks in both", name=names)
            case [PartRole.MODERATOR]:
                return _("%(name)s moderates both", name=names)
            case [PartRole.CHAIR]:
                return _("%(name)s chairs both", name=names)
        return _("%(name)s has a part in both", name=names)
    if names:
        return _("%(names)s have a part in both", names=names)
    return ngettext("%(num)d person has a part in both", "%(num)d people have a part in both", count)


def _body(one: NumberedClash, language: str) -> str:
    count, names = len(one.clash.names), _people(one, language)
    bodies = {side.slot.body for side in one.sides if side.slot.body}
    if len(bodies) == 1:
        return _("%(body)s meets in both", body=next(iter(bodies)).name)
    if count == 1:
        return _("%(name)s sits on both bodies", name=names)
    if names:
        return _("%(names)s sit on both bodies", names=names)
    return ngettext("%(num)d person sits on both bodies", "%(num)d people sit on both bodies", count)


def _interpretation(lack: TooFewBooths, hall: str) -> str:
    if lack.booths is not None:
        return ngettext(
            "%(num)d language needs %(num)d booth, %(hall)s has %(has)d",
            "%(num)d languages need %(num)d booths, %(hall)s has %(has)d",
            lack.languages,
            hall=hall,
            has=lack.booths,
        )
    return ngettext(
        "%(num)d language makes %(pairs)s, the equipment of %(hall)s relays %(has)d",
        "%(num)d languages make %(pairs)s, the equipment of %(hall)s relays %(has)d",
        lack.languages,
        pairs=ngettext("%(num)d pair", "%(num)d pairs", pairs_of(lack.languages)),
        hall=hall,
        has=lack.pairs or 0,
    )


def _closed(closure: Closure, side: Side, hall: str) -> str:
    start, end = (dates.on_wall(instant, side.slot.zone) for instant in (closure.start, closure.end))
    begins, ends = side.slot.start, side.slot.end
    is_closed_before = begins is not None and closure.start <= begins
    is_closed_after = ends is not None and closure.end >= ends
    if is_closed_before and is_closed_after and (end - start).days >= 1:
        said = _("%(hall)s is closed all day", hall=hall)
    elif is_closed_before and not is_closed_after:
        said = _("%(hall)s is closed until %(end)s", hall=hall, end=dates.clock(end))
    elif is_closed_after and not is_closed_before:
        said = _("%(hall)s is closed from %(start)s", hall=hall, start=dates.clock(start))
    else:
        hours = {"start": dates.clock(start), "end": dates.clock(end)}
        said = _("%(hall)s is closed from %(start)s to %(end)s", hall=hall, **hours)
    return _("%(closed)s: %(reason)s", closed=said, reason=closure.reason) if closure.reason else said


def _walk(one: NumberedClash, far: TooFar, language: str, main: str) -> str:
    origin, target = (side.venue.text(language, main) for side in one.sides)
    way = ngettext(
        "%(num)d minute’s walk from %(origin)s to %(target)s",
        "%(num)d minutes’ walk from %(origin)s to %(target)s",
        far.minutes,
        origin=origin,
        target=target,
    )
    between = ngettext("%(num)d minute between", "%(num)d minutes between", far.between)
    names = _people(one, language) or ngettext("%(num)d person", "%(num)d people", len(one.clash.names))
    return _("%(who)s: %(way)s, %(between)s", who=names, way=way, between=between)


def _when(one: NumberedClash) -> str:
    """Between which hours of the day; empty where a side has a day alone."""
    slot = one.sides[-1].slot
    if slot.start is None:
        return ""
    start, end = (dates.on_wall(instant, slot.zone) for instant in (one.clash.start, one.clash.end))
    minutes = _minutes(one.clash.start, one.clash.end)
    if not minutes:
        return dates.clock(start)
    return f"{dates.clock(start)}–{dates.clock(end)}, {length_words(minutes)}"


def _minutes(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 60)
