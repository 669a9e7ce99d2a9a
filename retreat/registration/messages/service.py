"""Messages to those whom a filter finds.

    write(edition, subject=, body=, arguments=, at=, by=) -> Message     a draft, which goes to nobody
    change(message, subject=, body=, arguments=, version=, at=, by=)
    duplicate(message, at=, by=) -> Message · delete(message, at=, by=)
    send_test(message, to=, at=, by=) -> int                             to whoever writes it
    send(message, version=, seen=, with_assistants=, at=, by=) -> int    once, whoever presses and how often
    go_on(message, at=, by=)                                             with a sending that was stopped

Whom the filter finds is asked once more when it is sent; the mails themselves are queued by a job (`sending`).
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from retreat.core import audit, jobs, mail
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.i18n import LANGUAGES, Translated
from retreat.core.jobs import Job, JobState
from retreat.core.mail import MailState, OutboxMail
from retreat.editions.models import Edition
from retreat.registration.messages import audience, texts
from retreat.registration.messages.models import Message, MessageState

JOB = "message.send"


class UnknownMessage(NotFound):
    def __init__(self) -> None:
        super().__init__(_l("There is no such message."))


class UnknownPlaceholder(RetreatError):
    """Something in braces that nobody can fill in."""

    def __init__(self, field: str, language: str, found: str, known: tuple[str, ...]) -> None:
        super().__init__(
            _l(
                "%(language)s: %(found)s is no placeholder; known are %(known)s.",
                language=LANGUAGES.get(language, language),
                found=found,
                known=", ".join(f"{{{name}}}" for name in known),
            )
        )
        self.field = field


class NotADraft(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This message has been sent and stays as it is. Duplicate it to write another."))


class AlreadySent(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This message is being sent already; nobody gets it twice."))


class ChangedMeanwhile(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _l("The message was changed by someone else while you were typing. Nothing has been overwritten.")
        )


class NotReady(RetreatError):
    """No text, or a text without its subject."""


class NobodyToWriteTo(RetreatError):
    def __init__(self) -> None:
        super().__init__(_l("The filter finds nobody who can be written to."))


class OthersNow(RetreatError):
    """Between looking and pressing somebody registered, withdrew or was decided about."""

    status = HTTPStatus.CONFLICT

    def __init__(self, seen: int, now: int) -> None:
        super().__init__(
            _l(
                "The filter found %(seen)d when you looked and finds %(now)d now. Look again before you send.",
                seen=seen,
                now=now,
            )
        )


class NothingToGoOnWith(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("This message is not waiting to be sent."))


# Drafts ------------------------------------------------------------------------------------------------------------


def messages_of(edition: Edition) -> list[Message]:
    """Drafts first, then the latest first."""
    return list(
        db.session.scalars(
            select(Message)
            .where(Message.edition_id == edition.id)
            .order_by(Message.state != MessageState.DRAFT, func.coalesce(Message.sent_at, Message.updated_at).desc())
        )
    )


def message_of(edition: Edition, message_id: int) -> Message:
    """Raises UnknownMessage."""
    found = db.session.get(Message, message_id)
    if found is None or found.edition_id != edition.id:
        raise UnknownMessage
    return found


def write(
    edition: Edition,
    *,
    subject: Translated,
    body: Translated,
    arguments: Mapping[str, Any],
    at: datetime,
    by: Actor,
) -> Message:
    """A draft. Raises UnknownPlaceholder."""
    _check(subject, body)
    message = Message(
        edition=edition,
        subject=subject,
        body=body,
        arguments=audience.arguments_of(arguments),
        created_at=at,
        created_by=str(by),
        updated_at=at,
    )
    db.session.add(message)
    db.session.flush()
    audit.record("message.written", message, at=at, by=by, title=dict(subject))
    return message


def change(
    message: Message,
    *,
    subject: Translated,
    body: Translated,
    arguments: Mapping[str, Any],
    version: int,
    at: datetime,
    by: Actor,
) -> Message:
    """Raises UnknownPlaceholder, NotADraft and ChangedMeanwhile."""
    _check(subject, body)
    _lock_draft(message, version)
    message.subject, message.body = subject, body
    message.arguments = audience.arguments_of(arguments)
    message.updated_at = at
    db.session.flush()
    audit.record("message.changed", message, at=at, by=by, title=dict(subject))
    return message


def duplicate(message: Message, *, at: datetime, by: Actor) -> Message:
    """A draft with the same texts for the same filter."""
    return write(
        message.edition,
        subject=message.subject,
        body=message.body,
        arguments=message.arguments,
        at=at,
        by=by,
    )


def delete(message: Message, *, at: datetime, by: Actor) -> None:
    """Raises NotADraft: what was sent is kept."""
    _lock_draft(message, None)
    audit.record("message.deleted", message, at=at, by=by, title=dict(message.subject))
    db.session.delete(message)
    db.session.flush()


def _check(subject: Translated, body: Translated) -> None:
    for field, translated, known in (
        ("subject", subject, tuple(name for name in texts.PLACEHOLDERS if name != "link")),
        ("body", body, texts.PLACEHOLDERS),
    ):
        for language, text in translated.items():
            if (found := texts.unknown_placeholder(text, known)) is not None:
                raise UnknownPlaceholder(field, language, found, known)


def _lock(message: Message) -> None:
    """Hold the row and read it anew: of two who press at once the second sees what the first did."""
    db.session.refresh(message, with_for_update={"of": Message})


def _lock_draft(message: Message, version: int | None) -> None:
    _lock(message)
    if message.state is not MessageState.DRAFT:
        raise NotADraft
    if version is not None and message.version != version:
        raise ChangedMeanwhile


# Sending -----------------------------------------------------------------------------------------------------------


def send_test(message: Message, *, to: str, at: datetime, by: Actor) -> int:
    """Every language's text to whoever writes it, as a real person of the filter would read it; how many mails.

    Raises NotReady. No secret link is minted: it would open somebody else's page.
    """
    _check_ready(message)
    edition = message.edition
    for preview in audience.previews(edition, message, audience.audience(edition, message)):
        language = preview.language
        with force_locale(language):
            subject = _("Test: %(subject)s", subject=preview.subject)
        mail.queue(
            audience.TEMPLATE,
            to=to,
            language=language,
            values={**preview.values, "subject": subject, "parts": [mail.MASKED.join(preview.values["parts"])]},
            at=at,
            by=by,
            edition_id=message.edition_id,
            about=message,
        )
    audit.record("message.tested", message, at=at, by=by)
    return len(message.body)


def send(message: Message, *, version: int, seen: int, with_assistants: bool, at: datetime, by: Actor) -> int:
    """Hand the message to the job that queues its mails; how many people get it.

    `seen` is how many people the page named that asked. Raises AlreadySent, ChangedMeanwhile, NotReady,
    NobodyToWriteTo and OthersNow.
    """
    _lock(message)
    if message.state is not MessageState.DRAFT:
        raise AlreadySent
    if message.version != version:
        raise ChangedMeanwhile
    _check_ready(message)
    people = audience.found(message.edition, message.arguments)
    if not people:
        raise NobodyToWriteTo
    if len(people) != seen:
        raise OthersNow(seen, len(people))
    message.state = MessageState.SENDING
    message.recipients = len(people)
    message.sent_at, message.sent_by = at, str(by)
    message.updated_at = at
    db.session.flush()
    audit.record("message.sent", message, at=at, by=by, title=dict(message.subject), people=len(people))
    arguments = {"message": message.id, "people": [one.id for one in people], "with_assistants": with_assistants}
    jobs.enqueue(JOB, arguments, at=at, by=by, edition_id=message.edition_id)
    return len(people)


def go_on(message: Message, *, at: datetime, by: Actor) -> None:
    """Take up a sending whose job was stopped or failed; who has a mail gets no second. Raises NothingToGoOnWith."""
    _lock(message)
    last = last_job(message)
    if message.state is not MessageState.SENDING or last is None or not last.is_over:
        raise NothingToGoOnWith
    audit.record("message.resumed", message, at=at, by=by)
    jobs.enqueue(JOB, dict(last.arguments), at=at, by=by, edition_id=message.edition_id)


def _check_ready(message: Message) -> None:
    if found := texts.problems(message.subject, message.body):
        raise NotReady(found[0])


def last_job(message: Message) -> Job | None:
    return db.session.scalar(
        select(Job)
        .where(
            Job.edition_id == message.edition_id,
            Job.kind == JOB,
            Job.arguments["message"].as_integer() == message.id,
        )
        .order_by(Job.id.desc())
        .limit(1)
    )


def is_stopped(message: Message, job: Job | None) -> bool:
    """Being sent, and nobody is at it."""
    return message.state is MessageState.SENDING and (job is None or job.state in (JobState.FAILED, JobState.CANCELLED))


# What became of it -------------------------------------------------------------------------------------------------


def once_key(message_id: int, registration_id: int, address: str) -> str:
    """One mail of a message for one person to one address, however often the job starts."""
    return f"{once_prefix(message_id)}{registration_id}:{address.lower()}"


def once_prefix(message_id: int) -> str:
    return f"message:{message_id}:"


def mail_counts(message: Message) -> dict[MailState, int]:
    """Of the outbox, by state."""
    return dict(
        db.session.execute(
            select(OutboxMail.state, func.count()).where(*_its_mails(message)).group_by(OutboxMail.state)
        ).all()
    )


def mails_of(message: Message, *, limit: int, offset: int = 0) -> list[OutboxMail]:
    """Those that failed first."""
    return list(
        db.session.scalars(
            select(OutboxMail)
            .where(*_its_mails(message))
            .order_by(OutboxMail.state != MailState.FAILED, OutboxMail.id)
            .limit(limit)
            .offset(offset)
        )
    )


def _its_mails(message: Message) -> list[Any]:
    return [
        OutboxMail.edition_id == message.edition_id,
        OutboxMail.created_at >= message.created_at,
        OutboxMail.once.startswith(once_prefix(message.id), autoescape=True),
    ]
