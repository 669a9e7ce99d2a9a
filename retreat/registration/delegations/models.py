"""A delegation, its coordinator's secret links, how many may come, and who is to come instead of whom."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.editions.models import Edition
from retreat.network.models import Organisation, OrganisationKind

if TYPE_CHECKING:
    from retreat.registration.models import Registration


class DelegationRole(StrEnum):
    HEAD = "head"
    MEMBER = "member"
    AIDE = "aide"
    INTERPRETER = "interpreter"

    @property
    def is_delegate(self) -> bool:
        """Head and members speak for their organisation; aides and interpreters come along and count apart."""
        return self in (DelegationRole.HEAD, DelegationRole.MEMBER)


class Delegation(Model):
    """An organisation's people at an edition, looked after by one coordinator."""

    __tablename__ = "delegation"
    __table_args__ = (
        UniqueConstraint("edition_id", "organisation_id"),
        CheckConstraint("delegates IS NULL OR delegates >= 0", name="delegates"),
        CheckConstraint("support IS NULL OR support >= 0", name="support"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    coordinator_name: Mapped[str] = mapped_column(default="")
    coordinator_email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    """Of the coordinator's mails."""
    delegates: Mapped[int | None]
    """How many of head and members, where it is not as for its kind; None is as for its kind."""
    support: Mapped[int | None]
    """How many aides and interpreters, likewise."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    edition: Mapped[Edition] = relationship()
    organisation: Mapped[Organisation] = relationship()
    tokens: Mapped[list["DelegationToken"]] = relationship(
        back_populates="delegation", cascade="all, delete-orphan", order_by="DelegationToken.id"
    )

    __mapper_args__ = {"version_id_col": version}


class DelegationToken(Model):
    """A secret link to the coordinator's page; several may live at once."""

    __tablename__ = "delegation_token"

    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    delegation: Mapped[Delegation] = relationship(back_populates="tokens")


class DelegationQuota(Model):
    """How many a delegation of one kind of organisation may bring; None is as many as they like."""

    __tablename__ = "delegation_quota"
    __table_args__ = (
        UniqueConstraint("edition_id", "kind"),
        CheckConstraint("delegates IS NULL OR delegates >= 0", name="delegates"),
        CheckConstraint("support IS NULL OR support >= 0", name="support"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    kind: Mapped[OrganisationKind] = mapped_column(enum_column(OrganisationKind))
    delegates: Mapped[int | None]
    support: Mapped[int | None]


class SubstitutionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN_BACK = "taken-back"


class Substitution(Model):
    """Somebody is to come instead of `registration`; the place passes on when an organiser approves."""

    __tablename__ = "substitution"
    __table_args__ = (
        Index(
            "uq_substitution_open",
            "registration_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    """Who does not come."""
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="SET NULL"), index=True)
    """Who comes instead, once approved."""
    state: Mapped[SubstitutionState] = mapped_column(enum_column(SubstitutionState), default=SubstitutionState.PROPOSED)
    values: Mapped[dict[str, Any]]
    """The answers of whoever is to come, as they were given; emptied when it has been decided."""
    reason: Mapped[str] = mapped_column(default="")
    """Of a refusal."""
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")

    registration: Mapped["Registration"] = relationship(foreign_keys=[registration_id])
    successor: Mapped["Registration | None"] = relationship(foreign_keys=[successor_id])
