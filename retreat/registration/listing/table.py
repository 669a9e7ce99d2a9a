"""The columns of one list: those of every edition and those of this one's questions, and who reads them."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, or_, select
from sqlalchemy.orm.interfaces import ORMOption

from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.registration import columns, waiting
from retreat.registration.columns import Column, Reader
from retreat.registration.filters import ANSWER
from retreat.registration.models import Registration
from retreat.registration.questions import service as questions
from retreat.registration.questions.models import Answer, Question


class Columns(NamedTuple):
    offered: list[Column]
    chosen: list[Column]

    @property
    def loads(self) -> list[ORMOption]:
        return [load for column in self.chosen for load in column.loads]


def columns_of(edition: Edition, names: Collection[str], language: str, *, may_read_private: bool) -> Columns:
    """What this reader may have, and what stands there: the named ones, else the usual."""
    answers = [_column(one, edition, language) for one in _questions(edition)]
    offered = columns.offered(may_read_private=may_read_private, answers=answers)
    usual = [*columns.USUAL, *(one.name for one in answers if not one.is_private)]
    return Columns(offered, columns.chosen(tuple(names), offered) or columns.chosen(usual, offered))


def reader_of(
    edition: Edition,
    chosen: Collection[Column],
    registrations: Collection[Registration],
    language: str,
    *,
    numbers: dict[int, int] | None = None,
    now: datetime | None = None,
    is_file: bool = False,
) -> Reader:
    """With the answers of these registrations, where a column shows some, and their numbers in the waiting list."""
    asked = any(column.name.startswith(ANSWER) for column in chosen)
    answers = questions.answers_of(registrations) if asked else {}
    return Reader(
        language=language,
        main_language=edition.main_language,
        zone=edition.zone,
        numbers=waiting.numbers(edition) if numbers is None else numbers,
        answers={
            (key, ANSWER + answer.question.slug): questions.answer_text(answer, language)
            for key, those in answers.items()
            for answer in those.values()
        },
        now=now,
        is_file=is_file,
    )


def _questions(edition: Edition) -> list[Question]:
    """Those that are asked, and retired ones that somebody answered."""
    answered = exists().where(Answer.question_id == Question.id)
    return list(
        db.session.scalars(
            select(Question)
            .where(Question.edition_id == edition.id, or_(Question.retired_at.is_(None), answered))
            .order_by(Question.position, Question.id)
        )
    )


def _column(question: Question, edition: Edition, language: str) -> Column:
    """What an organiser put in the list is for whoever reads the list; any other answer may be private."""
    name = ANSWER + question.slug

    def text(one: Registration, reader: Reader) -> str:
        return reader.answers.get((one.id, name), "")

    label = question.label.text(language, edition.main_language)
    return Column(name, label, text, is_private=not question.is_in_list)
