"""What runs in each hall at this moment and what comes next there; outside the event, one quiet sentence. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from retreat.agenda.cards import Reader, SessionCard, card, hall_words, is_running
from retreat.agenda.published import Programme, PublishedSession, listed
from retreat.core import dates
from retreat.core.i18n import Rendering


@dataclass(frozen=True, slots=True)
class HallNow:
    """One hall: what runs (a meeting and what is part of it), and what begins there next today."""

    name: Rendering
    running: tuple[SessionCard, ...]
    next: SessionCard | None


@dataclass(frozen=True, slots=True)
class NowStrip:
    """`sentence` stands where no hall does."""

    clock: str
    own_clock: str
    halls: tuple[HallNow, ...]
    sentence: str


def now_strip(programme: Programme, first: date, last: date, reader: Reader) -> NowStrip:
    """By the venue's clock. `first` and `last` are the edition's days; others with a session of today count too."""
    public = [session for session in listed(programme) if session.is_timed and not session.is_cancelled]
    running = [session for session in public if is_running(session, reader.now)]
    coming = [
        session
        for session in public
        if session.date == reader.today and session.start_utc and session.start_utc > reader.now
    ]
    halls = tuple(_halls(running, coming, reader))
    wall = reader.wall_clock
    own = reader.own_clock(reader.now, wall)
    return NowStrip(
        clock=f"{dates.weekday(wall.date(), reader.language)}, {dates.clock(wall)}",
        own_clock=f"{own} {reader.own_city}" if own else "",
        halls=halls,
        sentence="" if halls else _sentence(public, first, last, reader),
    )


def _halls(
    running: Iterable[PublishedSession], coming: Iterable[PublishedSession], reader: Reader
) -> Iterable[HallNow]:
    by_hall: dict[tuple[int, int, str], list[PublishedSession]] = {}
    for session in (*running, *coming):
        by_hall.setdefault(_where(session), []).append(session)
    for where in sorted(by_hall):
        here = by_hall[where]
        now = [session for session in here if is_running(session, reader.now)]
        after = next((session for session in here if session not in now), None)
        yield HallNow(
            name=hall_words(here[0], reader),
            running=tuple(card(session, reader) for session in now),
            next=card(after, reader) if after else None,
        )


def _where(session: PublishedSession) -> tuple[int, int, str]:
    """Halls in the organisers' order, then venues, then what has neither."""
    if session.hall_slug:
        return (session.venue_id or 0, session.hall_position or 0, session.hall_slug)
    return (1_000_000_000, 0, session.venue_slug or "")


def _sentence(public: Iterable[PublishedSession], first: date, last: date, reader: Reader) -> str:
    today = reader.today
    following = next((session for session in public if session.start_utc and session.start_utc > reader.now), None)
    if following is None or following.local_start is None:
        if today <= last:
            return _("Nothing runs at this moment.")
        return _("The event ended on %(day)s.", day=dates.bare_date(last, reader.language))
    day = following.local_start.date()
    if first <= today:
        return _(
            "Nothing runs at this moment. The next session begins on %(day)s at %(time)s.",
            day=dates.bare_date(day, reader.language),
            time=dates.clock(following.local_start),
        )
    return _("The event begins on %(day)s.", day=dates.bare_date(first, reader.language))
