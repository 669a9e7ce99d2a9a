"""Private calendar links of the delegate's own page: made, renewed, revoked."""

from contextlib import suppress
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _

from retreat.calendars import service
from retreat.calendars.service import LinksEnded, PersonOwner, RevokedBefore, TooManySubscriptions
from retreat.core import clock
from retreat.core.db import db
from retreat.core.forms import clean, whole_number
from retreat.core.http import language
from retreat.core.i18n import LANGUAGES
from retreat.editions.web import edition_of
from retreat.portal.calendar_panel import made
from retreat.portal.my import NEW_LINK, blueprint
from retreat.registration.links import registration_of_link


@blueprint.post("/calendar")
def subscribe(edition_slug: str, token: str) -> Any:
    """A further private feed; its address is shown on the next page and never again."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    spoken = request.form.get("language", "")
    try:
        new = service.subscribe(
            PersonOwner(registration.person_id),
            edition.id,
            clean(request.form.get("name")),
            language=spoken if spoken in LANGUAGES else language(),
            seen=whole_number(request.form.get("seen")),
            at=clock.now(),
        )
    except (TooManySubscriptions, LinksEnded) as refusal:
        flash(refusal.message, "error")
    else:
        session[NEW_LINK] = made(new)
        db.session.commit()
    return _back(edition_slug, token)


@blueprint.post("/calendar/<int:number>/renew")
def renew(edition_slug: str, token: str, number: int) -> Any:
    """Another address under the same name; the one that others may have seen is gone."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    link = service.subscription_of(PersonOwner(registration.person_id), edition.id, number)
    try:
        session[NEW_LINK] = made(service.rotate(link, at=clock.now()))
    except (RevokedBefore, LinksEnded) as refusal:
        flash(refusal.message, "error")
    else:
        db.session.commit()
        flash(_("The calendar link has been renewed. The old address has ended."), "success")
    return _back(edition_slug, token)


@blueprint.post("/calendar/<int:number>/revoke")
def revoke(edition_slug: str, token: str, number: int) -> Any:
    """From now on that address answers 410, and calendars remove it."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    link = service.subscription_of(PersonOwner(registration.person_id), edition.id, number)
    with suppress(RevokedBefore):
        service.revoke(link, at=clock.now())
    db.session.commit()
    flash(_("The calendar link has been revoked."), "success")
    return _back(edition_slug, token)


def _back(edition_slug: str, token: str) -> Any:
    return redirect(url_for(".page", edition_slug=edition_slug, token=token, _anchor="calendar"), 303)
