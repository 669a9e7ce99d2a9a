"""Reading a `schedule.json` of pretalx, frab or the c3voc's tools: the file of others, nothing taken for granted.

Every error is collected with the place where it stands, such as `schedule.conference.days[1].rooms["Hall A"][3].start`.
What is read is what the file says; how that becomes sessions of an edition is another module's. Pure.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn

from flask_babel import lazy_gettext as _l

LARGEST_FILE = 12 * 1024 * 1024
MOST_EVENTS = 5_000
MOST_PROBLEMS = 1_000
LONGEST_TITLE = 300
LONGEST_TEXT = 10_000
MOST_PERSONS = 100

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?\Z", re.ASCII)
_TWO_PARTS = re.compile(r"(\d{1,3}):(\d{2})\Z", re.ASCII)
_THREE_PARTS = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})\Z", re.ASCII)
_DAY = timedelta(days=1)
_YEARS = range(1900, 3000)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: a path into the file, and a line when one is known."""

    path: str
    message: Any
    line: int = 1


class Unreadable(Exception):
    """The file is no schedule at all; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as the file has it. Of `start`, either the instant is known, or only what the wall shows."""

    path: str
    line: int = 1
    guid: str = ""
    number: str = ""
    slug: str = ""
    title: str
    room: str = ""
    track: str = ""
    type: str = ""
    language: str = ""
    abstract: str = ""
    description: str = ""
    persons: tuple[str, ...] = ()
    instant: datetime | None = None
    wall: datetime | None = None
    length: timedelta | None = None


@dataclass(slots=True)
class ReadSchedule:
    """All events in the file's order, and everything that is wrong with it; with a problem nothing may be imported."""

    zone: str = ""
    events: list[Event] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


class _Object(dict[str, Any]):
    """An object of the file, which remembers keys that it had twice: of those, all but the last would be lost."""

    twice: tuple[str, ...] = ()


def looks_like_one(content: bytes) -> bool:
    """Whether a JSON file is an object, as a schedule is; a table of ours is a list."""
    return content[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read(content: bytes) -> ReadSchedule:
    """Never raises, whatever the file is: what cannot be read is a problem."""
    found = ReadSchedule()
    try:
        document, text = _document(content)
        conference = _conference(document)
    except Unreadable as error:
        found.problems.append(error.problem)
        return found
    _Reader(found).conference(conference)
    _add_lines(found, text)
    return found


def _document(content: bytes) -> tuple[Any, str]:
    if len(content) > LARGEST_FILE:
        most = LARGEST_FILE // 1024 // 1024
        raise Unreadable(Problem("file", _l("is larger than %(count)s MB", count=most)))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(Problem("encoding", _l("the file is not UTF-8"), line)) from error
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant), text
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        reason = getattr(error, "msg", "") or (_TOO_DEEP if isinstance(error, RecursionError) else str(error)[:200])
        raise Unreadable(Problem("file", _l("is not JSON: %(reason)s", reason=reason), line)) from error


_TOO_DEEP = "too deep"


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        made.twice = tuple(name for name in made if names.count(name) > 1)
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no value")


def _conference(document: Any) -> _Object:
    schedule = document.get("schedule") if isinstance(document, _Object) else None
    if not isinstance(schedule, _Object):
        message = _l("is neither a list of sessions nor a schedule of pretalx or frab: it has no “schedule”")
        raise Unreadable(Problem("file", message))
    conference = schedule.get("conference")
    if not isinstance(conference, _Object):
        raise Unreadable(Problem("schedule.conference", _l("is missing")))
    return conference


