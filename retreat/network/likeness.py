"""Who may be the same person as whom, and why: a guess that an organiser confirms, and nothing is done before. Pure.

    likeness(one, other) -> Likeness | None         the reasons in words, and how much they weigh together
    pairs(people) -> list[Pair]                     of a whole address book, without comparing each with each

A name is compared by how it sounds: the same person is spelt Кудайбердиева, Kudaiberdieva and Qudayberdiyeva. The
order of given and family name does not count. An e-mail address alone says little: an assistant's is on a hundred
registrations.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from retreat.core.names import search_key

FEW = 12
"""So many people are compared each with each; of a larger crowd each is compared with the first."""

# The letters of Cyrillic, Greek and Arabic as they are usually written in Latin.
_CYRILLIC = dict(
    zip("абвгдезиклмнопрстуфыэіїєўңөүғқһәұј", "abvgdeziklmnoprstufyeiieunougkhauj", strict=True),
) | {
    "ё": "e",
    "й": "i",
    "х": "h",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sh",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "ж": "zh",
}
_GREEK = dict(zip("αβγδεζηικλμνορσςτυω", "avgdeziiklmnorsstyo", strict=True)) | {
    "θ": "th",
    "ξ": "ks",
    "π": "p",
    "φ": "f",
    "χ": "h",
    "ψ": "ps",
}
_ARABIC = dict(zip("ابتجحدرزسصضطظعفقكلمنهويةىپچگ", "abtjhdrzssdtzafqklmnhwyaapcg", strict=True)) | {
    "ث": "th",
    "خ": "kh",
    "ذ": "dh",
    "ش": "sh",
    "غ": "gh",
    "ء": "",
    "ئ": "y",
    "ؤ": "w",
    "أ": "a",
    "إ": "i",
    "آ": "a",
}
_LATIN = str.maketrans(_CYRILLIC | _GREEK | _ARABIC)
_SOUNDS = (
    *(("sch", "s"), ("shch", "s"), ("tch", "c"), ("kh", "h"), ("gh", "g"), ("zh", "j"), ("sh", "s"), ("ch", "c")),
    *(("ts", "c"), ("tz", "c"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("x", "ks"), ("q", "k")),
    *(("w", "v"), ("ou", "u"), ("dj", "j")),
)
_VOWELS = re.compile(r"(?<!^)[aeiouyj]+")
_IOTA = re.compile(r"^y(?=[aeiou])")
_TWICE = re.compile(r"(.)\1+")
_WORD = re.compile(r"[^\W\d_]+")
_EMPTY_WORDS = frozenset(
    {
        *("city", "of", "the", "municipality", "municipal", "metropolitan", "region", "administration", "council"),
        *("mairie", "ville", "de", "la", "le", "du", "des", "commune", "ayuntamiento", "ciudad", "del", "municipio"),
        *("prefeitura", "мэрия", "город", "города", "администрация"),
    }
)


@lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """A word by its first letter and its consonants, in Latin letters: Мухтар and Mukhtar meet in "mhtr"."""
    latin = _IOTA.sub("", search_key(word).translate(_LATIN))
    for written, heard in _SOUNDS:
        latin = latin.replace(written, heard)
    return _TWICE.sub(r"\1", _VOWELS.sub("", latin))


@lru_cache(maxsize=100_000)
def words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(search_key(text)))


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of a person: their names in every script, address and organisation."""

    id: int
    names: tuple[str, ...]
    email: str = ""
    organisation: str = ""
    organisation_id: int | None = None

    @property
    def keys(self) -> frozenset[tuple[str, ...]]:
        """Each of the names by its sounds, whatever the order of the words."""
        return frozenset(key for name in self.names if (key := name_sounds(name)))

    @property
    def sounds(self) -> frozenset[str]:
        return frozenset(part for key in self.keys for part in key if len(part) > 1)


@lru_cache(maxsize=100_000)
def name_sounds(name: str) -> tuple[str, ...]:
    return tuple(sorted(sound(word) for word in words(name)))


