"""Passport data for the visa letter, and the letter itself, behind the secret link: further addresses of `my`."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from retreat.core import clock
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.downloads import sent_bytes
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.portal.my import blueprint
from retreat.printing import letter_runs
from retreat.registration import states
from retreat.registration.letters import labels, service
from retreat.registration.letters import passport as rules
from retreat.registration.letters.forms import PassportForm
from retreat.registration.links import registration_of_link
from retreat.registration.lists import suggestions
from retreat.registration.models import Registration


@blueprint.route("/passport", methods=["GET", "POST"])
def passport(edition_slug: str, token: str) -> Any:
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    if not registration.visa_letter or registration.status not in states.LIVE or edition.closed_at is not None:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    form = PassportForm(service.passport_of(registration))
    if not form.validate_on_submit():
        return _page(edition, registration, token, form), 422 if form.errors else 200
    data = form.values()
    by = Actor("delegate", registration.printed_name, registration.person_id)
    try:
        service.keep_passport(registration, data, at=clock.now(), by=by)
    except RetreatError as refusal:
        db.session.rollback()
        if isinstance(refusal, service.PassportUnfit):
            form.refuse(refusal.problems)
        else:
            form.form_errors.append(refusal.message)
        edition = edition_of(edition_slug)
        return _page(edition, registration_of_link(edition, token), token, form), int(refusal.status)
    if rules.ends_soon(data, edition.ends_on):
        flash(labels.ENDS_SOON, "warning")
    db.session.commit()
    flash(
        _("Your passport data has been saved. It is erased thirty days after the Retreat has been closed."), "success"
    )
    return redirect(url_for(".page", edition_slug=edition_slug, token=token, _anchor="visa"), 303)


def _page(edition: Edition, registration: Registration, token: str, form: PassportForm) -> str:
    return render_template(
        "portal/my_passport.html",
        registration=registration,
        token=token,
        form=form,
        edition=edition,
        countries=suggestions().countries,
    )


@blueprint.get("/letter.pdf")
def letter(edition_slug: str, token: str) -> Response:
    """The newest letter, while it is valid."""
    edition = edition_of(edition_slug)
    valid = service.valid_letter(registration_of_link(edition, token))
    if valid is None:
        abort(404)
    facts = service.facts_of(valid)
    db.session.rollback()
    return sent_bytes(letter_runs.make_letter(facts).content, f"{facts.number}.pdf", "application/pdf")
