"""What is different about one session, in words: only what changed, as it was and as it is.

Pure, but for the language in which gettext answers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from retreat.agenda.cards import HYBRID, Reader, access_words, hall_words, language_name
from retreat.agenda.diff import FRAME, Change, ChangeKind
from retreat.agenda.labels import FIELDS, KINDS, PART_STATES, POINTS, ROLES, STATUS
from retreat.agenda.models import PartState
from retreat.agenda.published import PublishedPart, PublishedPoint, PublishedSession
from retreat.core import dates
from retreat.core.i18n import Rendering, Translated

_LONGEST_DIFF = 240
"""Words between the first and the last that differ; a longer text is shown whole, before and after."""
_CONTEXT = 5

Titles = Mapping[str, Translated]
"""Titles by code, for the meeting that a session is part of."""


class Mark(StrEnum):
    """The classes by which a page strikes out and rewrites."""

    SAME = ""
    OUT = "before"
    IN = "after"


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is different. Either `before` and `after`, or `pieces` of a list or text."""

    label: str
    before: Rendering | None = None
    after: Rendering | None = None
    pieces: tuple[Piece, ...] = ()
    is_text: bool = False
    """The pieces are words of one text, `language` its language."""
    language: str = ""
    is_status: bool = False
    whole: tuple[Rendering, Rendering] | None = None
    """Both texts, where too much of them is different to mark it."""


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """One changed session as a page shows it, once, under the first of its kinds."""

    change: Change[PublishedSession]
    kind: ChangeKind
    title: Rendering
    facts: tuple[Fact, ...]
    when_and_where: str
    """Of the session itself, to know it by: what of day, time and hall is not among the facts."""
    colour: int

    @property
    def session(self) -> PublishedSession:
        return self.change.session

    @property
    def is_whole(self) -> bool:
        """Whether the kind says it all: the session came, went, or is cancelled."""
        return self.kind in (ChangeKind.NEW, ChangeKind.REMOVED, ChangeKind.CANCELLED, ChangeKind.REINSTATED)


def show(
    change: Change[PublishedSession], reader: Reader, *, before: Titles, after: Titles, is_public: bool = False
) -> ChangeShown:
    """In the reader's language. The public is told the states of links and never a link, an address or a code."""
    session = change.session
    kind = change.kinds[0]
    facts: tuple[Fact, ...] = ()
    if change.before is not None and change.after is not None:
        pair = _Pair(change.before, change.after, reader, frozenset(change.fields), is_public, before, after)
        facts = tuple(pair.facts())
        if not facts and not is_public:
            facts = (Fact(_("Only what no page prints is different.")),)
    shown = {fact.label for fact in facts}
    known = [
        words
        for label, words in (
            (str(DAY), day_words(session, reader)),
            (str(TIME), time_words(session)),
            (str(HALL), hall_words(session, reader).text),
        )
        if label not in shown and words
    ]
    if is_public and kind is ChangeKind.REMOVED:
        # Of what is listed no more, no more is said than that.
        known = []
    return ChangeShown(change, kind, reader.words(session.title), facts, " · ".join(known), session.track_colour or 1)


DAY, TIME, HALL, ZONE = _l("Day"), _l("Time"), _l("Hall"), _l("Time zone")


def day_words(session: PublishedSession, reader: Reader) -> str:
    """Like "Tue 25 February"."""
    if session.date is None:
        return _("no day yet")
    return f"{dates.short_weekday(session.date, reader.language)} {dates.bare_date(session.date, reader.language)}"


def time_words(session: PublishedSession) -> str:
    if session.starts is None or session.ends is None:
        return _("no time yet") if session.date else ""
    return f"{dates.clock(session.starts)}–{dates.clock(session.ends)}"


def part_words(part: PublishedPart) -> str:
    """Like "Emilia Saiz, Secretary General, UCLG (Chair)"."""
    name = part.printed_name or _("not yet named")
    office = ", ".join(text for text in (name, part.office, part.organisation) if text)
    words = [str(ROLES[part.role])]
    if part.state is PartState.TO_BE_CONFIRMED:
        words.append(str(PART_STATES[part.state]))
    return f"{office} ({', '.join(words)})"


