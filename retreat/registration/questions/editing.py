"""What organisers do with the questions of an edition.

    add(edition, given, at=, by=) · change(question, given, version=, at=, by=) · move(question, step, at=, by=)
    remove(question, at=, by=) -> bool      True when it is gone; else it has answers and is asked no more
    bring_back(question, at=, by=) · copy(source, target, at=, by=) -> int

Each holds the edition's row, as registering does: nobody answers in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from textwrap import shorten
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.core.names import free_slug, search_key
from retreat.editions import service as editions
from retreat.editions.models import Category, Edition
from retreat.registration.models import Registration
from retreat.registration.questions import conditions
from retreat.registration.questions.models import Answer, Question, QuestionKind, QuestionOption, answer_option
from retreat.registration.questions.replies import rule_of
from retreat.registration.questions.service import current_questions
from retreat.registration.questions.values import NO, YES
from retreat.registration.states import LIVE

MOST_OPTIONS = 60
MOST_QUESTIONS = 100
_PAGES = {"new", "copy", "preview"}
"""Addresses beside those of the questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionGiven:
    """One choice as an organiser writes it; `id` is None for a new one."""

    label: Translated
    capacity: int | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionGiven:
    kind: QuestionKind
    label: Translated
    hint: Translated = field(default_factory=Translated)
    is_required: bool = False
    categories: Sequence[Category] = ()
    shown_if_id: int | None = None
    shown_if_values: Sequence[str] = ()
    is_on_badge: bool = False
    is_in_list: bool = False
    options: Sequence[OptionGiven] = ()


class QuestionRefused(RetreatError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class QuestionChanged(RetreatError):
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            _l("The question was changed by someone else while you were typing. Nothing has been overwritten.")
        )


def add(edition: Edition, given: QuestionGiven, *, at: datetime, by: Actor) -> Question:
    """At the end of the list. Raises QuestionRefused and ConditionRefused."""
    editions.hold_and_read(edition)
    known = _all(edition)
    if sum(one.retired_at is None for one in known) >= MOST_QUESTIONS:
        raise QuestionRefused(_l("An edition asks %(most)s questions at most.", most=MOST_QUESTIONS))
    question = Question(
        edition_id=edition.id,
        slug=_slug(given.label, "question", {one.slug for one in known} | _PAGES, edition.main_language),
        position=max((one.position for one in known), default=0) + 1,
        created_at=at,
        kind=given.kind,
    )
    _check(question, given, [one for one in known if one.retired_at is None])
    _write(question, given, edition.main_language, at=at)
    db.session.add(question)
    db.session.flush()
    audit.record("question.added", question, at=at, by=by, slug=question.slug)
    return question


def change(question: Question, given: QuestionGiven, *, version: int | None, at: datetime, by: Actor) -> Question:
    """Choices that somebody ticked are kept and offered no more. Raises QuestionChanged and as `add`."""
    edition = _lock(question)
    if version is not None and version != question.version:
        raise QuestionChanged
    current = [one for one in _all(edition) if one.retired_at is None]
    if given.kind is not question.kind and has_answers(question):
        raise QuestionRefused(_l("Somebody has answered: the kind of answer can no longer be changed."))
    _check(question, given, current)
    printed = question.is_on_badge
    _write(question, given, edition.main_language, at=at)
    db.session.flush()
    _check_dependants(question, current)
    if printed != question.is_on_badge:
        _open_proofs(question, at=at)
    audit.record("question.changed", question, at=at, by=by, slug=question.slug)
    return question


def move(question: Question, step: int, *, at: datetime, by: Actor) -> Question:
    """One place up (-1) or down (1) among those that are asked. Raises ConditionRefused."""
    edition = _lock(question)
    row = [one for one in _all(edition) if one.retired_at is None]
    here = row.index(question)
    there = here + step
    if not 0 <= there < len(row):
        return question
    row[here], row[there] = row[there], row[here]
    conditions.check([rule_of(one) for one in row])
    for position, one in enumerate(row, 1):
        one.position = position
    db.session.flush()
    audit.record("question.moved", question, at=at, by=by, slug=question.slug, position=there + 1)
    return question


