"""The papers of a session: kept, ordered, changed, removed; and found by their address."""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.agenda import published
from retreat.agenda.access import Attendee
from retreat.agenda.models import AgendaSession, Audience, Document
from retreat.agenda.papers.access import may_read
from retreat.agenda.published import PublishedSession
from retreat.core import audit, uploads
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import NotFound, RetreatError
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition

MOST_PAPERS = 40
"""Of one session."""


class UnknownPaper(NotFound):
    """The same for a paper that there is not and for one that is not for this reader."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such paper."))


class TooManyPapers(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(_l("A session has at most %(count)s papers.", count=MOST_PAPERS))


def papers_of(session: AgendaSession) -> list[Document]:
    """In their order, without their content."""
    return list(
        db.session.scalars(
            select(Document).where(Document.session_id == session.id).order_by(Document.position, Document.id)
        )
    )


def paper_of(session: AgendaSession, token: str) -> Document:
    """Raises UnknownPaper."""
    found = db.session.scalar(select(Document).where(Document.session_id == session.id, Document.token == token))
    if found is None:
        raise UnknownPaper
    return found


def readable(edition: Edition, token: str, attendee: Attendee) -> Document:
    """The paper of this address, for this reader. Raises UnknownPaper, also for what is not for them."""
    found = db.session.scalar(
        select(Document)
        .join(Document.session)
        .where(Document.token == token, AgendaSession.edition_id == edition.id)
        .options(joinedload(Document.session))
    )
    if found is None or not may_read(found, _shown(edition, found.session_id), attendee):
        raise UnknownPaper
    return found


def _shown(edition: Edition, session_id: int) -> PublishedSession | None:
    return next((one for one in published.programme(edition) if one.session_id == session_id), None)


def readable_of(sessions: Iterable[PublishedSession], attendee: Attendee) -> dict[int, list[Document]]:
    """The papers of published sessions that this reader gets, by the session's id. One query."""
    by_id = {one.session_id: one for one in sessions if one.session_id is not None}
    found: dict[int, list[Document]] = defaultdict(list)
    for paper in db.session.scalars(
        select(Document).where(Document.session_id.in_(by_id)).order_by(Document.position, Document.id)
    ):
        if may_read(paper, by_id[paper.session_id], attendee):
            found[paper.session_id].append(paper)
    return dict(found)


def add(
    session: AgendaSession,
    content: bytes,
    name: str,
    *,
    title: Translated,
    language: str,
    audience: Audience,
    at: datetime,
    by: Actor,
) -> Document:
    """A further paper, the last of the session. Raises UploadRefused and TooManyPapers.

    A paper without a title is called as its file.
    """
    values = uploads.checked_paper(content, name)
    editions.hold(session.edition_id)
    others = papers_of(session)
    if len(others) >= MOST_PAPERS:
        raise TooManyPapers
    paper = Document(
        session_id=session.id,
        token=secrets.token_urlsafe(16),
        title=_title(session, title, values["file_name"]),
        language=language,
        audience=audience,
        position=others[-1].position + 1 if others else 0,
        added_at=at,
        added_by=str(by),
        **values,
    )
    db.session.add(paper)
    _changed("paper.added", session, paper, at=at, by=by)
    return paper


def change(
    session: AgendaSession,
    paper: Document,
    *,
    title: Translated,
    language: str,
    audience: Audience,
    at: datetime,
    by: Actor,
    content: bytes = b"",
    name: str = "",
) -> Document:
    """Other words or another audience; with content another file at the same address. Raises UploadRefused."""
    values = uploads.checked_paper(content, name) if content else None
    editions.hold(session.edition_id)
    for column, value in (values or {}).items():
        setattr(paper, column, value)
    paper.title = _title(session, title, paper.file_name)
    paper.language, paper.audience = language, audience
    _changed("paper.changed", session, paper, at=at, by=by)
    return paper


def move(session: AgendaSession, paper: Document, step: str, *, at: datetime, by: Actor) -> None:
    """`up` or `down` by one; the first and the last stay."""
    editions.hold(session.edition_id)
    order = papers_of(session)
    before = order.index(paper)
    order.insert(max(0, before + (-1 if step == "up" else 1)), order.pop(before))
    for position, one in enumerate(order):
        one.position = position
    _changed("paper.moved", session, paper, at=at, by=by)


def remove(session: AgendaSession, paper: Document, *, at: datetime, by: Actor) -> None:
    editions.hold(session.edition_id)
    _changed("paper.removed", session, paper, at=at, by=by)
    db.session.delete(paper)
    db.session.flush()


def _title(session: AgendaSession, title: Translated, file_name: str) -> Translated:
    return title or Translated({session.edition.main_language: file_name.rpartition(".")[0]})


def _changed(action: str, session: AgendaSession, paper: Document, *, at: datetime, by: Actor) -> None:
    db.session.flush()
    editions.touch_agenda(session.edition)
    audit.record(
        action,
        paper,
        at=at,
        by=by,
        edition_id=session.edition_id,
        session=session.code,
        title=dict(paper.title),
        audience=paper.audience.value,
    )
