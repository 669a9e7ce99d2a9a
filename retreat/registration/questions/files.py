"""Answers in files of registrations: a column `q_` and the question's slug for each question.

    columns_of(questions) · cells_of(answers, questions)      on the way out
    Reading(edition, questions, known, findings)              on the way in: plan each row, then count once

Options stand as their slugs, several separated by `;`; a label in any language is read as well. A file that somebody
sent is named and not read back.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from retreat.core.db import db
from retreat.core.sheets import Findings, SheetRow, split_list
from retreat.registration import answers as typed
from retreat.registration.models import Registration
from retreat.registration.questions import values
from retreat.registration.questions.models import Answer, Question, QuestionKind, QuestionOption
from retreat.registration.questions.replies import Change, Replies, Reply, changes, keep
from retreat.registration.questions.service import answers_of
from retreat.registration.questions.values import cell


def column_of(question: Question) -> str:
    return f"q_{question.slug}"


def columns_of(questions: Iterable[Question]) -> tuple[str, ...]:
    return tuple(column_of(one) for one in questions)


def cells_of(answers: Mapping[int, Answer], questions: Iterable[Question]) -> dict[str, str]:
    """By column; empty where somebody has not answered."""
    return {column_of(one): cell(answers[one.id]) if one.id in answers else "" for one in questions}


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What a row does to the answers of one registration."""

    changes: Sequence[Change]

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def columns(self) -> list[str]:
        return [column_of(one.question) for one in self.changes]


class Reading:
    """A file's answers, against what is there. The edition's row is held: nobody else counts meanwhile."""

    def __init__(
        self,
        questions: Sequence[Question],
        known: Collection[Registration],
        columns: Collection[str],
        findings: Findings,
    ) -> None:
        self.questions = questions
        self.findings = findings
        self.is_there = any(column_of(one) in columns for one in questions)
        self.answers = answers_of(known) if questions else {}
        self.change: Counter[int] = Counter()

    def plan(
        self, row: SheetRow, known: Registration | None, category_id: int | None, *, was_live: bool, is_live: bool
    ) -> RowPlan:
        """What the row changes; limits are counted as the rows come, and a row too many is refused."""
        answers = self.answers.get(known.id, {}) if known is not None else {}
        found: list[Change] = []
        if self.is_there:
            given = {one.slug: self._reply(row, one, answers.get(one.id)) for one in self.questions}
            found = changes(Replies(self.questions, given), category_id, answers)
        before = {one.id for answer in answers.values() for one in answer.options} if was_live else set()
        after = self._ticked(answers, found) if is_live else {}
        for number in before - after.keys():
            self.change[number] -= 1
        for number, (question, option) in after.items():
            if number not in before:
                self._take(row, question, option)
        return RowPlan(found)

    def _reply(self, row: SheetRow, question: Question, answer: Answer | None) -> Reply:
        name = column_of(question)
        if name not in row.cells or question.kind is QuestionKind.FILE:
            return _as_it_is(answer)
        text = row.cells[name]
        reply = _read(question, text) if text else Reply()
        if isinstance(reply, Reply):
            return reply
        self.findings.refuse(row.line, name, reply)
        return Reply()

    def _ticked(
        self, answers: Mapping[int, Answer], found: Sequence[Change]
    ) -> dict[int, tuple[Question, QuestionOption]]:
        changed = {one.question.id for one in found}
        kept = [(answer.question, answer.options) for key, answer in answers.items() if key not in changed]
        new = [(one.question, one.options) for one in found]
        return {option.id: (question, option) for question, options in (*kept, *new) for option in options}

    def _take(self, row: SheetRow, question: Question, option: QuestionOption) -> None:
        self.change[option.id] += 1
        if option.capacity is not None and option.taken + self.change[option.id] > option.capacity:
            message = _l("no place is left for “%(choice)s”", choice=option.label.text("en"))
            self.findings.refuse(row.line, column_of(question), message)

    def write(self) -> None:
        """Count what the rows took and gave back."""
        for number, step in sorted(self.change.items()):
            if step:
                db.session.execute(
                    update(QuestionOption)
                    .where(QuestionOption.id == number)
                    .values(taken=QuestionOption.taken + step)
                    .execution_options(synchronize_session=False)
                )


def keep_plan(registration: Registration, plan: RowPlan) -> None:
    """Write the answers of a row; they are counted by `Reading.write`."""
    keep(registration, plan.changes)


def _as_it_is(answer: Answer | None) -> Reply:
    if answer is None:
        return Reply()
    return Reply(
        text=answer.text,
        options=frozenset(one.slug for one in answer.options),
        keeps_file=answer.file is not None,
    )


def _read(question: Question, text: str) -> Reply | Any:
    """The reply, or what is wrong with the cell."""
    match question.kind:
        case QuestionKind.CHOICE | QuestionKind.CHOICES:
            return _options(question, split_list(text) or [text])
        case QuestionKind.NUMBER:
            return _or(values.number(text), _l("“%(text)s” is not a number", text=text))
        case QuestionKind.DATE:
            return _or(values.day(text), _l("“%(text)s” is not a date; write YYYY-MM-DD", text=text))
        case QuestionKind.YES_NO:
            return _or(values.yes_no(text), _l("“%(text)s” is neither yes nor no", text=text))
        case kind:
            clean, problem = typed.cleaned(
                text, values.LONGEST[kind], several_lines=question.kind is QuestionKind.LONG_TEXT
            )
            found = values.country(clean) if kind is QuestionKind.COUNTRY else clean
            return problem if problem is not None else Reply(text=found)


def _or(found: str | None, problem: Any) -> Reply | Any:
    return problem if found is None else Reply(text=found)


def _options(question: Question, names: Sequence[str]) -> Reply | Any:
    found = [values.option_named(name, question.options) for name in names]
    for name, option in zip(names, found, strict=True):
        if option is None:
            known = ", ".join(one.slug for one in question.options)
            return _l("“%(text)s” is not one of %(known)s", text=name, known=known)
    if question.kind is QuestionKind.CHOICE and len(found) > 1:
        return _l("only one answer can be given here")
    return Reply(options=frozenset(one.slug for one in found if one is not None))
