"""Invitations and their secret links."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.editions.models import Category, Edition
from retreat.network.models import Person
from retreat.registration.delegations.models import Delegation, DelegationRole
from retreat.registration.models import Registration


class InvitationSource(StrEnum):
    """Where the address came from."""

    HAND = "hand"
    FILE = "file"
    BODY = "body"
    EDITION = "edition"
    DELEGATION = "delegation"


class Invitation(Model):
    """One person is asked to register, by a link of their own."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("(delegation_id IS NULL) = (delegation_role IS NULL)", name="delegation_role"),
        CheckConstraint("reminders >= 0", name="reminders"),
        Index(
            "uq_invitation_open",
            "edition_id",
            "email",
            "name_key",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id", ondelete="SET NULL"), index=True)
    """Taking part as; None leaves it to the person."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    """Who it is, when the address book knows: whoever registers by the link is this Person."""
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id", ondelete="CASCADE"), index=True)
    delegation_role: Mapped[DelegationRole | None] = mapped_column(enum_column(DelegationRole))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="SET NULL"), unique=True)
    """What it was answered with."""
    source: Mapped[InvitationSource] = mapped_column(enum_column(InvitationSource))
    source_name: Mapped[str] = mapped_column(default="")
    """The file, the body, the edition or the delegation, as it was called."""
    email: Mapped[str] = mapped_column(String(254))
    name_key: Mapped[str] = mapped_column(default="")
    """The name, case-folded and without accents."""
    prefill: Mapped[dict[str, Any]]
    """Answers that the form begins with, by the name of the column."""
    language: Mapped[str] = mapped_column(String(8), default="en")
    skips_approval: Mapped[bool] = mapped_column(default=False)
    """Whoever registers by the link is approved at once, if there is a place."""
    expires_at: Mapped[datetime]
    reminders: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    sent_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    """The person says that they do not come."""
    revoked_at: Mapped[datetime | None]

    edition: Mapped[Edition] = relationship()
    category: Mapped[Category | None] = relationship()
    person: Mapped[Person | None] = relationship()
    delegation: Mapped[Delegation | None] = relationship()
    registration: Mapped[Registration | None] = relationship()


class InvitationToken(Model):
    """A secret link of an invitation; each mail mints one."""

    __tablename__ = "invitation_token"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]

    invitation: Mapped[Invitation] = relationship()
