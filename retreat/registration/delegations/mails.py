"""The mails of a delegation: to its coordinator, and to those who change places."""

from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from retreat.core import mail
from retreat.core.audit import Actor
from retreat.core.dates import date_range
from retreat.core.db import db
from retreat.core.http import absolute_url
from retreat.registration.delegations.labels import name_of
from retreat.registration.delegations.links import live_links, new_link
from retreat.registration.delegations.models import Delegation, Substitution
from retreat.registration.models import Registration


@mail.mints("delegation")
def coordinators_page(delegation_id: int, at: datetime) -> str:
    """The address of the coordinator's page, by a further secret link."""
    delegation = db.session.get_one(Delegation, delegation_id)
    token = new_link(delegation, at=at)
    return absolute_url("delegation.page", edition_slug=delegation.edition.slug, token=token)


def send_link(delegation: Delegation, *, is_renewed: bool, at: datetime, by: Actor) -> None:
    """A further link for the coordinator; with `is_renewed` the mail says that the older ones have ended."""
    _queue_for_coordinator("delegation_link", delegation, with_link=True, at=at, by=by, is_renewed=is_renewed)


def tell_several(
    delegation: Delegation, registered: int, waiting: int, changed: int, left_out: int, *, at: datetime, by: Actor
) -> None:
    """One mail for many lines; each of the people has one of their own."""
    counts = {"registered": registered, "waiting": waiting, "changed": changed, "left_out": left_out}
    _tell_coordinator("delegation_several", delegation, at=at, by=by, **counts)


def tell_news(registration: Registration, *, at: datetime, by: Actor) -> None:
    """Somebody of a delegation stands otherwise than before: one mail however many it is at that moment.

    It says where to look and not what: the person has read that in a mail of their own.
    """
    delegation = registration.delegation
    if delegation is None or by.kind == "coordinator" or delegation.coordinator_email == registration.email:
        return
    once = f"delegation-news:{delegation.id}:{at.isoformat()}"
    if db.session.scalar(select(mail.OutboxMail.id).where(mail.OutboxMail.once == once)) is None:
        _tell_coordinator("delegation_news", delegation, once=once, at=at, by=by)


def tell_proposal_refused(substitution: Substitution, *, at: datetime, by: Actor) -> None:
    one = substitution.registration
    if one.delegation is not None:
        _tell_coordinator(
            "substitution_refused",
            one.delegation,
            at=at,
            by=by,
            outgoing=one.printed_name,
            successor=name_of(substitution),
            reason=substitution.reason,
        )


def tell_substituted(outgoing: Registration, successor: Registration, *, at: datetime, by: Actor) -> None:
    """Both people, and the coordinator once."""
    names: dict[str, Any] = {"outgoing": outgoing.printed_name, "successor": successor.printed_name}
    _queue("substituted", outgoing.email, outgoing.language, outgoing, at=at, by=by, code=outgoing.code, **names)
    _queue(
        "successor",
        successor.email,
        successor.language,
        successor,
        links={"link": ("registration", successor.id)},
        at=at,
        by=by,
        code=successor.code,
        is_approved=successor.status == "approved",
        **names,
    )
    if successor.delegation is not None:
        _tell_coordinator("substitution_approved", successor.delegation, at=at, by=by, code=successor.code, **names)


def _tell_coordinator(template: str, delegation: Delegation, *, at: datetime, by: Actor, **values: Any) -> None:
    """News, with a link only where one is alive: a mail must not open what an organiser has closed."""
    if delegation.coordinator_email:
        with_link = live_links(delegation) > 0
        _queue_for_coordinator(template, delegation, with_link=with_link, at=at, by=by, **values)


def _queue_for_coordinator(
    template: str,
    delegation: Delegation,
    *,
    with_link: bool,
    at: datetime,
    by: Actor,
    once: str | None = None,
    **values: Any,
) -> None:
    links = {"link": ("delegation", delegation.id)} if with_link else {}
    to, language = delegation.coordinator_email, delegation.language
    _queue(template, to, language, delegation, links=links, once=once, at=at, by=by, **values)


def _queue(
    template: str,
    to: str,
    language: str,
    about: Delegation | Registration,
    *,
    at: datetime,
    by: Actor,
    links: dict[str, tuple[str, int]] | None = None,
    once: str | None = None,
    **values: Any,
) -> None:
    edition = about.edition
    of = about if isinstance(about, Delegation) else about.delegation
    organisation = of.organisation.name.text(language, edition.main_language) if of is not None else ""
    if isinstance(about, Delegation):
        name = about.coordinator_name or organisation
    else:
        name = " ".join(filter(None, (about.honorific, about.printed_name)))
    with force_locale(language):
        dates = date_range(edition.starts_on, edition.ends_on, language)
    mail.queue(
        f"registration/mail/{template}.txt",
        to=to,
        language=language,
        values={
            "name": name,
            "organisation": organisation,
            "edition_title": edition.title.text(language, edition.main_language),
            "city": edition.city,
            "dates": dates,
            "contact_email": edition.contact_email,
            **values,
        },
        at=at,
        by=by,
        links=links or {},
        edition_id=edition.id,
        about=about,
        once=once,
    )
