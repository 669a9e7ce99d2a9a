"""Dates and hours as people read them, in each language: the weekday is always said, hours run to 24.

Babel's own patterns abbreviate, or put the month first (its "en" is American); these read aloud as one would say them.
"""

from datetime import UTC, date, datetime, time
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_location

from retreat.core import zones

_DAY = {"en": "EEEE d MMMM", "fr": "EEEE d MMMM", "es": "EEEE d 'de' MMMM", "ru": "EEEE, d MMMM"}
_YEAR = {"en": " y", "fr": " y", "es": " 'de' y", "ru": " y 'г.'"}
_BARE = {"en": "d MMMM", "fr": "d MMMM", "es": "d 'de' MMMM", "ru": "d MMMM"}


def _suffix(language: str, year: bool) -> str:
    return _YEAR.get(language, _YEAR["en"]) if year else ""


def _formatted(day: date, pattern: str, language: str) -> str:
    text = format_date(day, pattern, locale=language)
    # French counts the first of a month, and no other day; Unicode's patterns do not know it.
    return text.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else text


def _number(day: date, language: str) -> str:
    return "1er" if language == "fr" and day.day == 1 else str(day.day)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def weekday(day: date, language: str) -> str:
    """Like "Monday"."""
    return _sentence(format_date(day, "EEEE", locale=language))


@cache
def short_weekday(day: date, language: str) -> str:
    """Like "Mon", without the full stop that French writes."""
    return _sentence(format_date(day, "EEE", locale=language)).rstrip(".")


@cache
def long_date(day: date, language: str, year: bool = False) -> str:
    """Like "Monday 24 February"; with `year` "Monday 24 February 2020"."""
    return _sentence(_formatted(day, _DAY.get(language, _DAY["en"]) + _suffix(language, year), language))


@cache
def said_date(day: date, language: str, year: bool = False) -> str:
    """`long_date` inside a sentence: French and Spanish write the weekday small there.

    The Russian sentences begin with the date, so that it stands in the nominative; English writes it large anyway.
    """
    text = long_date(day, language, year)
    return text[:1].lower() + text[1:] if language in {"fr", "es"} else text


@cache
def bare_date(day: date, language: str, year: bool = False) -> str:
    """Like "24 February", where the weekday stands beside it already."""
    return _formatted(day, _BARE.get(language, _BARE["en"]) + _suffix(language, year), language)


def date_range(first: date, last: date, language: str) -> str:
    """Like "24–28 February 2020", "28 February – 4 March 2020"."""
    end = bare_date(last, language, year=True)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{_number(first, language)}–{end}"
    return f"{bare_date(first, language, year=first.year != last.year)} – {end}"


def weekday_range(first: date, last: date, language: str) -> str:
    """Like "Monday 24 – Friday 28 February 2020"."""
    if first == last:
        return long_date(first, language, year=True)
    end = _formatted(last, _DAY.get(language, _DAY["en"]) + _suffix(language, year=True), language)
    if (first.year, first.month) == (last.year, last.month):
        comma = "," if language == "ru" else ""
        return f"{weekday(first, language)}{comma} {_number(first, language)} – {end}"
    return f"{long_date(first, language, year=first.year != last.year)} – {end}"


def clock(at: time | datetime) -> str:
    """Like "09:30"."""
    return f"{at:%H:%M}"


def on_wall(instant: datetime, zone_name: str) -> datetime:
    """The instant as the clocks of that zone show it."""
    return instant.astimezone(zones.zone(zone_name))


def moment(instant: datetime, zone_name: str, language: str) -> str:
    """Like "Monday 24 February 2020, 18:40" on the wall of that zone; written as inside a sentence."""
    local = on_wall(instant, zone_name)
    pattern = _DAY.get(language, _DAY["en"]) + _suffix(language, year=True)
    return f"{_formatted(local.date(), pattern, language)}, {clock(local)}"


@cache
def zone_city(zone_name: str, language: str) -> str:
    """The city that names a zone, in that language: "Екатеринбург" for Asia/Yekaterinburg."""
    if zone_name in {"UTC", "Etc/UTC", "GMT", "Etc/GMT"}:
        return "UTC"
    return str(get_timezone_location(zones.zone(zone_name), locale=language, return_city=True))


def same_wall(first: str, second: str, at: datetime) -> bool:
    """Whether clocks of both zones show the same at that instant."""
    instant = at.astimezone(UTC)
    return instant.astimezone(zones.zone(first)).utcoffset() == instant.astimezone(zones.zone(second)).utcoffset()


@cache
def language_name(code: str, language: str) -> str:
    """What a spoken language is called: "French", "français"; its code where nobody has named it."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(language)
    except (ValueError, UnknownLocaleError):
        return code.upper()
    return _sentence(name or code.upper())
