"""What a schedule for other tools is made of: the edition, and its draft for the command."""

from retreat.agenda.exchange import schedule
from retreat.agenda.exchange.schedule import Conference
from retreat.agenda.published import PublishedSession
from retreat.agenda.publishing import draft_as_published
from retreat.editions.models import Edition

WRITERS = {"schedule-json": schedule.as_json, "schedule-xml": schedule.as_xml}
"""Formats by the names that the command knows them by."""


def conference_of(edition: Edition, version: str, *, base_url: str, url: str) -> Conference:
    return Conference(
        uid=edition.uid,
        slug=edition.slug,
        title=edition.title,
        zone=edition.zone,
        starts_on=edition.starts_on,
        ends_on=edition.ends_on,
        main_language=edition.main_language,
        version=version,
        base_url=base_url,
        url=url,
    )


def export_schedule(edition: Edition, form: str, *, base_url: str) -> bytes:
    """The listed sessions of the draft; what is published has addresses of its own."""

    def address(session: PublishedSession) -> str:
        return f"{base_url}/{edition.slug}/sessions/{session.code}"

    conference = conference_of(edition, "draft", base_url=base_url, url=f"{base_url}/{edition.slug}/agenda")
    made = schedule.schedule(conference, draft_as_published(edition), edition.main_language, address)
    return WRITERS[form](made)
