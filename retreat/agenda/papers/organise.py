"""The papers of one session: hung up, ordered, changed, taken down."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.agenda import labels
from retreat.agenda.models import AgendaSession, Audience, Document
from retreat.agenda.papers import service
from retreat.agenda.papers.forms import PaperForm
from retreat.agenda.service import is_published, session_by_code
from retreat.core import clock, http
from retreat.core.db import db
from retreat.core.downloads import sent
from retreat.core.errors import RetreatError
from retreat.core.uploads import LARGEST_PAPER, UploadRefused
from retreat.editions.web import edition_of

blueprint = Blueprint("papers", __name__, url_prefix="/organise/<edition_slug>/agenda/sessions/<code>/papers")

# The file and the words around it. A file that is too large is read too: the form comes back with a sentence.
for _endpoint in ("papers.add", "papers.edit"):
    http.take_larger(_endpoint, 3 * LARGEST_PAPER)


def _session(edition_slug: str, code: str) -> AgendaSession:
    return session_by_code(edition_of(edition_slug), code)


def _page(session: AgendaSession, form: PaperForm, paper: Document | None = None) -> str:
    return render_template(
        "agenda/papers/index.html",
        session=session,
        papers=service.papers_of(session),
        paper=paper,
        form=form,
        is_published=is_published(session),
        audience_labels=labels.AUDIENCES,
    )


@blueprint.get("")
def index(edition_slug: str, code: str) -> str:
    return _page(_session(edition_slug, code), PaperForm().offer(http.language()))


@blueprint.post("")
@needs(Permission.EDIT_AGENDA)
def add(edition_slug: str, code: str) -> Any:
    return _save(edition_slug, code, "")


@blueprint.route("/<token>", methods=["GET", "POST"])
@needs(Permission.EDIT_AGENDA)
def edit(edition_slug: str, code: str, token: str) -> Any:
    """Other words or another audience; a file that is chosen takes the place of the one before."""
    return _save(edition_slug, code, token)


def _save(edition_slug: str, code: str, token: str) -> Any:
    session = _session(edition_slug, code)
    paper = service.paper_of(session, token) if token else None
    form = PaperForm().offer(http.language(), paper)
    if not form.validate_on_submit():
        return _page(session, form, paper), 422 if form.is_submitted() else 200
    said = {
        "title": form.title.data,
        "language": form.language.data,
        "audience": Audience(form.audience.data),
        "at": clock.now(),
        "by": actor(),
    }
    content = form.file.data.read(LARGEST_PAPER + 1) if form.file.data else b""
    name = form.file.data.filename or "" if form.file.data else ""
    try:
        if paper is None:
            service.add(session, content, name, **said)
        else:
            service.change(session, paper, content=content, name=name, **said)
    except RetreatError as refusal:
        db.session.rollback()
        shown = form.file.errors if isinstance(refusal, UploadRefused) else form.form_errors
        form.file.errors = [*shown, refusal.message]
        session = _session(edition_slug, code)
        return _page(session, form, service.paper_of(session, token) if token else None), 422
    db.session.commit()
    flash(_("The paper is there for whom it is for.") if paper is None else _("Saved."))
    return _back(edition_slug, code)


def _back(edition_slug: str, code: str) -> Redirect:
    return redirect(url_for(".index", edition_slug=edition_slug, code=code), 303)


@blueprint.post("/<token>/<any(up, down):step>")
@needs(Permission.EDIT_AGENDA)
def move(edition_slug: str, code: str, token: str, step: str) -> Redirect:
    session = _session(edition_slug, code)
    service.move(session, service.paper_of(session, token), step, at=clock.now(), by=actor())
    db.session.commit()
    return _back(edition_slug, code)


@blueprint.post("/<token>/remove")
@needs(Permission.EDIT_AGENDA)
def remove(edition_slug: str, code: str, token: str) -> Redirect:
    session = _session(edition_slug, code)
    service.remove(session, service.paper_of(session, token), at=clock.now(), by=actor())
    db.session.commit()
    flash(_("Removed."))
    return _back(edition_slug, code)


@blueprint.get("/<token>/file")
def file(edition_slug: str, code: str, token: str) -> Response:
    """Also while the session is not published."""
    return sent(service.paper_of(_session(edition_slug, code), token), is_inline=True)
