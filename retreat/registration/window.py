"""When registration is open: from the first day to the end of the last, on the edition's own clocks. Pure."""

from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from flask_babel import get_locale
from flask_babel import gettext as _

from retreat.core import dates, zones
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition


class Opening(StrEnum):
    EARLY = "early"
    OPEN = "open"
    OVER = "over"


class Window(NamedTuple):
    """`day` is the day on which it opens or closed; None when the edition names none."""

    opening: Opening
    day: date | None

    @property
    def is_open(self) -> bool:
        return self.opening is Opening.OPEN


def window(edition: Edition, at: datetime) -> Window:
    """Open unless dates say otherwise; the last day counts to its end in the edition's zone."""
    today = at.astimezone(zones.zone(edition.zone)).date()
    if edition.closed_at is not None and edition.closed_at <= at:
        closed_on = edition.closed_at.astimezone(zones.zone(edition.zone)).date()
        return Window(Opening.OVER, min(edition.registration_closes or closed_on, closed_on))
    if edition.registration_closes is not None and today > edition.registration_closes:
        return Window(Opening.OVER, edition.registration_closes)
    if edition.registration_opens is not None and today < edition.registration_opens:
        return Window(Opening.EARLY, edition.registration_opens)
    return Window(Opening.OPEN, edition.registration_closes)


def may_correct(edition: Edition, at: datetime) -> bool:
    """Answers can be corrected until registration closes, also before it has opened to everybody."""
    return window(edition, at).opening is not Opening.OVER


class RegistrationClosed(RetreatError):
    """Not yet open, or over; the sentence says the day."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, window: Window, city: str) -> None:
        super().__init__(window)
        self.window = window
        self.city = city

    @property
    def message(self) -> str:
        return sentence(self.window, self.city)


def sentence(window: Window, city: str) -> str:
    """What a person is told about the window, with the date."""
    day = dates.said_date(window.day, str(get_locale() or "en"), year=True) if window.day else ""
    match window.opening:
        case Opening.EARLY:
            return _("Registration for %(city)s opens on %(day)s.", city=city, day=day)
        case Opening.OVER:
            return _("Registration for %(city)s closed on %(day)s.", city=city, day=day)
        case Opening.OPEN if window.day:
            return _("Registration for %(city)s is open until %(day)s.", city=city, day=day)
        case _other:
            return _("Registration for %(city)s is open.", city=city)
