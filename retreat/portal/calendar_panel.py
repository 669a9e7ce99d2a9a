"""The private calendar links on the delegate's own page, and the new one at the only moment at which it is known."""

from datetime import date, datetime
from typing import NamedTuple

from flask_babel import force_locale
from flask_babel import gettext as _

from retreat.calendars import service
from retreat.calendars.models import Subscription
from retreat.calendars.pages import FeedLink
from retreat.calendars.service import MOST_SUBSCRIPTIONS, NewSubscription, PersonOwner
from retreat.core import tokens
from retreat.core.http import absolute_url
from retreat.editions.models import Edition
from retreat.registration.models import Registration

Made = tuple[int, str]
"""The number of a link, and its token."""


class OwnLink(NamedTuple):
    """A link that its owner may renew or revoke."""

    subscription: Subscription
    name: str


class NewLink(NamedTuple):
    """The link that was made or renewed a moment ago."""

    name: str
    feed: FeedLink


class CalendarPanel(NamedTuple):
    links: tuple[OwnLink, ...]
    new: NewLink | None
    expires: date | None
    """The day on which all of them end, once it is known."""
    has_expired: bool

    @property
    def is_full(self) -> bool:
        return len(self.links) >= MOST_SUBSCRIPTIONS


def made(new: NewSubscription) -> Made:
    """What the next page has to know to show it."""
    return new.subscription.id, new.token


def calendar_panel(registration: Registration, edition: Edition, *, new: Made | None, at: datetime) -> CalendarPanel:
    living = service.subscriptions_of(PersonOwner(registration.person_id), edition.id)
    links = tuple(
        OwnLink(one, one.name or _("Calendar link %(number)s", number=number)) for number, one in enumerate(living, 1)
    )
    return CalendarPanel(
        links=links,
        new=next((_new_link(one, new[1], edition) for one in links if new and _is(one, new)), None),
        expires=service.expires_on(edition),
        has_expired=service.is_over(edition.closed_at, at),
    )


def _is(link: OwnLink, new: Made) -> bool:
    """Unless it was renewed elsewhere meanwhile: an address that has ended is not shown."""
    number, token = new
    return link.subscription.id == number and link.subscription.token_hash == tokens.hashed(token)


def _new_link(link: OwnLink, token: str, edition: Edition) -> NewLink:
    spoken = link.subscription.language
    with force_locale(spoken):
        title = _("%(title)s: my week", title=edition.title.text(spoken, edition.main_language))
    return NewLink(link.name, FeedLink(absolute_url("calendars.own", token=token), title))
