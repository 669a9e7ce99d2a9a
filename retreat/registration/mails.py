"""The mails of a registration: to the person, and to whoever filled the form in for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import force_locale

from retreat.core import mail
from retreat.core.audit import Actor
from retreat.core.dates import date_range
from retreat.core.db import db
from retreat.core.http import absolute_url
from retreat.editions.models import Edition
from retreat.registration.delegations import mails as coordinators
from retreat.registration.links import new_link
from retreat.registration.models import Registration, Status

_OF_STATUS = {
    Status.APPROVED: "approved",
    Status.DECLINED: "declined",
    Status.WITHDRAWN: "withdrawn",
    Status.CANCELLED: "cancelled",
}

PASSPORT_REMINDER = "registration/mail/passport_reminder.txt"


@mail.mints("registration")
def own_page(registration_id: int, at: datetime) -> str:
    """The address of the delegate's own page, by a further secret link."""
    registration = db.session.get_one(Registration, registration_id)
    token = new_link(registration, at=at)
    return absolute_url("my.page", edition_slug=registration.edition.slug, token=token)


@mail.mints("registration_line")
def own_page_line(registration_id: int, at: datetime) -> str:
    """Who it is, and the address; nothing for somebody who has been erased meanwhile."""
    registration = db.session.get(Registration, registration_id)
    if registration is None:
        return ""
    return f"{registration.code}, {registration.printed_name}\n{own_page(registration_id, at)}"


def confirm(registration: Registration, *, at: datetime, by: Actor) -> None:
    """The registration has arrived: with a place, or on the waiting list."""
    _send("confirmation", registration, at=at, by=by, waits=registration.status is Status.WAITLISTED)


def tell_decision(registration: Registration, reason: str, *, at: datetime, by: Actor) -> None:
    coordinator = by.name if by.kind == "coordinator" else ""
    _send(_OF_STATUS[registration.status], registration, at=at, by=by, reason=reason, coordinator=coordinator)
    coordinators.tell_news(registration, at=at, by=by)


def tell_promotion(registration: Registration, *, at: datetime, by: Actor) -> None:
    """From the waiting list onto a place; it is still to be decided."""
    _send("promoted", registration, at=at, by=by)
    coordinators.tell_news(registration, at=at, by=by)


def tell_letter(registration: Registration, *, is_new: bool, at: datetime, by: Actor) -> None:
    """The visa letter can be fetched on the own page; the mail has nothing of it."""
    _send("letter_ready", registration, at=at, by=by, is_new=is_new)


def tell_letter_revoked(registration: Registration, number: str, reason: str, *, at: datetime, by: Actor) -> None:
    _send("letter_revoked", registration, at=at, by=by, number=number, reason=reason)


def remind_of_passport(registration: Registration, *, at: datetime, by: Actor) -> None:
    """A visa letter was asked for, and only the passport data is missing."""
    _send("passport_reminder", registration, at=at, by=by)


def tell_moved(registration: Registration, before: str, *, at: datetime, by: Actor) -> None:
    """To the address that counts no more, without a link: whoever moved it may not be the person."""
    edition, language = registration.edition, registration.language
    mail.queue(
        "registration/mail/moved.txt",
        to=before,
        language=language,
        values={"name": registration.printed_name, "code": registration.code, **standing_values(edition, language)},
        at=at,
        by=by,
        edition_id=edition.id,
        about=registration,
    )


def send_link(registration: Registration, *, to: str, at: datetime, by: Actor, is_renewed: bool = False) -> None:
    """A further link to the own page; `to` is one of the two addresses of the registration.

    `is_renewed`: every earlier link has ended.
    """
    _queue("link", registration, [to], at=at, by=by, is_renewed=is_renewed)


def send_links(registrations: Sequence[Registration], *, to: str, at: datetime, by: Actor) -> None:
    """A further link for each of several people under one address, such as an assistant's, in one mail.

    Their names come with the links, while it is sent: the mail's row keeps no list of people.
    """
    first = registrations[0]
    edition, language = first.edition, first.language
    mail.queue(
        "registration/mail/links.txt",
        to=to,
        language=language,
        values={
            "count": len(registrations),
            **standing_values(edition, language),
        },
        at=at,
        by=by,
        links={"lines": [("registration_line", one.id) for one in registrations]},
        edition_id=edition.id,
        about=edition,
    )


def standing_values(edition: Edition, language: str) -> dict[str, str]:
    """What the end of every mail says of the edition."""
    with force_locale(language):
        dates = date_range(edition.starts_on, edition.ends_on, language)
    return {
        "edition_title": edition.title.text(language, edition.main_language),
        "city": edition.city,
        "dates": dates,
        "contact_email": edition.contact_email,
    }


def _send(template: str, registration: Registration, *, at: datetime, by: Actor, **values: Any) -> None:
    both = dict.fromkeys((registration.email, registration.filled_by_email))
    _queue(template, registration, [one for one in both if one], at=at, by=by, **values)


def _queue(
    template: str, registration: Registration, recipients: Sequence[str], *, at: datetime, by: Actor, **values: Any
) -> None:
    edition, language = registration.edition, registration.language
    mail.queue_copies(
        f"registration/mail/{template}.txt",
        to=recipients,
        language=language,
        values={
            "name": " ".join(filter(None, (registration.honorific, registration.printed_name))),
            "code": registration.code,
            **standing_values(edition, language),
            "filled_by": registration.filled_by_name,
            **values,
        },
        at=at,
        by=by,
        links={"link": ("registration", registration.id)},
        edition_id=edition.id,
        about=registration,
    )
