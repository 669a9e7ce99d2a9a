"""The protocol officer's page: running order and awards of each ceremony."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda.models import AgendaSession
from retreat.ceremony import order, service
from retreat.ceremony.forms import AwardForm, StepForm
from retreat.core import clock, http, zones
from retreat.core.db import db
from retreat.editions.web import edition_of

blueprint = Blueprint("ceremony", __name__, url_prefix="/organise/<edition_slug>/ceremony")


def _wall_start(session: AgendaSession) -> Any:
    return session.start_utc.astimezone(zones.zone(session.zone)) if session.start_utc else None


def _back(edition_slug: str, session: AgendaSession, anchor: str = "") -> Response:
    address = url_for("ceremony.show", edition_slug=edition_slug, code=session.code)
    return redirect(f"{address}#{anchor}" if anchor else address, 303)


@blueprint.get("")
def index(edition_slug: str) -> Any:
    """The only ceremony at once, else a list of them."""
    edition = edition_of(edition_slug)
    found = service.ceremonies(edition.id)
    if len(found) == 1:
        return redirect(url_for(".show", edition_slug=edition_slug, code=found[0].code))
    return render_template("ceremony/index.html", ceremonies=found)


@blueprint.get("/<code>")
def show(edition_slug: str, code: str) -> str:
    session = service.ceremony_of(edition_of(edition_slug).id, code)
    steps = service.running_order_of(session.id)
    minutes = [step.minutes for step in steps]
    begins = _wall_start(session)
    return render_template(
        "ceremony/show.html",
        session=session,
        steps=list(zip(order.starts(begins, minutes), steps, strict=True)),
        begins=begins,
        planned_end=session.end_utc.astimezone(zones.zone(session.zone)) if session.end_utc else None,
        computed_end=order.ends(begins, minutes),
        awards=service.awards_of(session.id),
    )


@blueprint.route("/<code>/steps/new", methods=["GET", "POST"])
@blueprint.route("/<code>/steps/<int:step_id>", methods=["GET", "POST"], endpoint="edit_step")
@needs(Permission.EDIT_CEREMONY)
def new_step(edition_slug: str, code: str, step_id: int | None = None) -> Any:
    """The form for one step; saving goes back to the running order."""
    session = service.ceremony_of(edition_of(edition_slug).id, code)
    step = service.step_by_id(session.id, step_id) if step_id is not None else None
    form = StepForm(obj=step).offer(service.awards_of(session.id), http.language())
    if form.validate_on_submit():
        saved = service.save_step(session, step, **form.values(), at=clock.now(), by=actor())
        db.session.commit()
        return _back(edition_slug, session, f"step-{saved.id}")
    return render_template("ceremony/step.html", session=session, step=step, form=form), 422 if form.errors else 200


@blueprint.post("/<code>/steps/<int:step_id>/<any(up, down, remove):action>")
@needs(Permission.EDIT_CEREMONY)
def change_step(edition_slug: str, code: str, step_id: int, action: str) -> Response:
    session = service.ceremony_of(edition_of(edition_slug).id, code)
    step = service.step_by_id(session.id, step_id)
    if action == "remove":
        service.remove_step(session, step, at=clock.now(), by=actor())
        flash(_("The step is removed."))
    else:
        service.move_step(session, step, -1 if action == "up" else 1, at=clock.now(), by=actor())
    db.session.commit()
    return _back(edition_slug, session, "running-order" if action == "remove" else f"step-{step_id}")


@blueprint.route("/<code>/awards/new", methods=["GET", "POST"])
@blueprint.route("/<code>/awards/<int:award_id>", methods=["GET", "POST"], endpoint="edit_award")
@needs(Permission.EDIT_CEREMONY)
def new_award(edition_slug: str, code: str, award_id: int | None = None) -> Any:
    """The form for one award."""
    session = service.ceremony_of(edition_of(edition_slug).id, code)
    award = service.award_by_id(session.id, award_id) if award_id is not None else None
    form = AwardForm(obj=award)
    if form.validate_on_submit():
        service.save_award(session, award, form.values(), at=clock.now(), by=actor())
        db.session.commit()
        return _back(edition_slug, session, "awards")
    return render_template("ceremony/award.html", session=session, award=award, form=form), 422 if form.errors else 200


@blueprint.post("/<code>/awards/<int:award_id>/remove")
@needs(Permission.EDIT_CEREMONY)
def remove_award(edition_slug: str, code: str, award_id: int) -> Response:
    session = service.ceremony_of(edition_of(edition_slug).id, code)
    service.remove_award(session, service.award_by_id(session.id, award_id), at=clock.now(), by=actor())
    db.session.commit()
    flash(_("The award is removed."))
    return _back(edition_slug, session, "awards")


@blueprint.post("/<code>/<any(announce, seal):action>")
@needs(Permission.EDIT_CEREMONY)
def announce(edition_slug: str, code: str, action: str) -> Response:
    """Open all results of this ceremony, or put them back under embargo."""
    session = service.ceremony_of(edition_of(edition_slug).id, code)
    awards = service.awards_of(session.id)
    if action == "announce":
        count = service.announce(session, awards, at=clock.now(), by=actor())
        flash(ngettext("%(num)d result is open to everyone.", "%(num)d results are open to everyone.", count))
    else:
        count = service.seal(session, awards, at=clock.now(), by=actor())
        flash(ngettext("%(num)d result is sealed again.", "%(num)d results are sealed again.", count))
    db.session.commit()
    return _back(edition_slug, session, "awards")