def names_of(person: Any) -> tuple[str, ...]:
    """Of a row with names, or of answers: given and family name together, the badge's, that in another script."""

    def of(name: str) -> str:
        return str((person.get(name) if isinstance(person, Mapping) else getattr(person, name)) or "")

    found = (f"{of('given_name')} {of('family_name')}".strip(), of("badge_name"), of("native_name"))
    return tuple(dict.fromkeys(name for name in found if name))


def may_be_named(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether the two have a word in common, by its sound: without one they are nobody's two spellings."""
    return not Known(0, tuple(one)).sounds.isdisjoint(Known(0, tuple(other)).sounds)


class Reason(StrEnum):
    NAME = "name"
    SPELLING = "spelling"
    PART = "part"
    EMAIL = "email"
    ORGANISATION = "organisation"


WORDS: dict[Reason, Any] = {
    Reason.NAME: _l("the same name"),
    Reason.SPELLING: _l("the same name in another spelling or script"),
    Reason.PART: _l("a part of the name"),
    Reason.EMAIL: _l("the same e-mail address"),
    Reason.ORGANISATION: _l("the same organisation"),
}
_WEIGHT = {Reason.NAME: 50, Reason.SPELLING: 40, Reason.PART: 10, Reason.EMAIL: 30, Reason.ORGANISATION: 20}


class Likeness(NamedTuple):
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        return sum(_WEIGHT[reason] for reason in self.reasons)


class Pair(NamedTuple):
    one: int
    """The smaller id."""
    other: int
    likeness: Likeness


def likeness(one: Known, other: Known) -> Likeness | None:
    """None where there is nothing that an organiser should look at."""
    reasons = []
    if name := _same_name(one, other):
        reasons.append(name)
    if one.email and one.email == other.email:
        reasons.append(Reason.EMAIL)
    if _same_organisation(one, other):
        reasons.append(Reason.ORGANISATION)
    found = Likeness(tuple(reasons))
    is_one_word = max(len(key) for key in one.keys & other.keys) < 2 if one.keys & other.keys else False
    if name is None or (name is Reason.PART and Reason.EMAIL not in reasons) or (is_one_word and len(reasons) < 2):
        return None
    return found


def _same_name(one: Known, other: Known) -> Reason | None:
    if {" ".join(sorted(words(name))) for name in one.names} & {" ".join(sorted(words(name))) for name in other.names}:
        return Reason.NAME
    if one.keys & other.keys:
        return Reason.SPELLING
    return Reason.PART if one.sounds & other.sounds else None


def _same_organisation(one: Known, other: Known) -> bool:
    if one.organisation_id is not None and one.organisation_id == other.organisation_id:
        return True
    first, second = _organisation_sounds(one.organisation), _organisation_sounds(other.organisation)
    return bool(first and second) and len(first & second) * 2 > min(len(first), len(second))


@lru_cache(maxsize=100_000)
def _organisation_sounds(organisation: str) -> frozenset[str]:
    return frozenset(sound(word) for word in words(organisation) if word not in _EMPTY_WORDS)


def pairs(people: Iterable[Known]) -> list[Pair]:
    """Those that look like one person, the likeliest first."""
    found: dict[tuple[int, int], Likeness] = {}
    for one, other in _neighbours(people):
        key = (min(one.id, other.id), max(one.id, other.id))
        if key not in found and (alike := likeness(one, other)) is not None:
            found[key] = alike
    ordered = (Pair(one, other, alike) for (one, other), alike in found.items())
    return sorted(ordered, key=lambda pair: (-pair.likeness.score, pair.one, pair.other))


def _neighbours(people: Iterable[Known]) -> Iterator[tuple[Known, Known]]:
    """Those who share a name by its sounds, or an address and a part of the name."""
    crowds: dict[Any, list[Known]] = defaultdict(list)
    for person in people:
        for key in person.keys:
            crowds[key].append(person)
        if person.email:
            for part in person.sounds:
                crowds[person.email, part].append(person)
    for crowd in crowds.values():
        if len(crowd) <= FEW:
            yield from combinations(crowd, 2)
        else:
            yield from ((crowd[0], other) for other in crowd[1:])
