"""What is still open about a session of the draft, in words."""

from flask_babel import gettext as _
from flask_babel import ngettext

from retreat.agenda.cards import HYBRID, Tag
from retreat.agenda.labels import STATUS
from retreat.agenda.models import AgendaSession, Kind, PartState, SessionStatus


def states_of(session: AgendaSession, *, is_published: bool) -> list[Tag]:
    """In the order in which somebody would settle them."""
    tags = [Tag(_("Published"), "ok") if is_published else Tag(_("Not published yet"), "attention")]
    if session.status is not SessionStatus.CONFIRMED:
        kind = "off" if session.status is SessionStatus.CANCELLED else "attention"
        tags.append(Tag(str(STATUS[session.status]), kind))
    if not session.is_listed:
        tags.append(Tag(_("Not listed")))
    if session.is_locked:
        tags.append(Tag(_("Locked"), symbol="lock"))
    return tags + [Tag(words, "attention") for words in _open(session)]


def _open(session: AgendaSession) -> list[str]:
    found = []
    if session.date is None:
        found.append(_("Day and time to be confirmed"))
    elif session.starts is None:
        found.append(_("Time to be confirmed"))
    if session.hall is None and session.kind not in (Kind.BREAK, Kind.TRAVEL, Kind.VISIT):
        found.append(_("Hall to be confirmed"))
    if HYBRID in session.tags and not session.link:
        found.append(_("Link not yet available"))
    unsure = sum(part.state is PartState.TO_BE_CONFIRMED for part in session.parts)
    if unsure:
        found.append(ngettext("%(num)d person to be confirmed", "%(num)d people to be confirmed", unsure))
    return found