class _Reader:
    """One pass over the days, rooms and events; knows where it is."""

    def __init__(self, found: ReadSchedule) -> None:
        self.found = found
        self._seen: dict[tuple[str, str], str] = {}
        self._count = 0

    def refuse(self, path: str, message: Any) -> None:
        if len(self.found.problems) < MOST_PROBLEMS:
            self.found.problems.append(Problem(path, message))

    def conference(self, conference: _Object) -> None:
        path = "schedule.conference"
        self._refuse_twice(conference, path)
        self.found.zone = self._text(conference, "time_zone_name", path, LONGEST_TITLE)
        days = conference.get("days")
        if not isinstance(days, list):
            self.refuse(f"{path}.days", _l("is not a list of days"))
            return
        for index, day in enumerate(days):
            self._day(day, f"{path}.days[{index}]")
        if not self._count and not self.found.problems:
            self.refuse(f"{path}.days", _l("there is no event in it"))

    def _day(self, day: Any, path: str) -> None:
        if not isinstance(day, _Object):
            self.refuse(path, _l("is not an object"))
            return
        self._refuse_twice(day, path)
        rooms = day.get("rooms")
        if rooms is None or rooms == []:  # PHP writes an object without anything in it as a list.
            return
        if not isinstance(rooms, _Object):
            self.refuse(f"{path}.rooms", _l("is not an object of rooms by their names"))
            return
        self._refuse_twice(rooms, f"{path}.rooms")
        for name, events in rooms.items():
            inside = f"{path}.rooms[{_quoted(name)}]"
            if not isinstance(events, list):
                self.refuse(inside, _l("is not a list of events"))
                continue
            for index, event in enumerate(events):
                self._count += 1
                if self._count > MOST_EVENTS:
                    message = _l("is one too many: a file may have %(count)s events", count=MOST_EVENTS)
                    self.refuse(f"{inside}[{index}]", message)
                    return
                self._event(event, name, day, f"{inside}[{index}]")

    def _event(self, event: Any, room: str, day: _Object, path: str) -> None:
        if not isinstance(event, _Object):
            self.refuse(path, _l("is not an object"))
            return
        self._refuse_twice(event, path)
        before = len(self.found.problems)
        title = self._text(event, "title", path, LONGEST_TITLE)
        if not title and len(self.found.problems) == before:
            self.refuse(f"{path}.title", _l("the title is empty"))
        guid, number = self._text(event, "guid", path, 200), self._number(event, path)
        self._refuse_again(guid, number, path)
        instant, wall = self._start(event, day, path)
        made = Event(
            path=path,
            guid=guid,
            number=number,
            slug=self._text(event, "slug", path, LONGEST_TITLE),
            title=title,
            room=self._text(event, "room", path, LONGEST_TITLE) or room,
            track=self._text(event, "track", path, LONGEST_TITLE),
            type=self._text(event, "type", path, LONGEST_TITLE),
            language=self._text(event, "language", path, 60),
            abstract=self._text(event, "abstract", path, LONGEST_TEXT),
            description=self._text(event, "description", path, LONGEST_TEXT),
            persons=tuple(self._persons(event.get("persons"), f"{path}.persons")),
            instant=instant,
            wall=wall,
            length=self._length(event, instant, path),
        )
        if len(self.found.problems) == before:
            self.found.events.append(made)

    def _text(self, values: _Object, key: str, path: str, longest: int) -> str:
        """A text, or the name of what is named; null and a key that is not there are empty."""
        value = values.get(key)
        if isinstance(value, _Object) and isinstance(value.get("name"), str):
            value = value["name"]
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(f"{path}.{key}", _l("is not a text"))
            return ""
        if len(value) > longest:
            self.refuse(f"{path}.{key}", _l("is longer than %(count)s characters", count=longest))
            return ""
        return value.strip()

    def _number(self, event: _Object, path: str) -> str:
        """The `id`, by which an event without a guid is known again; some write it as a text."""
        value = event.get("id")
        if value is None or isinstance(value, str):
            return self._text(event, "id", path, 200)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**18:
            self.refuse(f"{path}.id", _l("is not a whole number"))
            return ""
        return str(value)

    def _refuse_again(self, guid: str, number: str, path: str) -> None:
        for key, value in (("guid", guid.lower()), ("id", number)):
            if not value:
                continue
            first = self._seen.setdefault((key, value), path)
            # pretalx writes a talk that is held twice with one id and two guids.
            if first != path and (key == "guid" or not guid):
                self.refuse(f"{path}.{key}", _l("“%(value)s” is at %(path)s already", value=value[:60], path=first))

    def _persons(self, persons: Any, path: str) -> Iterator[str]:
        if persons is None:
            return
        if not isinstance(persons, list):
            self.refuse(path, _l("is not a list of persons"))
            return
        if len(persons) > MOST_PERSONS:
            self.refuse(path, _l("are more than %(count)s persons", count=MOST_PERSONS))
            return
        for index, person in enumerate(persons):
            at = f"{path}[{index}]"
            if isinstance(person, _Object):
                key = next((key for key in ("public_name", "name", "full_public_name") if person.get(key)), "name")
                before = len(self.found.problems)
                name = self._text(person, key, at, LONGEST_TITLE)
                if not name and len(self.found.problems) == before:
                    self.refuse(at, _l("has no name"))
            elif isinstance(person, str):
                name = person.strip()[:LONGEST_TITLE]
            else:
                self.refuse(at, _l("is not a person"))
                continue
            if name:
                yield name

    def _start(self, event: _Object, day: _Object, path: str) -> tuple[datetime | None, datetime | None]:
        """`date` is an instant when it has an offset; else the wall's, as `start` is on the day."""
        written = event.get("date")
        if isinstance(written, str) and "T" in written:
            try:
                moment = datetime.fromisoformat(written)
            except ValueError:
                moment = None
            if moment is None or moment.year not in _YEARS:
                self.refuse(f"{path}.date", _l("“%(text)s” is not a date and time", text=written[:60]))
                return None, None
            if moment.second or moment.microsecond:
                self.refuse(f"{path}.date", _l("“%(text)s” is not on the minute", text=written[:60]))
                return None, None
            return (None, moment) if moment.utcoffset() is None else (moment, None)
        if written is not None and not isinstance(written, str):
            self.refuse(f"{path}.date", _l("is not a text"))
            return None, None
        return None, self._wall(event, written or day.get("date"), day, path)

    def _wall(self, event: _Object, on: Any, day: _Object, path: str) -> datetime | None:
        start = event.get("start")
        if not start:
            self.refuse(f"{path}.start", _l("is missing"))
            return None
        clock = _clock(start)
        if clock is None:
            message = _l("“%(text)s” is not a time; write HH:MM, from 00:00 to 23:59", text=str(start)[:60])
            self.refuse(f"{path}.start", message)
            return None
        try:
            found = date.fromisoformat(on) if isinstance(on, str) else None
        except ValueError:
            found = None
        if found is None or found.year not in _YEARS:
            wrong = _l("“%(text)s” is not a date; write YYYY-MM-DD", text=str(on)[:60])
            self.refuse(f"{path}.date", _l("is missing") if on is None else wrong)
            return None
        begins = _change_of(day.get("day_start"))
        return datetime.combine(found + _DAY if begins and clock < begins else found, clock)

    def _length(self, event: _Object, instant: datetime | None, path: str) -> timedelta | None:
        """From `duration`; an `end` with an offset, as pretalx writes it, settles what three numbers mean."""
        length = _length_until(event.get("end"), instant)
        if length is None:
            written = event.get("duration")
            length = _length_of(written)
            if length is None:
                wrong = _l("“%(text)s” is not a duration; write HH:MM", text=str(written)[:60])
                self.refuse(f"{path}.duration", _l("is missing") if written is None else wrong)
                return None
        if not timedelta() < length < _DAY:
            self.refuse(f"{path}.duration", _l("a session takes more than no time and less than a day"))
            return None
        return length

    def _refuse_twice(self, values: _Object, path: str) -> None:
        for name in values.twice:
            self.refuse(f"{path}[{_quoted(name)}]", _l("is there twice"))


