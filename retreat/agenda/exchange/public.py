"""The published agenda for other tools: `schedule.json` and `schedule.xml`."""

import hashlib

from flask import Blueprint, Response, request

from retreat.agenda.exchange import schedule
from retreat.agenda.exchange.outgoing import conference_of
from retreat.agenda.published import PublishedSession, programme
from retreat.core import http
from retreat.core.i18n import LANGUAGES
from retreat.editions.web import edition_of

blueprint = Blueprint("exchange", __name__)

_WRITERS = {"json": (schedule.as_json, "application/json"), "xml": (schedule.as_xml, "application/xml; charset=utf-8")}


@blueprint.get("/<edition_slug>/agenda/schedule.<any(json, xml):kind>")
def published(edition_slug: str, kind: str) -> Response:
    """The listed sessions of the last revision that have a time and take place; 304 while nothing has changed."""
    edition = edition_of(edition_slug)
    read = programme(edition)
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else edition.main_language
    deciding = (schedule.FORM, kind, language, edition.uid, edition.slug, edition.agenda_rev, read.revision)
    answer = Response(content_type=_WRITERS[kind][1])
    answer.set_etag(hashlib.sha256(repr((*deciding, http.base_url())).encode()).hexdigest()[:32])
    answer.headers["Cache-Control"] = "no-cache"
    # Anybody's page may read what everybody may see; no cookie decides what it says.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    if request.if_none_match.contains_weak(answer.get_etag()[0] or ""):
        answer.status_code = 304
        return answer

    def address(session: PublishedSession) -> str:
        return http.absolute_url("agenda.session", edition_slug=edition.slug, code=session.code)

    url = http.absolute_url("agenda.week", edition_slug=edition.slug)
    made = schedule.schedule(
        conference_of(edition, str(read.revision or 0), base_url=http.base_url(), url=url), read, language, address
    )
    answer.data = _WRITERS[kind][0](made)
    return answer
