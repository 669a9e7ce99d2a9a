"""What the board remembers: every step with its inverse, and who is there just now."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.accounts.models import Organiser
from retreat.core.db import Model, enum_column


class StepKind(StrEnum):
    MOVED = "moved"
    RESIZED = "resized"
    PLACED = "placed"
    TAKEN_OFF = "taken-off"
    SWAPPED = "swapped"
    SHIFTED = "shifted"
    COPIED = "copied"


OF_MANY = (StepKind.SHIFTED, StepKind.SWAPPED, StepKind.COPIED)
"""Steps that the page "Change many" takes."""


class Step(Model):
    """One thing that an organiser did to the week, with what was before and after it: its inverse is stored."""

    __tablename__ = "agenda_step"
    __table_args__ = (
        UniqueConstraint("edition_id", "number"),
        Index("ix_agenda_step_organiser", "edition_id", "organiser_id", "number"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    number: Mapped[int]
    """1, 2, 3 … within the edition."""
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("organiser.id", ondelete="SET NULL"), index=True)
    by: Mapped[str]
    """The name to show, when the account is gone too."""
    at: Mapped[datetime]
    kind: Mapped[StepKind] = mapped_column(enum_column(StepKind))
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """One object a session: `id`, `code`, `before` and `after` (date, starts, ends, hall, venue as they are stored).

    A `before` of null: the step made the session. Undo writes `before`, redo writes `after`.
    """
    is_undone: Mapped[bool] = mapped_column(default=False)
    is_passed_by: Mapped[bool] = mapped_column(default=False)
    """Undone, and the organiser has done something else since: it cannot be done again. Standing, and undo was refused
    because of somebody else: undo passes it by."""


class Presence(Model):
    """An organiser who has the board open, and the card in the hand or under edit, for as long as the lease runs."""

    __tablename__ = "board_presence"
    __table_args__ = (UniqueConstraint("edition_id", "organiser_id"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime]
    session_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_session.id", ondelete="SET NULL"), index=True)
    held_until: Mapped[datetime | None]

    organiser: Mapped[Organiser] = relationship()
