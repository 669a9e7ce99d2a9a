"""The organisers' page of what new rules of time zones moved."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda.zone_rules import service
from retreat.agenda.zone_rules.lines import shown
from retreat.core import clock, http, zones
from retreat.core.db import db
from retreat.editions.web import edition_of

blueprint = Blueprint("zone_rules", __name__, url_prefix="/organise/<edition_slug>/agenda/time-zones")


@blueprint.get("/", strict_slashes=False)
def index(edition_slug: str) -> str:
    """Each release of the rules, the latest first; each session with its wall time and its instants."""
    edition = edition_of(edition_slug)
    return render_template(
        "agenda/zone_rules/index.html",
        updates=shown(service.updates(edition), service.open_codes(edition), http.language()),
        version=zones.tzdata_version(),
    )


@blueprint.post("/<int:number>/read")
@needs(Permission.EDIT_AGENDA)
def read(edition_slug: str, number: int) -> Redirect:
    """Somebody has looked at it: nobody is told any more."""
    edition = edition_of(edition_slug)
    service.mark_read(edition, number, at=clock.now(), by=actor())
    db.session.commit()
    flash(_("Noted: the notice is gone for all organisers."))
    return redirect(url_for(".index", edition_slug=edition_slug), 303)