def remove(question: Question, *, at: datetime, by: Actor) -> bool:
    """Gone when nobody has answered; else it is asked no more, and its answers stay. Raises QuestionRefused."""
    edition = _lock(question)
    hanging = [one for one in _all(edition) if one.shown_if_id == question.id and one.retired_at is None]
    if hanging:
        raise QuestionRefused(
            _l(
                "“%(other)s” is shown by an answer to this question. Change that first.",
                other=_said(hanging[0].label, edition.main_language),
            )
        )
    if has_answers(question):
        question.retired_at = at
        db.session.flush()
        audit.record("question.retired", question, at=at, by=by, slug=question.slug)
        return False
    audit.record("question.removed", question, at=at, by=by, slug=question.slug)
    db.session.delete(question)
    db.session.flush()
    return True


def bring_back(question: Question, *, at: datetime, by: Actor) -> Question:
    """Asked again, at the end of the list. Raises ConditionRefused when what it hangs on is asked no more."""
    edition = _lock(question)
    known = _all(edition)
    question.retired_at = None
    question.position = max(one.position for one in known) + 1
    row = [one for one in known if one.retired_at is None and one is not question]
    conditions.check([rule_of(one) for one in [*row, question]])
    db.session.flush()
    audit.record("question.brought_back", question, at=at, by=by, slug=question.slug)
    return question


def copy(source: Edition, target: Edition, *, at: datetime, by: Actor) -> int:
    """Every question that the other edition asks and this one does not have yet, with its choices and limits.

    Categories are those of the same address here. A question that hangs on one that is not copied is left out.
    """
    editions.hold_and_read(target)
    here = _all(target)
    by_slug = {one.slug: one for one in here}
    categories = {one.slug: one for one in db.session.scalars(select(Category).where(Category.edition_id == target.id))}
    position = max((one.position for one in here), default=0)
    copied = 0
    for one in current_questions(source):
        condition = _by_id(current_questions(source)).get(one.shown_if_id or 0)
        hangs_on = by_slug.get(condition.slug) if condition else None
        if one.slug in by_slug or (one.shown_if_id is not None and hangs_on is None):
            continue
        position += 1
        made = _copied(one, target, position, hangs_on, at=at)
        made.categories = [categories[each.slug] for each in one.categories if each.slug in categories]
        db.session.add(made)
        db.session.flush()
        by_slug[made.slug] = made
        copied += 1
    if copied:
        audit.record("question.copied", target, at=at, by=by, edition_id=target.id, source=source.slug, count=copied)
    return copied


def has_answers(question: Question) -> bool:
    return bool(db.session.scalar(select(Answer.id).where(Answer.question_id == question.id).limit(1)))


def counts(edition: Edition) -> dict[int, int]:
    """How many have answered, by question."""
    rows = db.session.execute(
        select(Answer.question_id, func.count())
        .join(Question, Question.id == Answer.question_id)
        .where(Question.edition_id == edition.id)
        .group_by(Answer.question_id)
    )
    return dict(rows.all())


def question_of(edition: Edition, slug: str) -> Question | None:
    return db.session.scalar(select(Question).where(Question.edition_id == edition.id, Question.slug == slug))


def _lock(question: Question) -> Edition:
    edition = db.session.get_one(Edition, question.edition_id)
    editions.hold_and_read(edition)
    db.session.refresh(question)
    return edition


