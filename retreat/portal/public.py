"""The front door: `/` leads to the current edition, whose home page says when, where and how."""

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from retreat.agenda.models import AgendaSession
from retreat.agenda.pages import days_of
from retreat.agenda.public import day_titles, reader_of
from retreat.agenda.published import Programme, listed, programme
from retreat.agenda.visitor import remember_zone
from retreat.core import clock
from retreat.core.db import db
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall, Venue
from retreat.editions.web import edition_of
from retreat.network.models import Section
from retreat.portal import navigation
from retreat.portal.home import home_page

blueprint = Blueprint("portal", __name__)
blueprint.after_request(remember_zone)
navigation.init_app(blueprint)


@blueprint.get("/")
def index() -> Response | str:
    """To the edition that is running, comes next or was last; without one, a page that says so."""
    current = editions.current(editions.listed_editions(), clock.now())
    if current is not None:
        return redirect(url_for("portal.home", edition_slug=current.slug), 302)
    return render_template("portal/editions.html")


@blueprint.get("/<edition_slug>/")
def home(edition_slug: str) -> str:
    """The edition: its week, what is on now, how to take part."""
    edition = edition_of(edition_slug)
    read, reader = programme(edition), reader_of(edition)
    tabs = days_of(read, day_titles(edition), reader)
    sections = list(db.session.scalars(select(Section).order_by(Section.position)))
    return render_template(
        "portal/home.html", page=home_page(edition, read, tabs, _venues(edition, read), sections, reader), reader=reader
    )


def _venues(edition: Edition, read: Programme) -> dict[Venue, list[Hall]]:
    """Venues with their halls; a hall that only drafts or unlisted sessions use would give them away."""
    used = set(db.session.scalars(select(AgendaSession.hall_id).where(AgendaSession.edition_id == edition.id)))
    shown = {session.hall_id for session in listed(read)}
    venues = db.session.scalars(
        select(Venue)
        .where(Venue.edition_id == edition.id)
        .order_by(Venue.position, Venue.id)
        .options(selectinload(Venue.halls))
    )
    return {venue: [hall for hall in venue.halls if hall.id not in used or hall.id in shown] for venue in venues}
