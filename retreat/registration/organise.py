"""The secretariat's list, one registration's page, decisions, corrections."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from retreat.accounts.guards import actor, can, needs
from retreat.accounts.roles import Permission
from retreat.core import clock, downloads
from retreat.core.db import db
from retreat.core.downloads import sent, sent_table
from retreat.core.errors import RetreatError
from retreat.core.forms import whole_number
from retreat.core.http import language, page_number
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.network import duplicates, likeness
from retreat.network.service import sections
from retreat.registration import lists, photographs, proof, service, states, waiting
from retreat.registration.exports import export_registrations
from retreat.registration.forms import ButtonForm, SecretariatForm
from retreat.registration.labels import PROOFS, tape
from retreat.registration.listing import saved
from retreat.registration.listing.chips import said
from retreat.registration.listing.organise import asked_for, may_read_private
from retreat.registration.listing.table import columns_of, reader_of
from retreat.registration.lists import categories_of, listed, suggestions
from retreat.registration.models import Registration, Status
from retreat.registration.questions.limits import ChoiceFull
from retreat.registration.questions.service import answered, file_of

blueprint = Blueprint("registrations", __name__, url_prefix="/organise/<edition_slug>")


@blueprint.get("/registrations")
def index(edition_slug: str) -> str:
    """The list; what does not fit a filter's words is shown as chips, and whoever is open stands beside it."""
    edition = edition_of(edition_slug)
    shown = said(edition, asked_for(request.args), language())
    table = columns_of(edition, shown.asked.columns, language(), may_read_private=may_read_private())
    found = listed(edition, shown.asked, page_number(), loads=table.loads)
    known = saved.saved_lists(edition)
    return render_template(
        "registration/list.html",
        asked=shown.asked,
        chips=shown.chips,
        columns=table.chosen,
        reader=reader_of(
            edition, table.chosen, found.registrations, language(), numbers=found.numbers, now=clock.now()
        ),
        found=found,
        totals=found.totals,
        saved=[(one, saved.filter_of(one)) for one in known],
        current=saved.current(known, shown.asked),
        statuses=states.LABELS,
        bulk=states.BULK_APPROVED,
        live=states.LIVE,
        proof=proof,
        who=request.args.get("who", "")[:24],
    )


@blueprint.get("/registrations.<any(csv, xlsx):kind>")
@needs(Permission.EXPORT_REGISTRATIONS)
def export(edition_slug: str, kind: str) -> Response:
    """The whole list as it is filtered, in the columns that an import reads."""
    edition = edition_of(edition_slug)
    chosen = lists.all_of(edition, asked_for(request.args))
    return sent_table(export_registrations(chosen, kind), f"registrations-{edition.slug}", kind)


@blueprint.get("/registrations/<code>")
def person(edition_slug: str, code: str) -> str:
    edition = edition_of(edition_slug)
    registration = _registration(edition, code)
    return render_template(
        "registration/person.html",
        registration=registration,
        came_from=_list_of_address(),
        number=waiting.number_in_list(registration),
        answered=answered(registration, language(), edition.main_language) if may_read_private() else [],
        allowed=states.allowed(registration.status, is_organiser=True),
        tape=tape(registration, language()),
        statuses=states.LABELS,
        proof=proof,
        proofs=PROOFS,
        perhaps=duplicates.alike(registration.person) if can(Permission.EDIT_REGISTRATIONS) else [],
        likenesses=likeness.WORDS,
    )


@blueprint.post("/registrations/<code>/approve")
@needs(Permission.DECIDE_REGISTRATIONS)
def approve(edition_slug: str, code: str) -> Any:
    return _decide(edition_slug, code, lambda one: service.approve(one, at=clock.now(), by=actor()))


@blueprint.post("/registrations/<code>/decline")
@needs(Permission.DECIDE_REGISTRATIONS)
def decline(edition_slug: str, code: str) -> Any:
    return _decide(edition_slug, code, lambda one: service.decline(one, _reason(), at=clock.now(), by=actor()))


@blueprint.post("/registrations/<code>/cancel")
@needs(Permission.DECIDE_REGISTRATIONS)
def cancel(edition_slug: str, code: str) -> Any:
    return _decide(edition_slug, code, lambda one: service.cancel(one, _reason(), at=clock.now(), by=actor()))


@blueprint.route("/register", methods=["GET", "POST"])
@needs(Permission.EDIT_REGISTRATIONS)
def register(edition_slug: str) -> Any:
    """The secretariat registers somebody, also before and after the public form is open."""
    edition = edition_of(edition_slug)
    form = SecretariatForm(edition, categories_of(edition), sections())
    if not form.validate_on_submit():
        return _form_page(form, None), 422 if form.errors else 200
    try:
        registration = service.register(
            edition,
            form.values(),
            at=clock.now(),
            by=actor(),
            language=form.language.data,
            even_when_closed=True,
            replies=form.replies(),
        )
    except ChoiceFull as refusal:
        db.session.rollback()
        edition = edition_of(edition_slug)
        form = SecretariatForm(edition, categories_of(edition), sections())
        form.refuse_full(refusal)
        return _form_page(form, None), int(refusal.status)
    except service.AlreadyRegistered as refusal:
        db.session.commit()
        code = refusal.registration.code
        form.form_errors.append(_("%(sentence)s Its reference is %(code)s.", sentence=refusal.message, code=code))
        return _form_page(form, None), 409
    code = registration.code
    db.session.commit()
    flash(_("Registered as %(code)s; a mail is on its way.", code=code), "success")
    return redirect(url_for(".person", edition_slug=edition_slug, code=code), 303)


