"""Who gets a paper. Pure."""

from typing import Protocol

from retreat.agenda.access import Attendee, Session, may_attend, may_see
from retreat.agenda.models import Audience


class Paper(Protocol):
    @property
    def audience(self) -> Audience: ...


def may_read(paper: Paper, session: Session | None, attendee: Attendee) -> bool:
    """Whether this reader gets the paper, and therefore may know of it. `session` is as published, or None.

    "Who may attend" are known people: that anybody of the edition may come is no reason to show a paper to the street.
    """
    if attendee.is_organiser:
        return True
    if session is None or not may_see(session, attendee):
        return False
    match paper.audience:
        case Audience.EVERYBODY:
            return True
        case Audience.ADMITTED:
            return attendee.person_id is not None and may_attend(session, attendee)
        case Audience.ORGANISERS:
            return False
