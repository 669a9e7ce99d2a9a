"""The published agenda for other tools: `schedule.json` and `schedule.xml`."""

from flask import Blueprint, Response, request

from retreat.agenda.exchange import schedule
from retreat.agenda.exchange.outgoing import conference_of
from retreat.agenda.published import PublishedSession, programme
from retreat.core import http
from retreat.core.i18n import LANGUAGES
from retreat.core.unchanged import tag_of, tagged
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
    write, content_type = _WRITERS[kind]

    def address(session: PublishedSession) -> str:
        return http.absolute_url("agenda.session", edition_slug=edition.slug, code=session.code)

    def make() -> Response:
        url = http.absolute_url("agenda.week", edition_slug=edition.slug)
        conference = conference_of(edition, str(read.revision or 0), base_url=http.base_url(), url=url)
        return Response(write(schedule.schedule(conference, read, language, address)), content_type=content_type)

    answer = tagged(tag_of((*deciding, http.base_url())), make)
    # Anybody's page may read what everybody may see; no cookie decides what it says.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
