"""Secret feed addresses, of people and of organisers: made, shown once, renewed, revoked."""

import logging
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from retreat.calendars.models import Subscription
from retreat.calendars.programs import program_of
from retreat.core import tokens, zones
from retreat.core.db import db, writing
from retreat.core.errors import NotFound, RetreatError
from retreat.core.i18n import LANGUAGES
from retreat.core.tokens import Token
from retreat.editions import service as editions
from retreat.editions.models import Edition

log = logging.getLogger(__name__)

LONGEST_NAME = 60
LONGEST_PROGRAM = 40
MOST_SUBSCRIPTIONS = 20
NOTE_FETCHES_EVERY = timedelta(minutes=15)
EXPIRES_AFTER = timedelta(days=90)
"""From the closing of the edition."""


class PersonOwner(NamedTuple):
    """Somebody whose own week it is."""

    person_id: int


class OrganiserOwner(NamedTuple):
    """Somebody who reads the draft."""

    organiser_id: int


Owner = PersonOwner | OrganiserOwner


class TooManySubscriptions(RetreatError):
    """Somebody keeps more feed links than anyone has calendars."""

    def __init__(self) -> None:
        super().__init__(
            _l("You already have %(most)s calendar links. Revoke one that you no longer use.", most=MOST_SUBSCRIPTIONS)
        )


class LinksEnded(RetreatError):
    """A link that is made or renewed now would be gone already."""

    def __init__(self) -> None:
        super().__init__(_l("The calendar links of this Retreat have ended: no new one can be made."))


class UnknownSubscription(NotFound):
    """No feed link of this owner at this edition has this number."""

    def __init__(self, subscription_id: int) -> None:
        super().__init__(_l("This calendar link does not exist, or has been revoked already."))
        self.subscription_id = subscription_id


class RevokedBefore(UnknownSubscription):
    """Somebody renews or revokes a link that was revoked since the page was shown."""


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """The only moment at which the token is known: show the link now."""

    subscription: Subscription
    token: Token


def subscriptions_of(owner: Owner, edition_id: int) -> list[Subscription]:
    """The live feed links that somebody has at an edition, oldest first."""
    return list(db.session.scalars(select(Subscription).where(*_living(owner, edition_id)).order_by(Subscription.id)))


def subscription_of(owner: Owner, edition_id: int, subscription_id: int) -> Subscription:
    """One of them, live or revoked. Raises UnknownSubscription, also for a link that is someone else's."""
    found = db.session.scalar(
        select(Subscription).where(*_owned(owner, edition_id), Subscription.id == subscription_id)
    )
    if found is None:
        raise UnknownSubscription(subscription_id)
    return found


def subscribe(
    owner: Owner, edition_id: int, name: str, *, language: str = "en", seen: int | None = None, at: datetime
) -> NewSubscription:
    """A further feed link, named by its owner ("My phone"). Raises TooManySubscriptions, LinksEnded.

    `seen` is the number of the newest link on the page that was sent: who presses twice makes one link, with the
    address that the second press shows.
    """
    editions.hold(edition_id)
    _refuse_when_over(edition_id, at)
    living = subscriptions_of(owner, edition_id)
    named = _printable(name)[:LONGEST_NAME]
    for one in living:
        if seen is not None and one.id > seen and one.name == named and one.last_fetched_at is None:
            again = rotate(one, at=at)
            one.language = language if language in LANGUAGES else "en"
            return again
    if len(living) >= MOST_SUBSCRIPTIONS:
        raise TooManySubscriptions
    token = tokens.new()
    subscription = Subscription(
        **owner._asdict(),
        edition_id=edition_id,
        name=named,
        language=language if language in LANGUAGES else "en",
        token_hash=tokens.hashed(token),
        created_at=at,
    )
    db.session.add(subscription)
    db.session.flush()
    return NewSubscription(subscription, token)


