"""Stars of strangers: a button that sets a signed cookie, and what the public pages read of it.

No session, no token in the pages: they stay the same for everybody who has no star. What other sites send here is
refused by what every browser says of where a form comes from.
"""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, current_app, jsonify, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as WerkzeugResponse

from retreat.accounts.guards import is_local
from retreat.agenda.attendees import attendee_of
from retreat.agenda.published import Programme, PublishedSession, listed, programme
from retreat.agenda.stars import cookie
from retreat.agenda.stars.cookie import MOST, Marks, mark
from retreat.agenda.stars.service import NotToBeStarred, TooManyStars, can_be_starred, starrable
from retreat.core import http
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition
from retreat.editions.web import edition_of

blueprint = Blueprint("stars", __name__)

_KEPT_FOR = timedelta(days=365)


class AskedFromElsewhere(RetreatError):
    """Another site sends a form here, in the name of whoever looks at it."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(_l("Stars are set on these pages only. Open the agenda and press the star there."))


def marks_of(edition_uid: str) -> Marks:
    """What this browser has starred of an edition, without a look at what became of it."""
    return read_cookie(cookie.NAME, edition_uid)


def read_cookie(name: str, edition_uid: str) -> Marks:
    return cookie.read(request.cookies.get(name), secret=_secret(), edition_uid=edition_uid)


def starred(read: Programme, marks: Marks) -> frozenset[str]:
    """Codes of what a browser has starred and everybody still may know of; the rest falls away."""
    if not marks:
        return frozenset()
    return frozenset(one.code for one in _to_be_starred(read) if mark(one.uid) in marks)


def _to_be_starred(read: Programme) -> tuple[PublishedSession, ...]:
    return tuple(one for one in listed(read) if can_be_starred(one))


@blueprint.post("/<edition_slug>/stars")
def change(edition_slug: str) -> WerkzeugResponse:
    """One star more or less, then back to where one was; a script gets it in JSON."""
    edition = edition_of(edition_slug)
    try:
        if _is_from_elsewhere():
            raise AskedFromElsewhere
        code, marks = _changed(edition)
    except RetreatError as refusal:
        if not is_script():
            raise
        return jsonify(message=refusal.message), int(refusal.status)  # type: ignore[return-value]
    answer: WerkzeugResponse
    answer = jsonify(count=len(marks)) if is_script() else redirect(f"{_back(edition)}#s-{code}", HTTPStatus.SEE_OTHER)
    keep(answer, cookie.NAME, marks, edition, path=f"/{edition.slug}")
    return answer


http.csrf.exempt(change)


def _changed(edition: Edition) -> tuple[str, Marks]:
    """What is pressed is what is meant: a second press of an old page changes nothing."""
    sessions = {one.code: one for one in _to_be_starred(programme(edition))}
    code = request.form.get("star") or request.form.get("unstar") or ""
    if code not in sessions:
        raise NotToBeStarred
    known = {mark(one.uid) for one in sessions.values()}
    pressed = mark(sessions[code].uid)
    others = tuple(one for one in marks_of(edition.uid) if one in known and one != pressed)
    if not request.form.get("star"):
        return code, others
    if len(others) >= MOST:
        raise TooManyStars(MOST)
    return code, (*others, pressed)


def offered(person_id: int, edition: Edition) -> tuple[PublishedSession, ...]:
    """For somebody's own page: what this browser has starred and the person may attend, has not starred and was not
    asked about yet.
    """
    marks = set(marks_of(edition.uid)) - set(read_cookie(cookie.ANSWERED, edition.uid))
    if not marks:
        return ()
    attendee = attendee_of(person_id, edition.id)
    return tuple(
        one
        for one in starrable(programme(edition), attendee)
        if mark(one.uid) in marks and not attendee.has_starred(one)
    )


def keep(answer: WerkzeugResponse, name: str, marks: Marks, edition: Edition, *, path: str) -> None:
    """For a year, and out of reach for scripts."""
    value = cookie.write(marks, secret=_secret(), edition_uid=edition.uid)
    settings = {
        "path": path,
        "samesite": "Lax",
        "httponly": True,
        "secure": current_app.config["SESSION_COOKIE_SECURE"],
    }
    if value:
        answer.set_cookie(name, value, max_age=_KEPT_FOR, **settings)
    elif name in request.cookies:
        answer.delete_cookie(name, **settings)


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def is_script() -> bool:
    """Whether static/js/stars.js asks."""
    return request.accept_mimetypes.best == "application/json"


def _is_from_elsewhere() -> bool:
    """By Sec-Fetch-Site, or by Origin where a browser is older; what sends neither is no browser and has no cookie."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and origin not in (request.host_url.rstrip("/"), http.base_url())


def _back(edition: Edition) -> str:
    back = request.form.get("back", "")
    if not is_local(back) or not back.startswith(f"/{edition.slug}/") or "#" in back:
        return url_for("agenda.week", edition_slug=edition.slug)
    return back
