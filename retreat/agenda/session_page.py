"""The public page of one session: who speaks, what is on its agenda, what runs beside it and what follows.

Pure, but for the language in which gettext answers.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from retreat.agenda.cards import HYBRID, Reader, SessionCard, access_words, card, language_name, zone_sentence
from retreat.agenda.labels import KINDS, POINTS, ROLES
from retreat.agenda.models import Kind, PartState
from retreat.agenda.pages import DayTab, published_words
from retreat.agenda.published import Programme, PublishedPart, PublishedPoint, PublishedSession, listed
from retreat.core import dates
from retreat.core.i18n import Rendering
from retreat.core.names import initials


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody with a part: name, and office with role in one line."""

    name: str
    initials: str
    line: str
    is_tentative: bool


_WITHOUT_SPEAKERS = frozenset({Kind.SOCIAL, Kind.VISIT, Kind.BREAK, Kind.TRAVEL})


@dataclass(frozen=True, slots=True)
class PointLine:
    """A point of a meeting: its title, what is done with it and how long it takes, in words."""

    title: Rendering
    kind: str
    minutes: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    card: SessionCard
    reader: Reader
    revision: int | None
    published: str
    day: DayTab | None
    when: str
    zone: str
    own_when: str
    kind: str
    access: str
    body: Rendering
    language_list: str
    description: Rendering
    join_link: str
    promises_link: bool
    points: tuple[PointLine, ...]
    people: tuple[PersonLine, ...]
    parent: SessionCard | None
    parts: tuple[SessionCard, ...]
    at_the_same_time: tuple[SessionCard, ...]
    next_in_hall: SessionCard | None
    next_in_track: SessionCard | None

    @property
    def has_no_speakers(self) -> bool:
        """Nobody speaks at a dinner, nor at what is cancelled: that nobody is named needs no word there."""
        return self.card.session.is_cancelled or self.card.session.kind in _WITHOUT_SPEAKERS


def session_page(
    programme: Programme,
    tabs: tuple[DayTab, ...],
    code: str,
    reader: Reader,
    may_join: Callable[[PublishedSession], bool],
) -> SessionPage | None:
    """One listed session; None when there is none of this code. `may_join` says whether this reader gets the link."""
    public = listed(programme)
    session = next((session for session in public if session.code == code), None)
    if session is None:
        return None
    family = {session.code, session.parent_code, *(s.code for s in public if s.parent_code == session.code)}
    parent = next((other for other in public if other.code == session.parent_code), None)
    beside = [other for other in public if other.code not in family and other.overlaps(session) and _counts(other)]
    after = next((other for other in public if _follows(other, session, "hall_slug")), None)
    in_track = next((other for other in public if _follows(other, session, "track_slug")), None)
    start, end = session.local_start, session.local_end
    own = [reader.own_clock(moment, moment) for moment in (start, end) if moment]
    return SessionPage(
        card=card(session, reader),
        reader=reader,
        revision=programme.revision,
        published=published_words(programme, reader),
        day=next((tab for tab in tabs if tab.day == session.date), None),
        when=dates.long_date(session.date, reader.language, year=True) if session.date else "",
        zone=zone_sentence(
            reader.city if session.zone == reader.zone else session.city, session.zone, start, reader.language
        )
        if start
        else "",
        own_when="–".join(text for text in own if text),
        kind=str(KINDS[session.kind]),
        access=access_words(session, reader),
        body=reader.words(session.body_name),
        language_list=_capitalised(", ".join(language_name(code, reader.language) for code in session.languages)),
        description=reader.words(session.description),
        join_link=session.link if session.link and not session.is_cancelled and may_join(session) else "",
        promises_link=not session.is_cancelled and bool(session.link or HYBRID in session.tags),
        points=tuple(_point_line(point, reader) for point in session.points),
        people=tuple(_person_line(part) for part in session.parts),
        parent=card(parent, reader) if parent else None,
        parts=tuple(card(other, reader) for other in public if other.parent_code == session.code),
        at_the_same_time=tuple(card(other, reader) for other in beside),
        next_in_hall=card(after, reader) if after else None,
        next_in_track=card(in_track, reader) if in_track else None,
    )


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:]


def _person_line(part: PublishedPart) -> PersonLine:
    office = ", ".join(text for text in (part.office, part.organisation) if text)
    role = str(ROLES[part.role])
    return PersonLine(
        name=part.printed_name or _("To be confirmed"),
        initials=initials(part.printed_name),
        line=f"{office}. {role}" if office else role,
        is_tentative=bool(part.printed_name) and part.state is PartState.TO_BE_CONFIRMED,
    )


def _point_line(point: PublishedPoint, reader: Reader) -> PointLine:
    minutes = _("%(minutes)d min", minutes=point.minutes) if point.minutes else ""
    return PointLine(reader.words(point.title), str(POINTS[point.kind]), minutes)


def _counts(session: PublishedSession) -> bool:
    return not session.is_cancelled and session.kind is not Kind.BREAK


def _follows(other: PublishedSession, session: PublishedSession, name: str) -> bool:
    """Later that day in the same hall or track, and neither part of the other."""
    where = getattr(session, name)
    if not (where and session.end_utc and other.start_utc) or not _counts(other):
        return False
    return getattr(other, name) == where and other.date == session.date and other.start_utc >= session.end_utc
