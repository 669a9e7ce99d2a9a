"""The organisers' page of their own calendars of the draft: made, shown once, renewed, revoked."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from retreat.accounts.guards import actor
from retreat.calendars import service
from retreat.calendars.models import Subscription
from retreat.calendars.pages import FeedLink
from retreat.calendars.service import (
    LinksEnded,
    NewSubscription,
    OrganiserOwner,
    RevokedBefore,
    TooManySubscriptions,
)
from retreat.core import clock, tokens
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.forms import clean, whole_number
from retreat.core.http import absolute_url, language
from retreat.core.i18n import LANGUAGES
from retreat.editions.models import Edition
from retreat.editions.web import edition_of

blueprint = Blueprint("draft_calendar", __name__, url_prefix="/organise/<edition_slug>/calendar")

_NEW_FEED = "new_draft_feed"


def _me() -> OrganiserOwner:
    number = actor().id
    assert number is not None
    return OrganiserOwner(number)


@blueprint.get("")
def index(edition_slug: str) -> str:
    """One's own links to the draft."""
    return _page(edition_of(edition_slug))


@blueprint.post("")
def make(edition_slug: str) -> Any:
    """A further link; its address is shown on the next page and never again."""
    edition = edition_of(edition_slug)
    name, asked = clean(request.form.get("name")), request.form.get("language", "")
    spoken = asked if asked in LANGUAGES else language()
    seen = whole_number(request.form.get("seen"))
    try:
        made = service.subscribe(_me(), edition.id, name, language=spoken, seen=seen, at=clock.now())
    except TooManySubscriptions as refused:
        return _page(edition, name=name, titles_in=spoken, refusal=refused.message), 422
    except LinksEnded as refused:
        return _refused(edition, refused)
    return _shown_once(edition, made)


@blueprint.post("/<int:number>/renew")
def renew(edition_slug: str, number: int) -> Redirect:
    """Another address for the same calendar; the old one answers 410."""
    edition = edition_of(edition_slug)
    try:
        renewed = service.rotate(_mine(edition, number), at=clock.now())
    except (RevokedBefore, LinksEnded) as refused:
        return _refused(edition, refused)
    flash(_("The calendar link has been renewed. The old address has ended."), "success")
    return _shown_once(edition, renewed)


@blueprint.post("/<int:number>/revoke")
def revoke(edition_slug: str, number: int) -> Redirect:
    """From now on that address answers 410, and calendars remove it."""
    edition = edition_of(edition_slug)
    with suppress(RevokedBefore):
        service.revoke(_mine(edition, number), at=clock.now())
    db.session.commit()
    flash(_("The calendar link has been revoked."), "success")
    return redirect(url_for(".index", edition_slug=edition_slug), 303)


def _mine(edition: Edition, number: int) -> Subscription:
    return service.subscription_of(_me(), edition.id, number)


def _refused(edition: Edition, refusal: RetreatError) -> Redirect:
    flash(refusal.message, "error")
    return redirect(url_for(".index", edition_slug=edition.slug), 303)


def _shown_once(edition: Edition, made: NewSubscription) -> Redirect:
    number = made.subscription.id
    db.session.commit()
    session[_NEW_FEED] = [number, made.token]
    return redirect(url_for(".index", edition_slug=edition.slug, _anchor="new"), 303)


def _page(edition: Edition, *, name: str = "", titles_in: str = "", refusal: str = "") -> str:
    feeds = service.subscriptions_of(_me(), edition.id)
    number, token = session.pop(_NEW_FEED, (None, ""))
    new = next((feed for feed in feeds if feed.id == number and feed.token_hash == tokens.hashed(token)), None)
    return render_template(
        "calendars/organise/index.html",
        feeds=feeds,
        new=new,
        link=_link(edition, new.language, token) if new else None,
        name=name,
        titles_in=titles_in or language(),
        refusal=refusal,
        longest_name=service.LONGEST_NAME,
        expires_on=service.expires_on(edition),
        is_over=service.is_over(edition.closed_at, clock.now()),
    )


def _link(edition: Edition, spoken: str, token: str) -> FeedLink:
    """Called as the calendar calls itself: in its own language, and not in that of the page."""
    with force_locale(spoken):
        title = _("Draft: %(title)s", title=edition.title.text(spoken, edition.main_language))
    return FeedLink(absolute_url("calendars.own", token=token), title)
