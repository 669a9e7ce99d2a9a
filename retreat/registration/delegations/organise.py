"""The organisers' delegations: which there are, who looks after them, how many may come, who comes instead of whom."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.core import clock
from retreat.core.db import db
from retreat.core.downloads import sent_table
from retreat.core.errors import RetreatError
from retreat.core.http import language
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.registration import lists, states
from retreat.registration.delegations import exports, inviting, labels, links, quotas, service, substitutions
from retreat.registration.delegations.forms import DelegationForm, NewDelegationForm, PlaceForm, QuotasForm
from retreat.registration.delegations.labels import KINDS, ROLES
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.forms import ButtonForm
from retreat.registration.labels import FIELDS
from retreat.registration.models import Registration

blueprint = Blueprint("delegations", __name__, url_prefix="/organise/<edition_slug>/delegations")


@blueprint.record_once
def _share_words(state: BlueprintSetupState) -> None:
    """Other rooms' pages name the role too."""
    state.app.jinja_env.globals["delegation_roles"] = ROLES


@blueprint.get("")
def index(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    found = service.delegations_of(edition)
    return render_template(
        "registration/delegations/index.html",
        delegations=found,
        quotas=quotas.quotas_of(found, at=clock.now()),
        named=service.named_without_delegation(found),
        open_substitutions=substitutions.open_of_edition(edition),
        name_of=labels.name_of,
        labels=labels,
        kinds=KINDS,
    )


@blueprint.get("/list.csv")
@needs(Permission.EXPORT_REGISTRATIONS)
def export(edition_slug: str) -> Response:
    edition = edition_of(edition_slug)
    return sent_table(exports.export_delegations(edition, at=clock.now()), f"delegations-{edition.slug}")


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.EDIT_REGISTRATIONS)
def new(edition_slug: str) -> Any:
    edition = edition_of(edition_slug)
    form = NewDelegationForm(language=edition.main_language)
    if not form.validate_on_submit():
        return _edit_page(form, None), 422 if form.errors else 200
    try:
        organisation = service.organisation_for(
            form.organisation.data or "", kind=form.new_kind, at=clock.now(), by=actor()
        )
        made = service.make(edition, organisation, **form.values(), at=clock.now(), by=actor())
    except service.DelegationThere as refusal:
        number = refusal.delegation.id
        flash(refusal.message, "info")
        db.session.rollback()
        return redirect(url_for(".show", edition_slug=edition_slug, number=number), 303)
    except service.UnknownOrganisation as refusal:
        db.session.rollback()
        edition_of(edition_slug)
        form.organisation.errors = [refusal.message]
        return _edit_page(form, None, is_unknown=True), 422
    number = made.id
    db.session.commit()
    flash(_("The delegation is there. Send the coordinator the link, or add people yourself."), "success")
    return redirect(url_for(".show", edition_slug=edition_slug, number=number), 303)


@blueprint.get("/<int:number>")
def show(edition_slug: str, number: int) -> str:
    edition = edition_of(edition_slug)
    delegation, at = service.delegation_of(edition, number), clock.now()
    members = service.members_of(delegation)
    return render_template(
        "registration/delegations/show.html",
        delegation=delegation,
        members=members,
        proposed=substitutions.open_of(members.live),
        invitations=inviting.open_invitations(delegation, at=at),
        quotas=quotas.quotas_of([delegation], at=at)[delegation.id],
        named=service.named_without_delegation([delegation]).get(delegation.id, []),
        live_links=links.live_links(delegation),
        name_of=labels.name_of,
        labels=labels,
        statuses=states.LABELS,
        roles=ROLES,
    )


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
@needs(Permission.EDIT_REGISTRATIONS)
def edit(edition_slug: str, number: int) -> Any:
    edition = edition_of(edition_slug)
    delegation = service.delegation_of(edition, number)
    form = DelegationForm(delegation)
    if not form.validate_on_submit():
        return _edit_page(form, delegation), 422 if form.errors else 200
    try:
        service.change(delegation, **form.values(), version=form.made_from, at=clock.now(), by=actor())
    except RetreatError as refusal:
        message, status = refusal.message, int(refusal.status)
        db.session.rollback()
        form.form_errors.append(message)
        return _edit_page(form, service.delegation_of(edition_of(edition_slug), number)), status
    db.session.commit()
    flash(_("The delegation has been saved."), "success")
    return redirect(url_for(".show", edition_slug=edition_slug, number=number), 303)


@blueprint.post("/<int:number>/<any(send, renew, revoke):step>")
@needs(Permission.EDIT_REGISTRATIONS)
def link(edition_slug: str, number: int, step: str) -> Any:
    """The coordinator's link: a further one, a new one that ends the others, or none any more."""
    edition = edition_of(edition_slug)
    delegation = service.delegation_of(edition, number)
    back = redirect(url_for(".show", edition_slug=edition_slug, number=number), 303)
    if not ButtonForm().validate_on_submit():
        return back
    at, by, email = clock.now(), actor(), delegation.coordinator_email
    try:
        if step == "send":
            service.send_link(delegation, at=at, by=by)
            said = _("A mail with the link is on its way to %(email)s.", email=email)
        elif step == "renew":
            service.renew_link(delegation, at=at, by=by)
            said = _("A new link is on its way to %(email)s; the older ones have ended.", email=email)
        else:
            service.revoke_links(delegation, at=at, by=by)
            said = _("No link opens the delegation's page any more, until you send one.")
    except RetreatError as refusal:
        said = refusal.message
        db.session.rollback()
        flash(said, "error")
    else:
        db.session.commit()
        flash(said, "success")
    return back


