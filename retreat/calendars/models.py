"""Personal feeds: who subscribed, by which secret address."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model
from retreat.editions.models import Edition
from retreat.network.models import Person


class Subscription(Model):
    """One secret feed address of one person at one edition, named by its owner."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_owner", "person_id", "edition_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_fetched_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    edition: Mapped[Edition] = relationship()
