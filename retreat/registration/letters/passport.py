"""What a visa letter needs of a passport, as values, and what is wrong with it. Pure."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

SIX_MONTHS = 183
"""Days. Many consulates ask that a passport is valid for so long after the stay."""


@dataclass(frozen=True, kw_only=True)
class PassportData:
    """As the passport has it; what it does not have is empty."""

    family_name: str
    given_names: str
    number: str
    nationality: str
    born_on: date
    born_in: str
    issued_on: date
    expires_on: date
    applies_in: str
    """The city of the consulate that is asked for the visa."""

    def __repr__(self) -> str:
        """Says nothing: values of this kind must not reach a log by way of a message."""
        return "PassportData(…)"

    @property
    def verified_name(self) -> str:
        """The name by which a letter can be verified: who has one name only has no family name."""
        return self.family_name or self.given_names

    def to_json(self) -> dict[str, str]:
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "PassportData":
        values: dict[str, Any] = {
            field.name: date.fromisoformat(kept[field.name]) if field.type is date else kept[field.name]
            for field in fields(cls)
        }
        return cls(**values)


class Problem(NamedTuple):
    """What is wrong, and with which value."""

    field: str
    sentence: Any


def problems(data: PassportData, *, ends_on: date, today: date) -> list[Problem]:
    """Why a letter cannot be written from this, for an edition that ends on `ends_on`; empty when it can."""
    found = []
    if not data.family_name and not data.given_names:
        found.append(Problem("family_name", _l("Enter the name as it stands in the passport: one part is enough")))
    if not date(1900, 1, 1) <= data.born_on < today:
        found.append(Problem("born_on", _l("Enter a date of birth in the past")))
    if not data.born_on < data.issued_on <= today:
        found.append(Problem("issued_on", _l("Enter the day on which the passport was issued, today or before")))
    if data.expires_on <= data.issued_on:
        found.append(Problem("expires_on", _l("The passport would end before it was issued: read both dates again")))
    elif data.expires_on <= ends_on:
        found.append(
            Problem("expires_on", _l("The passport ends before the Retreat does: a letter needs one that is valid"))
        )
    return found


def ends_soon(data: PassportData, ends_on: date) -> bool:
    """Valid for less than six months after the Retreat: a letter can be written, the visa may be refused."""
    return (data.expires_on - ends_on).days < SIX_MONTHS
