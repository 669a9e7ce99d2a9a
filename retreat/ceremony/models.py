"""Awards and the running order of one ceremony, which is a session of the agenda."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.agenda.models import AgendaSession
from retreat.core.db import Model
from retreat.core.i18n import Translated
from retreat.network.models import Organisation, Person


class Award(Model):
    """A prize handed over: winner, recipient and presenter are three different fields."""

    __tablename__ = "award"
    __table_args__ = (
        CheckConstraint("place IS NULL OR place >= 1", name="place"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount"),
        CheckConstraint("(amount IS NULL) = (currency = '')", name="amount_has_currency"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    """Order on the stage: the highest award last."""
    prize: Mapped[Translated]
    place: Mapped[int | None]
    winner_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    winner_name: Mapped[Translated]
    recipient_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recipient_name: Mapped[str] = mapped_column(default="")
    recipient_position: Mapped[Translated]
    presenter_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    presenter_name: Mapped[str] = mapped_column(default="")
    presenter_position: Mapped[Translated]
    citation: Mapped[Translated]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    currency: Mapped[str] = mapped_column(String(3), default="")
    diploma_number: Mapped[str | None] = mapped_column(String(40))
    announced_at: Mapped[datetime | None]
    """Until then winner and place are under embargo."""

    session: Mapped[AgendaSession] = relationship()
    winner: Mapped[Organisation | None] = relationship()
    recipient: Mapped[Person | None] = relationship(foreign_keys=[recipient_person_id])
    presenter: Mapped[Person | None] = relationship(foreign_keys=[presenter_person_id])

    def is_announced(self, at: datetime) -> bool:
        """Whether the result may be said to everyone at this instant."""
        return self.announced_at is not None and self.announced_at <= at


class RunningOrderItem(Model):
    """One step of the ceremony; its time is computed from the start and the lengths before it."""

    __tablename__ = "running_order_item"
    __table_args__ = (
        UniqueConstraint("session_id", "position"),
        CheckConstraint("minutes >= 0", name="minutes"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"))
    position: Mapped[int]
    minutes: Mapped[int]
    title: Mapped[Translated]
    people: Mapped[Translated]
    """Who acts, as printed."""
    note: Mapped[Translated]
    award_id: Mapped[int | None] = mapped_column(ForeignKey("award.id", ondelete="SET NULL"))

    session: Mapped[AgendaSession] = relationship()
    award: Mapped[Award | None] = relationship()
