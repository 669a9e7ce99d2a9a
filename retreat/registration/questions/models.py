"""The questions of an edition, their choices, and the answers."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from retreat.core.db import Model, enum_column
from retreat.core.i18n import Translated
from retreat.core.stored import FileColumns
from retreat.editions.models import Category

if TYPE_CHECKING:
    from retreat.registration.models import Registration


class QuestionKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long-text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes-no"
    CHOICE = "choice"
    CHOICES = "choices"
    COUNTRY = "country"
    FILE = "file"
    PHONE = "phone"

    @property
    def has_options(self) -> bool:
        return self in (QuestionKind.CHOICE, QuestionKind.CHOICES)


question_category = Table(
    "question_category",
    Model.metadata,
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), primary_key=True),
    Column("category_id", ForeignKey("category.id", ondelete="CASCADE"), primary_key=True, index=True),
)
"""Who is asked; a question without rows here is asked of everybody."""

answer_option = Table(
    "answer_option",
    Model.metadata,
    Column("answer_id", ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True),
    Column("option_id", ForeignKey("question_option.id"), primary_key=True, index=True),
)
"""What was ticked."""


class Question(Model):
    """One question that an edition asks in its registration form."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("edition_id", "slug"),
        CheckConstraint("shown_if_id IS NULL OR shown_if_id <> id", name="not_its_own_condition"),
    )

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(40))
    """In files the column is `q_` and this."""
    kind: Mapped[QuestionKind] = mapped_column(enum_column(QuestionKind))
    label: Mapped[Translated]
    hint: Mapped[Translated]
    is_required: Mapped[bool] = mapped_column(default=False)
    """Wherever it is asked at all."""
    position: Mapped[int] = mapped_column(default=0)
    shown_if_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"), index=True)
    """Asked only when this other question, which stands before it, has one of `shown_if_values` as its answer."""
    shown_if_values: Mapped[list[str]]
    """Slugs of options, or yes and no; empty is any answer."""
    is_on_badge: Mapped[bool] = mapped_column(default=False)
    is_in_list: Mapped[bool] = mapped_column(default=False)
    """A column of the list unless an organiser chooses others."""
    retired_at: Mapped[datetime | None]
    """Asked no more; its answers stay."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]

    categories: Mapped[list[Category]] = relationship(secondary=question_category, order_by=Category.position)
    options: Mapped[list["QuestionOption"]] = relationship(
        back_populates="question",
        cascade="all, delete-orphan",
        order_by="QuestionOption.position, QuestionOption.id",
    )

    __mapper_args__ = {"version_id_col": version}


class QuestionOption(Model):
    """One choice, perhaps for a limited number of people."""

    __tablename__ = "question_option"
    __table_args__ = (
        UniqueConstraint("question_id", "slug"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("taken >= 0", name="taken"),
    )

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(40))
    label: Mapped[Translated]
    capacity: Mapped[int | None]
    """None is unlimited."""
    taken: Mapped[int] = mapped_column(default=0)
    """By registrations that mean to come: submitted, approved, waitlisted."""
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]

    question: Mapped[Question] = relationship(back_populates="options")


class Answer(Model):
    """What one registration answered to one question; a question without an answer has no row."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("registration_id", "question_id"),)

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    text: Mapped[str] = mapped_column(default="")
    """As a file has it: a number with a point, a date as YYYY-MM-DD, yes or no; empty for choices and files."""

    registration: Mapped["Registration"] = relationship(back_populates="answers")
    question: Mapped[Question] = relationship()
    options: Mapped[list[QuestionOption]] = relationship(
        secondary=answer_option, order_by=(QuestionOption.position, QuestionOption.id)
    )
    file: Mapped["AnswerFile | None"] = relationship(back_populates="answer", cascade="all, delete-orphan")


class AnswerFile(FileColumns, Model):
    """The file that is the answer."""

    __tablename__ = "answer_file"

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), unique=True)

    answer: Mapped[Answer] = relationship(back_populates="file")
