"""Mail: a row first, then sent by a job.

A row holds the template and its values. A secret link is not among them: it is minted when the mail is sent and
masked when an organiser reads the outbox. A mail whose sending was interrupted is never sent a second time by
itself, because the other side may have taken it; an organiser decides.
"""

import base64
import re
import smtplib
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import ForeignKey, Index, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from retreat.core import audit, clock, jobs
from retreat.core.audit import SYSTEM, Actor
from retreat.core.db import Model, db, enum_column
from retreat.core.errors import RetreatError

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
"""How long to wait after each failed try."""

SMTP_SECONDS = 30

MASKED = "https://…/••••••••"

_INTERRUPTED = "The sending was interrupted: it may have arrived. Send it again only if it has not."


class MailState(StrEnum):
    KEPT = "kept"
    """No mail server is configured: the mail can be read in the outbox."""
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class OutboxMail(Model):
    """One mail to one address."""

    __tablename__ = "outbox_mail"
    __table_args__ = (Index("ix_outbox_mail_edition", "edition_id", "created_at"),)

    template: Mapped[str]
    language: Mapped[str]
    recipient: Mapped[str]
    values: Mapped[dict[str, Any]]
    links: Mapped[dict[str, Any]]
    """By the name that the template uses: [kind, id] of what a fresh secret link leads to, or a list of such."""
    subject: Mapped[str]
    state: Mapped[MailState] = mapped_column(enum_column(MailState), default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    subject_kind: Mapped[str] = mapped_column(default="")
    subject_id: Mapped[int | None]
    once: Mapped[str | None] = mapped_column(unique=True)
    """Set where the same news must not be mailed twice."""
    message_id: Mapped[str] = mapped_column(unique=True)
    calendar: Mapped[str] = mapped_column(default="")
    """An iTIP message (RFC 6047) that goes out with the text, or nothing."""
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class NoMailServer(RetreatError):
    pass


class NotToBeSentAgain(RetreatError):
    pass


class Written(NamedTuple):
    subject: str
    body: str


Minter = Callable[[int, datetime], str]
_minters: dict[str, Minter] = {}


def mints(kind: str) -> Callable[[Minter], Minter]:
    """Register how a secret link of this kind is made: (id of the thing, now) → absolute address."""

    def register(function: Minter) -> Minter:
        _minters[kind] = function
        return function

    return register


def queue(
    template: str,
    *,
    to: str,
    language: str,
    values: dict[str, Any],
    at: datetime,
    by: Actor = SYSTEM,
    links: Mapping[str, tuple[str, int] | Sequence[tuple[str, int]]] | None = None,
    edition_id: int | None = None,
    about: Model | None = None,
    once: str | None = None,
) -> OutboxMail:
    """Put a mail into the outbox, in the caller's transaction; it is sent after the commit.

    `template` is the path of a text template whose first line is the subject. `links` name the secret links that
    the template uses, by kind and id, one or a list of them; they are minted when the mail goes out.
    """
    (row,) = queue_copies(
        template,
        to=[to],
        language=language,
        values=values,
        at=at,
        by=by,
        links=links,
        edition_id=edition_id,
        about=about,
        once=once,
    )
    return row


def queue_copies(
    template: str,
    *,
    to: Collection[str],
    language: str,
    values: dict[str, Any],
    at: datetime,
    by: Actor = SYSTEM,
    links: Mapping[str, tuple[str, int] | Sequence[tuple[str, int]]] | None = None,
    edition_id: int | None = None,
    about: Model | None = None,
    once: str | None = None,
) -> list[OutboxMail]:
    """The same as `queue` to several addresses, each a mail of its own with links of its own."""
    domain = urlsplit(current_app.config["BASE_URL"]).hostname or "localhost"
    state = MailState.WAITING if current_app.config["SMTP_URL"] else MailState.KEPT
    rows = [
        OutboxMail(
            template=template,
            language=language,
            recipient=recipient,
            values=values,
            links=dict(links or {}),
            subject="",
            state=state,
            edition_id=edition_id,
            subject_kind=about.__tablename__ if about else "",
            subject_id=about.id if about else None,
            once=once,
            message_id=make_msgid(domain=domain),
            created_at=at,
        )
        for recipient in to
    ]
    subject = write(rows[0]).subject if rows else ""
    for row in rows:
        row.subject = subject
    db.session.add_all(rows)
    db.session.flush()
    if state is MailState.WAITING:
        jobs.enqueue_each("mail.send", [{"mail": row.id} for row in rows], at=at, by=by, edition_id=edition_id)
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One of many mails that are queued together: see `queue` for what each field is."""

    template: str
    to: str
    language: str
    values: dict[str, Any]
    about: Model
    once: str
    links: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    calendar: str = ""


def queue_letters(
    letters: Collection[Letter], *, at: datetime, by: Actor = SYSTEM, edition_id: int | None = None
) -> list[int]:
    """Put many mails into the outbox in as many statements as one, but for those that are there already; their ids."""
    known = _ids({letter.once for letter in letters})
    domain = urlsplit(current_app.config["BASE_URL"]).hostname or "localhost"
    state = MailState.WAITING if current_app.config["SMTP_URL"] else MailState.KEPT
    rows = [
        {
            "template": letter.template,
            "language": letter.language,
            "recipient": letter.to,
            "values": letter.values,
            "links": dict(letter.links),
            "state": state,
            "edition_id": edition_id,
            "subject_kind": letter.about.__tablename__,
            "subject_id": letter.about.id,
            "once": letter.once,
            "message_id": make_msgid(domain=domain),
            "calendar": letter.calendar,
            "created_at": at,
        }
        for letter in letters
        if letter.once not in known
    ]
    if not rows:
        return []
    for row in rows:
        row["subject"] = write(OutboxMail(**row)).subject
    # One executemany and a look at the ids: INSERT … RETURNING goes row by row.
    db.session.execute(insert(OutboxMail), rows)
    queued = sorted(_ids({row["once"] for row in rows}).values())
    if state is MailState.WAITING:
        jobs.enqueue_each("mail.send", [{"mail": one} for one in queued], at=at, by=by, edition_id=edition_id)
    return queued


def _ids(keys: Collection[Any]) -> dict[str | None, int]:
    """Of the mails that have these keys."""
    rows = db.session.execute(select(OutboxMail.once, OutboxMail.id).where(OutboxMail.once.in_(keys)))
    return {row.once: row.id for row in rows}


def sender() -> tuple[str, str]:
    """Name and address that mails come from."""
    return parseaddr(current_app.config["MAIL_FROM"])


def write(row: OutboxMail, *, mint: bool = False) -> Written:
    """The mail's subject and text in its language; secret links are masked unless `mint`."""
    links = {name: _address(target, mint=mint) for name, target in row.links.items()}
    with force_locale(row.language):
        text = render_template(row.template, **row.values, **links, mail_language=row.language)
    subject, _, body = text.lstrip().partition("\n")
    return Written(" ".join(subject.split()), body.strip() + "\n")


def _address(target: Sequence[Any], *, mint: bool) -> str | list[str]:
    """The address of one [kind, id], or those of a list of them."""
    if target and not isinstance(target[0], str):
        return [str(_address(one, mint=mint)) for one in target]
    if not mint:
        return MASKED
    kind, number = target
    return _minters[kind](number, clock.now())


def send_again(row: OutboxMail, *, at: datetime, by: Actor) -> None:
    """An organiser's decision about a mail that failed, or that was kept before a mail server was named."""
    if not current_app.config["SMTP_URL"]:
        raise NoMailServer(_l("No mail server is configured: set SMTP_URL, then send it again."))
    if row.state not in (MailState.FAILED, MailState.KEPT):
        raise NotToBeSentAgain(_l("This mail is sent, or on its way."))
    row.state = MailState.WAITING
    row.attempts = 0
    row.last_error = ""
    audit.record("mail.sent_again", row, at=at, by=by)
    db.session.flush()
    jobs.enqueue("mail.send", {"mail": row.id}, at=at, by=by, edition_id=row.edition_id)


@jobs.task("mail.send")
def send(work: jobs.Work) -> dict[str, Any] | None:
    """Send one mail. A refusal that is for ever is noted; anything else is tried again later."""
    mail_id: int = work.arguments["mail"]
    row = db.session.get(OutboxMail, mail_id)
    if row is None:
        return None
    if row.state is MailState.SENDING and work.attempt > 1:
        _note(mail_id, MailState.SENDING, MailState.FAILED, last_error=_INTERRUPTED)
        return None
    if row.state is not MailState.WAITING:
        return None
    message = _message(row)
    if not _note(mail_id, MailState.WAITING, MailState.SENDING):
        return None
    try:
        _transmit(message)
    except _Interrupted:
        _note(mail_id, MailState.SENDING, MailState.FAILED, last_error=_INTERRUPTED)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, reason = next(iter(refusal.recipients.values()))
        _retry_or_fail(mail_id, f"{code} {_text(reason)}", for_ever=code >= 500)
    except smtplib.SMTPResponseException as refusal:
        _retry_or_fail(mail_id, f"{refusal.smtp_code} {_text(refusal.smtp_error)}", for_ever=refusal.smtp_code >= 500)
    except (OSError, smtplib.SMTPException) as problem:
        _retry_or_fail(mail_id, str(problem) or type(problem).__name__, for_ever=False)
    else:
        _note(mail_id, MailState.SENDING, MailState.SENT, sent_at=clock.now(), last_error="")
    return None


def _text(reason: bytes | str) -> str:
    return reason.decode(errors="replace") if isinstance(reason, bytes) else reason


def _note(mail_id: int, before: MailState, after: MailState, **values: Any) -> bool:
    """Move a mail on, if it still is where we believe; two workers with one mail do so once."""
    moved = db.session.execute(
        update(OutboxMail).where(OutboxMail.id == mail_id, OutboxMail.state == before).values(state=after, **values)
    )
    db.session.commit()
    return bool(moved.rowcount)  # type: ignore[attr-defined]


def _retry_or_fail(mail_id: int, error: str, *, for_ever: bool) -> None:
    row = db.session.get_one(OutboxMail, mail_id, populate_existing=True)
    row.last_error = error
    if for_ever or row.attempts >= len(WAITS):
        row.state = MailState.FAILED
    else:
        at = clock.now()
        row.state = MailState.WAITING
        jobs.enqueue(
            "mail.send",
            {"mail": mail_id},
            at=at,
            by=SYSTEM,
            edition_id=row.edition_id,
            not_before=at + WAITS[row.attempts],
        )
        row.attempts += 1
    db.session.commit()


def _message(row: OutboxMail) -> EmailMessage:
    written = write(row, mint=True)
    row.subject = written.subject
    message = EmailMessage()
    message["Subject"] = written.subject
    message["From"] = current_app.config["MAIL_FROM"]
    message["To"] = row.recipient
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = row.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.body, charset="utf-8", cte="quoted-printable")
    if row.calendar:
        _add_calendar(message, written.body, row.calendar.encode())
    # After the content, which takes away every earlier Content- header.
    message["Content-Language"] = row.language
    return message


