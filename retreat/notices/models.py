"""What was decided to be told of each revision, and which calendar invitations people hold."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.agenda.models import Revision
from retreat.core.db import Model
from retreat.editions.models import Edition
from retreat.network.models import Person


class Notice(Model):
    """Of one revision: whom to write to, and how many were written to. It names nobody."""

    __tablename__ = "notice"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"), unique=True)
    is_urgent_told: Mapped[bool]
    is_invited: Mapped[bool]
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    told_with: Mapped[int | None]
    """The number of a later revision, where that was published before anyone had been written to about this one."""
    people: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0)
    invited: Mapped[int] = mapped_column(default=0)
    corrected: Mapped[int] = mapped_column(default=0)

    revision: Mapped[Revision] = relationship()


class CalendarInvitation(Model):
    """One session in one person's calendar, put there by mail (RFC 6047); later changes follow it."""

    __tablename__ = "calendar_invitation"
    __table_args__ = (
        UniqueConstraint("person_id", "uid"),
        CheckConstraint("sequence >= 0", name="sequence"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(36))
    sequence: Mapped[int]
    """Of the session as it was mailed last."""
    facts_hash: Mapped[str] = mapped_column(String(64))
    """Of what makes a further mail necessary: time, hall, link, cancellation."""
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    """The last mail took it out of the calendar."""
    created_at: Mapped[datetime]
    mailed_at: Mapped[datetime]

    edition: Mapped[Edition] = relationship()
    person: Mapped[Person] = relationship()
