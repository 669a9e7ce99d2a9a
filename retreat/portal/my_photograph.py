"""The photograph on the delegate's own page: handed in, looked at, cut, replaced, removed."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from limits import parse
from werkzeug.exceptions import RequestEntityTooLarge

from retreat.core import clock, downloads
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.http import error_page, spend
from retreat.editions.web import edition_of
from retreat.portal.my import actor_of, blueprint
from retreat.registration import photo, photographs
from retreat.registration.links import registration_of_link
from retreat.registration.photo import Box
from retreat.registration.states import LIVE

PER_HOUR = parse("60 per hour")
"""Pictures of one registration: each costs the machine a good part of a second."""


@blueprint.route("/photograph", methods=["GET", "POST"])
def photograph(edition_slug: str, token: str) -> Any:
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    if registration.status not in LIVE:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    if request.method == "GET":
        return _page(edition_slug, token)
    upload = request.files.get("photograph")
    content = upload.read() if upload else b""
    if not content:
        return _page(edition_slug, token, _("Choose a file.")), 422
    if not spend(PER_HOUR, "photograph", str(registration.id)):
        return _page(edition_slug, token, _("Many pictures have been sent. Try again in an hour.")), 429
    try:
        photographs.keep(registration, content, _box(), at=clock.now(), by=actor_of(registration))
    except photo.PhotographRefused as refusal:
        message = refusal.message
        db.session.rollback()
        return _page(edition_slug, token, message), 422
    db.session.commit()
    flash(_("Your photograph is on the badge. Please look at the proof once more."), "success")
    return redirect(url_for(".page", edition_slug=edition_slug, token=token, _anchor="proof"), 303)


def _page(edition_slug: str, token: str, error: str = "") -> str:
    registration = registration_of_link(edition_of(edition_slug), token)
    return render_template(
        "portal/my_photograph.html",
        registration=registration,
        token=token,
        error=error,
        most=photo.MOST_BYTES >> 20,
    )


def _box() -> Box | None:
    """What the page's script chose; nothing, or nonsense, means the middle."""
    try:
        left, top, width, height = (float(request.form.get(name, "")) for name in ("left", "top", "width", "height"))
    except ValueError:
        return None
    box = Box(left, top, width, height)
    # Not a number compares as false, and so does what is out of reach.
    return box if all(-1 <= value <= 2 for value in box) else None


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Any:
    """A picture of twenty megabytes: said on the page itself."""
    db.session.rollback()
    sentence = str(photo.too_large())
    if request.endpoint != "my.photograph":
        return error_page(413, _("What you have sent is too large. Choose smaller files."))
    try:
        return _page(**(request.view_args or {}), error=sentence), 413
    except RetreatError:
        return error_page(413, sentence)


@blueprint.get("/photograph.jpg")
def photograph_file(edition_slug: str, token: str) -> Response:
    registration = registration_of_link(edition_of(edition_slug), token)
    return downloads.sent(photographs.photograph_of(registration), is_inline=True)


@blueprint.post("/photograph/remove")
def remove_photograph(edition_slug: str, token: str) -> Any:
    registration = registration_of_link(edition_of(edition_slug), token)
    if photographs.remove(registration, at=clock.now(), by=actor_of(registration)):
        db.session.commit()
        flash(_("The photograph has been removed and deleted."), "success")
    return redirect(url_for(".page", edition_slug=edition_slug, token=token, _anchor="proof"), 303)
