"""A message to those whom a filter finds."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.core.i18n import Translated
from retreat.editions.models import Edition


class MessageState(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"


class Message(Model):
    """Subject and text in several languages; a draft goes to nobody."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("recipients >= 0", name="recipients"),
        Index("ix_message_edition", "edition_id", "created_at"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    subject: Mapped[Translated]
    body: Mapped[Translated]
    arguments: Mapped[dict[str, Any]]
    """The filter, as it stands in the list's address."""
    state: Mapped[MessageState] = mapped_column(enum_column(MessageState), default=MessageState.DRAFT)
    recipients: Mapped[int] = mapped_column(default=0)
    """How many it was sent to."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str] = mapped_column(default="")

    edition: Mapped[Edition] = relationship()

    __mapper_args__ = {"version_id_col": version}
