"""What somebody answers to the questions of the edition, kept and counted with the registration.

    settle(registration, replies) -> list[str]     after registering and correcting: the questions that changed
    follow(registration, before, after)            what was ticked is given back, or taken again, with the status

The caller holds the edition's row and flushes; both raise `limits.ChoiceFull`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import insert, select
from sqlalchemy.orm import joinedload

from retreat.core.db import db
from retreat.core.stored import FileValues
from retreat.registration.models import Registration, Status
from retreat.registration.questions import conditions, limits, values
from retreat.registration.questions.conditions import Rule
from retreat.registration.questions.models import (
    Answer,
    AnswerFile,
    Question,
    QuestionKind,
    QuestionOption,
    answer_option,
)
from retreat.registration.states import LIVE


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer as a form or a file gives it; without any of it the question is not answered."""

    text: str = ""
    options: frozenset[str] = frozenset()
    """Slugs."""
    file: FileValues | None = None
    keeps_file: bool = False
    """The file that is there stays."""

    @property
    def said(self) -> frozenset[str]:
        """What a condition sees."""
        if self.options:
            return self.options
        if self.file is not None or self.keeps_file:
            return frozenset({values.A_FILE})
        return frozenset({self.text}) if self.text else frozenset()


@dataclass(frozen=True, slots=True)
class Replies:
    """The questions that were put, and what was said to them; a question that is not put keeps its answer."""

    questions: Sequence[Question] = ()
    given: Mapping[str, Reply] = field(default_factory=dict)
    """By slug."""

    def of(self, question: Question) -> Reply:
        return self.given.get(question.slug, Reply())

    def asked(self, category_id: int | None) -> frozenset[int]:
        """Ids of the questions that this person is asked."""
        return asked_of(self.questions, category_id, {one.id: self.of(one).said for one in self.questions})


def rule_of(question: Question) -> Rule:
    return Rule(
        id=question.id,
        categories=frozenset(category.id for category in question.categories),
        shown_if=question.shown_if_id,
        values=frozenset(question.shown_if_values),
    )


def asked_of(
    questions: Sequence[Question], category_id: int | None, said: Mapping[int, frozenset[str]]
) -> frozenset[int]:
    return conditions.asked([rule_of(one) for one in questions], category_id, said)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the answer to one question."""

    question: Question
    answer: Answer | None
    reply: Reply

    @property
    def options(self) -> list[QuestionOption]:
        return [one for one in self.question.options if one.slug in self.reply.options]


def changes(replies: Replies, category_id: int | None, known: Mapping[int, Answer]) -> list[Change]:
    """What to write, by question: the answer to a question that is not asked goes."""
    asked = replies.asked(category_id)
    found = [
        Change(one, known.get(one.id), replies.of(one) if one.id in asked else Reply()) for one in replies.questions
    ]
    return [one for one in found if _differs(one.question, one.answer, one.reply)]


def keep(registration: Registration, found: Sequence[Change]) -> None:
    """Write them; whoever calls this has counted what is limited."""
    for one in found:
        _keep(registration, one)


def settle(registration: Registration, replies: Replies | None, *, is_new: bool = False) -> list[str]:
    """Keep what was said to the questions that are asked, and drop the answers to those that no longer are.

    The registration has been flushed; of one that `is_new` no answer is known. Returns the names of the columns that
    changed. Raises ChoiceFull, and then nothing has been kept.
    """
    if replies is None or not replies.questions:
        return []
    known = () if is_new else _known(registration)
    found = changes(replies, registration.category_id, {one.question_id: one for one in known})
    if registration.status in LIVE:
        before = {option.id for one in found if one.answer for option in one.answer.options}
        after = {option.id for one in found for option in one.options}
        limits.take(after - before)
        limits.free(before - after)
    plain = [one for one in found if one.answer is None and one.reply.file is None]
    _insert(registration, plain)
    keep(registration, [one for one in found if one not in plain])
    if found:
        db.session.flush()
        db.session.expire(registration, ["answers"])
    return [f"q_{one.question.slug}" for one in found]


def _known(registration: Registration) -> Sequence[Answer]:
    """As the database has them now that the edition's row is held, whatever was read before."""
    return (
        db.session.scalars(
            select(Answer)
            .where(Answer.registration_id == registration.id)
            .options(joinedload(Answer.options), joinedload(Answer.file))
            .order_by(Answer.id)
            .execution_options(populate_existing=True)
        )
        .unique()
        .all()
    )


def _insert(registration: Registration, found: Sequence[Change]) -> None:
    """New answers in one statement, and what they ticked in another, however many there are."""
    rows = [
        {"registration_id": registration.id, "question_id": one.question.id, "text": one.reply.text} for one in found
    ]
    if rows:
        db.session.execute(insert(Answer), rows)
    ticked = [option.id for one in found for option in one.options]
    if ticked:
        pairs = (
            select(Answer.id, QuestionOption.id)
            .join(QuestionOption, QuestionOption.question_id == Answer.question_id)
            .where(Answer.registration_id == registration.id, QuestionOption.id.in_(ticked))
        )
        db.session.execute(answer_option.insert().from_select(["answer_id", "option_id"], pairs))


def _differs(question: Question, answer: Answer | None, reply: Reply) -> bool:
    if answer is None:
        return bool(reply.said) and not (reply.keeps_file and reply.file is None)
    if question.kind is QuestionKind.FILE:
        same = reply.file is not None and answer.file is not None and reply.file["digest"] == answer.file.digest
        return not (same or (reply.keeps_file and reply.file is None))
    return (answer.text, frozenset(one.slug for one in answer.options)) != (reply.text, reply.options)


def _keep(registration: Registration, change: Change) -> None:
    answer, reply = change.answer, change.reply
    if not reply.said:
        if answer is not None:
            db.session.delete(answer)
        return
    if answer is None:
        answer = Answer(registration=registration, question=change.question)
        if registration in db.session:
            db.session.add(answer)
    answer.text = reply.text
    answer.options = change.options
    if reply.file is not None:
        _keep_file(answer, AnswerFile(**reply.file))


def _keep_file(answer: Answer, file: AnswerFile) -> None:
    if answer.file is None:
        answer.file = file
        return
    # One row a file: changed in place, since its number is the answer's only one.
    for name in ("file_name", "media_type", "size", "digest", "content"):
        setattr(answer.file, name, getattr(file, name))


def follow(registration: Registration, before: Status, after: Status) -> None:
    """Who no longer means to come gives back what was limited; who comes after all takes it again, if it is there."""
    if (before in LIVE) == (after in LIVE):
        return
    ticked = set(
        db.session.scalars(
            select(answer_option.c.option_id)
            .join(Answer, Answer.id == answer_option.c.answer_id)
            .where(Answer.registration_id == registration.id)
        )
    )
    if after in LIVE:
        limits.take(ticked)
    else:
        limits.free(ticked)


def release(registration: Registration) -> None:
    """Before a registration is deleted: nobody has what it had ticked any more. The caller holds the edition's row."""
    if registration.status in LIVE:
        follow(registration, registration.status, Status.WITHDRAWN)
