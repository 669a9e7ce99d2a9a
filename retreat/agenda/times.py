"""From what a wall clock at the venue shows to instants, or a sentence that says why not. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from retreat.core import zones
from retreat.core.errors import RetreatError


class BadTime(RetreatError):
    """A date, start, end or zone that cannot be; `field` says which of them."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Instants:
    start: datetime
    end: datetime


def instants(day: date | None, starts: time | None, ends: time | None, zone: str) -> Instants | None:
    """When a session is, or None while its day or its times are not known. Raises BadTime.

    An end earlier than the start is on the next day.
    """
    if zone not in zones.names():
        raise BadTime("zone", zones.UnknownZone(zone).args[0])
    if starts is None and ends is None:
        return None
    if starts is None:
        raise BadTime("start", _l("Give the start as well: there is an end without one."))
    if day is None:
        raise BadTime("date", _l("Give the date as well: there is a time without one."))
    if not 1900 <= day.year < 3000:
        raise BadTime("date", _l("This is not a year for a session."))
    if ends is None:
        raise BadTime("end", _l("Give the end as well: a start needs one."))
    if starts == ends:
        raise BadTime("end", _l("The end is the same as the start; a session takes time."))
    start = _instant("start", day, starts, zone)
    end = _instant("end", zones.end_date(day, starts, ends), ends, zone)
    if end <= start:
        # Only where the clocks go back between the two.
        raise BadTime("end", _l("The end is not after the start."))
    return Instants(start, end)


def _instant(field: str, day: date, at: time, zone: str) -> datetime:
    try:
        return zones.local_to_utc(day, at, zone)
    except (zones.NonexistentTime, zones.AmbiguousTime) as error:
        raise BadTime(field, error.args[0]) from error


def closed(day: date, starts: time | None, ends: time | None, zone: str) -> Instants | None:
    """From when to when something is closed on the wall of `zone`: without times, that whole day.

    What nobody can stand in front of is taken at the next instant there is; an hour that comes twice is closed both
    times. None where nothing is left.
    """
    if starts is None or ends is None:
        starts, last, ends = time(), day + timedelta(days=1), time()
    else:
        last = zones.end_date(day, starts, ends)
    start, end = _somehow(day, starts, zone, fold=0), _somehow(last, ends, zone, fold=1)
    return Instants(start, end) if start < end else None


def _somehow(day: date, at: time, zone: str, *, fold: int) -> datetime:
    try:
        return zones.local_to_utc(day, at, zone)
    except zones.AmbiguousTime:
        return datetime.combine(day, at.replace(fold=fold), zones.zone(zone)).astimezone(UTC)
    except zones.NonexistentTime:
        return _after_gap(datetime.combine(day, at), zone)


def _after_gap(naive: datetime, zone: str) -> datetime:
    """The instant at which the clocks go forward over this wall time."""
    info = zones.zone(zone)
    early, late = sorted(naive.replace(tzinfo=info, fold=fold).astimezone(UTC) for fold in (0, 1))
    before = early.astimezone(info).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        early, late = (middle, late) if middle.astimezone(info).utcoffset() == before else (early, middle)
    return late.replace(microsecond=0)
