"""What has been printed, exactly: one row per badge and print."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model
from retreat.registration.models import Registration


class BadgePrint(Model):
    """A badge that went to paper, with the hash of what it said."""

    __tablename__ = "badge_print"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    printed_at: Mapped[datetime]
    printed_by: Mapped[str]

    registration: Mapped[Registration] = relationship()