def _clock(written: Any) -> time | None:
    match = _CLOCK.match(written) if isinstance(written, str) else None
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return time(int(match[1]), int(match[2]))


def _change_of(day_start: Any) -> time | None:
    """The hour at which the file's day begins: what is earlier is after midnight."""
    try:
        return datetime.fromisoformat(day_start).time() if isinstance(day_start, str) else None
    except ValueError:
        return None


def _length_until(end: Any, instant: datetime | None) -> timedelta | None:
    try:
        until = datetime.fromisoformat(end) if isinstance(end, str) and "T" in end else None
    except ValueError:
        return None
    if instant is None or until is None or until.utcoffset() is None or until.year not in _YEARS:
        return None
    return until - instant


def _length_of(written: Any) -> timedelta | None:
    """`HH:MM`, `HH:MM:SS`; or `D:HH:MM`, which is what pretalx writes with its one unpadded digit."""
    if not isinstance(written, str):
        return None
    if match := _TWO_PARTS.match(written):
        return timedelta(hours=int(match[1]), minutes=int(match[2])) if int(match[2]) < 60 else None
    if match := _THREE_PARTS.match(written):
        first, second, third = (int(part) for part in match.groups())
        if third > 59 or second > 59:
            return None
        if len(match[1]) == 1:
            return timedelta(days=first, hours=second, minutes=third)
        return timedelta(hours=first, minutes=second) if third == 0 else None
    return None


def _quoted(name: str) -> str:
    """A key as it may stand in a sentence: short, and without what cannot be printed."""
    shown = name if len(name) <= 60 else f"{name[:60]}…"
    return json.dumps("".join(letter if letter.isprintable() else "?" for letter in shown), ensure_ascii=False)


def _add_lines(found: ReadSchedule, text: str) -> None:
    """The line of each event, by its guid: the parser tells none, and most files are one line anyway."""
    if "\n" not in text.strip():
        return
    at, line, events = 0, 1, []
    for event in found.events:
        place = text.find(event.guid, at) if event.guid else -1
        if place >= 0:
            line, at = line + text.count("\n", at, place), place
        events.append(replace(event, line=line))
    found.events = events
