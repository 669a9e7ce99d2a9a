"""Papers on the delegate's own page: those of the own week, and each by its address."""

from flask import Response

from retreat.agenda.attendees import attendee_of
from retreat.agenda.papers import service as papers
from retreat.core.downloads import sent
from retreat.editions.web import edition_of
from retreat.portal.my import blueprint
from retreat.registration.links import registration_of_link
from retreat.registration.states import LIVE


@blueprint.get("/papers/<paper>")
def paper(edition_slug: str, token: str, paper: str) -> Response:
    """What this person may read; everything else does not exist."""
    edition = edition_of(edition_slug)
    registration = registration_of_link(edition, token)
    if registration.status not in LIVE:
        raise papers.UnknownPaper
    return sent(
        papers.readable(edition, paper, attendee_of(registration.person_id, edition.id)),
        is_inline=True,
    )
