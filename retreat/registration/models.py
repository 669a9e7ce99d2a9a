"""A person's registration at an edition, what was decided about it, its secret links, its photograph."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.core.i18n import Translated
from retreat.core.stored import FileColumns
from retreat.editions.models import Category, Edition
from retreat.network.models import Organisation, Person, Section
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.questions.models import Answer


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


class Gender(StrEnum):
    """Answered by those who wish to, and only ever counted."""

    WOMAN = "woman"
    MAN = "man"
    ANOTHER = "another"


class ConsentText(Model):
    """What people agree to when they register; each change is a further version, and none is edited."""

    __tablename__ = "consent_text"
    __table_args__ = (
        UniqueConstraint("edition_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[Translated]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


_IS_HEAD = "delegation_role = 'head' AND status IN ('submitted', 'approved', 'waitlisted')"
"""A delegation has one head who means to come."""


class Registration(Model):
    """Names, position and organisation as given for this edition; the Person is who it is."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("edition_id", "code"),
        UniqueConstraint("edition_id", "person_id"),
        CheckConstraint("given_name <> '' OR family_name <> '' OR badge_name <> ''", name="has_a_name"),
        CheckConstraint("proof_approved_at IS NULL OR proof_reopened_at IS NULL", name="proof"),
        CheckConstraint("(delegation_id IS NULL) = (delegation_role IS NULL)", name="delegation_role"),
        Index(
            "uq_registration_head",
            "delegation_id",
            unique=True,
            sqlite_where=text(_IS_HEAD),
            postgresql_where=text(_IS_HEAD),
        ),
        Index("ix_registration_delegation", "delegation_id"),
        Index("ix_registration_status", "edition_id", "status"),
        Index("ix_registration_email", "edition_id", "email"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id", ondelete="SET NULL"))
    delegation_role: Mapped[DelegationRole | None] = mapped_column(enum_column(DelegationRole))
    consent_text_id: Mapped[int | None] = mapped_column(ForeignKey("consent_text.id", ondelete="SET NULL"), index=True)
    """The version that was agreed to; None is the built-in sentence."""
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
    arrival_time: Mapped[time | None]
    """On the wall clock of the edition's city."""
    arrival_flight: Mapped[str] = mapped_column(default="")
    departure: Mapped[date | None]
    departure_time: Mapped[time | None]
    departure_flight: Mapped[str] = mapped_column(default="")
    hotel: Mapped[str] = mapped_column(default="")
    companion: Mapped[str] = mapped_column(default="")
    """Who comes along without taking part."""
    diet: Mapped[str] = mapped_column(default="")
    access_needs: Mapped[str] = mapped_column(default="")
    visa_letter: Mapped[bool] = mapped_column(default=False)
    gender: Mapped[Gender | None] = mapped_column(enum_column(Gender))
    is_shown: Mapped[bool] = mapped_column(default=False)
    """Agrees to stand on the participants' page."""
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
    arrived_at: Mapped[datetime | None]
    """Seen at the desk."""
    skips_approval: Mapped[bool] = mapped_column(default=False)
    """The invitation said so: approved as soon as there is a place, also from the waiting list."""
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
    delegation: Mapped[Delegation | None] = relationship()
    consent_text: Mapped[ConsentText | None] = relationship()
    answers: Mapped[list[Answer]] = relationship(
        back_populates="registration", cascade="all, delete-orphan", order_by="Answer.id"
    )
    photograph: Mapped["Photograph | None"] = relationship(back_populates="registration", cascade="all, delete-orphan")
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

    @property
    def is_erased(self) -> bool:
        """Who it was is gone; the row is only counted."""
        return not self.email


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


class Photograph(FileColumns, Model):
    """A portrait, re-encoded here; it goes with the registration."""

    __tablename__ = "photograph"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), unique=True)
    created_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship(back_populates="photograph")


class SavedList(Model):
    """A filter of the list with its columns, under a name."""

    __tablename__ = "saved_list"
    __table_args__ = (UniqueConstraint("edition_id", "name"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]]
    """As they stand in the list's address."""
    columns: Mapped[list[str]]
    """Empty is the usual ones."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]