_METHOD = re.compile(rb"^METHOD:([A-Z]+)\r?$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+")


def _add_calendar(message: EmailMessage, body: str, calendar: bytes) -> None:
    """As programs expect it (RFC 6047 §2.4): a third way to say the text, and the same as a file for those that do not.

    Both are base64: their lines end in CRLF, whatever a server on the way does to those of a text.
    """
    found = _METHOD.search(calendar)
    assert found
    message.add_alternative(_as_html(body), subtype="html", charset="utf-8", cte="quoted-printable")
    told = EmailMessage()
    told["Content-Type"] = f"text/calendar; charset=utf-8; method={found[1].decode()}"
    told["Content-Transfer-Encoding"] = "base64"
    told.set_payload(base64.encodebytes(calendar).decode())
    message.attach(told)
    message.add_attachment(calendar, maintype="application", subtype="ics", filename="invitation.ics")


def _as_html(body: str) -> str:
    """The same text: paragraphs, lines, and addresses that can be pressed."""
    paragraphs = (
        Markup("<p>{}</p>").format(Markup("<br>\n").join(_with_links(line) for line in paragraph.splitlines()))
        for paragraph in body.strip().split("\n\n")
    )
    return "<!doctype html>\n<html><body>\n" + "\n".join(paragraphs) + "\n</body></html>\n"


def _with_links(line: str) -> Markup:
    pieces, end = [], 0
    for found in _ADDRESS.finditer(line):
        pieces += [escape(line[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(found[0])]
        end = found.end()
    return Markup().join([*pieces, escape(line[end:])])


class _Interrupted(Exception):
    """The connection broke after the text had begun to go out, and before the other side had answered."""


class _Conversation(smtplib.SMTP):
    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except (OSError, smtplib.SMTPException) as problem:
            raise _Interrupted from problem


class _SecureConversation(_Conversation, smtplib.SMTP_SSL):
    pass


def _transmit(message: EmailMessage) -> None:
    """One SMTP conversation with `smtp://`, `smtps://` or `smtp+starttls://user:password@host:port`."""
    url = urlsplit(current_app.config["SMTP_URL"])
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = _SecureConversation(host, url.port or 465, timeout=SMTP_SECONDS, context=context)
    else:
        server = _Conversation(host, url.port or 25, timeout=SMTP_SECONDS)
    try:
        if url.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
        # The mail has been taken: whatever goes wrong with the farewell is no reason to send it again.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()
