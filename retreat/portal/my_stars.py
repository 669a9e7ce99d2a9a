"""Stars on the delegate's own page: everything that one may attend, and what the browser had starred before."""

from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from retreat.agenda import filters
from retreat.agenda.access import Attendee
from retreat.agenda.attendees import attendee_of
from retreat.agenda.cards import Reader, SessionCard, card
from retreat.agenda.own_week import is_in_anyway
from retreat.agenda.public import reader_of
from retreat.agenda.published import PublishedSession, programme
from retreat.agenda.stars import cookie, service
from retreat.agenda.stars.public import is_script, keep, marks_of, offered
from retreat.agenda.stars.service import NotToBeStarred
from retreat.core import clock, dates
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.editions.models import Edition
from retreat.editions.web import edition_of
from retreat.portal.my import blueprint
from retreat.registration.links import registration_of_link
from retreat.registration.models import Registration
from retreat.registration.states import LIVE


class Row(NamedTuple):
    card: SessionCard
    is_starred: bool
    is_in_anyway: bool
    """By a part, a seat, an invitation, or because everybody comes."""


class StarredDay(NamedTuple):
    label: str
    rows: tuple[Row, ...]


@blueprint.get("/stars")
def stars(edition_slug: str, token: str) -> Any:
    """Every session that this person may attend, by day."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    if registration.status not in LIVE:
        return redirect(url_for(".page", edition_slug=edition_slug, token=token), HTTPStatus.SEE_OTHER)
    reader, attendee, read = reader_of(edition), attendee_of(registration.person_id, edition.id), programme(edition)
    sessions = service.starrable(read, attendee)
    starred = {one.code for one in sessions if attendee.has_starred(one)}
    found = filters.narrow(read, sessions, filters.read(request.args.get), reader, starred)
    return render_template(
        "portal/my_stars.html",
        registration=registration,
        token=token,
        found=found,
        shown=len(found.sessions),
        number=len(starred),
        days=_days(found.sessions, attendee, reader),
        is_published=read.revision is not None,
        browser=len(offered(registration.person_id, edition)),
    )


def _days(sessions: tuple[PublishedSession, ...], attendee: Attendee, reader: Reader) -> list[StarredDay]:
    days = sorted({one.date for one in sessions}, key=lambda day: day or date.max)
    return [
        StarredDay(
            dates.long_date(day, reader.language) if day else _("Day to be confirmed"),
            tuple(
                Row(card(one, reader), attendee.has_starred(one), is_in_anyway(one, attendee))
                for one in sessions
                if one.date == day
            ),
        )
        for day in days
    ]


@blueprint.post("/stars")
def change_star(edition_slug: str, token: str) -> Any:
    """One star more or less; a script gets the number in JSON."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    code = request.form.get("star") or request.form.get("unstar") or ""
    try:
        number = _change(registration, edition, code)
    except RetreatError as refusal:
        if not is_script():
            raise
        db.session.rollback()
        return jsonify(message=refusal.message), int(refusal.status)
    db.session.commit()
    if is_script():
        return jsonify(count=number)
    asked = filters.read(request.form.get).asked
    back = url_for(".stars", edition_slug=edition_slug, token=token, _anchor=f"s-{code}", **cast(Any, asked))
    return redirect(back, HTTPStatus.SEE_OTHER)


def _change(registration: Registration, edition: Edition, code: str) -> int:
    """How many there are then."""
    session = programme(edition).session(code)
    if registration.status not in LIVE or session is None or session.session_id is None:
        raise NotToBeStarred
    if request.form.get("star"):
        service.star(registration.person_id, session.session_id, edition, at=clock.now())
    else:
        service.unstar(registration.person_id, session.session_id)
    attendee = attendee_of(registration.person_id, edition.id)
    return sum(map(attendee.has_starred, service.starrable(programme(edition), attendee)))


@blueprint.post("/stars/browser")
def answer_browser(edition_slug: str, token: str) -> Response:
    """The browser's stars come into the week, or not; these are not offered again."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    page = url_for(".page", edition_slug=edition_slug, token=token)
    if request.form.get("answer") == "add" and registration.status in LIVE:
        wanted = [one.session_id for one in offered(registration.person_id, edition) if one.session_id is not None]
        number = service.star_all(registration.person_id, wanted, at=clock.now())
        db.session.commit()
        added = ngettext("%(num)d session is in your week now.", "%(num)d sessions are in your week now.", number)
        flash(added, "success")
    answer = redirect(f"{page}#week", HTTPStatus.SEE_OTHER)
    keep(answer, cookie.ANSWERED, marks_of(edition.uid), edition, path=page)
    return answer
