"""The columns that a list of registrations may have, on the page, in a file and on paper: one table. Pure.

chosen(names, may_read_private=)     the columns of those names, the usual ones when there are none
column.text(registration, reader)    what it says of one person, in the reader's language
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from retreat.core import dates
from retreat.core.i18n import LANGUAGES
from retreat.registration import proof, states
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.models import Photograph, Registration, Status
from retreat.registration.proof import Proof

ROLES: dict[DelegationRole, Any] = {
    DelegationRole.HEAD: _l("head"),
    DelegationRole.MEMBER: _l("member"),
    DelegationRole.AIDE: _l("aide"),
    DelegationRole.INTERPRETER: _l("interpreter"),
}
PROOFS: dict[Proof, Any] = {
    Proof.OPEN: _l("not yet"),
    Proof.APPROVED: _l("approved"),
    Proof.CHANGED: _l("changed after"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom the texts are: a language, the edition's own language and clock, and what was looked up besides."""

    language: str
    main_language: str
    zone: str
    numbers: Mapping[int, int] = field(default_factory=dict)
    """In the waiting list, by registration."""
    answers: Mapping[tuple[int, str], str] = field(default_factory=dict)
    """By registration and column."""
    now: datetime | None = None
    """With it, today and yesterday are said so."""
    is_file: bool = False
    """A file keeps days and instants as machines sort them."""

    def day(self, day: date | None) -> str:
        if day is None:
            return ""
        return day.isoformat() if self.is_file else f"{dates.short_weekday(day, self.language)} {self._bare(day)}"

    def moment(self, at: datetime | None) -> str:
        if at is None:
            return ""
        wall = dates.on_wall(at, self.zone)
        if self.is_file:
            return f"{wall:%Y-%m-%d %H:%M}"
        past = (dates.on_wall(self.now, self.zone).date() - wall.date()).days if self.now else None
        if past == 0:
            return _("today %(clock)s", clock=dates.clock(wall))
        if past == 1:
            return _("yesterday %(clock)s", clock=dates.clock(wall))
        return f"{self.day(wall.date())} {dates.clock(wall)}"

    def travel(self, day: date | None, at: time | None, flight: str) -> str:
        return " ".join(part for part in (self.day(day), dates.clock(at) if at else "", flight) if part)

    def _bare(self, day: date) -> str:
        return dates.bare_date(day, self.language)


