"""The questions of an edition: what is asked, and what was answered; `editing` changes them.

questions_of(edition) -> list[Question]                      with options; retired ones only while they have answers
current_questions(edition) -> list[Question]                 those that a form puts
answers_of(registrations) -> {registration: {question: Answer}}    one query, however many
answer_text(answer, language) -> str                         in the words of a page; `cell(answer)` for a file
condition(question, value) -> ColumnElement[bool]            of a query over Registration
"""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import joinedload

from retreat.core.db import db
from retreat.core.names import search_key
from retreat.editions.models import Edition
from retreat.registration.models import Registration
from retreat.registration.questions import values
from retreat.registration.questions.models import Answer, AnswerFile, Question, QuestionKind, QuestionOption
from retreat.registration.questions.values import answer_text, cell

__all__ = ["answer_text", "answers_of", "cell", "condition", "current_questions", "questions_of"]

_LONGEST_ON_BADGE = 60

NOT_ANSWERED = "none"
"""As the value of a filter: those who have not answered."""


def questions_of(edition: Edition, *, is_fresh: bool = False) -> list[Question]:
    """In their order, with options and categories: those that are asked, and retired ones that somebody answered.

    `is_fresh` reads again what this session knows: what is limited counts only while the edition's row is held.
    """
    answered = exists().where(Answer.question_id == Question.id)
    query = _loaded(edition).where(or_(Question.retired_at.is_(None), answered))
    return _read(query.execution_options(populate_existing=True) if is_fresh else query)


def current_questions(edition: Edition) -> list[Question]:
    """In their order: those that a form puts to people today."""
    return _read(_loaded(edition).where(Question.retired_at.is_(None)))


def _read(query: Select[Question]) -> list[Question]:
    return list(db.session.scalars(query).unique())


def _loaded(edition: Edition) -> Select[Question]:
    return (
        select(Question)
        .where(Question.edition_id == edition.id)
        .order_by(Question.position, Question.id)
        # In one query: there are few of either, and the form asks for them with every registration.
        .options(joinedload(Question.options), joinedload(Question.categories))
    )


def answers_of(registrations: Collection[Registration]) -> dict[int, dict[int, Answer]]:
    """By the registration's id and the question's, with options and files' names, in one query."""
    found: dict[int, dict[int, Answer]] = {one.id: {} for one in registrations}
    if not found:
        return found
    rows = db.session.scalars(
        select(Answer)
        .where(Answer.registration_id.in_(found))
        .options(joinedload(Answer.options), joinedload(Answer.question), joinedload(Answer.file))
        .order_by(Answer.id)
    ).unique()
    for answer in rows:
        found[answer.registration_id][answer.question_id] = answer
    return found


def file_of(registration: Registration, slug: str) -> AnswerFile | None:
    """The file with which somebody answered the question of this slug; its content is read when it is sent."""
    return db.session.scalar(
        select(AnswerFile)
        .join(AnswerFile.answer)
        .join(Answer.question)
        .where(Answer.registration_id == registration.id, Question.slug == slug)
    )


class Answered(NamedTuple):
    """One answer in the words of a page; `slug` is that of the question, for the address of a file."""

    label: str
    text: str
    slug: str
    is_file: bool


def answered(registration: Registration, language: str, main: str) -> list[Answered]:
    """What one person answered, in the order of the questions."""
    found = answers_of([registration])[registration.id].values()
    return [
        Answered(
            one.question.label.text(language, main),
            answer_text(one, language),
            one.question.slug,
            one.question.kind is QuestionKind.FILE,
        )
        for one in sorted(found, key=lambda one: values.order(one.question))
    ]


def printed_answers(
    registrations: Collection[Registration], edition: Edition, language: str
) -> dict[int, tuple[str, ...]]:
    """What badges print of the answers, by registration, in the order of the questions; in one query or two."""
    is_any = select(Question.id).where(Question.edition_id == edition.id, Question.is_on_badge).limit(1)
    if not registrations or db.session.scalar(is_any) is None:
        return {}
    return {
        number: tuple(_cut(answer_text(one, language)) for one in values.on_badge(answers.values()))
        for number, answers in answers_of(registrations).items()
    }


def _cut(text: str) -> str:
    """A badge has room for a word or two."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_ON_BADGE else line[: _LONGEST_ON_BADGE - 1].rstrip() + "…"


def condition(question: Question, value: str) -> ColumnElement[bool]:
    """Registrations that answered so: an option's slug, yes or no, a part of a text, or NOT_ANSWERED."""
    answers = select(Answer.registration_id).where(Answer.question_id == question.id)
    if value == NOT_ANSWERED:
        return Registration.id.not_in(answers)
    match question.kind:
        case QuestionKind.CHOICE | QuestionKind.CHOICES:
            answers = answers.where(Answer.options.any(QuestionOption.slug == value))
        case QuestionKind.FILE:
            pass
        case QuestionKind.TEXT | QuestionKind.LONG_TEXT | QuestionKind.PHONE:
            answers = answers.where(Answer.text.in_(_texts_with(question, value)))
        case QuestionKind.COUNTRY:
            answers = answers.where(Answer.text == values.country(value))
        case QuestionKind.NUMBER:
            answers = answers.where(Answer.text == (values.number(value) or value))
        case QuestionKind.DATE | QuestionKind.YES_NO:
            answers = answers.where(Answer.text == value)
    return Registration.id.in_(answers)


def _texts_with(question: Question, value: str) -> list[str]:
    """Whatever the case and accents: the databases do not fold letters alike, so the texts are looked through here."""
    texts = db.session.scalars(select(Answer.text).where(Answer.question_id == question.id).distinct())
    wanted = search_key(value)
    return sorted(text for text in texts if wanted and wanted in search_key(text))
