"""Weeks that are changed at random: an entry is newer when a byte of it is another, in any feed, and only then."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from retreat.agenda import frame, publishing
from retreat.agenda import service as agenda
from retreat.agenda.models import Access, AgendaSession, Kind, PartRole, PartState, PointKind, SessionStatus, Track
from retreat.agenda.points import Point
from retreat.agenda.published import listed, programme
from retreat.agenda.revisions import restore
from retreat.agenda.values import Appearance
from retreat.calendars import feeds
from retreat.calendars.facts import Form
from retreat.core import clock
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import LANGUAGES, Translated
from retreat.editions import service as editions
from retreat.editions.models import Hall, Venue
from retreat.network.models import Body, Person
from retreat.portal.people import merging
from retreat.portal.privacy import erasing
from tests.agenda import week
from tests.agenda.week import AT, NADIA
from tests.calendars.tangier import LONG_BEFORE, MONDAY, TUESDAY, Tangier, events, tangier

pytestmark = pytest.mark.one_database

STAMPS = (b"SEQUENCE:", b"LAST-MODIFIED:", b"DTSTAMP:")
Entry = tuple[tuple[int, str], list[bytes]]
Seen = dict[tuple[str, Form, bool], dict[str, Entry]]


@dataclass
class Changing:
    """A week, and somebody who changes everything that can be changed in it."""

    of: Tangier
    dice: random.Random
    at: datetime = LONG_BEFORE
    done: list[str] = field(default_factory=list)

    def any_of(self, kind: type[Any]) -> Any:
        return self.dice.choice(list(db.session.query(kind).order_by(kind.id)))

    def maybe(self, value: Any) -> Any:
        return self.dice.choice([None, value])

    def text(self, *words: str) -> Translated:
        """Few words, so that one language often says what another said before."""
        said = {code: self.dice.choice(["", *words]) for code in LANGUAGES}
        return Translated({**said, self.of.edition.main_language: self.dice.choice(words)})

    def part(self) -> Appearance:
        dice = self.dice
        name = dice.choice(["", "Aysu Yılmaz", "Zoë"])
        state = dice.choice(list(PartState)) if name else PartState.TO_BE_CONFIRMED
        office = dice.choice(["", "Mayor"])
        return Appearance(dice.choice(list(PartRole)), name, office, "", state, self.any_of(Person) if name else None)

    def change_session(self) -> None:
        dice, values = (
            self.dice,
            {
                "code": lambda: dice.choice(["X-1", "X-2", "X-3", "X-4"]),
                "date": lambda: dice.choice([MONDAY, TUESDAY, date(2020, 3, 29), None]),
                "starts": lambda: dice.choice([time(9), time(9, 30), None]),
                "ends": lambda: dice.choice([time(11), time(0, 30), None]),
                "zone_override": lambda: dice.choice([None, "Africa/Casablanca", "Europe/Lisbon", "Europe/Paris"]),
                "title": lambda: self.text("Opening", "Closing"),
                "description": lambda: self.text("Words", ""),
                "note": lambda: self.text("For us"),
                "kind": lambda: dice.choice(list(Kind)),
                "track": lambda: self.maybe(self.any_of(Track)),
                "venue": lambda: self.maybe(self.any_of(Venue)),
                "hall": lambda: self.maybe(self.any_of(Hall)),
                "languages": lambda: dice.choice([[], ["en"], ["fr", "en"]]),
                "access": lambda: dice.choice(list(Access)),
                "body": lambda: self.maybe(self.any_of(Body)),
                "is_listed": lambda: dice.choice([True, False]),
                "status": lambda: dice.choice(list(SessionStatus)),
                "capacity": lambda: dice.choice([None, 30]),
                "link": lambda: dice.choice(["", "https://meet.example/1"]),
                "registration_link": lambda: dice.choice(["", "https://x.example"]),
                "tags": lambda: dice.choice([[], ["hybrid"]]),
                "parts": lambda: [self.part() for _ in range(dice.randrange(3))],
                "points": lambda: [Point(self.text("Accounts"), PointKind.ADOPTION, dice.choice([None, 5]))],
                "parent": lambda: self.maybe(self.any_of(AgendaSession)),
            },
        )
        chosen = {name: values[name]() for name in dice.sample(sorted(values), dice.randint(1, 3))}
        if chosen.get("access") is Access.BODY:
            chosen["access_body"] = self.of.body
        agenda.update_session(self.any_of(AgendaSession), chosen, at=self.at, by=NADIA)  # type: ignore[arg-type]

    def cancel(self) -> None:
        agenda.cancel_session(self.any_of(AgendaSession), at=self.at, by=NADIA)

    def create(self) -> None:
        week.session(self.of.edition, self.text("New"))

    def delete(self) -> None:
        agenda.delete_session(self.any_of(AgendaSession), at=self.at, by=NADIA)

    def lose(self) -> None:
        """A row of the draft is gone; what was published of it is restored one day, or not."""
        db.session.delete(self.any_of(AgendaSession))
        db.session.flush()

    def restore(self) -> None:
        revision = self.dice.choice(list(db.session.query(publishing.Revision).order_by(publishing.Revision.id)))
        seen = restore.look(self.of.edition, revision).seen
        restore.restore(self.of.edition, revision, seen=seen, at=self.at, by=NADIA)

    def rename_hall(self) -> None:
        values = {"name": self.text("A", "B"), "capacity": self.maybe(80), "position": self.dice.randint(1, 3)}
        frame.update_hall(self.any_of(Hall), values, at=self.at, by=NADIA)  # type: ignore[arg-type]

    def rename_track(self) -> None:
        values = {"name": self.text("School", "Retreat"), "colour": self.dice.randint(1, 8)}
        frame.update_track(self.any_of(Track), values, at=self.at, by=NADIA)  # type: ignore[arg-type]

    def rename_venue(self) -> None:
        values = {
            "name": self.text("Tangier", "Hilton", "A"),
            "city": self.dice.choice(["Tangier", "Rabat"]),
            "zone": self.dice.choice(["Africa/Casablanca", "Europe/Paris"]),
            "address": self.dice.choice(["", "Port"]),
        }
        frame.update_venue(self.any_of(Venue), values, at=self.at, by=NADIA)  # type: ignore[arg-type]

    def delete_from_frame(self) -> None:
        frame.delete_from_frame(self.any_of(self.dice.choice([Hall, Track, Venue])), at=self.at, by=NADIA)

    def add_to_the_frame(self) -> None:
        values: Any = {"name": self.text("A", "B")}
        make = self.dice.choice([frame.create_hall, frame.create_track])
        make(self.of.edition, values, at=self.at, by=NADIA)

    def rename_body(self) -> None:
        self.of.body.name = self.text("Bureau", "Board")
        if self.dice.random() < 0.5:
            publishing.republish(self.of.edition, at=self.at, by=NADIA)

    def another_edition(self) -> None:
        values = self.dice.choice(
            [{"main_language": code} for code in LANGUAGES] + [{"city": "Rabat"}, {"city": "Fes"}]
        )
        editions.update_edition(self.of.edition, values, at=self.at, by=NADIA)

    def merge(self) -> None:
        lost = Person(badge_name="A. Yılmaz", created_at=AT)
        db.session.add(lost)
        db.session.flush()
        session = self.any_of(AgendaSession)
        for part in session.parts[:1]:
            part.person = lost
        db.session.flush()
        merging.merge(self.of.speaker, lost, from_lost=(), at=self.at, by=NADIA)

    def forget(self) -> None:
        person = self.any_of(Person)
        typed = erasing.reference_of(person)
        erasing.erase(person, typed=typed, is_everywhere=True, at=self.at, by=NADIA)
        if person is self.of.speaker:
            self.of.speaker = Person(given_name="Zoë", created_at=AT)
            db.session.add(self.of.speaker)
            db.session.flush()

    def publish(self) -> None:
        with suppress(publishing.NothingToPublish):
            publishing.publish(self.of.edition, at=self.at, by=NADIA)

    def something(self) -> None:
        often: list[Callable[[], None]] = [self.change_session] * 12
        act = self.dice.choice(
            [
                *often,
                self.cancel,
                self.create,
                self.delete,
                self.lose,
                self.restore,
                self.rename_hall,
                self.rename_track,
                self.rename_venue,
                self.delete_from_frame,
                self.add_to_the_frame,
                self.rename_body,
                self.another_edition,
                self.merge,
                self.forget,
            ]
        )
        self.done.append(act.__name__)
        # What is refused has changed nothing; the clock of whoever publishes may even run behind.
        with suppress(RetreatError), db.session.begin_nested():
            act()
        self.at += timedelta(seconds=self.dice.choice([-3600, 0, 0.4, 30]))


def every_entry(of: Tangier) -> Seen:
    """By language, form and whether it is one person's own: the stamps of each entry, and all else of it."""
    [row] = db.session.connection().execute(feeds.PUBLIC[feeds.ScopeKind.ALL], {"edition_slug": of.edition.slug})
    edition = feeds.Frame(*row[:-1])
    read = programme(of.edition)
    at = feeds.Week.of(edition, clock.now())._replace(keeps_cancelled=True)
    found: Seen = {}
    for language in LANGUAGES:
        for form in Form:
            for is_private, chosen in ((False, listed(read)), (True, read.sessions)):
                body = feeds.rendered(
                    edition, read, chosen, None, language=language, form=form, week=at, is_private=is_private
                )
                entries = {uid: _taken_apart(entry) for uid, entry in events(body).items()}
                found[language, form, is_private] = entries
    return found