@blueprint.post("/<int:number>/people")
@needs(Permission.EDIT_REGISTRATIONS)
def add(edition_slug: str, number: int) -> Any:
    """Those whose references were ticked, or typed; who cannot be added is said, and holds nobody else up."""
    edition = edition_of(edition_slug)
    delegation, at, by = service.delegation_of(edition, number), clock.now(), actor()
    role = _role(request.form.get("role"))
    typed = request.form.get("code", "").replace(",", " ").upper().split()[:50]
    added, refused = 0, []
    for code in dict.fromkeys([*request.form.getlist("who"), *typed]):
        try:
            service.place(_registration(edition, code), delegation, role, at=at, by=by)
            added += 1
        except NotFound:
            refused.append(_("Nobody has the reference %(code)s.", code=code))
        except RetreatError as refusal:
            refused.append(f"{code}: {refusal.message}")
    db.session.commit()
    if added:
        flash(
            ngettext("%(num)d person is in the delegation.", "%(num)d people are in the delegation.", added), "success"
        )
    elif not refused:
        flash(_("Nobody was selected."), "info")
    for sentence in refused:
        flash(sentence, "error")
    return redirect(url_for(".show", edition_slug=edition_slug, number=number), 303)


@blueprint.route("/people/<code>", methods=["GET", "POST"])
@needs(Permission.EDIT_REGISTRATIONS)
def move(edition_slug: str, code: str) -> Any:
    """Into a delegation, into another, out of it, or into another role."""
    edition = edition_of(edition_slug)
    registration = _registration(edition, code)
    choices = service.delegations_of(edition)
    form = PlaceForm(edition, choices, registration)
    if not form.validate_on_submit():
        return _move_page(form, registration), 422 if form.errors else 200
    chosen = next((one for one in choices if str(one.id) == form.delegation.data), None)
    try:
        if chosen is None:
            service.take_out(registration, at=clock.now(), by=actor())
        else:
            service.place(registration, chosen, form.role.role, at=clock.now(), by=actor())
    except RetreatError as refusal:
        message, status = refusal.message, int(refusal.status)
        db.session.rollback()
        form.form_errors.append(message)
        return _move_page(form, _registration(edition_of(edition_slug), code)), status
    db.session.commit()
    flash(_("The delegation has been saved."), "success")
    return redirect(url_for("registrations.person", edition_slug=edition_slug, code=code), 303)


@blueprint.route("/quotas", methods=["GET", "POST"])
@needs(Permission.EDIT_REGISTRATIONS)
def set_quotas(edition_slug: str) -> Any:
    edition = edition_of(edition_slug)
    form = QuotasForm(service.quotas_by_kind(edition))
    if not form.validate_on_submit():
        page = render_template("registration/delegations/quotas.html", form=form, kinds=KINDS)
        return page, 422 if form.errors else 200
    service.set_quotas(edition, form.values(), at=clock.now(), by=actor())
    db.session.commit()
    flash(_("The numbers have been saved."), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


@blueprint.route("/substitutions/<int:number>", methods=["GET", "POST"])
@needs(Permission.DECIDE_REGISTRATIONS)
def decide(edition_slug: str, number: int) -> Any:
    """Both people side by side; approved or refused below."""
    edition = edition_of(edition_slug)
    substitution = substitutions.substitution_of(edition, number)
    if not ButtonForm().validate_on_submit():
        return _substitution_page(edition, number)
    at, by = clock.now(), actor()
    try:
        if request.form.get("decision") == "approve":
            substitutions.approve(substitution, at=at, by=by)
            said = _("Approved: the place has passed on, and all three are told by mail.")
        else:
            reason = request.form.get("reason", "").replace("\x00", "")[:2000]
            substitutions.refuse(substitution, reason, at=at, by=by)
            said = _("Refused; the coordinator reads the reason in a mail.")
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        flash(message, "error")
        return redirect(url_for(".decide", edition_slug=edition_slug, number=number), 303)
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


def _substitution_page(edition: Edition, number: int) -> str:
    substitution = substitutions.substitution_of(edition, number)
    outgoing, delegation = substitution.registration, substitution.registration.delegation
    return render_template(
        "registration/delegations/decide.html",
        substitution=substitution,
        outgoing=outgoing,
        delegation=delegation,
        name=labels.name_of(substitution),
        rows=labels.side_by_side(substitution, FIELDS, language()),
        statuses=states.LABELS,
        roles=ROLES,
        states=labels.STATES,
    )


def _registration(edition: Edition, code: str) -> Registration:
    found = lists.registration_with_code(edition, code.replace("\x00", ""))
    if found is None:
        raise NotFound
    return found


def _role(word: str | None) -> DelegationRole:
    return next((role for role in DelegationRole if role.value == word), DelegationRole.MEMBER)


def _edit_page(form: DelegationForm, delegation: Delegation | None, *, is_unknown: bool = False) -> str:
    return render_template(
        "registration/delegations/edit.html",
        form=form,
        delegation=delegation,
        is_unknown=is_unknown,
        suggestions=service.organisation_names(),
    )


def _move_page(form: PlaceForm, registration: Registration) -> str:
    return render_template("registration/delegations/move.html", form=form, registration=registration)
