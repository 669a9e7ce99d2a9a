"""The address book, looked through: by words in any script, and for people who stand in it twice.

    found(words) -> list[Entry]           the people who match, by family name
    alike(person) -> list[Alike]          who may be the same as this one
    pairs() -> list[Pair]                 everybody who may stand in it twice, the likeliest first
    say_two_people(one, other, at=, by=)  an organiser has looked: they are not the same

The whole book is read and compared in memory, in one query; five thousand people are a tenth of a second.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.names import search_key
from retreat.network import likeness
from retreat.network.likeness import Known, Likeness, Pair
from retreat.network.models import Person, TwoPeople


class Entry(NamedTuple):
    """One line of the address book."""

    id: int
    honorific: str
    given_name: str
    family_name: str
    badge_name: str
    native_name: str
    native_language: str
    position: str
    organisation: str
    organisation_id: int | None
    email: str

    @property
    def printed_name(self) -> str:
        return self.badge_name or " ".join(part for part in (self.given_name, self.family_name) if part)

    @property
    def known(self) -> Known:
        return Known(
            self.id,
            likeness.names_of(self),
            self.email.lower(),
            self.organisation,
            organisation_id=self.organisation_id,
        )

    @property
    def text(self) -> str:
        return search_key(" ".join((*likeness.names_of(self), self.position, self.organisation, self.email)))


class Alike(NamedTuple):
    entry: Entry
    likeness: Likeness


def entries() -> list[Entry]:
    """Everybody who has not been forgotten, by family name."""
    columns = [getattr(Person, name) for name in Entry._fields]
    rows = db.session.execute(select(*columns).where(Person.erased_at.is_(None)).order_by(Person.id))
    people = [Entry(*row) for row in rows]
    return sorted(people, key=lambda one: (search_key(one.family_name or one.printed_name), search_key(one.given_name)))


def found(words: str) -> list[Entry]:
    """Those who have every word, as it is written or as it sounds: Osmanova finds Османова."""
    asked = search_key(words).split()
    if not asked:
        return entries()
    sounds = [(word, likeness.sound(word) if word.isalpha() else "") for word in asked]
    return [one for one in entries() if _has_all(one, sounds)]


def _has_all(one: Entry, asked: Iterable[tuple[str, str]]) -> bool:
    text, known = one.text, one.known.sounds
    return all(word in text or (len(heard) > 1 and heard in known) for word, heard in asked)


def alike(person: Person, *, limit: int = 5) -> list[Alike]:
    """Who may be the same as this person, the likeliest first; whoever an organiser told apart is not among them."""
    if person.erased_at is not None:
        return []
    apart = _told_apart(person)
    everybody = entries()
    own = next((one for one in everybody if one.id == person.id), None)
    if own is None:
        return []
    me = own.known
    keys, sounds = me.keys, me.sounds
    likely: list[Alike] = []
    for one in everybody:
        if one.id == person.id or one.id in apart:
            continue
        other = one.known
        # Most have nothing in common: only a shared name or address is worth a comparison.
        if keys.isdisjoint(other.keys) and not (me.email and me.email == other.email and sounds & other.sounds):
            continue
        if (compared := likeness.likeness(me, other)) is not None:
            likely.append(Alike(one, compared))
    return sorted(likely, key=lambda one: (-one.likeness.score, one.entry.id))[:limit]


def _told_apart(person: Person) -> set[int]:
    rows = db.session.execute(
        select(TwoPeople.one_id, TwoPeople.other_id).where(
            or_(TwoPeople.one_id == person.id, TwoPeople.other_id == person.id)
        )
    )
    return {one if other == person.id else other for one, other in rows}


def pairs() -> list[tuple[Entry, Entry, Likeness]]:
    """Everybody who may stand in the book twice, but for those whom an organiser told apart."""
    by_id = {one.id: one for one in entries()}
    apart = {(one, other) for one, other in db.session.execute(select(TwoPeople.one_id, TwoPeople.other_id))}
    likely: list[Pair] = likeness.pairs(one.known for one in by_id.values())
    return [
        (by_id[pair.one], by_id[pair.other], pair.likeness) for pair in likely if (pair.one, pair.other) not in apart
    ]


def say_two_people(one: Person, other: Person, *, at: datetime, by: Actor) -> None:
    """However alike they look; said twice is said once."""
    first, second = sorted((one.id, other.id))
    if first == second:
        return
    # Held, so that of two who say so at once the second finds the row of the first.
    db.session.execute(select(Person.id).where(Person.id == first).with_for_update())
    known = select(TwoPeople.id).where(TwoPeople.one_id == first, TwoPeople.other_id == second)
    if db.session.scalar(known) is not None:
        return
    db.session.add(TwoPeople(one_id=first, other_id=second, said_at=at, said_by=str(by)))
    db.session.flush()
    audit.record("person.told_apart", one, at=at, by=by, names=[one.printed_name, other.printed_name])
