"""Addresses that open somebody's calendar with a feed to subscribe to, or with one session filled in. Pure.

None of them is documented by its maker. Google takes a feed by `webcal` alone: https it refuses.
Outlook shows the text of an entry as HTML, Google as it stands.
"""

import unicodedata
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlencode

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0"
"""Of private accounts."""
MICROSOFT_365 = "https://outlook.office.com/calendar/0"
"""Of accounts at work and at school."""
_ROOM_FOR_A_TITLE, _ROOM_FOR_A_PLACE = 900, 400
"""As they stand in an address: Microsoft's servers refuse a query of more than 2,048 characters."""
_JOINER = "\N{ZERO WIDTH JOINER}"


class WebCalendars(NamedTuple):
    """One address for each of them."""

    google: str
    outlook: str
    microsoft_365: str


def webcal(address: str) -> str:
    """The same address under the scheme that calendars subscribe to."""
    return "webcal://" + address.partition("://")[2]


def subscriptions(address: str, name: str) -> WebCalendars:
    """Each asks whether to add the feed at this address; Outlook calls it by `name`."""
    return WebCalendars(
        google=_link(GOOGLE, cid=webcal(address)),
        outlook=_link(f"{OUTLOOK}/addfromweb", url=address, name=name),
        microsoft_365=_link(f"{MICROSOFT_365}/addfromweb", url=address, name=name),
    )


def one_session(*, summary: str, start: datetime, end: datetime, location: str, details: str) -> WebCalendars:
    """Each shows a new entry to save: a copy that follows no change, and whose `details` should say where to look."""
    begins, finishes = start.astimezone(UTC), end.astimezone(UTC)
    summary, location = _fitting(summary, _ROOM_FOR_A_TITLE), _fitting(location, _ROOM_FOR_A_PLACE)
    filled_in = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": summary,
        # Without its zone a time would be taken for the reader's own.
        "startdt": f"{begins:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{finishes:%Y-%m-%dT%H:%M:%SZ}",
        "location": location,
        "body": escape(details, quote=False).replace("\n", "<br>"),
    }
    return WebCalendars(
        google=_link(
            GOOGLE,
            action="TEMPLATE",
            text=summary,
            dates=f"{begins:%Y%m%dT%H%M%SZ}/{finishes:%Y%m%dT%H%M%SZ}",
            details=details,
            location=location,
        ),
        outlook=_link(f"{OUTLOOK}/deeplink/compose", **filled_in),
        microsoft_365=_link(f"{MICROSOFT_365}/deeplink/compose", **filled_in),
    )


def _link(address: str, **query: str) -> str:
    # A plus sign would stay a plus sign in Outlook.
    return f"{address}?{urlencode(query, quote_via=quote, safe='')}"


def _fitting(text: str, room: int) -> str:
    """As much of it as has room in an address; Cyrillic takes six characters a letter, a family of emoji eighty."""
    taken = 0
    for position, character in enumerate(text):
        taken += len(quote(character, safe=""))
        if taken > room:
            end = position
            while end and (_belongs_to_the_last(text[end]) or text[end - 1] == _JOINER):
                end -= 1
            return text[:end].rstrip() + "…"
    return text


def _belongs_to_the_last(character: str) -> bool:
    """An accent, a colour of skin, or what joins the next picture to the one before."""
    return character == _JOINER or unicodedata.category(character) in {"Mn", "Me", "Mc", "Sk"}
