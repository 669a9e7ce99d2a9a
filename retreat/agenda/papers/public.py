"""A paper by its address, for whoever may have it. What is not for this reader does not exist."""

from flask import Blueprint, Response

from retreat.accounts import guards
from retreat.accounts.roles import Permission
from retreat.agenda.access import ORGANISER, STRANGER, Attendee
from retreat.agenda.papers import service
from retreat.core.downloads import sent
from retreat.editions.web import edition_of

blueprint = Blueprint("paper", __name__)


def reader() -> Attendee:
    """Whom the public pages show papers to: a stranger, or somebody who sees the organisers' agenda."""
    return ORGANISER if guards.organiser() and guards.can(Permission.SEE_AGENDA) else STRANGER


@blueprint.get("/<edition_slug>/papers/<token>")
def file(edition_slug: str, token: str) -> Response:
    return sent(service.readable(edition_of(edition_slug), token, reader()), is_inline=True)