Text = Callable[[Registration, Reader], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called in an address, in words, and what it says of somebody."""

    name: str
    label: Any
    text: Text
    order: str = ""
    """The order that its head asks for."""
    is_private: bool = False
    """For those only who may edit registrations."""
    loads: tuple[ORMOption, ...] = ()


def chosen(names: Sequence[str], offered: Iterable[Column]) -> list[Column]:
    """Those of `offered` that are named, in the order of the names."""
    by_name = {column.name: column for column in offered}
    return [by_name[name] for name in names if name in by_name]


def offered(*, may_read_private: bool, answers: Iterable[Column] = ()) -> list[Column]:
    """Every column that this reader may have; `answers` are those of the edition's questions."""
    return [column for column in (*COLUMNS, *answers) if may_read_private or not column.is_private]


# What they say -----------------------------------------------------------------------------------------------------


def _field(name: str) -> Text:
    def text(one: Registration, _reader: Reader) -> str:
        return str(getattr(one, name))

    return text


def _name(one: Registration, _reader: Reader) -> str:
    return " ".join(part for part in (one.honorific, one.printed_name) if part)


def _office(one: Registration, _reader: Reader) -> str:
    return ", ".join(part for part in (one.position, one.organisation) if part)


def _section(one: Registration, reader: Reader) -> str:
    return one.section.name.text(reader.language, reader.main_language) if one.section else ""


def _category(one: Registration, reader: Reader) -> str:
    return one.category.name.text(reader.language, reader.main_language)


def _status(one: Registration, reader: Reader) -> str:
    word = str(states.LABELS[one.status])
    number = reader.numbers.get(one.id)
    if one.status is Status.WAITLISTED and number:
        return _("%(status)s, number %(number)d", status=word, number=number)
    return word


def _proof(one: Registration, _reader: Reader) -> str:
    return str(PROOFS[proof.state(one)]) if one.status in proof.READABLE else ""


def _number(one: Registration, reader: Reader) -> str:
    return str(reader.numbers.get(one.id, ""))


def _listens(one: Registration, reader: Reader) -> str:
    return ", ".join(dates.language_name(code, reader.language) for code in one.languages)


def _language(one: Registration, _reader: Reader) -> str:
    return LANGUAGES.get(one.language, one.language)


def _native_language(one: Registration, reader: Reader) -> str:
    return dates.language_name(one.native_language, reader.language) if one.native_language else ""


def _arrival(one: Registration, reader: Reader) -> str:
    return reader.day(one.arrival)


def _departure(one: Registration, reader: Reader) -> str:
    return reader.day(one.departure)


def _arrives(one: Registration, reader: Reader) -> str:
    return reader.travel(one.arrival, one.arrival_time, one.arrival_flight)


def _leaves(one: Registration, reader: Reader) -> str:
    return reader.travel(one.departure, one.departure_time, one.departure_flight)


def _visa(one: Registration, _reader: Reader) -> str:
    return _("yes") if one.visa_letter else _("no")


def _delegation(one: Registration, reader: Reader) -> str:
    if one.delegation is None:
        return ""
    return one.delegation.organisation.name.text(reader.language, reader.main_language)


def _role(one: Registration, _reader: Reader) -> str:
    return str(ROLES[one.delegation_role]) if one.delegation_role else ""


def _filled_by(one: Registration, _reader: Reader) -> str:
    return ", ".join(part for part in (one.filled_by_name, one.filled_by_email) if part)


def _photograph(one: Registration, _reader: Reader) -> str:
    return _("yes") if one.photograph else _("no")


def _arrived(one: Registration, reader: Reader) -> str:
    return reader.moment(one.arrived_at)


def _registered(one: Registration, reader: Reader) -> str:
    return reader.moment(one.created_at)


def _changed(one: Registration, reader: Reader) -> str:
    return reader.moment(one.updated_at)


_WITH_DELEGATION = (joinedload(Registration.delegation).joinedload(Delegation.organisation),)
_WITH_PHOTOGRAPH = (joinedload(Registration.photograph).load_only(Photograph.id),)

COLUMNS: tuple[Column, ...] = (
    Column("name", _l("Name"), _name, "name"),
    Column("office", _l("Position, organisation"), _office, "office"),
    Column("section", _l("Section"), _section, "section"),
    Column("category", _l("Category"), _category, "category"),
    Column("status", _l("Status"), _status, "status"),
    Column("proof", _l("Badge proof"), _proof, "proof"),
    Column("code", _l("Reference"), _field("code"), "code"),
    Column("honorific", _l("Title before the name"), _field("honorific")),
    Column("given_name", _l("Given name"), _field("given_name"), "given_name"),
    Column("family_name", _l("Family name"), _field("family_name"), "name"),
    Column("badge_name", _l("Name on the badge"), _field("badge_name")),
    Column("native_name", _l("Name in own script"), _field("native_name")),
    Column("native_language", _l("Language of that name"), _native_language),
    Column("position", _l("Position"), _field("position"), "position"),
    Column("organisation", _l("Organisation"), _field("organisation"), "organisation"),
    Column("city", _l("City"), _field("city"), "city"),
    Column("country", _l("Country or territory"), _field("country"), "country"),
    Column("languages", _l("Listens in"), _listens),
    Column("delegation", _l("Delegation"), _delegation, loads=_WITH_DELEGATION),
    Column("role", _l("Role in the delegation"), _role, "role"),
    Column("waiting", _l("Number in the waiting list"), _number),
    Column("arrived", _l("Arrived"), _arrived, "arrived"),
    Column("photograph", _l("Photograph"), _photograph, loads=_WITH_PHOTOGRAPH),
    Column("registered", _l("Registered"), _registered, "registered"),
    Column("changed", _l("Last changed"), _changed, "changed"),
    Column("email", _l("E-mail"), _field("email"), "email", is_private=True),
    Column("phone", _l("Telephone"), _field("phone"), is_private=True),
    Column("mails", _l("Mails in"), _language, is_private=True),
    Column("filled_by", _l("Filled in by"), _filled_by, "filled_by", is_private=True),
    Column("arrival", _l("Day of arrival"), _arrival, "arrival", is_private=True),
    Column("arrives", _l("Arrival with time and flight"), _arrives, "arrival", is_private=True),
    Column("departure", _l("Day of departure"), _departure, "departure", is_private=True),
    Column("leaves", _l("Departure with time and flight"), _leaves, "departure", is_private=True),
    Column("hotel", _l("Hotel"), _field("hotel"), "hotel", is_private=True),
    Column("companion", _l("Companion"), _field("companion"), is_private=True),
    Column("diet", _l("Diet"), _field("diet"), is_private=True),
    Column("access_needs", _l("Access needs"), _field("access_needs"), is_private=True),
    Column("visa_letter", _l("Visa letter asked for"), _visa, "visa", is_private=True),
)
USUAL = ("name", "office", "city", "section", "category", "status", "proof")
