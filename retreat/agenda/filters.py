"""What a visitor asked to see of the agenda, and what there is to ask for. Pure.

Choices are made of the sessions that the reader may know of: a track or a body that only hidden sessions have is no
choice, and asking for it answers what asking for a word that never was does.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from flask_babel import gettext as _

from retreat.agenda.cards import Reader, language_name
from retreat.agenda.labels import KINDS
from retreat.agenda.published import Programme, PublishedSession
from retreat.core.i18n import Rendering
from retreat.core.names import search_key

LONGEST = 100
"""Characters that are read of anything a visitor asks for; more are cut off."""
NO_HALL = "-"
"""Asks for what has no hall yet; no slug is a hyphen alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Empty means everything. Each name is a field of the form and of the address."""

    q: str = ""
    """Words to look for."""
    track: str = ""
    kind: str = ""
    body: str = ""
    language: str = ""
    hall: str = ""
    starred: str = ""
    """"1" for what this browser has starred."""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    @property
    def asked(self) -> dict[str, str]:
        """What is on, for an address."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    @property
    def query(self) -> str:
        """With the question mark; empty when everything is shown."""
        return f"?{urlencode(self.asked)}" if self else ""

    def without(self, name: str) -> "Filters":
        return replace(self, **{name: ""})


def read(get: Callable[[str], str | None]) -> Filters:
    """From an address: the first value of each name, without control characters, no longer than anybody types."""
    asked = Filters(**{field.name: _plain(get(field.name) or "") for field in fields(Filters)})
    return asked if asked.starred == "1" else asked.without("starred")


def _plain(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST])
    return " ".join(printable.split())[:LONGEST].strip()


_OF: dict[str, Callable[[PublishedSession], Sequence[str]]] = {
    "track": lambda session: (session.track_slug,) if session.track_slug else (),
    "kind": lambda session: (session.kind.value,),
    "body": lambda session: (session.body_slug,) if session.body_slug else (),
    "language": lambda session: session.languages,
    "hall": lambda session: (session.hall_slug or NO_HALL,),
}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Rendering
    is_chosen: bool
    number: int
    """Sessions that would be shown, with the other filters as they are."""


@dataclass(frozen=True, slots=True)
class Group:
    """One select of the form."""

    name: str
    label: str
    everything: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on; `query` is the address without it."""

    label: str
    text: Rendering
    query: str


@dataclass(frozen=True, slots=True)
class Found:
    """Sessions that pass, of how many, and the form around them."""

    filters: Filters
    sessions: tuple[PublishedSession, ...]
    total: int
    groups: tuple[Group, ...]
    chips: tuple[Chip, ...]


def narrow(
    programme: Programme,
    sessions: Sequence[PublishedSession],
    filters: Filters,
    reader: Reader,
    starred: Collection[str] = (),
) -> Found:
    """Those of `sessions` that fit. The reader may know of all of them: see `published.listed`.

    `starred` are the codes of the reader's stars.
    """
    asked = {name: getattr(filters, name) for name in _OF}
    words = search_key(filters.q).split()
    by_words = [
        one
        for one in sessions
        if (not filters.starred or one.code in starred) and (not words or _has(programme, one, words))
    ]
    lacks = [
        (one, [name for name, value in asked.items() if value and value not in _OF[name](one)]) for one in by_words
    ]
    groups = tuple(_group(name, sessions, lacks, asked[name], reader) for name in _OF)
    return Found(
        filters=filters,
        sessions=tuple(one for one, missing in lacks if not missing),
        total=len(sessions),
        groups=tuple(group for group in groups if asked[group.name] or _narrows(group, sessions)),
        chips=tuple(_chips(filters, groups, reader)),
    )


def _narrows(group: Group, sessions: Sequence[PublishedSession]) -> bool:
    """Whether some choice would leave some session out."""
    return len(group.choices) > 1 or (bool(group.choices) and not all(map(_OF[group.name], sessions)))


def _group(
    name: str,
    sessions: Iterable[PublishedSession],
    lacks: Iterable[tuple[PublishedSession, list[str]]],
    chosen: str,
    reader: Reader,
) -> Group:
    of, numbers = _OF[name], {value: 0 for one in sessions for value in _OF[name](one)}
    for one, missing in lacks:
        if not missing or missing == [name]:
            for value in of(one):
                numbers[value] += 1
    first = {value: one for one in reversed(list(sessions)) for value in of(one)}
    choices = [
        Choice(value, _label(name, value, first[value], reader), value == chosen, number)
        for value, number in numbers.items()
    ]
    if name == "hall":
        choices.sort(key=lambda choice: _place(first[choice.value]))
    else:
        choices.sort(key=lambda choice: search_key(choice.label.text))
    label, everything = _words()[name]
    return Group(name, label, everything, tuple(choices))


def _words() -> dict[str, tuple[str, str]]:
    return {
        "track": (_("Track"), _("All tracks")),
        "kind": (_("Kind"), _("All kinds")),
        "body": (_("Body"), _("All bodies")),
        "language": (_("Interpretation"), _("Any language")),
        "hall": (_("Hall"), _("All halls")),
    }


def _place(session: PublishedSession) -> tuple[bool, int, int, str]:
    """Halls as the organisers ordered them, "to be confirmed" last."""
    return (
        session.hall_slug is None,
        session.venue_id or 0,
        session.hall_position or 0,
        session.hall_slug or "",
    )


def _label(name: str, value: str, session: PublishedSession, reader: Reader) -> Rendering:
    match name:
        case "track":
            return reader.words(session.track_name)
        case "kind":
            return Rendering(str(KINDS[session.kind]), reader.language)
        case "body":
            return reader.words(session.body_name)
        case "language":
            return Rendering(language_name(value, reader.language), reader.language)
        case _ if value == NO_HALL:
            return Rendering(_("Hall to be confirmed"), reader.language)
        case _:
            return reader.words(session.hall_name)


def _chips(filters: Filters, groups: Iterable[Group], reader: Reader) -> Iterable[Chip]:
    """What nobody may choose is not said again: its chip says only that it is unknown."""
    if filters.q:
        yield Chip(_("Words"), Rendering(filters.q, reader.language), filters.without("q").query)
    if filters.starred:
        yield Chip(_("Only"), Rendering(_("My stars"), reader.language), filters.without("starred").query)
    for group in groups:
        if getattr(filters, group.name):
            chosen = next((choice.label for choice in group.choices if choice.is_chosen), None)
            unknown = Rendering(_("not on these pages"), reader.language)
            yield Chip(group.label, chosen or unknown, filters.without(group.name).query)


def _has(programme: Programme, session: PublishedSession, words: Iterable[str]) -> bool:
    """Whether every word stands somewhere in what the session's pages say, in any language and spelling."""
    text = programme.keep(("searchable", session.code), lambda: _searchable(session))
    return all(word in text for word in words)


def _searchable(session: PublishedSession) -> str:
    said = [session.code]
    for translated in (
        *(session.title, session.description, session.hall_name, session.venue_name),
        *(session.track_name, session.body_name),
    ):
        said += translated.values()
    for point in session.points:
        said += point.title.values()
    for part in session.parts:
        said += (part.printed_name, part.office, part.organisation)
    return search_key(" ".join(said))
