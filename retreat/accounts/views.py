"""The door: sign-in, sign-out, and the links by which a password is chosen."""

from typing import Any

import flask_login
from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from retreat.accounts import guards, passwords, service
from retreat.accounts.forms import ChoosePasswordForm, LostPasswordForm, SignInForm
from retreat.accounts.models import Organiser
from retreat.core import clock, http
from retreat.core.db import db, reading
from retreat.core.http import limiter

blueprint = Blueprint("accounts", __name__)

LIMIT_PER_ADDRESS = "30 per 5 minutes"
LIMIT_PER_EMAIL = "10 per 15 minutes"
LIMIT_OF_LOST_PER_EMAIL = "3 per hour"


def _typed_email() -> str:
    return request.form.get("email", "").strip().lower()[:254]


def _was_refused(response: Response) -> bool:
    return response.status_code != 303


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(LIMIT_PER_ADDRESS, methods=["POST"], deduct_when=_was_refused)
@limiter.limit(LIMIT_PER_EMAIL, methods=["POST"], key_func=_typed_email, deduct_when=_was_refused)
def sign_in() -> Any:
    form = SignInForm()
    following = request.args.get("next", "")
    if not guards.is_local(following):
        following = ""
    if request.method == "GET" and guards.organiser() is not None:
        return redirect(following or url_for("organise.index"), 303)
    if form.validate_on_submit():
        # Argon2 takes its time: SQLite's one write lock is not held meanwhile.
        with reading(True):
            number = service.recognised(form.email.data, form.password.data)
            db.session.rollback()
        if number is not None:
            organiser = service.organiser_by_id(number)
            service.note_sign_in(organiser, form.password.data, at=clock.now())
            db.session.commit()
            return _let_in(organiser, following)
        form.password.errors = [_("E-mail and password do not belong together. Try once more, or ask for a link.")]
    return render_template("accounts/sign_in.html", form=form, following=following), _status(form)


def _status(form: Any) -> int:
    return 422 if form.errors else 200


def _let_in(organiser: Organiser, following: str = "") -> Response:
    session.clear()
    flask_login.login_user(organiser)
    response: Response = redirect(following or url_for("organise.index"), 303)
    if http.LANGUAGE_COOKIE not in request.cookies:
        http.remember_language(response, organiser.language)
    return response


@blueprint.post("/sign-out")
def sign_out() -> Any:
    flask_login.logout_user()
    session.clear()
    flash(_("You are signed out."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/sign-in/lost", methods=["GET", "POST"])
@limiter.limit(LIMIT_PER_ADDRESS, methods=["POST"])
@limiter.limit(LIMIT_OF_LOST_PER_EMAIL, methods=["POST"], key_func=_typed_email)
def lost_password() -> Any:
    form = LostPasswordForm()
    is_sent = form.validate_on_submit()
    if is_sent:
        service.ask_for_reset(form.email.data, at=clock.now())
        db.session.commit()
    has_mail = bool(current_app.config["SMTP_URL"])
    return render_template("accounts/lost_password.html", form=form, is_sent=is_sent, has_mail=has_mail), _status(form)


@blueprint.route("/sign-in/password/<token>", methods=["GET", "POST"])
@limiter.limit(LIMIT_PER_ADDRESS, methods=["POST"], deduct_when=_was_refused)
def choose_password(token: str) -> Any:
    form = ChoosePasswordForm()
    organiser = service.organiser_of_link(token, at=clock.now())
    if form.validate_on_submit():
        try:
            organiser = service.choose_password(token, form.password.data, at=clock.now())
        except passwords.WeakPassword as refusal:
            form.password.errors = [refusal.message]
        else:
            db.session.commit()
            flash(_("Your password is set, and you are signed in."), "success")
            return _let_in(organiser)
    return render_template("accounts/choose_password.html", form=form, organiser=organiser, token=token), _status(form)
