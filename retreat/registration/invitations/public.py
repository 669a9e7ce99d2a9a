"""The page behind an invitation's link: register by it, or say that one does not come.

Who has the link reads what the secretariat knows of one person, so the address is kept as secret as that of the
delegate's own page.
"""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from retreat.core import clock, tokens
from retreat.core.audit import Actor
from retreat.core.db import db, writing
from retreat.core.errors import RetreatError
from retreat.core.http import keep_secret, language, spend
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.network.service import sections
from retreat.registration import consent
from retreat.registration import service as registrations
from retreat.registration import states as registration_states
from retreat.registration.answers import printed_name
from retreat.registration.forms import INTERPRETATION, ButtonForm, RegisterForm
from retreat.registration.invitations import service, states
from retreat.registration.invitations.links import invitation_of_link
from retreat.registration.invitations.models import Invitation, InvitationSource
from retreat.registration.invitations.states import CannotAnswer, Stage
from retreat.registration.lists import categories_of, suggestions
from retreat.registration.questions.limits import ChoiceFull
from retreat.registration.views import LINKS_PER_ADDRESS, actor_of, beside_answers, known_already, made

blueprint = Blueprint("invitation", __name__, url_prefix="/<edition_slug>/invitation/<token>")
blueprint.after_request(keep_secret)


@blueprint.get("")
def page(edition_slug: str, token: str) -> Any:
    edition = edition_of(edition_slug)
    invitation = invitation_of_link(edition, token)
    if (refused := _refused(invitation, edition)) is not None:
        return _over(invitation, refused, token)
    if invitation.opened_at is None:
        with writing():
            service.opened(invitation, at=clock.now())
        edition = edition_of(edition_slug)
        invitation = invitation_of_link(edition, token)
    form = _form(edition, invitation)
    form.submission_key.data = tokens.new()
    return _page(form, invitation, token)


@blueprint.post("")
def submit(edition_slug: str, token: str) -> Any:
    edition = edition_of(edition_slug)
    invitation = invitation_of_link(edition, token)
    form, at = _form(edition, invitation), clock.now()
    refused = _refused(invitation, edition)
    if refused is not None and refused is not Stage.REGISTERED:
        return _over(invitation, refused, token)
    if not form.validate_on_submit():
        # Whoever has registered meanwhile, in another window, has nothing left to correct here.
        return _over(invitation, refused, token) if refused else (_page(form, invitation, token), 422)
    by = actor_of(form)
    try:
        registration = service.register(invitation, form.values(), at=at, by=by, **beside_answers(form, at))
    except registrations.AlreadyRegistered as refusal:
        return known_already(refusal.registration, to=refusal.registration.email, at=at, by=by)
    except (CannotAnswer, service.EditionClosed):
        db.session.rollback()
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    except RetreatError as refusal:
        # A delegation that has as many as it may bring, for instance: everything that was typed is kept.
        message = refusal.message
        db.session.rollback()
        edition = edition_of(edition_slug)
        invitation = invitation_of_link(edition, token)
        form = _form(edition, invitation)
        if isinstance(refusal, ChoiceFull):
            form.refuse_full(refusal)
        else:
            form.form_errors.append(message)
        return _page(form, invitation, token), 409
    return made(registration, at=at)


@blueprint.route("/decline", methods=["GET", "POST"])
def decline(edition_slug: str, token: str) -> Any:
    """One more question before it is noted; the same link takes it back."""
    edition = edition_of(edition_slug)
    invitation = invitation_of_link(edition, token)
    if _refused(invitation, edition) is not None:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    form = ButtonForm()
    if not form.validate_on_submit():
        return render_template("registration/invitations/decline.html", form=form, invitation=invitation, token=token)
    by = Actor("delegate", printed_name(invitation.prefill) or invitation.email)
    service.decline(invitation, at=clock.now(), by=by)
    db.session.commit()
    flash(_("Thank you for telling us that you do not come."), "success")
    return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)


@blueprint.post("/link")
def mail_link(edition_slug: str, token: str) -> Any:
    """A used invitation: the link to the delegate's own page, by mail to the address that registered."""
    edition = edition_of(edition_slug)
    registration = invitation_of_link(edition, token).registration
    if registration is not None and registration.status in registration_states.LIVE:
        if spend(LINKS_PER_ADDRESS, "link", registration.email):
            by = Actor("delegate", registration.printed_name, registration.person_id)
            registrations.mail_link(registration, to=registration.email, at=clock.now(), by=by)
            db.session.commit()
        flash(_("A mail with the link is on its way to the address of the registration."), "info")
    return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)


def _refused(invitation: Invitation, edition: Edition) -> Stage | None:
    """Why nothing can be answered; None when it can."""
    at = clock.now()
    try:
        states.check_open(invitation, at)
    except CannotAnswer as refusal:
        return refusal.stage
    return Stage.EXPIRED if edition.closed_at is not None and edition.closed_at <= at else None


def _over(invitation: Invitation, refused: Stage, token: str) -> Any:
    registration = invitation.registration
    page = render_template(
        "registration/invitations/over.html",
        stage=refused,
        token=token,
        is_live=registration is not None and registration.status in registration_states.LIVE,
    )
    return page, 200 if refused is Stage.REGISTERED else 403 if request.method == "POST" else 410


def _form(edition: Edition, invitation: Invitation) -> RegisterForm:
    """The public form, beginning with what is known; a category that was given is the only one."""
    categories = [invitation.category] if invitation.category else categories_of(edition, is_public=True)
    known, listed = dict(invitation.prefill), sections()
    section_id = known.pop("section_id", None)
    section = next((one.slug for one in listed if one.id == section_id), "")
    heard = [code for code in known.pop("languages", ()) if code in INTERPRETATION]
    return RegisterForm(edition, categories, listed, email=invitation.email, section=section, languages=heard, **known)


def _page(form: RegisterForm, invitation: Invitation, token: str) -> str:
    edition = invitation.edition
    form.show_consent(consent.current(edition))
    return render_template(
        "registration/invitations/page.html",
        form=form,
        suggestions=suggestions(),
        invitation=invitation,
        token=token,
        name=" ".join(filter(None, (invitation.prefill.get("honorific"), printed_name(invitation.prefill)))),
        last_moment=states.last_day(invitation, edition.zone),
        delegation=_delegation(invitation),
        from_edition=invitation.source_name if invitation.source is InvitationSource.EDITION else "",
        category=invitation.category.name.text(language(), edition.main_language) if invitation.category else "",
    )


def _delegation(invitation: Invitation) -> str:
    """Whose delegation it is, in the reader's language."""
    if invitation.delegation is None:
        return ""
    return invitation.delegation.organisation.name.text(language(), invitation.edition.main_language)