def rotate(subscription: Subscription, *, at: datetime) -> NewSubscription:
    """Another address for a link of which others may have seen the old one, which is revoked.

    The row goes on under its number, and another remembers the old address: whoever presses twice renews twice, and
    the last address is the only one that lives. Raises RevokedBefore, LinksEnded.
    """
    _hold_living(subscription)
    _refuse_when_over(subscription.edition_id, at)
    old = Subscription(
        **_owner_of(subscription)._asdict(),
        edition_id=subscription.edition_id,
        name=subscription.name,
        language=subscription.language,
        token_hash=subscription.token_hash,
        created_at=subscription.created_at,
        last_fetched_at=subscription.last_fetched_at,
        last_client=subscription.last_client,
        revoked_at=at,
    )
    token = tokens.new()
    subscription.token_hash = tokens.hashed(token)
    subscription.created_at, subscription.last_fetched_at, subscription.last_client = at, None, ""
    db.session.flush()
    db.session.add(old)
    db.session.flush()
    return NewSubscription(subscription, token)


def revoke(subscription: Subscription, *, at: datetime) -> Subscription:
    """From now on the link answers 410, at which calendars remove it. Raises RevokedBefore."""
    _hold_living(subscription)
    subscription.revoked_at = at
    db.session.flush()
    return subscription


def is_fetch_to_note(last_fetched_at: datetime | None, at: datetime) -> bool:
    """Whether a fetch is worth a write: clients ask every few minutes, owners look once a week."""
    return last_fetched_at is None or at - last_fetched_at >= NOTE_FETCHES_EVERY


def note_fetch(subscription_id: int, *, program: str = "", at: datetime) -> None:
    """Remember when a link was last used, and by which calendar program; its owner sees it."""
    db.session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(last_fetched_at=at, last_client=program[:LONGEST_PROGRAM])
    )


def note_fetch_in_passing(subscription_id: int, agent: str | None, *, at: datetime) -> None:
    """The same in a transaction of its own: no calendar is refused because its visit could not be written down."""
    try:
        # An import may hold the write lock for seconds, and every calendar that waits for it holds a thread.
        with writing(patience_ms=100):
            note_fetch(subscription_id, program=program_of(agent), at=at)
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        log.warning("A feed was fetched and it could not be noted (%s).", type(error).__name__)


def expires_at(closed_at: datetime | None) -> datetime | None:
    """From when secret feeds of an edition that was closed then are gone; None while it is open."""
    return closed_at + EXPIRES_AFTER if closed_at is not None else None


def is_over(closed_at: datetime | None, at: datetime) -> bool:
    """Whether secret feeds of an edition that was closed then are gone."""
    expires = expires_at(closed_at)
    return expires is not None and at >= expires


def expires_on(edition: Edition) -> date | None:
    """The same as a day in the edition's zone, for people to read."""
    at = expires_at(edition.closed_at)
    return at.astimezone(zones.zone(edition.zone)).date() if at else None


def _refuse_when_over(edition_id: int, at: datetime) -> None:
    if is_over(db.session.get_one(Edition, edition_id).closed_at, at):
        raise LinksEnded


def _printable(text: str) -> str:
    """In one line without control characters; emoji families stay whole."""
    return " ".join("".join(" " if unicodedata.category(one) == "Cc" else one for one in text).split())


def _hold_living(subscription: Subscription) -> None:
    """Of two who renew or revoke at once the second sees what the first did."""
    db.session.refresh(subscription, with_for_update={"key_share": True, "of": Subscription})
    if subscription.revoked_at is not None:
        raise RevokedBefore(subscription.id)


def _living(owner: Owner, edition_id: int) -> tuple[ColumnElement[bool], ...]:
    return (*_owned(owner, edition_id), Subscription.revoked_at.is_(None))


def _owned(owner: Owner, edition_id: int) -> tuple[ColumnElement[bool], ...]:
    mine = (
        Subscription.person_id == owner.person_id
        if isinstance(owner, PersonOwner)
        else Subscription.organiser_id == owner.organiser_id
    )
    return (mine, Subscription.edition_id == edition_id)


def _owner_of(subscription: Subscription) -> Owner:
    if subscription.person_id is not None:
        return PersonOwner(subscription.person_id)
    assert subscription.organiser_id is not None
    return OrganiserOwner(subscription.organiser_id)
