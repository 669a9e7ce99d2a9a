"""Personal data, for organisers: the consent, who is shown to others, and how long data is kept."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from retreat.accounts.guards import actor, needs
from retreat.accounts.roles import Permission
from retreat.core import clock
from retreat.core.db import db
from retreat.core.http import language
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.editions.web import edition_with_frame_of
from retreat.portal.privacy.forms import ConsentForm, KeepingForm
from retreat.registration import consent

blueprint = Blueprint("personal", __name__, url_prefix="/organise/<edition_slug>")


@blueprint.get("/settings/privacy")
@needs(Permission.EDIT_SETTINGS)
def settings(edition_slug: str) -> str:
    return _settings_page(edition_with_frame_of(edition_slug))


@blueprint.post("/settings/privacy/consent")
@needs(Permission.EDIT_SETTINGS)
def save_consent(edition_slug: str) -> Any:
    edition = edition_with_frame_of(edition_slug)
    form = ConsentForm()
    if not form.validate_on_submit():
        return _settings_page(edition, consent_form=form), 422
    before = consent.current(edition)
    after = consent.save(edition, form.text.data, at=clock.now(), by=actor())
    is_new = after is not None and (before is None or after.id != before.id)
    number = after.number if after else 0
    db.session.commit()
    if is_new:
        flash(_("Version %(number)s is what the form shows from now on.", number=number), "success")
    else:
        flash(_("The text is the same as before; there is no new version."), "info")
    return redirect(url_for(".settings", edition_slug=edition_slug, _anchor="consent"), 303)


@blueprint.post("/settings/privacy")
@needs(Permission.EDIT_SETTINGS)
def save(edition_slug: str) -> Any:
    edition = edition_with_frame_of(edition_slug)
    form = KeepingForm().offer(edition, language())
    if not form.validate_on_submit():
        return _settings_page(edition, keeping_form=form), 422
    editions.save_keeping(
        edition,
        are_participants_shown=form.are_participants_shown.data,
        shown_categories=frozenset(form.categories.data or ()),
        keep_months=form.keep_months.data,
        at=clock.now(),
        by=actor(),
    )
    db.session.commit()
    flash(_("The settings are saved; the public pages show them now."), "success")
    return redirect(url_for(".settings", edition_slug=edition_slug, _anchor="keeping"), 303)


def _settings_page(
    edition: Edition, *, consent_form: ConsentForm | None = None, keeping_form: KeepingForm | None = None
) -> str:
    versions = consent.versions(edition)
    if consent_form is None:
        consent_form = ConsentForm(formdata=None, data={"text": versions[0].text if versions else consent.built_in()})
    if keeping_form is None:
        keeping_form = KeepingForm(formdata=None, obj=edition).offer(edition, language())
    return render_template(
        "portal/privacy/settings.html",
        consent_form=consent_form,
        keeping_form=keeping_form,
        versions=versions,
        built_in=consent.built_in(),
    )
