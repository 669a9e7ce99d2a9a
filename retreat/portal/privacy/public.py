"""What is kept, who sees it and for how long, in plain words; and the participants who agreed to be named."""

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _

from retreat.core.errors import NotFound
from retreat.editions.web import edition_of
from retreat.network.service import sections
from retreat.registration import consent, participants, privacy

blueprint = Blueprint("privacy", __name__, url_prefix="/<edition_slug>")


@blueprint.get("/privacy")
def index(edition_slug: str) -> str:
    edition = edition_of(edition_slug)
    return render_template(
        "portal/privacy/index.html",
        consent_text=consent.current(edition),
        built_in=consent.built_in(),
        topics=[
            (
                key,
                topic,
                privacy.audience_words(one for one in topic.seen_by if _is_in_use(one, edition.are_participants_shown)),
                privacy.kept_for(topic, edition.keep_months),
            )
            for key, topic in privacy.TOPICS.items()
        ],
    )


def _is_in_use(one: privacy.Audience, are_participants_shown: bool) -> bool:
    return one is not privacy.Audience.PARTICIPANTS or are_participants_shown


@blueprint.get("/participants")
def people(edition_slug: str) -> Response:
    """Only those who agreed, only while the edition has such a page; for no cache and no search engine."""
    edition = edition_of(edition_slug)
    if not edition.are_participants_shown:
        raise NotFound(_("This edition has no page of its participants."))
    words = " ".join(request.args.get("q", "")[:100].replace("\x00", "").split())
    known = sections()
    asked = request.args.get("section", "")
    section = next((one for one in known if one.slug == asked), None)
    response = make_response(
        render_template(
            "portal/privacy/people.html",
            groups=participants.by_section(participants.shown(edition, words, section)),
            words=words,
            section=section,
            sections=known,
        )
    )
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response
