"""Who changed what: one row per step, written in the transaction of the change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from retreat.core.db import Model, db


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an organiser, a delegate by a secret link, or a command."""

    kind: str
    name: str
    id: int | None = None

    def __str__(self) -> str:
        return self.name


COMMAND = Actor("command", "command line")
"""The person at the machine's own terminal."""

SYSTEM = Actor("system", "Retreat")
"""Nobody: a rule of the program itself."""


class AuditEntry(Model):
    """One step: who did what to which thing, and what changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_name: Mapped[str]
    actor_id: Mapped[int | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    edition_id: Mapped[int | None]
    details: Mapped[dict[str, Any]]


def record(
    action: str,
    subject: Model,
    *,
    at: datetime,
    by: Actor,
    edition_id: int | None = None,
    **details: Any,
) -> AuditEntry:
    """Add an entry about `subject`, which must have been flushed; `details` are plain JSON values."""
    entry = AuditEntry(
        at=at,
        actor_kind=by.kind,
        actor_name=by.name,
        actor_id=by.id,
        action=action,
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        edition_id=edition_id if edition_id is not None else getattr(subject, "edition_id", None),
        details=details,
    )
    db.session.add(entry)
    return entry
