"""The job that puts a message's mails into the outbox, one for each person and address."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from retreat.core import clock, jobs, mail
from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.core.mail import OutboxMail
from retreat.registration.messages import audience, texts
from retreat.registration.messages.models import Message, MessageState
from retreat.registration.messages.service import JOB, once_key, once_prefix
from retreat.registration.models import Registration

BATCH = 50


@jobs.task(JOB)
def send_message(work: jobs.Work) -> dict[str, Any]:
    """Started again, it goes on where it stopped: whoever has a mail is known by the mail's own key.

    People are those who were found when somebody pressed the button. Who has withdrawn since, or been erased,
    is left out.
    """
    message_id: int = work.arguments["message"]
    people: list[int] = work.arguments["people"]
    queued = 0
    work.progress(0, len(people))
    for first in range(0, len(people), BATCH):
        queued += _queue(message_id, people[first : first + BATCH], with_assistants=work.arguments["with_assistants"])
        db.session.commit()
        work.progress(min(first + BATCH, len(people)), len(people))
    db.session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == MessageState.SENDING)
        .values(state=MessageState.SENT)
    )
    return {"mails": queued}


def _queue(message_id: int, people: list[int], *, with_assistants: bool) -> int:
    """The mails of some people that are not there yet; how many."""
    message = db.session.get_one(Message, message_id)
    # Two workers with one job: the second waits here until the first has committed, and then finds the mails.
    db.session.refresh(message, with_for_update={"of": Message})
    known = _known(message_id, people)
    found = db.session.scalars(
        select(Registration)
        .where(Registration.id.in_(people))
        .options(joinedload(Registration.edition))
        .order_by(Registration.id)
    )
    queued = 0
    for registration in found:
        if not audience.is_addressed(registration.status, registration.email, message.arguments):
            continue
        for address in audience.addresses(registration, with_assistants=with_assistants):
            if (once := once_key(message_id, registration.id, address)) not in known:
                _queue_one(message, registration, address, once)
                queued += 1
    return queued


def _known(message_id: int, people: list[int]) -> set[str]:
    """Keys of the mails that these people have."""
    return set(
        db.session.scalars(
            select(OutboxMail.once).where(
                OutboxMail.subject_kind == Registration.__tablename__,
                OutboxMail.subject_id.in_(people),
                OutboxMail.once.startswith(once_prefix(message_id), autoescape=True),
            )
        )
    )


def _queue_one(message: Message, registration: Registration, address: str, once: str) -> None:
    language = texts.language_for(registration.language, message.body, message.edition.main_language)
    values = audience.mail_values(message.edition, message, language, registration)
    mail.queue(
        audience.TEMPLATE,
        to=address,
        language=language,
        values=values,
        at=clock.now(),
        by=SYSTEM,
        # A link is minted only where the text has a place for it.
        links={"link": ("registration", registration.id)} if len(values["parts"]) > 1 else {},
        edition_id=message.edition_id,
        about=registration,
        once=once,
    )
