"""One session as the board shows it to one organiser: every word resolved, every state a class. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta

from flask_babel import gettext as _

from retreat.agenda import labels
from retreat.agenda.board import words
from retreat.agenda.board.grid import Place
from retreat.agenda.board.reading import HallRead, SessionRead, length_of
from retreat.agenda.cards import Reader, length_words, noon
from retreat.agenda.models import Kind, PartRole, PartState, SessionStatus
from retreat.core import zones
from retreat.core.i18n import Rendering, Translated

LONG_TITLE = 34
PEOPLE_ON_A_CARD = 2
LANGUAGES_ON_A_CARD = 3
_MINUTES = {Kind.BREAK: 30, Kind.PLENARY: 90, Kind.PRESIDENCY: 180, Kind.STATUTORY: 120, Kind.COMMITTEE: 90}
USUAL_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Mark:
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One session on the board, in a list or on the shelf."""

    code: str
    version: int
    title: Rendering
    is_long: bool
    starts: str
    ends: str
    note: str
    """Of the time: "until 01:00, Wed 26", "UTC+3"."""
    minutes: int
    length: str
    day: str
    hall: str
    hall_name: Rendering
    people: str
    people_named: str
    """Everybody, for the scripts: `Amina Bennani|Elif Korkmaz`."""
    track: Rendering
    colour: int
    kind: str
    languages: tuple[str, ...]
    tags: tuple[Mark, ...]
    is_closed: bool
    is_locked: bool
    is_break: bool
    held_by: str
    clashes: tuple[int, ...]
    parent_code: str
    parent: Rendering | None
    classes: str
    place: Place | None = None

    @property
    def tip(self) -> str:
        """All that a small card has no room for."""
        hours = f"{self.starts}–{self.ends}" if self.starts and self.ends else self.length
        first = " · ".join(filter(None, (hours, self.note, self.hall_name.text)))
        names = ", ".join(self.people_named.split("|")) if self.people_named else ""
        last = " · ".join(filter(None, (self.track.text or self.kind, self.langs_first + self.langs_more)))
        states = ", ".join(tag.text for tag in self.tags)
        return "\n".join(filter(None, (self.title.text, first, names, last, states)))

    @property
    def langs_first(self) -> str:
        shown = self.languages if len(self.languages) <= LANGUAGES_ON_A_CARD else self.languages[:2]
        return "·".join(shown).upper()

    @property
    def langs_more(self) -> str:
        return "" if len(self.languages) <= LANGUAGES_ON_A_CARD else "·" + "·".join(self.languages[2:]).upper()

    @property
    def langs_count(self) -> int:
        return len(self.languages) - 2


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes cards of one look at the board."""

    halls: Mapping[str, HallRead]
    numbers: Mapping[str, tuple[int, ...]]
    held: Mapping[str, str]
    titles: Mapping[str, Translated]
    minutes: Mapping[int, int]
    reader: Reader

    def card(self, session: SessionRead, place: Place | None = None) -> Card:
        reader = self.reader
        title = reader.words(session.title)
        hall = self.halls.get(session.hall or "")
        minutes = self._length(session)
        numbers = self.numbers.get(session.code, ())
        held_by = self.held.get(session.code, "")
        is_long = len(title.text) > LONG_TITLE
        return Card(
            code=session.code,
            version=session.version,
            title=title,
            is_long=is_long,
            starts=f"{session.starts:%H:%M}" if session.starts else "",
            ends=f"{session.ends:%H:%M}" if session.ends else "",
            note=self._note(session, hall),
            minutes=minutes,
            length=length_words(minutes),
            day=session.date.isoformat() if session.date else "",
            hall=session.hall or "",
            hall_name=reader.words(hall.name if hall else session.venue),
            people=_people(session),
            people_named="|".join(part.name for part in session.parts if part.name),
            track=reader.words(session.track_name),
            colour=session.colour or 1,
            kind=str(labels.KINDS[session.kind]),
            languages=session.languages,
            tags=tuple(_tags(session)),
            is_closed=not session.is_open,
            is_locked=session.is_locked,
            is_break=session.kind is Kind.BREAK,
            held_by=held_by,
            clashes=numbers,
            parent_code=session.parent or "",
            parent=self._parent(session),
            classes=_classes(session, place, is_long=is_long, is_held=bool(held_by), has_clash=bool(numbers)),
            place=place,
        )

    def _parent(self, session: SessionRead) -> Rendering | None:
        if session.parent is None:
            return None
        return self.reader.words(self.titles.get(session.parent, Translated(en=session.parent)))

    def _length(self, session: SessionRead) -> int:
        if session.starts and session.ends:
            return length_of(session.starts, session.ends)
        return self.minutes.get(session.id, _MINUTES.get(session.kind, USUAL_MINUTES))

    def _note(self, session: SessionRead, hall: HallRead | None) -> str:
        """What the hours alone would hide: that it ends on the next day, or that another wall is meant."""
        notes = []
        if session.date and session.starts and session.ends and session.ends < session.starts:
            following = session.date + timedelta(days=1)
            if session.ends == time(0):
                notes.append(_("until midnight"))
            else:
                notes.append(
                    _(
                        "until %(time)s on %(day)s",
                        time=f"{session.ends:%H:%M}",
                        day=words.day_label(following, self.reader.language),
                    )
                )
        if session.date and session.zone != (hall.zone if hall else self.reader.zone):
            notes.append(zones.offset_label(noon(session.date, session.zone), session.zone))
        return ", ".join(notes)


def _people(session: SessionRead) -> str:
    """The first names; a chair is said to be one."""
    names = [
        _("Chair: %(name)s", name=part.name) if part.role is PartRole.CHAIR and part.name else part.name
        for part in session.parts
    ]
    names = [
        _("%(name)s (to be confirmed)", name=name) if part.state is PartState.TO_BE_CONFIRMED and part.name else name
        for name, part in zip(names, session.parts, strict=True)
    ]
    names = [name or _("to be confirmed") for name in names]
    shown = names[:PEOPLE_ON_A_CARD] if len(names) <= PEOPLE_ON_A_CARD else names[:1]
    more = len(names) - len(shown)
    return ", ".join([*shown, f"+{more}"] if more else shown)


def _tags(session: SessionRead) -> Iterable[Mark]:
    if session.status is SessionStatus.CANCELLED:
        yield Mark(_("cancelled"), "off")
    elif session.status is SessionStatus.TENTATIVE:
        yield Mark(_("tentative"), "attention")
    if not session.is_listed:
        yield Mark(_("unlisted"))


def _classes(session: SessionRead, place: Place | None, *, is_long: bool, is_held: bool, has_clash: bool) -> str:
    states = {
        f"track-{session.colour or 1}": True,
        "is-long": is_long,
        "is-tentative": session.status is SessionStatus.TENTATIVE,
        "is-cancelled": session.status is SessionStatus.CANCELLED,
        "is-break": session.kind is Kind.BREAK,
        "is-locked": session.is_locked,
        "is-held": is_held,
        "has-clash": has_clash,
    }
    if place is not None:
        states |= {
            f"cascade-{place.cascade}": place.cascade > 0,
            "is-part": place.parent is not None,
            "is-early": place.is_early,
            "is-cut": place.is_cut,
        }
    return " ".join(name for name, holds in states.items() if holds)
