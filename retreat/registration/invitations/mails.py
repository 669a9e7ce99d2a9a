"""The mails of an invitation: the invitation itself and its reminder."""

from datetime import datetime

from flask_babel import force_locale

from retreat.core import dates, mail
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.http import absolute_url
from retreat.registration.answers import printed_name
from retreat.registration.invitations import states
from retreat.registration.invitations.links import new_link
from retreat.registration.invitations.models import Invitation


@mail.mints("invitation")
def answer_page(invitation_id: int, at: datetime) -> str:
    """The address at which the person answers, by a further secret link."""
    invitation = db.session.get_one(Invitation, invitation_id)
    token = new_link(invitation, at=at)
    return absolute_url("invitation.page", edition_slug=invitation.edition.slug, token=token)


def invite(invitation: Invitation, *, at: datetime, by: Actor) -> None:
    _queue("invitation", invitation, at=at, by=by)


def remind(invitation: Invitation, *, at: datetime, by: Actor) -> None:
    _queue("reminder", invitation, at=at, by=by)


def _queue(template: str, invitation: Invitation, *, at: datetime, by: Actor) -> None:
    edition, language = invitation.edition, invitation.language
    with force_locale(language):
        days = dates.date_range(edition.starts_on, edition.ends_on, language)
        last_day = dates.said_date(states.last_day(invitation, edition.zone), language, year=True)
    category, delegation = invitation.category, invitation.delegation
    mail.queue(
        f"registration/mail/{template}.txt",
        to=invitation.email,
        language=language,
        values={
            "name": " ".join(filter(None, (invitation.prefill.get("honorific", ""), printed_name(invitation.prefill)))),
            "edition_title": edition.title.text(language, edition.main_language),
            "city": edition.city,
            "dates": days,
            "last_day": last_day,
            "category": category.name.text(language, edition.main_language) if category else "",
            "delegation": delegation.organisation.name.text(language, edition.main_language) if delegation else "",
            "contact_email": edition.contact_email,
        },
        at=at,
        by=by,
        links={"link": ("invitation", invitation.id)},
        edition_id=edition.id,
        about=invitation,
    )
