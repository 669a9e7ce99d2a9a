"""A person's week: what of a programme belongs in it. Pure."""

from retreat.agenda.access import Attendee, may_attend, may_see
from retreat.agenda.models import Kind
from retreat.agenda.published import Programme, PublishedSession

FOR_EVERYONE = frozenset({Kind.PLENARY, Kind.CEREMONY, Kind.SOCIAL, Kind.BREAK})
"""Kinds that are in everyone's week who may attend, without a choice."""


def week_of(programme: Programme, attendee: Attendee) -> tuple[PublishedSession, ...]:
    """Sessions with a part, a seat, a place or a star, and what everyone attends; untimed and cancelled ones too."""
    return tuple(session for session in programme.sessions if belongs(session, attendee))


def belongs(session: PublishedSession, attendee: Attendee) -> bool:
    """Whether it is in this person's week: of a speaker who withdrew, no more than the parts."""
    if attendee.has_left and not attendee.has_part_in(session):
        return False
    if not (may_see(session, attendee) and may_attend(session, attendee)):
        return False
    return attendee.has_starred(session) or _is_expected(session, attendee)


def is_in_anyway(session: PublishedSession, attendee: Attendee) -> bool:
    """Whether it is in this person's week with a star and without."""
    return belongs(session, attendee) and _is_expected(session, attendee)


def _is_expected(session: PublishedSession, attendee: Attendee) -> bool:
    return session.kind in FOR_EVERYONE or attendee.is_concerned_by(session)
