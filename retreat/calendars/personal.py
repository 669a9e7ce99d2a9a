"""Personal feeds: a person's own week behind a secret address."""

from datetime import datetime
from typing import NamedTuple

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from retreat.agenda import published
from retreat.agenda.access import Attendee
from retreat.agenda.attendees import IS_MEMBER_OF, attendee_of, choices_as_text, with_choices
from retreat.agenda.own_week import week_of
from retreat.agenda.published import Programme, PublishedSession
from retreat.calendars import feeds
from retreat.calendars.facts import Form
from retreat.calendars.feeds import EDITION, FRAME_COLUMNS, LAST_REVISION, REVISION, Feed, Frame, NoSuchFeed, Week
from retreat.calendars.models import Subscription
from retreat.calendars.service import expires_at, is_over
from retreat.core import tokens
from retreat.core.db import db
from retreat.core.errors import NotFound
from retreat.editions.models import Edition
from retreat.network.models import Organisation, Person
from retreat.registration.models import Registration, Status
from retreat.registration.states import OUT


class FeedGone(NotFound):
    """The address was a feed once: calendars that are told so remove it."""

    def __init__(self) -> None:
        super().__init__(_l("This calendar is no longer available."))


class Owner(NamedTuple):
    """Whose feed it is, and what its last use was."""

    id: int
    person_id: int
    language: str
    revoked_at: datetime | None
    last_fetched_at: datetime | None
    status: Status | None
    section_id: int | None
    is_member: bool | None


_SUBSCRIPTION, _REGISTRATION = Subscription.__table__, Registration.__table__
_PERSON, _ORGANISATION = Person.__table__, Organisation.__table__
OWNER_COLUMNS = (
    _SUBSCRIPTION.c.id,
    _SUBSCRIPTION.c.person_id,
    _SUBSCRIPTION.c.language,
    _SUBSCRIPTION.c.revoked_at,
    _SUBSCRIPTION.c.last_fetched_at,
    _REGISTRATION.c.status,
    _REGISTRATION.c.section_id,
    _ORGANISATION.c.is_member,
)
BY_TOKEN = (
    select(*OWNER_COLUMNS, *FRAME_COLUMNS)
    .select_from(_SUBSCRIPTION)
    .join(_PERSON, _PERSON.c.id == _SUBSCRIPTION.c.person_id)
    .join(EDITION, EDITION.c.id == _SUBSCRIPTION.c.edition_id)
    .outerjoin(REVISION, LAST_REVISION)
    .outerjoin(
        _REGISTRATION,
        (_REGISTRATION.c.edition_id == EDITION.c.id) & (_REGISTRATION.c.person_id == _PERSON.c.id),
    )
    .outerjoin(_ORGANISATION, IS_MEMBER_OF)
    .where(_SUBSCRIPTION.c.token_hash == bindparam("token_hash"))
)
BY_TOKEN_WITH_CHOICES = BY_TOKEN.add_columns(
    choices_as_text(_SUBSCRIPTION.c.person_id, _SUBSCRIPTION.c.edition_id, _SUBSCRIPTION)
)
"""All that decides a personal feed but the clock, in one row."""


def personal_feed(token: str, *, language: str | None, form: Form, at: datetime) -> tuple[Owner, Feed]:
    """The feed at a secret address, in two queries. Raises NoSuchFeed, FeedGone."""
    row = db.session.connection().execute(BY_TOKEN, {"token_hash": tokens.hashed(token)}).one_or_none()
    if row is None:
        raise NoSuchFeed
    owner, edition = Owner(*row[: len(OWNER_COLUMNS)]), Frame(*row[len(OWNER_COLUMNS) :])
    _refuse(owner, edition, at)
    attendee = _attendee(owner, edition.id)
    spoken = owner.language if language is None else edition.spoken(language)
    week = Week.of(edition, at)
    etag = feeds.digest(edition, attendee, spoken, form, week)

    def body() -> bytes:
        read = feeds.programme_of(edition)
        with force_locale(spoken):
            name = _("%(title)s: my week", title=edition.title.text(spoken, edition.main_language))
        head = feeds.calendar_head(edition, name, spoken, week)
        chosen = week_of(read, attendee)
        return feeds.rendered(edition, read, chosen, head, language=spoken, form=form, week=week, is_private=True)

    until = min(week.until, expires_at(edition.closed_at) or week.until)
    return owner, Feed(etag, week.modified, until, is_private=True, body=lambda: feeds.bodies.get(etag, body))


def personal_week(person_id: int, edition: Edition) -> tuple[PublishedSession, ...]:
    """A person's week as published now, in order of time; for the person's own page."""
    return week_of(published.programme(edition), attendee_of(person_id, edition.id))


def has_a_part(person_id: int, edition: Edition) -> bool:
    """Whether a session as published names this person, who then keeps a calendar whatever became of the rest."""
    return _has_a_part(person_id, published.programme(edition))


def _refuse(owner: Owner, edition: Frame, at: datetime) -> None:
    if owner.revoked_at is not None or is_over(edition.closed_at, at):
        raise FeedGone
    # A speaker who withdrew from the dinners still speaks.
    if owner.status in OUT and not _has_a_part(owner.person_id, feeds.programme_of(edition)):
        raise FeedGone


def _has_a_part(person_id: int, programme: Programme) -> bool:
    return any(part.person_id == person_id for session in programme.sessions for part in session.parts)


def _attendee(owner: Owner, edition_id: int) -> Attendee:
    return with_choices(owner.person_id, edition_id, owner)
