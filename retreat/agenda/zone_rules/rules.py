"""What the rules in use make of a wall time, beside what was made of it before. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from retreat.agenda.times import BadTime, Instants, instants
from retreat.core import zones


class Why(StrEnum):
    """Why a wall time gives no instant any more."""

    GAP = "gap"
    """The clocks go forward over it."""
    TWICE = "twice"
    """The clocks go back over it."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Unclear:
    """The wall time at which the clock leaves off: the session's start or its end."""

    why: Why
    local: datetime | None = None


def derive(day: date | None, starts: time | None, ends: time | None, zone: str) -> Instants | Unclear | None:
    """As `times.instants`; and what is wrong instead of an error."""
    try:
        return instants(day, starts, ends, zone)
    except BadTime as error:
        match error.__cause__:
            case zones.NonexistentTime(local=local):
                return Unclear(Why.GAP, local)
            case zones.AmbiguousTime(local=local):
                return Unclear(Why.TWICE, local)
        return Unclear(Why.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One session whose instants are others by the rules in use, or are none."""

    code: str
    title: dict[str, str]
    zone: str
    date: date
    starts: time
    ends: time
    before: Instants
    after: Instants | Unclear
    is_draft: bool = False
    is_published: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is kept in a ZoneUpdate."""
        kept: dict[str, Any] = {
            "code": self.code,
            "title": dict(self.title),
            "zone": self.zone,
            "date": self.date.isoformat(),
            "starts": f"{self.starts:%H:%M}",
            "ends": f"{self.ends:%H:%M}",
            "before": _span(self.before),
            "draft": self.is_draft,
            "published": self.is_published,
        }
        if isinstance(self.after, Unclear):
            local = self.after.local
            return kept | {"why": self.after.why.value, "local": local.isoformat() if local else ""}
        return kept | {"after": _span(self.after)}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Moved":
        local = kept.get("local")
        return cls(
            code=kept["code"],
            title=kept["title"],
            zone=kept["zone"],
            date=date.fromisoformat(kept["date"]),
            starts=time.fromisoformat(kept["starts"]),
            ends=time.fromisoformat(kept["ends"]),
            before=_instants(kept["before"]),
            after=(
                _instants(kept["after"])
                if "after" in kept
                else Unclear(Why(kept["why"]), datetime.fromisoformat(local) if local else None)
            ),
            is_draft=kept["draft"],
            is_published=kept["published"],
        )


def _span(both: Instants) -> list[str]:
    return [both.start.isoformat(), both.end.isoformat()]


def _instants(span: list[str]) -> Instants:
    start, end = map(datetime.fromisoformat, span)
    return Instants(start, end)
