"""Time zones from the pinned tzdata package, first and only: the machine's own files may be years old."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import metadata
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from retreat.core.errors import RetreatError

zoneinfo.reset_tzpath(to=[])
# Whatever was imported before may have asked for the machine's own zone, by the machine's own rules.
ZoneInfo.clear_cache()


class UnknownZone(RetreatError):
    def __init__(self, name: str) -> None:
        super().__init__(_l("“%(name)s” is not a time zone; write it like Africa/Casablanca.", name=name))
        self.name = name


class NonexistentTime(RetreatError):
    def __init__(self, local: datetime, zone: str) -> None:
        super().__init__(
            _l(
                "%(time)s does not exist in %(zone)s on %(date)s: the clocks go forward.",
                time=f"{local:%H:%M}",
                zone=zone,
                date=f"{local:%Y-%m-%d}",
            )
        )
        self.local = local
        self.zone = zone


class AmbiguousTime(RetreatError):
    def __init__(self, local: datetime, zone: str) -> None:
        super().__init__(
            _l(
                "%(time)s happens twice in %(zone)s on %(date)s: the clocks go back.",
                time=f"{local:%H:%M}",
                zone=zone,
                date=f"{local:%Y-%m-%d}",
            )
        )
        self.local = local
        self.zone = zone


@cache
def names() -> frozenset[str]:
    """Every zone name of the pinned data."""
    return frozenset(zoneinfo.available_timezones())


def zone(name: str) -> ZoneInfo:
    """The zone of this IANA name. Raises UnknownZone."""
    if name not in names():
        raise UnknownZone(name)
    return ZoneInfo(name)


@cache
def tzdata_version() -> str:
    """The IANA release in use, e.g. "2026f"; the pinned package counts, not the machine."""
    import tzdata

    return getattr(tzdata, "IANA_VERSION", "") or metadata.version("tzdata")


def local_to_utc(day: date, at: time, zone_name: str) -> datetime:
    """The instant of a wall time. Raises NonexistentTime or AmbiguousTime when the wall shows no single instant."""
    info = zone(zone_name)
    naive = datetime.combine(day, at)
    early, late = naive.replace(tzinfo=info, fold=0), naive.replace(tzinfo=info, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    # A gap or a fold: in a gap neither reading comes back from UTC as it went in.
    if early.astimezone(UTC).astimezone(info).replace(tzinfo=None) != naive:
        raise NonexistentTime(naive, zone_name)
    raise AmbiguousTime(naive, zone_name)


def end_date(day: date, starts: time, ends: time) -> date:
    """The day on which a session ends: an end earlier than the start is on the next day."""
    return day + timedelta(days=1) if ends < starts else day


def offset_label(instant: datetime, zone_name: str) -> str:
    """The offset at that instant, e.g. "UTC+1", "UTC−3:30", "UTC"."""
    offset = instant.astimezone(zone(zone_name)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    if not minutes:
        return "UTC"
    sign = "+" if minutes > 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
