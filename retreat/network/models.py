"""What outlives an edition: Sections, organisations, people, bodies, and who sits on them from when to when."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.core.i18n import Translated


class OrganisationKind(StrEnum):
    CITY = "city"
    REGION = "region"
    ASSOCIATION = "association"
    PARTNER = "partner"
    SECRETARIAT = "secretariat"
    OTHER = "other"


class BodyKind(StrEnum):
    STATUTORY = "statutory"
    COMMITTEE = "committee"
    COUNCIL = "council"
    WORKING_GROUP = "working-group"
    PARTNERSHIP = "partnership"
    OTHER = "other"


class SeatRole(StrEnum):
    PRESIDENT = "president"
    CO_PRESIDENT = "co-president"
    VICE_PRESIDENT = "vice-president"
    CHAIR = "chair"
    TREASURER = "treasurer"
    SECRETARY = "secretary"
    ENVOY = "envoy"
    MEMBER = "member"
    SUBSTITUTE = "substitute"
    OBSERVER = "observer"


class Section(Model):
    """One of the nine Sections of UCLG; the schema brings them."""

    __tablename__ = "section"

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Translated]
    position: Mapped[int] = mapped_column(unique=True)


class Organisation(Model):
    """A city, association or partner."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("name_key <> ''", name="name_key"),)

    name: Mapped[Translated]
    name_key: Mapped[str] = mapped_column(unique=True)
    """The main name, case-folded and without accents: what a second import finds it by."""
    kind: Mapped[OrganisationKind] = mapped_column(enum_column(OrganisationKind), default=OrganisationKind.CITY)
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    """A label as the secretariat writes it."""
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"), index=True)
    is_member: Mapped[bool] = mapped_column(default=True)

    section: Mapped[Section | None] = relationship()


class Person(Model):
    """A human being, across editions; what a registration or a part points to."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("given_name <> '' OR family_name <> '' OR badge_name <> ''", name="has_a_name"),
        Index("ix_person_email", "email"),
    )

    honorific: Mapped[str] = mapped_column(default="")
    given_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    badge_name: Mapped[str] = mapped_column(default="")
    native_name: Mapped[str] = mapped_column(default="")
    native_language: Mapped[str] = mapped_column(String(8), default="")
    position: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(default="")
    erased_at: Mapped[datetime | None]
    """Nothing that says who it was is left; the row stays, so that what pointed to it still counts."""
    created_at: Mapped[datetime]

    offices: Mapped[list["Office"]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="Office.seen_last.desc(), Office.id.desc()"
    )
    seats: Mapped[list["Seat"]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="Seat.id"
    )

    @property
    def printed_name(self) -> str:
        """As on the badge when given, else given and family name in that order."""
        return self.badge_name or " ".join(part for part in (self.given_name, self.family_name) if part)


class Office(Model):
    """What a person was, and where; the first and last day as far as they are known."""

    __tablename__ = "office"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR starts_on <= ends_on", name="dates"),
        CheckConstraint("seen_first <= seen_last", name="seen"),
        CheckConstraint("position <> '' OR organisation <> ''", name="says_something"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    position: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    seen_first: Mapped[date]
    """The day on which the person first gave it."""
    seen_last: Mapped[date]

    person: Mapped[Person] = relationship(back_populates="offices")


class TwoPeople(Model):
    """An organiser has looked: these two are not the same, however alike they look."""

    __tablename__ = "two_people"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        CheckConstraint("one_id < other_id", name="order"),
    )

    one_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    said_at: Mapped[datetime]
    said_by: Mapped[str]


class Body(Model):
    """A body that meets: the Presidency, the Executive Bureau, a committee."""

    __tablename__ = "body"

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Translated]
    kind: Mapped[BodyKind] = mapped_column(enum_column(BodyKind), default=BodyKind.OTHER)
    position: Mapped[int] = mapped_column(default=0)

    seats: Mapped[list["Seat"]] = relationship(back_populates="body", cascade="all, delete-orphan", order_by="Seat.id")


class Seat(Model):
    """A person on a body, from the first day to the last; open-ended where no day is given."""

    __tablename__ = "seat"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR starts_on <= ends_on", name="dates"),
        Index("ix_seat_body_person", "body_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))
    role: Mapped[SeatRole] = mapped_column(enum_column(SeatRole), default=SeatRole.MEMBER)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="seats")
    body: Mapped[Body] = relationship(back_populates="seats")

    def covers(self, day: date) -> bool:
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)
