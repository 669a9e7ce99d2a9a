"""The visitor's own time zone: chosen on the page (`?tz=`, remembered), else what the browser said, else unknown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from flask import Response, current_app, request

from retreat.core import dates, zones

CHOSEN = "retreat_tz"
"""Set by `?tz=`; the value "venue" means: show the venue's time only."""
REPORTED = "retreat_tz_auto"
"""Set by static/js/own-time.js from the browser, anew whenever the machine has travelled."""
ONLY_VENUE = "venue"


def visitor_zone() -> str | None:
    """The IANA name of the zone to show beside the venue's, or None."""
    for wanted in (request.args.get("tz"), request.cookies.get(CHOSEN), request.cookies.get(REPORTED)):
        if wanted == ONLY_VENUE:
            return None
        if wanted in zones.names():
            return wanted
    return None


def remember_zone(response: Response) -> Response:
    """After a request: keep what `?tz=` chose."""
    wanted = request.args.get("tz", "")
    if response.mimetype == "text/html" and (wanted == ONLY_VENUE or wanted in zones.names()):
        response.set_cookie(
            CHOSEN,
            wanted,
            max_age=timedelta(days=365),
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    name: str
    label: str


@cache
def _zones_of_cities() -> tuple[str, ...]:
    """The zones that people live by, one a city: zone.tab of the pinned data, without its aliases."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return tuple(sorted(row[2] for row in rows))


def zone_choices(language: str, at: datetime) -> tuple[ZoneChoice, ...]:
    """Every city's zone with its present offset, in the order of the language's names."""
    choices = [
        ZoneChoice(name, f"{dates.zone_city(name, language)}, {zones.offset_label(at, name)}")
        for name in _zones_of_cities()
    ]
    return tuple(sorted(choices, key=lambda choice: (choice.label.casefold(), choice.name)))
