"""Everything that one letter says, frozen when it is issued: the same PDF can be made from it again. Pure."""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from retreat.registration.letters.passport import PassportData


class Costs(StrEnum):
    """Who pays for the journey, where the letter says so."""

    UNSAID = ""
    OWN = "own"
    """The person, or the organisation that sends them."""
    UCLG = "uclg"
    HOST = "host"


@dataclass(frozen=True, kw_only=True)
class Signed:
    """One of the two who sign."""

    name: str
    position: str
    organisation: str
    image: str
    """PNG in base64."""


@dataclass(frozen=True, kw_only=True)
class LetterFacts:
    """What the letter says, in its language."""

    number: str
    language: str
    issued_on: date
    passport: PassportData
    position: str
    organisation: str
    code: str
    arrival: date | None
    departure: date | None
    event: str
    city: str
    country: str
    starts_on: date
    ends_on: date
    contact_email: str
    costs: Costs
    secretariat: Signed
    host: Signed
    verify_url: str

    def __repr__(self) -> str:
        return f"LetterFacts({self.number})"

    def to_json(self) -> dict[str, Any]:
        plain = {**asdict(self), "passport": self.passport.to_json()}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in plain.items()}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "LetterFacts":
        days = {
            name: date.fromisoformat(kept[name]) if kept[name] else None
            for name in ("issued_on", "arrival", "departure", "starts_on", "ends_on")
        }
        return cls(
            **{
                **kept,
                **days,
                "passport": PassportData.of_json(kept["passport"]),
                "costs": Costs(kept["costs"]),
                "secretariat": Signed(**kept["secretariat"]),
                "host": Signed(**kept["host"]),
            }
        )
