"""The desk's two buttons on a person's page."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from retreat.accounts.guards import actor
from retreat.core import clock
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions.web import edition_of
from retreat.registration import lists
from retreat.registration.arrivals import service
from retreat.registration.models import Registration

blueprint = Blueprint("arrivals", __name__, url_prefix="/organise/<edition_slug>/registrations/<code>")


@blueprint.post("/arrived")
def note(edition_slug: str, code: str) -> Any:
    return _take(
        edition_slug,
        code,
        lambda one: service.note_arrival(one, at=clock.now(), by=actor()),
        _("The arrival is noted."),
    )


@blueprint.post("/not-arrived")
def undo(edition_slug: str, code: str) -> Any:
    return _take(
        edition_slug,
        code,
        lambda one: service.undo_arrival(one, at=clock.now(), by=actor()),
        _("The arrival is taken back."),
    )


def _take(edition_slug: str, code: str, step: Callable[[Registration], Registration], said: str) -> Any:
    registration = lists.registration_with_code(edition_of(edition_slug), code)
    if registration is None:
        raise NotFound
    try:
        step(registration)
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        flash(message, "error")
    else:
        db.session.commit()
        flash(said, "success")
    return redirect(url_for("registrations.person", edition_slug=edition_slug, code=code), 303)
