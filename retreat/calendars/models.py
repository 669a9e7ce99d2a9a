"""Secret feeds: who subscribed, by which secret address."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.accounts.models import Organiser
from retreat.core.db import Model
from retreat.editions.models import Edition
from retreat.network.models import Person


class Subscription(Model):
    """One secret feed address at one edition, named by its owner: a person's own week, or an organiser's draft."""

    __tablename__ = "subscription"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (organiser_id IS NULL)", name="one_owner"),
        Index("ix_subscription_owner", "person_id", "edition_id"),
    )

    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), index=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_fetched_at: Mapped[datetime | None]
    last_client: Mapped[str] = mapped_column(String(40), default="")
    """The calendar program that read it last, as it calls itself, without its version."""
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship()
    organiser: Mapped[Organiser | None] = relationship()
    edition: Mapped[Edition] = relationship()
