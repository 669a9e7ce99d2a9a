"""The public agenda: the week, a day, a session, and the same as JSON. Unlisted sessions are nowhere."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, cast

from blinker import Signal
from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import select

from retreat.accounts import guards
from retreat.agenda import filters, pages, places
from retreat.agenda.access import may_attend
from retreat.agenda.cards import Reader, SessionCard
from retreat.agenda.freshness import Freshness, freshness, full_of, seats_of
from retreat.agenda.labels import AUDIENCES
from retreat.agenda.models import Access
from retreat.agenda.pages import DayPage
from retreat.agenda.papers.public import reader as papers_reader
from retreat.agenda.papers.service import readable_of
from retreat.agenda.published import Programme, PublishedSession, listed, programme, programme_of, revision_of
from retreat.agenda.session_page import session_page
from retreat.agenda.stars.cookie import Marks
from retreat.agenda.stars.public import marks_of, starred
from retreat.agenda.visitor import remember_zone, visitor_zone, zone_choices
from retreat.core import clock, http, zones
from retreat.core.db import db
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.unchanged import unless_changed
from retreat.editions.models import Day, Edition
from retreat.editions.web import edition_of

blueprint = Blueprint("agenda", __name__)
blueprint.after_request(remember_zone)

session_shown = Signal()
"""Sent with the edition and `sessions`, one and its parts as published, while its page is made.

A room above answers with a list of (template, values): what it shows on that page, such as an award ceremony.
"""
beside_session = Signal()
"""Sent with the edition, the `session` as published and its `reader`, while its page is made.

A room above answers with a list of (template, values), as to `session_shown`: what it shows at the side of the page.
It is made of what was published alone.
"""
session_asked = Signal()
"""Sent with the edition, the `revision_id` and the `code` when somebody asks for a session's page.

Each room that answers to `session_shown` says what its part is made of just now: a value with a `repr` of its own,
another one whenever its part of the page is another.
"""


def reader_of(edition: Edition, now: datetime | None = None) -> Reader:
    """Who reads this request's page; of which instant it tells, if not of this one."""
    return Reader.of(edition, http.language(), now or clock.now(), visitor_zone())


def day_titles(edition: Edition) -> dict[date, Translated]:
    rows = db.session.execute(select(Day.date, Day.title).where(Day.edition_id == edition.id).order_by(Day.date))
    return {day: title for day, title in rows}  # noqa: C416 - a Row is no pair to dict()


def _dates(edition: Edition) -> tuple[date, date]:
    return edition.starts_on, edition.ends_on


def _answer(fresh: Freshness, make: Callable[[], str], stars: Marks, *more: object) -> Response:
    """The page, or 304. Its header says whether an organiser reads it, its hours which zone a visitor lives in."""
    organiser = guards.organiser()
    return unless_changed(
        (*fresh.facts, visitor_zone(), organiser and organiser.role, sorted(stars), *more),
        make,
        # What `?tz=` and `?lang=` choose is remembered in a cookie, and that is one person's; so are stars.
        is_personal=organiser is not None or bool(stars) or "tz" in request.args or "lang" in request.args,
    )


@blueprint.get("/<edition_slug>/agenda")
def week(edition_slug: str) -> Response:
    """All days in brief."""
    edition = edition_of(edition_slug)
    fresh, stars = freshness(edition, clock.now()), marks_of(edition.uid)

    def make() -> str:
        read, reader = programme_of(edition, fresh.last), reader_of(edition, fresh.moment)
        tabs = pages.days_of(read, day_titles(edition), reader)
        asked, mine = filters.read(request.args.get), starred(read, stars)
        page = pages.week_page(read, tabs, reader, asked, _dates(edition), mine)
        return render_template("agenda/week.html", page=page)

    return _answer(fresh, make, stars)


def _bodies(read: Programme, reader: Reader, page: DayPage) -> Callable[[SessionCard, int], Markup]:
    """What stands in a card, by card and level of its heading; made once for a language and zone, until it changes."""
    macro = current_app.jinja_env.get_template("agenda/_card.html").make_module().body  # type: ignore[attr-defined]

    def body(card: SessionCard, level: int) -> Markup:
        is_starred = card.code in page.frame.starred if page.has_buttons else None
        key = ("body", card.code, level, reader.language, reader.own_zone, card.tags, is_starred)
        return read.keep(key, lambda: cast(Markup, macro(card, reader.language, level, is_starred)))

    return body


