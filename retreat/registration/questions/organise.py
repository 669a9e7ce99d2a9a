"""The organisers' page of the edition's own questions, and the form in which one is written."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from retreat.accounts.guards import actor
from retreat.core import clock
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.forms import whole_number
from retreat.core.http import language
from retreat.editions.models import Edition
from retreat.editions.service import all_editions
from retreat.editions.web import edition_of
from retreat.registration.forms import ButtonForm
from retreat.registration.questions import editing
from retreat.registration.questions.controls import notes_of
from retreat.registration.questions.forms import KINDS, CopyForm, QuestionForm, preview
from retreat.registration.questions.models import Question
from retreat.registration.questions.service import current_questions, questions_of

blueprint = Blueprint("questions", __name__, url_prefix="/organise/<edition_slug>/questions")


@blueprint.get("")
def index(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    everything = questions_of(edition)
    asked = [one for one in everything if one.retired_at is None]
    return render_template(
        "registration/questions/index.html",
        questions=asked,
        retired=[one for one in everything if one.retired_at is not None],
        notes=notes_of(asked, edition.main_language),
        counts=editing.counts(edition),
        kinds=KINDS,
        copy_form=_copy_form(edition),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new(edition_slug: str) -> Any:
    edition = edition_of(edition_slug)
    form = QuestionForm(edition, current_questions(edition))
    if request.method == "GET" or _only_rearranged(form) or not form.validate_on_submit():
        return _page(form, None), 422 if form.errors else 200
    try:
        editing.add(edition, form.given(), at=clock.now(), by=actor())
    except RetreatError as refusal:
        return _refused(edition_slug, None, refusal)
    db.session.commit()
    flash(_("The question is asked from now on."), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


@blueprint.route("/<slug>", methods=["GET", "POST"])
def edit(edition_slug: str, slug: str) -> Any:
    edition = edition_of(edition_slug)
    question = _question(edition, slug)
    form = _form(edition, question)
    if request.method == "GET" or _only_rearranged(form) or not form.validate_on_submit():
        return _page(form, question), 422 if form.errors else 200
    try:
        editing.change(question, form.given(), version=whole_number(form.version.data), at=clock.now(), by=actor())
    except RetreatError as refusal:
        return _refused(edition_slug, slug, refusal)
    db.session.commit()
    flash(_("The question is saved."), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


@blueprint.post("/preview")
def show(edition_slug: str) -> str:
    """How the form will show what is typed so far; nothing of it is kept."""
    edition = edition_of(edition_slug)
    slug = request.form.get("slug", "")
    question = _question(edition, slug) if slug else None
    form = _form(edition, question) if question else QuestionForm(edition, current_questions(edition))
    return render_template("registration/questions/preview.html", shown=preview(form))


@blueprint.post("/<slug>/move")
def move(edition_slug: str, slug: str) -> Any:
    edition = edition_of(edition_slug)
    step = -1 if request.form.get("step") == "up" else 1
    return _act(edition_slug, slug, lambda one: editing.move(one, step, at=clock.now(), by=actor()), edition)


@blueprint.post("/<slug>/remove")
def remove(edition_slug: str, slug: str) -> Any:
    edition = edition_of(edition_slug)

    def act(question: Question) -> None:
        if editing.remove(question, at=clock.now(), by=actor()):
            flash(_("The question is gone; nobody had answered it."), "success")
        else:
            flash(_("The question is asked no more; the answers to it stay."), "success")

    return _act(edition_slug, slug, act, edition)


@blueprint.post("/<slug>/bring-back")
def bring_back(edition_slug: str, slug: str) -> Any:
    edition = edition_of(edition_slug)
    return _act(edition_slug, slug, lambda one: editing.bring_back(one, at=clock.now(), by=actor()), edition)


@blueprint.post("/copy")
def copy(edition_slug: str) -> Any:
    edition = edition_of(edition_slug)
    form = CopyForm()
    source = next((one for one in _others(edition) if one.slug == form.source.data), None)
    if source is None or not form.validate_on_submit():
        flash(_("Choose the edition whose questions are to be asked here as well."), "error")
        return redirect(url_for(".index", edition_slug=edition_slug), 303)
    copied = editing.copy(source, edition, at=clock.now(), by=actor())
    db.session.commit()
    if copied:
        flash(ngettext("%(num)d question copied.", "%(num)d questions copied.", copied), "success")
    else:
        flash(_("Every question of that edition is here already."), "info")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


def _act(edition_slug: str, slug: str, act: Any, edition: Edition) -> Any:
    """Take one step and show the list; a refusal is said there, and nothing has changed."""
    question = _question(edition, slug)
    if not ButtonForm().validate_on_submit():
        raise NotFound
    try:
        act(question)
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        flash(message, "error")
    else:
        db.session.commit()
    return redirect(url_for(".index", edition_slug=edition_slug, _anchor=f"question-{slug}"), 303)


def _only_rearranged(form: QuestionForm) -> bool:
    """A button that moves or adds rows shows the form again, with all that was typed, and saves nothing."""
    what, _dash, text = request.form.get("do", "").partition("-")
    if what == "add":
        form.options.add()
    elif what in ("up", "down") and (number := whole_number(text)) is not None:
        form.options.move(number, -1 if what == "up" else 1)
    return what in ("add", "up", "down", "look")


def _refused(edition_slug: str, slug: str | None, refusal: RetreatError) -> Any:
    """The form as it was typed, with the sentence; what the session held is read anew."""
    message, status = refusal.message, int(refusal.status)
    db.session.rollback()
    edition = edition_of(edition_slug)
    question = _question(edition, slug) if slug else None
    form = _form(edition, question) if question else QuestionForm(edition, current_questions(edition))
    form.form_errors.append(message)
    return _page(form, question), status


def _form(edition: Edition, question: Question) -> QuestionForm:
    earlier = []
    for one in current_questions(edition):
        if one is question:
            break
        earlier.append(one)
    return QuestionForm(edition, earlier, question)


def _page(form: QuestionForm, question: Question | None) -> str:
    answered = editing.counts(form.edition).get(question.id, 0) if question else 0
    return render_template(
        "registration/questions/question.html", form=form, question=question, answered=answered, shown=preview(form)
    )


def _others(edition: Edition) -> list[Edition]:
    return [one for one in all_editions() if one.id != edition.id]


def _copy_form(edition: Edition) -> CopyForm | None:
    """Only where another edition has something to copy."""
    spoken = language()
    found = [one for one in _others(edition) if current_questions(one)]
    if not found:
        return None
    form = CopyForm()
    form.source.choices = [(one.slug, f"{one.title.text(spoken, one.main_language)} ({one.slug})") for one in found]
    return form


def _question(edition: Edition, slug: str) -> Question:
    found = editing.question_of(edition, slug)
    if found is None:
        raise NotFound
    return found
