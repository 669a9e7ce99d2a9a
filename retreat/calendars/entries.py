"""A published session as a calendar entry: what is written where, in one language. Needs a language, no database."""

from collections.abc import Iterator

from flask_babel import force_locale
from flask_babel import gettext as _

from retreat.agenda.cards import Reader, access_words, language_name
from retreat.agenda.labels import ROLES
from retreat.agenda.models import Access, PartState, SessionStatus
from retreat.agenda.published import PublishedPart, PublishedSession
from retreat.calendars.facts import EventFacts, EventStatus
from retreat.core import dates, zones

_STATUS = {
    SessionStatus.CONFIRMED: EventStatus.CONFIRMED,
    SessionStatus.TENTATIVE: EventStatus.TENTATIVE,
    SessionStatus.CANCELLED: EventStatus.CANCELLED,
}


def entry(session: PublishedSession, reader: Reader, *, page: str, is_private: bool) -> EventFacts:
    """The facts of a session that has a start. `page` is its address; join links are told in private feeds alone."""
    assert session.start_utc
    assert session.end_utc
    return EventFacts(
        uid=session.uid,
        sequence=session.sequence,
        created=session.created_at,
        modified=session.last_modified,
        start=session.start_utc,
        end=session.end_utc,
        zone=session.zone,
        summary=reader.words(session.title).text,
        location=location(session, reader),
        description=description(session, reader, page=page, is_private=is_private),
        status=_STATUS[session.status],
        is_opaque=is_private,
        is_private=is_private,
        categories=tuple(reader.words(name).text for name in (session.track_name, session.body_name) if name),
        url=page if session.is_listed else "",
        conference=session.link if is_private else "",
    )


def location(session: PublishedSession, reader: Reader) -> str:
    """Hall, venue, city, as far as they are known; a venue named like its city is not said twice."""
    names = (reader.words(session.hall_name).text, reader.words(session.venue_name).text, session.city)
    return ", ".join(dict.fromkeys(name for name in names if name))


def description(session: PublishedSession, reader: Reader, *, page: str, is_private: bool) -> str:
    """The venue's wall time, then the link: most clients show two lines, and many none but these, with no URL.

    Whoever may join reads that link first, and the page's below it. Then the text, then who, how and for whom.
    """
    with force_locale(reader.language):
        join = session.link if is_private else ""
        head = [wall_time(session, reader.language), join, page if session.is_listed else ""]
        text = reader.words(session.description).text
        blocks = ["\n".join(filter(None, head)), text, "\n".join(_circumstances(session, reader))]
    return "\n\n".join(filter(None, blocks))


def wall_time(session: PublishedSession, language: str) -> str:
    """Like "Monday 24 February 2020, 09:00–10:30 (Africa/Casablanca, UTC+1)"."""
    assert session.date
    assert session.starts
    assert session.ends
    assert session.start_utc
    day = dates.long_date(session.date, language, year=True)
    hours = f"{dates.clock(session.starts)}–{dates.clock(session.ends)}"
    return f"{day}, {hours} ({session.zone}, {zones.offset_label(session.start_utc, session.zone)})"


def _circumstances(session: PublishedSession, reader: Reader) -> Iterator[str]:
    for part in session.parts:
        yield f"{ROLES[part.role]}: {_person(part)}"
    if session.languages:
        names = [language_name(code, reader.language) for code in session.languages]
        yield _("Interpretation: %(languages)s", languages=", ".join(names))
    if session.access is not Access.OPEN:
        yield access_words(session, reader)
    if session.status is SessionStatus.TENTATIVE:
        yield _("Not yet confirmed")


def _person(part: PublishedPart) -> str:
    name = part.printed_name
    if not name:
        name = _("to be confirmed")
    elif part.state is PartState.TO_BE_CONFIRMED:
        name = _("%(name)s (to be confirmed)", name=name)
    return ", ".join(filter(None, (name, part.office, part.organisation)))
