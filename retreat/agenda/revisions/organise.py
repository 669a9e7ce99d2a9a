"""The organisers' pages of revisions: the consequences of publishing, and what has been published."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda import checks, labels, publishing
from retreat.agenda.checking.cards import cards
from retreat.agenda.diff import ChangeKind
from retreat.agenda.forms import PublishForm
from retreat.agenda.models import RevisedSession, Revision
from retreat.core import clock, http
from retreat.core.db import db
from retreat.editions.web import edition_of

blueprint = Blueprint("revisions", __name__, url_prefix="/organise/<edition_slug>/agenda")


@blueprint.route("/publish", methods=["GET", "POST"])
@needs(Permission.PUBLISH_AGENDA)
def publish(edition_slug: str) -> Any:
    """What publishing would change; then it is done, and everyone reads the new revision."""
    edition = edition_of(edition_slug)
    form = PublishForm()
    if form.validate_on_submit():
        try:
            revision = publishing.publish(edition, at=clock.now(), by=actor(), note=form.note.data)
        except publishing.NothingToPublish as nothing:
            db.session.rollback()
            flash(nothing.message)
            return redirect(url_for(".publish", edition_slug=edition_slug), 303)
        number = revision.number
        db.session.commit()
        flash(_("Revision %(number)d is published: page and feeds show it now.", number=number))
        return redirect(url_for(".index", edition_slug=edition_slug), 303)
    changes = publishing.difference_to_publish(edition)
    return render_template(
        "agenda/revisions/publish.html",
        form=form,
        groups=[(kind, changes.of(kind)) for kind in ChangeKind if changes.of(kind)],
        changes=changes,
        clashes=cards(checks.open_clashes(edition), http.language(), edition.main_language),
        last=publishing.last_revision(edition),
        change_labels=labels.CHANGES,
        field_labels=labels.FIELDS,
    )


@blueprint.get("/revisions")
def index(edition_slug: str) -> str:
    """What has been published, by whom, with what note."""
    edition = edition_of(edition_slug)
    counts = select(func.count()).where(RevisedSession.revision_id == Revision.id).scalar_subquery()
    found = db.session.execute(
        select(Revision, counts).where(Revision.edition_id == edition.id).order_by(Revision.number.desc())
    ).all()
    return render_template("agenda/revisions/index.html", revisions=[(row[0], row[1]) for row in found])
