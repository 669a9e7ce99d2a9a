"""The secretariat's page of numbers, and the switch that publishes them."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.core import clock
from retreat.core.db import db
from retreat.core.downloads import sent_table
from retreat.core.http import language
from retreat.editions import service as editions
from retreat.editions.web import edition_of
from retreat.registration.numbers import counts, tables
from retreat.registration.numbers.labels import GROUPS

blueprint = Blueprint("numbers", __name__, url_prefix="/organise/<edition_slug>")


@blueprint.get("/numbers")
def index(edition_slug: str) -> str:
    return render_template(
        "registration/numbers/index.html", numbers=counts.numbers(edition_of(edition_slug)), groups=GROUPS
    )


@blueprint.get("/numbers.csv")
def file(edition_slug: str) -> Response:
    edition = edition_of(edition_slug)
    content = tables.csv(
        counts.numbers(edition), say=lambda name: name.text(language(), edition.main_language), is_public=False
    )
    return sent_table(content, f"numbers-{edition.slug}-internal")


@blueprint.post("/numbers/publish")
@needs(Permission.EDIT_SETTINGS)
def publish(edition_slug: str) -> Any:
    """Show the public page, or take it away."""
    edition = edition_of(edition_slug)
    if not FlaskForm().validate_on_submit():
        abort(400)
    are_shown = request.form.get("shown") == "yes"
    editions.update_edition(edition, {"are_numbers_shown": are_shown}, at=clock.now(), by=actor())
    db.session.commit()
    flash(_("Everybody can see the numbers now.") if are_shown else _("The public page is gone."), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)
