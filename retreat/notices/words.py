"""What the mails say of a session, in one language. Needs a language, no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from retreat.agenda.cards import Reader
from retreat.agenda.published import PublishedSession
from retreat.calendars import entries
from retreat.core import dates
from retreat.notices.audience import Held
from retreat.notices.news import News, news


@dataclass(frozen=True, slots=True)
class Told:
    """One session in a mail; what is here is kept in the outbox, therefore no link to join is."""

    title: str
    lines: tuple[str, ...]
    is_cancelled: bool

    def as_json(self) -> dict[str, Any]:
        return {"title": self.title, "lines": list(self.lines), "is_cancelled": self.is_cancelled}


def told(held: Held, reader: Reader, *, has_page: bool) -> Told:
    """What changed about a session in somebody's week, with the time and the place that hold now."""
    with force_locale(reader.language):
        shown = held.after or held.before
        assert shown
        is_cancelled = held.after is None or held.after.is_cancelled
        return Told(reader.words(shown.title).text, tuple(_lines(held, reader, has_page=has_page)), is_cancelled)


def _lines(held: Held, reader: Reader, *, has_page: bool) -> Iterator[str]:
    before, after = held.before, held.after
    if after is None or after.is_cancelled:
        assert before or after
        gone = before or after
        assert gone
        if after is not None:
            yield _("This session is cancelled.")
        elif held.change.after is None:
            yield _("This session is no longer in the programme.")
        else:
            # Of what somebody may no longer attend, nothing new is said.
            yield _("This session is no longer in your week.")
        yield _("It was to be: %(when)s", when=_said(gone, reader))
        yield _("Where: %(where)s", where=where(gone, reader))
        return
    found = news(before, after) if before else frozenset()
    if News.REINSTATED in found:
        yield _("This session takes place after all.")
    yield _("When: %(when)s", when=_said(after, reader))
    if before and News.TIME in found:
        yield _("Before: %(before)s", before=_said(before, reader))
    yield _("Where: %(where)s", where=where(after, reader))
    if before and News.PLACE in found:
        yield _("Before: %(before)s", before=where(before, reader))
    if News.LINK in found:
        if not after.link:
            yield _("The earlier link to join is no longer valid.")
        elif has_page:
            yield _("The link to join is another: it stands on your own page.")
        else:
            yield _("The link to join is another: please ask the organisers for it.")


def when(session: PublishedSession, reader: Reader) -> str:
    """The wall time at the venue with its zone, as far as it is known."""
    if session.is_timed:
        return entries.wall_time(session, reader.language)
    if session.date is None:
        return _("no day yet")
    return ", ".join((dates.long_date(session.date, reader.language, year=True), _("no time yet")))


def _said(session: PublishedSession, reader: Reader) -> str:
    """The same after a colon, where all languages but English write the weekday small."""
    text = when(session, reader)
    return text if reader.language == "en" else text[:1].lower() + text[1:]


def where(session: PublishedSession, reader: Reader) -> str:
    return entries.location(session, reader) or _("Hall to be confirmed")
