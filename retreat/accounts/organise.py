"""Organisers' own pages about organisers: one's account, and who else may come in."""

from typing import Any

import flask_login
from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from retreat.accounts import guards, passwords, service
from retreat.accounts.forms import AccountForm, ChangePasswordForm, InviteForm, RoleForm
from retreat.accounts.guards import needs
from retreat.accounts.labels import ROLES
from retreat.accounts.models import Organiser, Role
from retreat.accounts.roles import Permission
from retreat.core import clock, http
from retreat.core.db import db
from retreat.core.errors import RetreatError

blueprint = Blueprint("organisers", __name__, url_prefix="/organise")


def _me() -> Organiser:
    who = guards.organiser()
    assert who is not None
    return service.organiser_by_id(who.id)


@blueprint.route("/account", methods=["GET", "POST"])
@needs(Permission.SEE_OVERVIEW)
def account() -> Any:
    organiser = _me()
    form = AccountForm(obj=organiser)
    if form.validate_on_submit():
        service.update_account(organiser, name=form.name.data, language=form.language.data, at=clock.now())
        db.session.commit()
        flash(_("Your account is saved."), "success")
        response = redirect(url_for("organisers.account", lang=organiser.language), 303)
        http.remember_language(response, organiser.language)
        return response
    return _account_page(organiser, form, ChangePasswordForm())


@blueprint.post("/account/password")
@needs(Permission.SEE_OVERVIEW)
def change_password() -> Any:
    organiser, form = _me(), ChangePasswordForm()
    if form.validate_on_submit():
        try:
            service.change_password(organiser, form.present.data, form.password.data, at=clock.now())
        except service.WrongPassword as refusal:
            form.present.errors = [refusal.message]
        except passwords.WeakPassword as refusal:
            form.password.errors = [refusal.message]
        else:
            db.session.commit()
            flask_login.login_user(organiser)
            flash(_("Your password is changed. Everywhere else you are signed out."), "success")
            return redirect(url_for("organisers.account"), 303)
    return _account_page(organiser, AccountForm(obj=organiser, formdata=None), form)


def _account_page(organiser: Organiser, form: AccountForm, password_form: ChangePasswordForm) -> Any:
    page = render_template(
        "accounts/account.html", organiser=organiser, form=form, password_form=password_form, roles=ROLES
    )
    return page, 422 if form.errors or password_form.errors else 200


@blueprint.get("/organisers")
def organisers() -> Any:
    return _organisers_page(InviteForm(formdata=None, language=http.language()))


def _organisers_page(form: InviteForm, link: str = "", invited: Organiser | None = None) -> Any:
    page = render_template(
        "accounts/organisers.html",
        organisers=service.organisers(),
        form=form,
        roles=ROLES,
        has_mail=bool(current_app.config["SMTP_URL"]),
        link=link,
        invited=invited,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/organisers")
def invite() -> Any:
    form = InviteForm()
    if form.validate_on_submit():
        try:
            organiser = service.invite(
                form.email.data,
                role=Role(form.role.data),
                name=form.name.data,
                language=form.language.data,
                at=clock.now(),
                by=guards.actor(),
            )
        except RetreatError as refusal:
            form.email.errors = [refusal.message]
        else:
            db.session.commit()
            flash(_("%(email)s is invited.", email=organiser.email), "success")
            return redirect(url_for("organisers.organisers"), 303)
    return _organisers_page(form)


@blueprint.post("/organisers/<int:organiser_id>/role")
def set_role(organiser_id: int) -> Any:
    organiser, form = service.organiser_by_id(organiser_id), RoleForm()
    if form.validate_on_submit():
        try:
            service.set_role(organiser, Role(form.role.data), at=clock.now(), by=guards.actor())
        except service.LastAdministrator as refusal:
            return _refused(refusal)
        db.session.commit()
        name = organiser.name or organiser.email
        flash(_("%(name)s is now: %(role)s.", name=name, role=ROLES[organiser.role].name), "success")
    return redirect(url_for("organisers.organisers"), 303)


@blueprint.post("/organisers/<int:organiser_id>/<any(activate, deactivate):change>")
def set_active(organiser_id: int, change: str) -> Any:
    organiser = service.organiser_by_id(organiser_id)
    try:
        service.set_active(organiser, change == "activate", at=clock.now(), by=guards.actor())
    except service.LastAdministrator as refusal:
        return _refused(refusal)
    db.session.commit()
    name = organiser.name or organiser.email
    if organiser.is_active:
        flash(_("%(name)s can sign in again.", name=name), "success")
    else:
        flash(_("%(name)s is signed out and can no longer sign in.", name=name), "success")
    return redirect(url_for("organisers.organisers"), 303)


@blueprint.post("/organisers/<int:organiser_id>/invitation")
def invite_again(organiser_id: int) -> Any:
    organiser = service.organiser_by_id(organiser_id)
    try:
        service.invite_again(organiser, at=clock.now(), by=guards.actor())
    except service.AlreadyJoined as refusal:
        return _refused(refusal)
    db.session.commit()
    flash(_("%(email)s is invited once more.", email=organiser.email), "success")
    return redirect(url_for("organisers.organisers"), 303)


@blueprint.post("/organisers/<int:organiser_id>/link")
def show_link(organiser_id: int) -> Any:
    """A link to hand over where no mail goes out; it is on this one page and nowhere else."""
    organiser = service.organiser_by_id(organiser_id)
    try:
        link = service.invitation_link(organiser, at=clock.now(), by=guards.actor())
    except service.AlreadyJoined as refusal:
        return _refused(refusal)
    db.session.commit()
    return _organisers_page(InviteForm(formdata=None, language=http.language()), link=link, invited=organiser)


def _refused(refusal: RetreatError) -> Any:
    db.session.rollback()
    flash(refusal.message, "error")
    return redirect(url_for("organisers.organisers"), 303)
