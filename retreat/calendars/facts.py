"""What a calendar and its entries say, before anyone writes it as iCalendar: values only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Form(StrEnum):
    """How times are written: as instants, or as the venue's wall time with its VTIMEZONE."""

    UTC = "utc"
    VENUE = "venue"


class EventStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """Everything one VEVENT says; texts are plain and may hold anything. Instants are aware."""

    uid: str
    sequence: int
    created: datetime
    modified: datetime
    start: datetime
    end: datetime
    zone: str
    summary: str
    location: str = ""
    description: str = ""
    status: EventStatus = EventStatus.CONFIRMED
    is_opaque: bool = False
    is_private: bool = False
    categories: tuple[str, ...] = ()
    url: str = ""
    conference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFacts:
    """The head of a feed. There is no UID here: vdirsyncer then folds a whole feed into one event."""

    name: str
    description: str
    zone: str
    refresh: timedelta
    modified: datetime
    colour: str = ""
    """A colour name of CSS 3 (RFC 7986 §5.9), or nothing."""
