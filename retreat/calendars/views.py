"""Feeds over HTTP, and the page that says how to subscribe."""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec

from flask import Blueprint, Response, render_template, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.http import http_date

from retreat.accounts import guards
from retreat.agenda.freshness import columns_of
from retreat.agenda.published import revision_of
from retreat.agenda.stars.public import marks_of
from retreat.calendars import door, draft, feeds, pages, personal, service, single
from retreat.calendars.facts import Form
from retreat.calendars.feeds import Feed, NoSuchFeed, Scope, ScopeKind
from retreat.calendars.pages import Choice
from retreat.calendars.personal import FeedGone
from retreat.calendars.starred import starred_feed
from retreat.core import clock, http
from retreat.core.unchanged import unless_changed
from retreat.editions.web import edition_of

log = logging.getLogger(__name__)

blueprint = Blueprint("calendars", __name__)

CONTENT_TYPE = "text/calendar; charset=utf-8"
# Calendar clients knock with WebDAV's methods first: named here, so that they get a plain 405 and no page.
METHODS = (
    *("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "PROPPATCH", "REPORT", "MKCOL"),
    *("MKCALENDAR", "COPY", "MOVE", "LOCK", "UNLOCK", "ACL", "SEARCH"),
)
P = ParamSpec("P")


def _feed(view: Callable[P, Response]) -> Callable[P, Response]:
    """What every feed refuses, in plain text: an HTML page or a redirect would be read as an empty calendar."""

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        if request.method not in ("GET", "HEAD"):
            return http.refused_in_plain_text(
                HTTPStatus.METHOD_NOT_ALLOWED, "A calendar feed is read with GET or HEAD."
            )
        try:
            return view(*args, **kwargs)
        except NoSuchFeed as error:
            return http.refused_in_plain_text(HTTPStatus.NOT_FOUND, error.message)
        except FeedGone as error:
            return http.refused_in_plain_text(HTTPStatus.GONE, error.message)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            log.warning("A feed could not be answered: the database is away (%s).", type(error).__name__)
            return http.refused_in_plain_text(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The calendar cannot be read just now. Please ask again in a few minutes.",
            )

    http.csrf.exempt(answered)
    return answered


@blueprint.route(
    "/<edition_slug>/calendar/agenda.ics", methods=METHODS, defaults={"kind": "agenda", "slug": ""}, endpoint="agenda"
)
@blueprint.route(
    "/<edition_slug>/calendar/track/<slug>.ics", methods=METHODS, defaults={"kind": "track"}, endpoint="track"
)
@blueprint.route(
    "/<edition_slug>/calendar/hall/<slug>.ics", methods=METHODS, defaults={"kind": "hall"}, endpoint="hall"
)
@blueprint.route(
    "/<edition_slug>/calendar/body/<slug>.ics", methods=METHODS, defaults={"kind": "body"}, endpoint="body"
)
@_feed
def public(edition_slug: str, kind: str, slug: str) -> Response:
    """The whole agenda, a track, a hall, or the open sessions of a body, for everyone."""
    scope = Scope(ScopeKind(kind), slug)
    feed = feeds.public_feed(edition_slug, scope, language=request.args.get("lang"), form=_form(), at=clock.now())
    request.environ[door.UNTIL] = feed.until
    return _answer(feed)


@blueprint.route("/<edition_slug>/sessions/<code>.ics", methods=METHODS)
@_feed
def session(edition_slug: str, code: str) -> Response:
    """One session, to take over into a calendar."""
    asked = request.args.get("lang")
    return _answer(single.session_file(edition_slug, code, language=asked, form=_form()), filename=f"{code}.ics")


@blueprint.route("/calendar/<token>.ics", methods=METHODS)
@_feed
def own(token: str) -> Response:
    """One person's own week, or the draft for one organiser, at a secret address."""
    now, asked = clock.now(), request.args.get("lang")
    owner: personal.Owner | draft.Reading
    try:
        owner, feed = personal.personal_feed(token, language=asked, form=_form(), at=now)
        request.environ[door.UNTIL] = feed.until
    except NoSuchFeed:
        owner, feed = draft.draft_feed(token, language=asked, form=_form(), at=now)
    response = _answer(feed)
    if service.is_fetch_to_note(owner.last_fetched_at, now):
        service.note_fetch_in_passing(owner.id, request.headers.get("User-Agent"), at=now)
    return response


@blueprint.route("/<edition_slug>/calendar/stars.ics", methods=METHODS)
@_feed
def stars(edition_slug: str) -> Response:
    """What this browser has starred, to be taken along once."""
    asked = request.args.get("lang")
    response = _answer(starred_feed(edition_slug, marks_of, language=asked, form=_form(), at=clock.now()))
    if response.status_code == HTTPStatus.OK:
        response.headers["Content-Disposition"] = f'attachment; filename="stars-{edition_slug}.ics"'
    return response


@blueprint.get("/<edition_slug>/calendar")
def subscribe(edition_slug: str) -> Response:
    """How to have the agenda in one's own calendar."""
    edition = edition_of(edition_slug)
    organiser, marks = guards.organiser(), marks_of(edition.uid)

    def make() -> str:
        language = http.language()
        choice = Choice.of(request.args.get("titles", language), request.args.get("times"), edition)
        page = pages.subscribe_page(edition, choice, marks, language=language)
        return render_template("calendars/subscribe.html", page=page)

    return unless_changed(
        (*columns_of(edition), revision_of(edition), organiser and organiser.role, sorted(marks)),
        make,
        # What `?lang=` chooses is remembered in a cookie, and that is one person's; so are stars.
        is_personal=organiser is not None or bool(marks) or "lang" in request.args,
    )


def _form() -> Form:
    return Form.VENUE if request.args.get("tz") == Form.VENUE else Form.UTC


def _answer(feed: Feed, *, filename: str = "retreat.ics") -> Response:
    is_fresh = _has_this(feed)
    response = Response(None if is_fresh else feed.body(), HTTPStatus.NOT_MODIFIED if is_fresh else HTTPStatus.OK)
    headers = response.headers
    headers["Content-Type"] = CONTENT_TYPE
    headers["ETag"] = f'"{feed.etag}"'
    headers["Last-Modified"] = http_date(feed.modified)
    headers["Cache-Control"] = "private, no-cache" if feed.is_private else "public, no-cache"
    if not is_fresh:
        headers["Content-Disposition"] = f'inline; filename="{filename}"'
    if feed.is_private:
        headers["X-Robots-Tag"] = "noindex"
        headers["Referrer-Policy"] = "no-referrer"
    return response


def _has_this(feed: Feed) -> bool:
    """Whether the client's copy is current, by its tags alone.

    A date does not tell: a name forgotten, a new title or a release of ours makes other bytes without a publication.
    """
    return "If-None-Match" in request.headers and request.if_none_match.contains_weak(feed.etag)
