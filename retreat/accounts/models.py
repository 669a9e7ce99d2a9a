"""Organisers and the secret links that let them set a password."""

import hashlib
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    REGISTRAR = "registrar"
    PROGRAMMER = "programmer"
    PROTOCOL = "protocol"
    DESK = "desk"
    VIEWER = "viewer"


class TokenPurpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


class Organiser(Model):
    """Somebody of the secretariat, who signs in."""

    __tablename__ = "organiser"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[Role] = mapped_column(enum_column(Role))
    password_hash: Mapped[str | None]
    """Argon2id; None until an invited organiser has chosen a password."""
    password_changed_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(8), default="en")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_signed_in_at: Mapped[datetime | None]

    tokens: Mapped[list["AccountToken"]] = relationship(
        back_populates="organiser", cascade="all, delete-orphan", order_by="AccountToken.id"
    )

    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        """What a session knows of its organiser: with another password it is another, and the session ends."""
        chosen = self.password_changed_at.isoformat() if self.password_changed_at else ""
        return f"{self.id}.{hashlib.sha256(chosen.encode()).hexdigest()[:16]}"


class AccountToken(Model):
    """A link by which an organiser sets a password: once, and for a time."""

    __tablename__ = "account_token"

    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[TokenPurpose] = mapped_column(enum_column(TokenPurpose))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    organiser: Mapped[Organiser] = relationship(back_populates="tokens")