def _taken_apart(entry: bytes) -> Entry:
    lines = entry.split(b"\r\n")
    sequence, modified, stamped = (
        next(line.partition(b":")[2].decode() for line in lines if line.startswith(name))
        for name in (b"SEQUENCE:", b"LAST-MODIFIED:", b"DTSTAMP:")
    )
    assert stamped == modified
    return (int(sequence), modified), [line for line in lines if not line.startswith(STAMPS)]


def is_later(stamp: tuple[int, str], before: tuple[int, str]) -> bool:
    return all(new > old for new, old in zip(stamp, before, strict=True))


def by_uid(seen: Seen) -> dict[str, tuple[tuple[int, str], dict[Any, list[bytes]]]]:
    told: dict[str, tuple[tuple[int, str], dict[Any, list[bytes]]]] = {}
    for kind, entries in seen.items():
        for uid, (stamp, lines) in entries.items():
            known, said = told.setdefault(uid, (stamp, {}))
            assert known == stamp, "One event has other stamps in another feed."
            said[kind] = lines
    return told


def steps(of: Tangier, seed: int, count: int) -> Iterator[tuple[Changing, Seen]]:
    changing = Changing(of, random.Random(seed))
    for _ in range(count):
        changing.something()
        # Names are published at once, the rest when somebody publishes: each revision is looked at.
        yield changing, every_entry(of)
        if changing.dice.random() < 0.7:
            changing.publish()
            yield changing, every_entry(of)


@pytest.mark.parametrize("seed", range(3))
def test_an_entry_is_newer_exactly_when_a_byte_of_it_is_another(app, db_session, seed: int) -> None:
    last: dict[str, Any] = {}
    with app.test_request_context():
        of = tangier()
        before = by_uid(every_entry(of))
        for changing, seen in steps(of, seed, 12):
            after = by_uid(seen)
            for uid, (stamp, said) in after.items():
                was = before.get(uid)
                if was is None:
                    assert uid not in last or is_later(stamp, last[uid]), changing.done
                elif said == was[1]:
                    assert stamp == was[0], (changing.done, said)
                else:
                    assert is_later(stamp, was[0]), (changing.done, was, (stamp, said))
                last[uid] = stamp
            before = after
