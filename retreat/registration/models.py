"""A person's registration at an edition, what was decided about it, and its secret links."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.editions.models import Category, Edition
from retreat.network.models import Organisation, Person, Section


class Status(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"

    @property
    def takes_a_place(self) -> bool:
        return self in (Status.SUBMITTED, Status.APPROVED)


class Registration(Model):
    """Names, position and organisation as given for this edition; the Person is who it is."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("edition_id", "code"),
        UniqueConstraint("edition_id", "person_id"),
        CheckConstraint("given_name <> '' OR family_name <> '' OR badge_name <> ''", name="has_a_name"),
        CheckConstraint("proof_approved_at IS NULL OR proof_reopened_at IS NULL", name="proof"),
        Index("ix_registration_status", "edition_id", "status"),
        Index("ix_registration_email", "edition_id", "email"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    code: Mapped[str] = mapped_column(String(24))
    status: Mapped[Status] = mapped_column(enum_column(Status))
    honorific: Mapped[str] = mapped_column(default="")
    given_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    badge_name: Mapped[str] = mapped_column(default="")
    native_name: Mapped[str] = mapped_column(default="")
    native_language: Mapped[str] = mapped_column(String(8), default="")
    position: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(default="")
    languages: Mapped[list[str]]
    """Interpretation listened to, as language codes in lower case."""
    arrival: Mapped[date | None]
    departure: Mapped[date | None]
    diet: Mapped[str] = mapped_column(default="")
    access_needs: Mapped[str] = mapped_column(default="")
    visa_letter: Mapped[bool] = mapped_column(default=False)
    filled_by_name: Mapped[str] = mapped_column(default="")
    filled_by_email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    """Of the mails to this person."""
    consented_at: Mapped[datetime | None]
    badge_token: Mapped[str] = mapped_column(String(16), unique=True)
    """What the badge's QR says; of no use for reading or changing anything."""
    submission_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Made with the form and sent back by it: a double submit meets this constraint."""
    proof_approved_at: Mapped[datetime | None]
    proof_reopened_at: Mapped[datetime | None]
    """Since when a proof that was approved is open again: something that the badge prints has changed."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    search_key: Mapped[str] = mapped_column(default="")
    """Names, organisation, city, e-mail and code, case-folded and without accents."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    edition: Mapped[Edition] = relationship()
    person: Mapped[Person] = relationship()
    category: Mapped[Category] = relationship()
    section: Mapped[Section | None] = relationship()
    member: Mapped[Organisation | None] = relationship()
    tokens: Mapped[list["RegistrationToken"]] = relationship(
        back_populates="registration", cascade="all, delete-orphan", order_by="RegistrationToken.id"
    )
    history: Mapped[list["StatusChange"]] = relationship(
        back_populates="registration", cascade="all, delete-orphan", order_by="StatusChange.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def printed_name(self) -> str:
        """As on the badge when given, else given and family name in that order."""
        return self.badge_name or " ".join(part for part in (self.given_name, self.family_name) if part)


class RegistrationToken(Model):
    """A secret link to the delegate's own page; several may live at once."""

    __tablename__ = "registration_token"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship(back_populates="tokens")


class StatusChange(Model):
    """One step in the life of a registration."""

    __tablename__ = "status_change"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    before: Mapped[Status | None] = mapped_column(enum_column(Status, name="before"))
    after: Mapped[Status] = mapped_column(enum_column(Status, name="after"))
    reason: Mapped[str] = mapped_column(default="")

    registration: Mapped[Registration] = relationship(back_populates="history")
