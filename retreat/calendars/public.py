"""What the page of a session offers for one's calendar: to subscribe, or to add this one session."""

from typing import Any

from retreat.agenda.cards import Reader
from retreat.agenda.public import beside_session
from retreat.agenda.published import PublishedSession
from retreat.calendars.entries import location, wall_time
from retreat.calendars.web_calendars import WebCalendars, one_session
from retreat.core.http import absolute_url
from retreat.editions.models import Edition


def connect() -> None:
    beside_session.connect(panels)


def panels(edition: Edition, session: PublishedSession, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """What is cancelled or has no hour yet cannot be added; whoever subscribes gets it when it has."""
    can_be_added = session.is_timed and not session.is_cancelled
    return [("calendars/_keep.html", {"once": _filled_in(edition, session, reader) if can_be_added else None})]


def _filled_in(edition: Edition, session: PublishedSession, reader: Reader) -> WebCalendars:
    assert session.start_utc
    assert session.end_utc
    page = absolute_url("agenda.session", edition_slug=edition.slug, code=session.code)
    return one_session(
        summary=reader.words(session.title).text,
        start=session.start_utc,
        end=session.end_utc,
        location=location(session, reader),
        details=f"{wall_time(session, reader.language)}\n{page}",
    )
