"""The organisers' pages of what limits halls: when one is closed, and how long the walks between venues take."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as Redirect

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda.frame import FrameRefused, tracks
from retreat.agenda.halls import service
from retreat.agenda.halls.forms import ClosureForm
from retreat.core import clock
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition, Hall
from retreat.editions.web import edition_with_frame_of

blueprint = Blueprint("halls", __name__, url_prefix="/organise/<edition_slug>/agenda/frame")


def _hall(edition: Edition, slug: str) -> Hall:
    hall = db.session.scalar(select(Hall).where(Hall.edition_id == edition.id, Hall.slug == slug))
    return hall or abort(404)


@blueprint.route("/hall/<hall_slug>/closures", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
def closures(edition_slug: str, hall_slug: str) -> Any:
    """When a hall is closed, and a form for one time more."""
    edition = edition_with_frame_of(edition_slug)
    hall = _hall(edition, hall_slug)
    form = ClosureForm()
    if form.is_submitted() and form.validate():
        try:
            service.close_hall(
                hall,
                form.date.data,
                form.starts.data,
                form.ends.data,
                form.reason.data or "",
                at=clock.now(),
                by=actor(),
            )
        except FrameRefused as error:
            db.session.rollback()
            edition = edition_with_frame_of(edition_slug)
            hall = _hall(edition, hall_slug)
            form[error.field].errors = [*form[error.field].errors, error.message]
        else:
            db.session.commit()
            flash(_("Clashes go by it from now on."))
            return _back(edition_slug, hall_slug)
    status = 422 if form.is_submitted() else 200
    return render_template("agenda/halls/closures.html", hall=hall, form=form), status


@blueprint.post("/hall/<hall_slug>/closures/<int:number>/remove")
@needs(Permission.EDIT_AGENDA)
def open_hall(edition_slug: str, hall_slug: str, number: int) -> Redirect:
    hall = _hall(edition_with_frame_of(edition_slug), hall_slug)
    try:
        service.open_hall(hall, number, at=clock.now(), by=actor())
    except service.NoSuchClosure as error:
        flash(error.message)
    else:
        db.session.commit()
        flash(_("Removed."))
    return _back(edition_slug, hall_slug)


def _back(edition_slug: str, hall_slug: str) -> Redirect:
    return redirect(url_for(".closures", edition_slug=edition_slug, hall_slug=hall_slug), 303)


@blueprint.post("/walks")
@needs(Permission.EDIT_AGENDA)
def walks(edition_slug: str) -> Any:
    """How long the walk between each two venues takes; all of them in one form."""
    edition = edition_with_frame_of(edition_slug)
    typed = {
        f"{one}-{other}": request.form.get(f"walk-{one}-{other}", "").replace("\x00", "").strip()[:6]
        for one, other in (service.pair_of(*pair) for pair in service.pairs(edition))
    }
    try:
        service.set_walks(edition, {_pair(name): _minutes(name, text) for name, text in typed.items()}, **_now())
    except RetreatError as error:
        db.session.rollback()
        refused = {"pair": getattr(error, "field", ""), "message": error.message}
        edition = edition_with_frame_of(edition_slug)
        return frame_page(edition, typed, refused), 422
    db.session.commit()
    flash(_("Clashes go by it from now on."))
    return redirect(url_for("draft.frame_page", edition_slug=edition_slug) + "#walks", 303)


def _now() -> dict[str, Any]:
    return {"at": clock.now(), "by": actor()}


def _pair(name: str) -> service.Pair:
    one, other = name.split("-")
    return int(one), int(other)


def _minutes(name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise FrameRefused(name, _("Enter minutes from 1 to %(most)d, or nothing.", most=service.LONGEST_WALK))
    return int(text)


def frame_page(edition: Edition, typed: dict[str, str] | None = None, refused: dict[str, str] | None = None) -> str:
    """Days, halls, venues, walks and tracks; what was typed for the walks and will not do comes back."""
    if typed is None:
        typed = {f"{one}-{other}": str(minutes) for (one, other), minutes in service.walks(edition).items()}
    rows = [(one, other, "{}-{}".format(*service.pair_of(one, other))) for one, other in service.pairs(edition)]
    return render_template(
        "agenda/draft/frame.html",
        tracks=tracks(edition),
        closures=service.closures_by_hall(edition),
        walks=rows,
        typed=typed,
        refused=refused,
    )
