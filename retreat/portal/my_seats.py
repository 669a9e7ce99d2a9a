"""Sign-up on the delegate's own page: what is on offer, a seat taken, given back, an invitation answered."""

from datetime import date
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from retreat.agenda import places
from retreat.agenda.cards import Reader, SessionCard, card
from retreat.agenda.models import PlaceState
from retreat.agenda.places import Offer
from retreat.agenda.public import reader_of
from retreat.core import clock, dates
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Rendering
from retreat.editions.web import edition_of
from retreat.portal.my import actor_of, blueprint
from retreat.registration.links import registration_of_link
from retreat.registration.states import LIVE


class Shown(NamedTuple):
    """An offer as the page says it."""

    offer: Offer
    card: SessionCard
    clashes: tuple[Rendering, ...]


class OfferedDay(NamedTuple):
    label: str
    offers: tuple[Shown, ...]


@blueprint.get("/sessions")
def sessions(edition_slug: str, token: str) -> Any:
    """Everything that this person may sign up for, by day."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    if registration.status not in LIVE:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), 303)
    reader = reader_of(edition)
    offered = places.offers(registration, at=reader.now)
    days = sorted({one.session.date for one in offered}, key=lambda day: day or date.max)
    return render_template(
        "portal/my_sessions.html",
        registration=registration,
        token=token,
        has_place=registration.status.takes_a_place,
        is_open=edition.closed_at is None,
        days=[
            OfferedDay(
                dates.long_date(day, reader.language) if day else _("Day to be confirmed"),
                tuple(_shown(one, reader) for one in offered if one.session.date == day),
            )
            for day in days
        ],
    )


def _shown(offer: Offer, reader: Reader) -> Shown:
    return Shown(offer, card(offer.session, reader), tuple(reader.words(one.title) for one in offer.clashes))


@blueprint.post("/sessions/<int:number>/<any(take, wait, give_back):step>")
def change_seat(edition_slug: str, token: str, number: int, step: str) -> Any:
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    at, by = clock.now(), actor_of(registration)
    try:
        if step == "give_back":
            waited = any(
                one.session.session_id == number and one.is_waiting for one in places.offers(registration, at=at)
            )
            places.give_back(number, registration, at=at, by=by)
            said = _("You wait no more.") if waited else _("Thank you: the seat is free for somebody else.")
        else:
            ask = places.wait if step == "wait" else places.sign_up
            has_seat = ask(number, registration, at=at, by=by).state is PlaceState.TAKEN
            said = _("You have a seat.") if has_seat else _("You are on the waiting list. A mail tells you of a seat.")
    except RetreatError as refusal:
        message = refusal.message
        db.session.rollback()
        flash(message, "error")
    else:
        db.session.commit()
        flash(said, "success")
    return redirect(url_for(".sessions", edition_slug=edition_slug, token=token, _anchor=f"s{number}"), 303)