def _all(edition: Edition) -> list[Question]:
    query = select(Question).where(Question.edition_id == edition.id).order_by(Question.position, Question.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _by_id(questions: Sequence[Question]) -> dict[int, Question]:
    return {one.id: one for one in questions}


def _said(text: Translated, main: str) -> str:
    return text.text(str(get_locale() or main), main)


def _slug(label: Translated, fallback: str, taken: set[str], main: str) -> str:
    """Letters, digits and low lines: the name of a column, and the word of a condition."""
    known = {one.replace("_", "-") for one in taken}
    text = next((label[code] for code in ("en", main, "fr", "es") if code in label), "")
    return free_slug(shorten(text, 34, placeholder="") or text[:34], fallback, known).replace("-", "_")[:40]


# What is refused ---------------------------------------------------------------------------------------------------


def _check(question: Question, given: QuestionGiven, current: Sequence[Question]) -> None:
    if not given.label:
        raise QuestionRefused(_l("Write the question in at least one language."))
    if any(one.edition_id != question.edition_id for one in given.categories):
        raise QuestionRefused(_l("Choose among the categories of this edition."))
    _check_options(given)
    _check_condition(question, given, current)


def _check_options(given: QuestionGiven) -> None:
    if not given.kind.has_options:
        return
    if not given.options:
        raise QuestionRefused(_l("Write at least one choice."))
    if len(given.options) > MOST_OPTIONS:
        raise QuestionRefused(_l("A question offers %(most)s choices at most.", most=MOST_OPTIONS))
    seen: set[tuple[str, str]] = set()
    for one in given.options:
        for code, text in one.label.items():
            key = (code, search_key(text))
            if key in seen:
                raise QuestionRefused(_l("“%(choice)s” is there twice.", choice=text))
            seen.add(key)


def _check_condition(question: Question, given: QuestionGiven, current: Sequence[Question]) -> None:
    if given.shown_if_id is None:
        return
    before = []
    for one in current:
        if one is question:
            break
        before.append(one)
    other = next((one for one in before if one.id == given.shown_if_id), None)
    if other is None:
        raise conditions.ConditionRefused(given.shown_if_id)
    if set(given.shown_if_values) - answers_to(other):
        raise QuestionRefused(_l("“%(question)s” has no such answer.", question=_said(other.label, "en")))


def answers_to(question: Question) -> set[str]:
    """What a condition may ask for: nothing else than any answer, where people write freely."""
    if question.kind is QuestionKind.YES_NO:
        return {YES, NO}
    return {one.slug for one in question.options if one.retired_at is None}


def _check_dependants(question: Question, current: Sequence[Question]) -> None:
    for one in current:
        if one.shown_if_id == question.id and set(one.shown_if_values) - answers_to(question):
            raise QuestionRefused(
                _l(
                    "“%(other)s” is shown by an answer that would be gone. Change that first.",
                    other=_said(one.label, "en"),
                )
            )


# Writing -----------------------------------------------------------------------------------------------------------


def _write(question: Question, given: QuestionGiven, main: str, *, at: datetime) -> None:
    question.kind, question.label, question.hint = given.kind, given.label, given.hint
    question.is_required, question.is_in_list = given.is_required, given.is_in_list
    question.is_on_badge = given.is_on_badge and given.kind is not QuestionKind.FILE
    question.shown_if_id = given.shown_if_id
    question.shown_if_values = sorted(set(given.shown_if_values)) if given.shown_if_id is not None else []
    question.categories = list(given.categories)
    _write_options(question, given.options if given.kind.has_options else (), main, at=at)


def _write_options(question: Question, given: Sequence[OptionGiven], main: str, *, at: datetime) -> None:
    known = {one.id: one for one in question.options}
    kept = set()
    for position, one in enumerate(given):
        option = known.get(one.id or 0)
        if option is None:
            taken = {each.slug for each in question.options} | {YES, NO}
            option = QuestionOption(slug=_slug(one.label, f"choice-{len(taken) - 1}", taken, main), label=one.label)
            question.options.append(option)
        option.label, option.capacity, option.position, option.retired_at = one.label, one.capacity, position, None
        kept.add(option)
    for option in [one for one in question.options if one not in kept]:
        if _is_ticked(option):
            option.retired_at = option.retired_at or at
            option.position = len(given) + 1
        else:
            question.options.remove(option)


def _is_ticked(option: QuestionOption) -> bool:
    with db.session.no_autoflush:
        found = select(answer_option.c.answer_id).where(answer_option.c.option_id == option.id).limit(1)
        return db.session.scalar(found) is not None


def _open_proofs(question: Question, *, at: datetime) -> None:
    """What the badge prints of those who answered is another thing now, and they approved the old one."""
    answered = select(Answer.registration_id).where(Answer.question_id == question.id)
    db.session.execute(
        update(Registration)
        .where(
            Registration.id.in_(answered),
            Registration.proof_approved_at.is_not(None),
            Registration.status.in_(sorted(LIVE)),
        )
        .values(proof_approved_at=None, proof_reopened_at=at)
        .execution_options(synchronize_session=False)
    )


def _copied(one: Question, target: Edition, position: int, hangs_on: Question | None, *, at: datetime) -> Question:
    same: dict[str, Any] = {
        name: getattr(one, name)
        for name in ("slug", "kind", "label", "hint", "is_required", "is_on_badge", "is_in_list")
    }
    offered = [option for option in one.options if option.retired_at is None]
    return Question(
        **same,
        edition_id=target.id,
        position=position,
        shown_if_id=hangs_on.id if hangs_on else None,
        shown_if_values=list(one.shown_if_values),
        created_at=at,
        options=[
            QuestionOption(slug=option.slug, label=option.label, capacity=option.capacity, position=option.position)
            for option in offered
        ],
    )
