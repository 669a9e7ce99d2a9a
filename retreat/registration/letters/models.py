"""Passports, letters and those who sign them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.registration.models import Registration


class Passport(Model):
    """What a visa letter needs of a passport, sealed; purged after the edition."""

    __tablename__ = "passport"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), unique=True)
    sealed: Mapped[str]
    """See `core.sealed`."""
    updated_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()


class LetterState(StrEnum):
    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Letter(Model):
    """One issued letter. Its number outlives the personal data, so that it can still be verified."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_edition", "edition_id", "id"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="SET NULL"), index=True)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id", ondelete="SET NULL"), index=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[LetterState] = mapped_column(enum_column(LetterState), default=LetterState.VALID)
    sealed: Mapped[str] = mapped_column(default="", deferred=True)
    """Everything that the letter says, sealed: the same PDF can be printed again. Empty once purged."""
    has_content: Mapped[bool] = column_property(sealed != "")
    match_key: Mapped[str] = mapped_column(String(64))
    """A keyed hash of the family name as in the passport: whoever verifies can ask whether a name is the letter's."""
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]

    edition: Mapped[Edition] = relationship()
    registration: Mapped[Registration | None] = relationship()


class SignatorySide(StrEnum):
    SECRETARIAT = "secretariat"
    HOST = "host"


class Signatory(Model):
    """Who signs the letters of an edition, for one of the two sides."""

    __tablename__ = "signatory"
    __table_args__ = (UniqueConstraint("edition_id", "side"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    side: Mapped[SignatorySide] = mapped_column(enum_column(SignatorySide))
    name: Mapped[str] = mapped_column(default="")
    position: Mapped[Translated]
    organisation: Mapped[str] = mapped_column(default="")
    image: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """PNG, re-encoded here."""
    updated_at: Mapped[datetime]
