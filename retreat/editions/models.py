"""One Retreat and its fixed frame: days, venues, halls, categories of badge."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model
from retreat.core.i18n import Translated


class Edition(Model):
    """The Retreat of one year in one host city."""

    __tablename__ = "edition"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("taken >= 0", name="taken"),
        CheckConstraint("agenda_rev >= 0", name="agenda_rev"),
        CheckConstraint("keep_months >= 1", name="keep_months"),
    )

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    """Part of every cache key and ETag: ids may come again in another database, this does not."""
    title: Mapped[Translated]
    theme: Mapped[Translated]
    note: Mapped[Translated]
    """A sentence that the edition's pages show, such as which times are illustrative."""
    city: Mapped[str]
    country: Mapped[str]
    zone: Mapped[str] = mapped_column(String(64))
    main_language: Mapped[str] = mapped_column(String(8), default="en")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    contact_email: Mapped[str] = mapped_column(default="")
    is_listed: Mapped[bool] = mapped_column(default=True)
    registration_opens: Mapped[date | None]
    registration_closes: Mapped[date | None]
    """The last day, to its end in the edition's zone."""
    capacity: Mapped[int | None]
    """Places; None is unlimited."""
    taken: Mapped[int] = mapped_column(default=0)
    last_registration_number: Mapped[int] = mapped_column(default=0)
    last_session_number: Mapped[int] = mapped_column(default=0)
    last_letter_number: Mapped[int] = mapped_column(default=0)
    are_participants_shown: Mapped[bool] = mapped_column(default=False)
    """The page of those participants who agreed to stand there."""
    are_numbers_shown: Mapped[bool] = mapped_column(default=False)
    """The page of how many have registered, from where."""
    keep_months: Mapped[int] = mapped_column(default=24)
    """How long personal data is kept after the edition has been closed."""
    forgotten_at: Mapped[datetime | None]
    """When the personal data of its registrations was erased."""
    agenda_rev: Mapped[int] = mapped_column(default=0)
    """Grows in the transaction of anything that a public page or feed of the agenda shows."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    days: Mapped[list["Day"]] = relationship(
        back_populates="edition", cascade="all, delete-orphan", order_by="Day.date"
    )
    venues: Mapped[list["Venue"]] = relationship(
        back_populates="edition", cascade="all, delete-orphan", order_by="Venue.position, Venue.id"
    )
    halls: Mapped[list["Hall"]] = relationship(
        back_populates="edition", cascade="all, delete-orphan", order_by="Hall.position, Hall.id"
    )
    categories: Mapped[list["Category"]] = relationship(
        back_populates="edition", cascade="all, delete-orphan", order_by="Category.position, Category.id"
    )


class Day(Model):
    """One day of the week, with a title of its own."""

    __tablename__ = "day"
    __table_args__ = (UniqueConstraint("edition_id", "date"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    date: Mapped[date]
    title: Mapped[Translated]

    edition: Mapped[Edition] = relationship(back_populates="days")


class Venue(Model):
    """A building, with its own zone: a week can span two cities."""

    __tablename__ = "venue"
    __table_args__ = (UniqueConstraint("edition_id", "slug"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[Translated]
    city: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    zone: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(default=0)

    edition: Mapped[Edition] = relationship(back_populates="venues")
    halls: Mapped[list["Hall"]] = relationship(back_populates="venue", order_by="Hall.position, Hall.id")


class Hall(Model):
    """A room of a building."""

    __tablename__ = "hall"
    __table_args__ = (
        UniqueConstraint("edition_id", "slug"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("booths IS NULL OR booths >= 0", name="booths"),
        CheckConstraint("language_pairs IS NULL OR language_pairs >= 0", name="language_pairs"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"), index=True)
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[Translated]
    capacity: Mapped[int | None]
    booths: Mapped[int | None]
    """For interpreters, one for each language of a session; None is unknown and never checked."""
    language_pairs: Mapped[int | None]
    """How many pairs of languages its equipment relays at once; None is unknown."""
    position: Mapped[int] = mapped_column(default=0)

    edition: Mapped[Edition] = relationship(back_populates="halls")
    venue: Mapped[Venue] = relationship(back_populates="halls")
    closures: Mapped[list["HallClosure"]] = relationship(
        back_populates="hall",
        cascade="all, delete-orphan",
        order_by="HallClosure.date, HallClosure.starts, HallClosure.id",
    )


class HallClosure(Model):
    """When a hall cannot be used: building up, a rehearsal, somebody else's evening."""

    __tablename__ = "hall_closure"
    __table_args__ = (
        CheckConstraint("(starts IS NULL) = (ends IS NULL)", name="whole_day_or_both"),
        CheckConstraint("starts IS NULL OR starts <> ends", name="takes_time"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id", ondelete="CASCADE"), index=True)
    date: Mapped[date]
    starts: Mapped[time | None]
    """On the wall of the venue. Without times, the whole day."""
    ends: Mapped[time | None]
    """Earlier than the start means on the next day."""
    reason: Mapped[str] = mapped_column(default="")

    hall: Mapped[Hall] = relationship(back_populates="closures")


class Walk(Model):
    """How long people need from one venue to another, in either direction."""

    __tablename__ = "walk"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        CheckConstraint("one_id < other_id", name="one_row_a_pair"),
        CheckConstraint("minutes > 0", name="minutes"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    one_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("venue.id", ondelete="CASCADE"), index=True)
    minutes: Mapped[int]


class Category(Model):
    """A kind of participant: colour and letter of the badge, and perhaps a capacity of its own."""

    __tablename__ = "category"
    __table_args__ = (
        UniqueConstraint("edition_id", "slug"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("taken >= 0", name="taken"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[Translated]
    colour: Mapped[str] = mapped_column(String(7))
    """#rrggbb, dark enough for white text."""
    letter: Mapped[str] = mapped_column(String(2))
    """For those who do not see the colour."""
    is_public: Mapped[bool] = mapped_column(default=True)
    """Offered in the public form; the secretariat's own categories are not."""
    is_shown: Mapped[bool] = mapped_column(default=True)
    """On the participants' page, as far as the person agreed."""
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)

    edition: Mapped[Edition] = relationship(back_populates="categories")