@blueprint.route("/registrations/<code>/edit", methods=["GET", "POST"])
@needs(Permission.EDIT_REGISTRATIONS)
def edit(edition_slug: str, code: str) -> Any:
    edition = edition_of(edition_slug)
    registration = _registration(edition, code)
    if registration.is_erased:
        raise service.HasBeenErased
    form = _edit_form(edition, registration)
    if not form.validate_on_submit():
        return _form_page(form, registration), 422 if form.errors else 200
    try:
        service.correct(
            registration,
            form.values(),
            # What is no number is no version that anybody was shown.
            version=whole_number(form.version.data) or 0,
            language=form.language.data,
            at=clock.now(),
            by=actor(),
            replies=form.replies(),
        )
    except ChoiceFull as refusal:
        db.session.rollback()
        edition = edition_of(edition_slug)
        registration = _registration(edition, code)
        form = _edit_form(edition, registration)
        form.refuse_full(refusal)
        return _form_page(form, registration), int(refusal.status)
    except (service.ChangedMeanwhile, service.NoPlaceLeft) as refusal:
        db.session.rollback()
        form.form_errors.append(refusal.message)
        return _form_page(form, _registration(edition_of(edition_slug), code)), int(refusal.status)
    db.session.commit()
    flash(_("The registration has been saved."), "success")
    return redirect(url_for(".person", edition_slug=edition_slug, code=code), 303)


def _edit_form(edition: Edition, registration: Registration) -> SecretariatForm:
    form = SecretariatForm(edition, categories_of(edition), sections(), registration)
    code = registration.code
    form.files_at = lambda slug: url_for(".answer_file", edition_slug=edition.slug, code=code, slug=slug)
    return form


@blueprint.get("/registrations/<code>/files/<slug>")
@needs(Permission.EDIT_REGISTRATIONS)
def answer_file(edition_slug: str, code: str, slug: str) -> Response:
    """The file with which the person answered a question."""
    file = file_of(_registration(edition_of(edition_slug), code), slug)
    if file is None:
        raise NotFound
    return sent(file)


@blueprint.get("/registrations/<code>/photograph.jpg")
def photograph(edition_slug: str, code: str) -> Response:
    registration = _registration(edition_of(edition_slug), code)
    return downloads.sent(photographs.photograph_of(registration), is_inline=True)


@blueprint.post("/registrations/<code>/photograph/remove")
@needs(Permission.EDIT_REGISTRATIONS)
def remove_photograph(edition_slug: str, code: str) -> Any:
    registration = _registration(edition_of(edition_slug), code)
    if photographs.remove(registration, at=clock.now(), by=actor()):
        db.session.commit()
        flash(_("The photograph has been removed and deleted."), "success")
    return redirect(url_for(".person", edition_slug=edition_slug, code=code), 303)


def _decide(edition_slug: str, code: str, step: Callable[[Registration], Registration]) -> Any:
    """Take one step and show the page; a refusal is said there, and nothing has changed."""
    edition = edition_of(edition_slug)
    registration = _registration(edition, code)
    form = ButtonForm()
    if not form.validate_on_submit():
        raise NotFound
    try:
        after = step(registration).status
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        flash(message, "error")
    else:
        db.session.commit()
        flash(_said(after), "success")
    address = url_for(".person", edition_slug=edition_slug, code=code, list=_list_of_address() or None)
    return redirect(address, 303)


def _list_of_address() -> str:
    """The list that the person was opened from, as the query of its address: `list`, read like any filter."""
    return asked_for(MultiDict(parse_qsl(request.args.get("list", "")[:2000]))).query()


def _said(status: Status) -> str:
    match status:
        case Status.APPROVED:
            return _("Approved; a mail is on its way.")
        case Status.DECLINED:
            return _("Declined; a mail with the reason is on its way.")
        case _other:
            return _("Cancelled; a mail with the reason is on its way.")


def _reason() -> str:
    return request.form.get("reason", "").replace("\x00", "")[:2000]


def _registration(edition: Edition, code: str) -> Registration:
    found = lists.registration_with_code(edition, code)
    if found is None:
        raise NotFound
    return found


def _form_page(form: SecretariatForm, registration: Registration | None) -> str:
    return render_template(
        "registration/person_form.html", form=form, registration=registration, suggestions=suggestions()
    )
