"""Which Person a printed name means: those registered at the edition, those with a part, then those known elsewhere.

A wrong answer would show somebody's session in a namesake's calendar. Where two people share a name, the organisation
decides; where it does not, nobody known is taken, and the name is remembered in `unsure`.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from retreat.agenda.models import AgendaSession, Part
from retreat.core.db import db
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.network.models import Person
from retreat.registration.models import Registration


class Named(Protocol):
    """Somebody as printed."""

    @property
    def printed_name(self) -> str: ...
    @property
    def office(self) -> str: ...
    @property
    def organisation(self) -> str: ...


class People:
    """The people of an edition by their printed name; a name that nobody has becomes a new Person."""

    def __init__(self, edition: Edition) -> None:
        self._known: dict[str, dict[Person, set[str]]] = defaultdict(dict)
        self._registered: set[Person] = set()
        self._elsewhere: dict[tuple[str, str], set[int]] | None = None
        self._made: dict[tuple[str, str], Person] = {}
        self.unsure: list[str] = []
        with db.session.no_autoflush:
            registered = db.session.execute(
                select(
                    Registration.badge_name,
                    Registration.given_name,
                    Registration.family_name,
                    Registration.organisation,
                    Person,
                )
                .join(Person, Registration.person_id == Person.id)
                .where(Registration.edition_id == edition.id)
                .order_by(Registration.id)
            )
            for badge_name, given_name, family_name, organisation, person in registered:
                name = badge_name or " ".join(part for part in (given_name, family_name) if part)
                self._know((name, person.printed_name), person, organisation)
                self._registered.add(person)
            speaking = db.session.execute(
                select(Part.printed_name, Part.organisation, Person)
                .join(Person, Part.person_id == Person.id)
                .join(AgendaSession, Part.session_id == AgendaSession.id)
                .where(AgendaSession.edition_id == edition.id)
                .order_by(Part.id)
            )
            for printed_name, organisation, person in speaking:
                self._know((printed_name, person.printed_name), person, organisation)

    def _know(self, names: Iterable[str], person: Person, organisation: str) -> None:
        for name in names:
            organisations = self._known[name].setdefault(person, set())
            organisations.update(search_key(one) for one in (organisation, person.organisation or "") if one)

    def sure(self, named: Named) -> Person | None:
        """The one person of this name and this organisation, where several have the name; else None."""
        agree = self._agreeing(named)
        return agree[0] if len(agree) == 1 else None

    def _agreeing(self, named: Named) -> list[Person]:
        organisation = search_key(named.organisation)
        of_name = self._known.get(named.printed_name, {})
        if organisation:
            return [person for person, organisations in of_name.items() if organisation in organisations]
        # Made for this name alone, when it was not clear before either: not once more for each session.
        return [person for person, known in of_name.items() if not known and person not in self._registered]

    def person(self, named: Named, at: datetime) -> Person:
        """Who this is. A name is taken whole: which part of it is the family's is not ours to guess."""
        name = named.printed_name
        of_name = list(self._known.get(name, ()))
        if len(of_name) == 1:
            return of_name[0]
        found = self.sure(named) or (None if of_name else self._found_elsewhere(named))
        if found is not None:
            return found
        if of_name and name not in self.unsure:
            self.unsure.append(name)
        key = (name, search_key(named.organisation) if of_name else "")
        if key not in self._made:
            made = Person(badge_name=name, position=named.office, organisation=named.organisation, created_at=at)
            db.session.add(made)
            self._made[key] = made
        return self._made[key]

    def _found_elsewhere(self, named: Named) -> Person | None:
        """Somebody the network knows who is not here yet: only where name and organisation both agree, and once."""
        organisation = search_key(named.organisation)
        if not organisation:
            return None
        if self._elsewhere is None:
            self._elsewhere = defaultdict(set)
            with db.session.no_autoflush:
                rows = db.session.execute(
                    select(
                        Person.id, Person.badge_name, Person.given_name, Person.family_name, Person.organisation
                    ).where(Person.organisation != "")
                )
                for number, badge_name, given_name, family_name, theirs in rows:
                    name = badge_name or " ".join(part for part in (given_name, family_name) if part)
                    self._elsewhere[name, search_key(theirs)].add(number)
        found = self._elsewhere.get((named.printed_name, organisation), set())
        return db.session.get(Person, next(iter(found))) if len(found) == 1 else None
