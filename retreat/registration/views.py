"""The public form, its suggestions, and the way back to a lost page."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from limits import parse

from retreat.core import clock, tokens
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.http import has_room, language, spend
from retreat.editions.models import Edition
from retreat.editions.web import edition_of, edition_with_categories_of
from retreat.network import service as network
from retreat.registration import consent, service
from retreat.registration.answers import LONGEST
from retreat.registration.delegations import service as delegations
from retreat.registration.forms import EmailForm, RegisterForm
from retreat.registration.links import new_link
from retreat.registration.lists import categories_of, suggestions
from retreat.registration.models import Registration
from retreat.registration.questions.limits import ChoiceFull
from retreat.registration.window import sentence, window

blueprint = Blueprint("registration", __name__)

REGISTRATIONS_PER_ADDRESS = parse("300 per hour")
"""By e-mail address and never by network: an office of three hundred registers from one, and an assistant may bring
a delegation of a hundred and forty under one address."""
LINKS_PER_ADDRESS = parse("5 per hour")


@blueprint.get("/<edition_slug>/register")
def register(edition_slug: str) -> Any:
    edition = edition_of(edition_slug)
    if not window(edition, clock.now()).is_open:
        return _closed(edition), 200
    form = _form(edition)
    form.submission_key.data = tokens.new()
    return _page(form, edition)


@blueprint.post("/<edition_slug>/register")
def submit(edition_slug: str) -> Any:
    edition = edition_with_categories_of(edition_slug)
    at = clock.now()
    if not window(edition, at).is_open:
        return _closed(edition), 403
    form = _form(edition)
    if not form.validate_on_submit():
        return _page(form, edition), 422
    email = form.email.data
    if not has_room(REGISTRATIONS_PER_ADDRESS, "register", email):
        form.email.errors = [_("Many registrations have come with this address. Try again in an hour.")]
        return _page(form, edition), 429
    by = actor_of(form)
    try:
        registration = service.register(edition, form.values(), at=at, by=by, **beside_answers(form, at))
    except service.AlreadyRegistered as refusal:
        return known_already(refusal.registration, to=email, at=at, by=by)
    except ChoiceFull as refusal:
        db.session.rollback()
        edition = edition_of(edition_slug)
        form = _form(edition)
        form.refuse_full(refusal)
        return _page(form, edition), int(refusal.status)
    spend(REGISTRATIONS_PER_ADDRESS, "register", email)
    return made(registration, at=at)


def actor_of(form: RegisterForm) -> Actor:
    """The assistant who says so, else the person."""
    return Actor("delegate", form.filled_by[0] or form.printed_name)


def beside_answers(form: RegisterForm, at: datetime) -> dict[str, Any]:
    """What the public form says beside the answers, as `service.register` takes it."""
    filled_by_name, filled_by_email = form.filled_by
    return {
        "language": language(),
        "submission_key": form.submission_key.data or None,
        "filled_by_name": filled_by_name,
        "filled_by_email": filled_by_email,
        "consented_at": at,
        "consent_number": form.agreed_number,
        "replies": form.replies(),
    }


def known_already(registration: Registration, *, to: str, at: datetime, by: Actor) -> Any:
    """The link goes to the address and is not shown: whoever typed it may be anybody."""
    if spend(LINKS_PER_ADDRESS, "link", to):
        service.mail_link(registration, to=to, at=at, by=by)
    slug = registration.edition.slug
    db.session.commit()
    return redirect(url_for("registration.already", edition_slug=slug), 303)


def made(registration: Registration, *, at: datetime) -> Any:
    """Commit, and show the delegate's own page."""
    code, email, slug = registration.code, registration.email, registration.edition.slug
    link = new_link(registration, at=at)
    db.session.commit()
    # Somebody who registers many and reads no page would carry every sentence in the cookie.
    session.pop("_flashes", None)
    flash(_("The registration has been sent. Your reference is %(code)s.", code=code), "success")
    flash(_("A mail with the link to this page is on its way to %(email)s.", email=email), "info")
    return redirect(url_for("my.page", edition_slug=slug, token=link), 303)


@blueprint.get("/<edition_slug>/register/already")
def already(edition_slug: str) -> str:
    edition_of(edition_slug)
    return render_template("registration/already.html")


@blueprint.route("/<edition_slug>/registration/lost", methods=["GET", "POST"])
def lost(edition_slug: str) -> Any:
    """The same answer whether or not somebody is registered."""
    edition = edition_of(edition_slug)
    form = EmailForm()
    if not form.validate_on_submit():
        return render_template("registration/lost.html", form=form), 422 if form.errors else 200
    email = form.email.data
    if spend(LINKS_PER_ADDRESS, "link", email):
        service.mail_links(edition, email, at=clock.now(), by=Actor("delegate", email))
        delegations.mail_links(edition, email, at=clock.now(), by=Actor("coordinator", email))
        db.session.commit()
    flash(_("If %(email)s is registered, a mail with the link is on its way to it.", email=email), "info")
    return redirect(url_for(".lost", edition_slug=edition_slug), 303)


@blueprint.get("/<edition_slug>/organisations.json")
def organisations(edition_slug: str) -> Response:
    """Members whose name or city begins with what was typed."""
    edition = edition_of(edition_slug)
    spoken, words = language(), request.args.get("q", "")[: LONGEST["organisation"]]
    found = network.find_organisations(words, limit=10)
    return jsonify(
        organisations=[
            {
                "name": one.name.text(spoken, edition.main_language),
                "city": one.city,
                "country": one.country,
                "section": one.section.slug if one.section else "",
            }
            for one in found
        ]
    )


@blueprint.get("/<edition_slug>/badge-colours.css")
def badge_colours(edition_slug: str) -> Response:
    """The colours of the categories, for the badge on the screen: pages carry no style of their own."""
    edition = edition_of(edition_slug)
    rules = [f".badge-proof.cat-{one.slug} {{ --cat: {one.colour}; }}\n" for one in categories_of(edition)]
    response = Response("".join(rules), mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _form(edition: Edition) -> RegisterForm:
    return RegisterForm(edition, [one for one in edition.categories if one.is_public], network.sections())


def _page(form: RegisterForm, edition: Edition) -> str:
    form.show_consent(consent.current(edition))
    return render_template("registration/register.html", form=form, suggestions=suggestions())


def _closed(edition: Edition) -> str:
    shown = window(edition, clock.now())
    return render_template("registration/closed.html", window=shown, sentence=sentence(shown, edition.city))