def point_words(point: PublishedPoint, reader: Reader) -> str:
    """Like "Budget 2021 (for adoption, 20 min)"."""
    words = [str(POINTS[point.kind])]
    if point.minutes:
        words.append(_("%(count)s min", count=point.minutes))
    return f"{reader.words(point.title).text} ({', '.join(words)})"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both states of one session, and who reads."""

    before: PublishedSession
    after: PublishedSession
    reader: Reader
    names: frozenset[str]
    is_public: bool
    titles_before: Titles
    titles_after: Titles

    def facts(self) -> Iterator[Fact]:
        """In the order of a session's page. Every field that may differ is said by one of these."""
        before, after, reader = self.before, self.after, self.reader
        yield from self._texts("title", str(FIELDS["title"]))
        yield from self._fact(str(DAY), lambda one: day_words(one, reader))
        # Before a day is known there is no time to speak of.
        yield from self._fact(str(TIME), lambda one: time_words(one) or _("no time yet"))
        yield from self._place()
        yield from self._zone()
        yield from self._fact(str(FIELDS["status"]), lambda one: str(STATUS[one.status]))
        yield from self._pieces(
            str(FIELDS["languages"]),
            [language_name(code, reader.language) for code in before.languages],
            [language_name(code, reader.language) for code in after.languages],
        )
        yield from self._fact(str(FIELDS["access"]), lambda one: access_words(one, reader))
        yield from self._fact(str(FIELDS["kind"]), lambda one: str(KINDS[one.kind]))
        yield from self._translated("track_name")
        yield from self._translated("body_name")
        yield from self._parent()
        yield from self._pieces(str(FIELDS["parts"]), map(part_words, before.parts), map(part_words, after.parts))
        yield from self._pieces(
            str(FIELDS["points"]),
            [point_words(point, reader) for point in before.points],
            [point_words(point, reader) for point in after.points],
        )
        yield from self._links()
        if not self.is_public:
            yield from self._fact(
                str(FIELDS["is_listed"]), lambda one: _("listed") if one.is_listed else _("not listed")
            )
            yield from self._fact(
                str(FIELDS["capacity"]), lambda one: _("no limit") if one.capacity is None else str(one.capacity)
            )
            yield from self._pieces(str(FIELDS["tags"]), before.tags, after.tags)
            yield from self._fact(str(FIELDS["code"]), lambda one: one.code)
        yield from self._texts("description", str(FIELDS["description"]))
        if not self.is_public and FRAME.issuperset(self.names):
            yield Fact(_("Only how the week is drawn: the order, colours and sizes of halls and tracks."))

    def _fact(self, label: str, words: Callable[[PublishedSession], str]) -> Iterator[Fact]:
        old, new = words(self.before), words(self.after)
        if old != new:
            is_status = label == str(FIELDS["status"])
            yield Fact(
                label,
                Rendering(old, self.reader.language),
                Rendering(new, self.reader.language),
                is_status=is_status,
            )

    def _translated(self, name: str) -> Iterator[Fact]:
        """A name in several languages: as the reader reads it, else wherever it differs."""
        old, new = getattr(self.before, name), getattr(self.after, name)
        if old == new:
            return
        none = Rendering(_("none"), self.reader.language)
        words = [self.reader.words(one) if one else none for one in (old, new)]
        if words[0].text != words[1].text:
            yield Fact(str(FIELDS[name]), words[0], words[1])
        elif not self.is_public:
            yield from self._texts(name, str(FIELDS[name]))

    def _place(self) -> Iterator[Fact]:
        """Hall and venue as one; the venue's name where the halls have the same."""
        old, new = (hall_words(one, self.reader) for one in (self.before, self.after))
        if old.text == new.text and self.before.venue_name != self.after.venue_name:
            old, new = (
                Rendering(f"{hall.text} · {self.reader.words(one.venue_name).text}", hall.language)
                for hall, one in ((old, self.before), (new, self.after))
            )
        if old.text != new.text:
            yield Fact(str(HALL), old, new)
        elif not self.is_public:
            yield from self._texts("hall_name", str(HALL))
            yield from self._texts("venue_name", _("Venue"))
            if self.before.hall_id != self.after.hall_id or self.before.venue_id != self.after.venue_id:
                yield Fact(_("Another hall or venue of the same name"))
            elif self.before.city != self.after.city:
                yield from self._fact(_("City"), lambda one: one.city or _("none"))

    def _zone(self) -> Iterator[Fact]:
        yield from self._fact(str(ZONE), lambda one: one.zone)
        if {"zone", "date", "starts", "ends"} & self.names or not {"start_utc", "end_utc"} & self.names:
            return
        if self.before.start_utc and self.after.start_utc:
            yield from self._fact(
                _("In UTC, by new rules of the time zone"), lambda one: f"{one.start_utc:%H:%M}–{one.end_utc:%H:%M}"
            )

    def _parent(self) -> Iterator[Fact]:
        if self.before.parent_code == self.after.parent_code:
            return
        none = Rendering(_("none"), self.reader.language)
        old, new = (
            self.reader.words(titles.get(one.parent_code or "", Translated())) if one.parent_code in titles else none
            for one, titles in ((self.before, self.titles_before), (self.after, self.titles_after))
        )
        if old.text != new.text:
            yield Fact(str(FIELDS["parent_code"]), old, new)
        elif not self.is_public:
            yield from self._fact(str(FIELDS["parent_code"]), lambda one: one.parent_code or _("none"))

    def _links(self) -> Iterator[Fact]:
        """States of the link to join; the link itself is nobody's news."""
        label = str(FIELDS["link"])
        yield from self._fact(label, _link_state)
        if self.is_public:
            return
        if self.before.link != self.after.link and _link_state(self.before) == _link_state(self.after):
            yield Fact(label, after=Rendering(_("another address"), self.reader.language))
        yield from self._fact(str(FIELDS["registration_link"]), lambda one: one.registration_link or _("none"))

    def _pieces(self, label: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Fact]:
        """What left a list, and what came into it."""
        pieces = tuple(_of_lists(list(old), list(new)))
        if pieces:
            yield Fact(label, pieces=pieces)

    def _texts(self, name: str, label: str) -> Iterator[Fact]:
        """Text in several languages: the reader's for the public, each that changed for organisers."""
        old, new = getattr(self.before, name), getattr(self.after, name)
        if old == new:
            return
        if self.is_public:
            yield from _of_texts(label, self.reader.words(old), self.reader.words(new))
            return
        codes = sorted({*old, *new}, key=lambda code: (code != self.reader.main_language, code))
        for code in codes:
            named = label if len(codes) == 1 else f"{label}, {language_name(code, self.reader.language)}"
            yield from _of_texts(named, Rendering(old.get(code, ""), code), Rendering(new.get(code, ""), code))