@blueprint.get("/<edition_slug>/agenda/<day>")
def day(edition_slug: str, day: str) -> Response:
    """One day, by hall."""
    edition = edition_of(edition_slug)
    fresh, stars = freshness(edition, clock.now()), marks_of(edition.uid)
    full = full_of(edition, fresh.revision_id)

    def make() -> str:
        read, reader = programme_of(edition, fresh.last), reader_of(edition, fresh.moment)
        tabs = pages.days_of(read, day_titles(edition), reader)
        asked, mine = filters.read(request.args.get), starred(read, stars)
        page = pages.day_page(read, tabs, _date(day), reader, asked, _dates(edition), full, mine)
        if page is None:
            abort(404)
        return render_template("agenda/day.html", page=page, body=_bodies(read, reader, page))

    return _answer(fresh, make, stars, full)


@blueprint.get("/<edition_slug>/sessions/<code>")
def session(edition_slug: str, code: str) -> Response:
    """One session."""
    edition = edition_of(edition_slug)
    fresh, stars = freshness(edition, clock.now()), marks_of(edition.uid)
    live = [answer for _, answer in session_asked.send(edition, revision_id=fresh.revision_id, code=code)]

    def make() -> str:
        read, reader = programme_of(edition, fresh.last), reader_of(edition, fresh.moment)
        tabs = pages.days_of(read, day_titles(edition), reader)
        page = session_page(read, tabs, code, reader, _may_join)
        if page is None:
            abort(404)
        family = [page.card.session, *(part.session for part in page.parts)]
        answers = session_shown.send(edition, sessions=family)
        beside = beside_session.send(edition, session=page.card.session, reader=reader)
        return render_template(
            "agenda/session.html",
            page=page,
            seats=places.seats_shown(page.card.session, edition, at=reader.now),
            papers=readable_of([page.card.session], papers_reader()).get(page.card.session.session_id or 0, ()),
            audience_labels=AUDIENCES,
            more=[panel for _, panels in answers for panel in panels],
            beside=[panel for _, panels in beside for panel in panels],
            starred=starred(read, stars),
        )

    return _answer(fresh, make, stars, seats_of(fresh.revision_id, code), live)


@blueprint.get("/<edition_slug>/time-zone")
def time_zone(edition_slug: str) -> str:
    """Where a visitor chooses the zone to see beside the venue's; the answer goes to the page that asked."""
    edition = edition_of(edition_slug)
    back = request.args.get("back", "")
    if not back.startswith(f"/{edition.slug}/") or "\\" in back:
        back = url_for("agenda.week", edition_slug=edition.slug)
    reader = reader_of(edition)
    return render_template(
        "agenda/time_zone.html", reader=reader, back=back, choices=zone_choices(reader.language, reader.now)
    )


@blueprint.get("/<edition_slug>/agenda.json")
def agenda_json(edition_slug: str) -> Response:
    """Every listed session of the last revision, for programs."""
    edition = edition_of(edition_slug)
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else edition.main_language

    def make() -> Response:
        read = programme(edition)
        return jsonify(
            revision=read.revision,
            tzdb=read.tzdata or zones.tzdata_version(),
            sessions=[_facts(session, edition, language) for session in listed(read)],
        )

    # No cookie and no hour decides about it: what programs get is as everybody gets it.
    deciding = (edition.uid, edition.slug, edition.main_language, edition.agenda_rev, revision_of(edition), language)
    return unless_changed(deciding, make)


def _date(text: str) -> date:
    """A day of an address; one that is no date is an address that does not exist."""
    try:
        return date.fromisoformat(text) if len(text) == len("2020-02-24") else abort(404)
    except ValueError:
        abort(404)


def _may_join(session: PublishedSession) -> bool:
    """Strangers, and organisers who work without the agenda, get the link of what is open to everybody.

    Delegates find theirs on their own pages.
    """
    return may_attend(session, papers_reader())


def _facts(session: PublishedSession, edition: Edition, language: str) -> dict[str, Any]:
    def words(translated: Translated) -> str | None:
        return translated.text(language, edition.main_language) or None

    start, end = session.local_start, session.local_end
    access = session.access.value
    if session.access is Access.BODY:
        access = f"body:{words(session.access_body_name) or ''}"
    return {
        "code": session.code,
        "uid": session.uid,
        "sequence": session.sequence,
        "title": words(session.title) or "",
        "kind": session.kind.value,
        "track": words(session.track_name),
        "hall": words(session.hall_name),
        "venue": words(session.venue_name),
        "zone": session.zone,
        "start_local": f"{start:%Y-%m-%dT%H:%M}" if start else None,
        "end_local": f"{end:%Y-%m-%dT%H:%M}" if end else None,
        "start_utc": f"{session.start_utc:%Y-%m-%dT%H:%M:%SZ}" if session.start_utc else None,
        "end_utc": f"{session.end_utc:%Y-%m-%dT%H:%M:%SZ}" if session.end_utc else None,
        "status": session.status.value,
        "languages": list(session.languages),
        "access": access,
        "url": http.absolute_url("agenda.session", edition_slug=edition.slug, code=session.code),
    }
