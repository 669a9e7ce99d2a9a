"""What a release of the time zone rules has moved, for the organisers to read."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model
from retreat.editions.models import Edition


class ZoneUpdate(Model):
    """One release of the rules at one edition: whose instants it moved, and what could not be derived any more."""

    __tablename__ = "zone_update"
    __table_args__ = (UniqueConstraint("edition_id", "tzdata"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    tzdata: Mapped[str] = mapped_column(String(16))
    tzdata_before: Mapped[str] = mapped_column(String(16))
    """The oldest release by which anything had been derived until then."""
    made_at: Mapped[datetime]
    moved: Mapped[list[dict[str, Any]]]
    """Of each session: code, title, zone, wall time, and its start before and after in UTC; published or draft."""
    revision_number: Mapped[int | None]
    """The revision that told calendars, if anything that was published has moved."""
    read_at: Mapped[datetime | None]
    read_by: Mapped[str] = mapped_column(default="")

    edition: Mapped[Edition] = relationship()