def _link_state(session: PublishedSession) -> str:
    if session.link:
        return _("available")
    return _("not yet available") if HYBRID in session.tags else _("none")


def _of_lists(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (Piece(text, Mark.OUT) for text in old[i1:i2])
            yield from (Piece(text, Mark.IN) for text in new[j1:j2])


def _of_texts(label: str, old: Rendering, new: Rendering) -> Iterator[Fact]:
    if old.text == new.text:
        return
    if len(old.text) + len(new.text) < 2 * _A_LINE or not (old.text and new.text):
        # A title, or a text that is there for the first time, reads better whole.
        yield Fact(label, old if old.text else None, new if new.text else None)
        return
    pieces = tuple(_of_words(old.text, new.text))
    if pieces:
        yield Fact(label, pieces=pieces, is_text=True, language=new.language)
    else:
        yield Fact(label, whole=(old, new))


_A_LINE = 90
_WORD = re.compile(r"\S+\s*")


def _of_words(old: str, new: str) -> Iterator[Piece]:
    """Words struck out and put in, with a few around them; nothing where most of it is different."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    middle = before[start : len(before) - end], after[start : len(after) - end]
    if len(middle[0]) + len(middle[1]) > _LONGEST_DIFF:
        return
    matcher = SequenceMatcher(None, *middle, autojunk=False)
    if start + end == 0 and matcher.ratio() < 0.3:
        return
    yield from _same(before[:start], is_first=True)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield from _same(middle[0][i1:i2])
            continue
        if i1 < i2:
            yield Piece("".join(middle[0][i1:i2]), Mark.OUT)
        if j1 < j2:
            yield Piece("".join(middle[1][j1:j2]), Mark.IN)
    if end:
        yield from _same(before[-end:], is_last=True)


def _same(words: list[str], *, is_first: bool = False, is_last: bool = False) -> Iterator[Piece]:
    """Unchanged words, the middle of many left out."""
    if not words:
        return
    if len(words) > 2 * _CONTEXT:
        words = [
            *([] if is_first else words[:_CONTEXT]),
            "… ",
            *([] if is_last else words[-_CONTEXT:]),
        ]
    yield Piece("".join(words), Mark.SAME)


def grouped(shown: Iterable[ChangeShown]) -> list[tuple[ChangeKind, list[ChangeShown]]]:
    """Each change once, under the kind that says most of it, in the order of the kinds."""
    by_kind: dict[ChangeKind, list[ChangeShown]] = {kind: [] for kind in ChangeKind}
    for one in shown:
        by_kind[one.kind].append(one)
    return [(kind, some) for kind, some in by_kind.items() if some]


def titles(sessions: Iterable[PublishedSession]) -> Titles:
    return {session.code: session.title for session in sessions}
