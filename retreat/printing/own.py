"""What a delegate prints: confirmation, own week and agenda, made by a job and kept for an hour under what they say.

A file is found by its content: whoever asks twice gets the same one at once, and what has changed meanwhile is made
anew.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import select

from retreat.agenda import places, published
from retreat.agenda.attendees import attendee_of
from retreat.agenda.cards import Reader
from retreat.agenda.own_week import week_of
from retreat.agenda.published import PublishedSession
from retreat.core import dates, files, http, jobs
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.jobs import Job, JobState
from retreat.editions.models import Edition
from retreat.printing import confirmations, documents, pdf, typography
from retreat.printing.confirmations import Chosen, ConfirmationFacts
from retreat.printing.pdf import Pdf
from retreat.printing.service import check_available, event_facts
from retreat.registration.models import Registration

KIND = "print.own"
_LOOKED_AT = 200
"""Jobs of an edition among which one is looked for; more do not run within an hour."""


class Document(StrEnum):
    CONFIRMATION = "confirmation"
    WEEK = "week"
    AGENDA = "agenda"


@dataclass(frozen=True, slots=True)
class Own:
    """A document of one person, as it would be made now; `file` is there when it has been made."""

    document: Document
    key: str
    language: str
    file: Path | None

    @property
    def size(self) -> int:
        return self.file.stat().st_size if self.file else 0


def own(registration: Registration, document: Document, *, language: str, at: datetime) -> Own:
    """The confirmation is in the person's language; the agenda in that of the page."""
    spoken = registration.language if document is Document.CONFIRMATION else language
    if document is Document.CONFIRMATION:
        key = confirmations.content_hash(confirmation_facts(registration, at=at))
    elif document is Document.WEEK:
        codes = (one.code for one in _week(registration))
        key = _agenda_key(registration.edition, spoken, registration.printed_name, *codes)
    else:
        key = _agenda_key(registration.edition, spoken)
    return Own(document, key, spoken, files.path(f"{key}.pdf"))


def _week(registration: Registration) -> tuple[PublishedSession, ...]:
    edition = registration.edition
    return week_of(published.programme(edition), attendee_of(registration.person_id, edition.id))


def _agenda_key(edition: Edition, language: str, *more: str) -> str:
    read = published.programme(edition)
    said = [edition.uid, str(read.revision), str(edition.agenda_rev), language, pdf.version(), http.base_url(), *more]
    return blake2b("\n".join(said).encode(), digest_size=20).hexdigest()


def confirmation_facts(registration: Registration, *, at: datetime) -> ConfirmationFacts:
    edition, language = registration.edition, registration.language
    main = edition.main_language
    event = event_facts(edition, language)
    reader = Reader.of(edition, language, at)
    return ConfirmationFacts(
        language=language,
        event=event.title,
        city=typography.clean(edition.city),
        country=typography.clean(edition.country),
        dates=dates.date_range(edition.starts_on, edition.ends_on, language),
        code=registration.code,
        status=registration.status.value,
        since=_day(registration.created_at, edition, language),
        honorific=typography.clean(registration.honorific),
        name=typography.clean(registration.printed_name),
        native_name=typography.clean(registration.native_name),
        position=typography.clean(registration.position),
        organisation=typography.clean(registration.organisation),
        place=typography.clean(", ".join(filter(None, (registration.city, registration.country)))),
        category=registration.category.name.text(language, main),
        chosen=tuple(_chosen(one, reader) for one in places.held(registration)),
        said_on=_day(at, edition, language),
        contact_email=edition.contact_email,
        live_url=event.live_url,
    )


def _day(at: datetime, edition: Edition, language: str) -> str:
    return dates.bare_date(dates.on_wall(at, edition.zone).date(), language, year=True)


def _chosen(session: PublishedSession, reader: Reader) -> Chosen:
    title, start, end = reader.words(session.title), session.local_start, session.local_end
    return Chosen(
        day=dates.long_date(session.date, reader.language) if session.date else "",
        time=f"{dates.clock(start)}–{dates.clock(end)}" if start and end else "",
        title=typography.clean(title.text),
        title_language=title.language,
        place=typography.clean(reader.words(session.hall_name or session.venue_name).text),
    )


def order(registration: Registration, wanted: Own, *, at: datetime, by: Actor) -> None:
    """Have it made, unless it is there or on its way."""
    job = latest(registration, wanted)
    if wanted.file is None and (job is None or job.is_over):
        jobs.enqueue(
            KIND,
            {
                "registration": registration.id,
                "document": wanted.document.value,
                "language": wanted.language,
                "key": wanted.key,
                "at": at.isoformat(),
            },
            at=at,
            by=by,
            edition_id=registration.edition_id,
        )


def latest(registration: Registration, wanted: Own) -> Job | None:
    """The last job that made or makes this very document."""
    recent = db.session.scalars(
        select(Job)
        .where(Job.edition_id == registration.edition_id, Job.kind == KIND)
        .order_by(Job.id.desc())
        .limit(_LOOKED_AT)
    )
    return next((job for job in recent if job.arguments.get("key") == wanted.key), None)


def has_failed(job: Job | None) -> bool:
    return job is not None and job.state in (JobState.FAILED, JobState.CANCELLED)


@jobs.task(KIND, reads=True)
def make(work: jobs.Work) -> dict[str, Any]:
    """Begun again it makes the same file. Somebody who has been erased meanwhile gets none."""
    arguments = work.arguments
    registration = db.session.get(Registration, arguments["registration"])
    if registration is None:
        return {}
    try:
        if arguments["document"] == Document.AGENDA:
            done = documents.make_agenda(registration.edition, language=arguments["language"])
        elif arguments["document"] == Document.WEEK:
            done = documents.make_own_week(
                registration.edition,
                _week(registration),
                owner=registration.printed_name,
                language=arguments["language"],
            )
        else:
            done = _confirmation(confirmation_facts(registration, at=datetime.fromisoformat(arguments["at"])))
    except RetreatError as refusal:
        raise jobs.JobFailure(refusal.message) from refusal
    return {"file": files.store(done.content, ".pdf", key=arguments["key"]), "count": done.pages}


def _confirmation(facts: ConfirmationFacts) -> Pdf:
    check_available()
    pdf.keep_font_cache_in(files.data_folder("fontconfig"))
    return confirmations.print_confirmation(facts)
