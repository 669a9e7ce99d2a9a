"""What the agenda writes to people."""

from datetime import datetime

from flask_babel import force_locale

from retreat.agenda.published import PublishedSession
from retreat.core import dates, mail
from retreat.core.audit import Actor
from retreat.registration.mails import standing_values
from retreat.registration.models import Registration


def tell_seat(registration: Registration, session: PublishedSession, *, at: datetime, by: Actor) -> None:
    """A seat has become free, and is now this person's."""
    edition, language = registration.edition, registration.language
    with force_locale(language):
        day = dates.long_date(session.date, language, year=True) if session.date else ""
    hours = (
        f"{dates.clock(session.local_start)}–{dates.clock(session.local_end)}"
        if session.local_start and session.local_end
        else ""
    )
    place = (session.hall_name or session.venue_name).text(language, edition.main_language)
    both = dict.fromkeys((registration.email, registration.filled_by_email))
    mail.queue_copies(
        "agenda/mail/seat.txt",
        to=[one for one in both if one],
        language=language,
        values={
            "name": " ".join(filter(None, (registration.honorific, registration.printed_name))),
            "code": registration.code,
            **standing_values(edition, language),
            "title": session.title.text(language, edition.main_language),
            "when": ", ".join(filter(None, (day, hours))),
            "where": place,
        },
        at=at,
        by=by,
        links={"link": ("registration", registration.id)},
        edition_id=edition.id,
        about=registration,
    )
