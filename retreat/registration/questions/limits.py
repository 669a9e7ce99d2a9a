"""Choices for a limited number of people, taken and given back: exact however many ask at once.

One conditional UPDATE counts up every option that was ticked and says which of them had room. The edition's row is
held by then, as for every change of places: of one edition one registration after the other, so nobody waits in a
circle whatever the order in which the database takes the rows.
"""

from collections.abc import Collection
from http import HTTPStatus

from flask_babel import get_locale, ngettext
from sqlalchemy import or_, select, update

from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.registration.questions.models import Question, QuestionOption


class ChoiceFull(RetreatError):
    """Somebody else was quicker; nothing has been kept, so another choice can be made."""

    status = HTTPStatus.CONFLICT

    def __init__(self, options: Collection[QuestionOption]) -> None:
        super().__init__(options)
        self.options = tuple(options)

    @property
    def message(self) -> str:
        spoken = str(get_locale() or "en")
        names = ", ".join(f"{one.question.label.text(spoken)}: {one.label.text(spoken)}" for one in self.options)
        return ngettext(
            "No place is left for this choice: %(names)s. Please make another one.",
            "No place is left for these choices: %(names)s. Please make others.",
            len(self.options),
            names=names,
        )


def take(options: Collection[int]) -> None:
    """A place of each option, or none of any: raises ChoiceFull. The caller holds the edition's row."""
    if not options:
        return
    wanted = sorted(options)
    taken = set(
        db.session.scalars(
            update(QuestionOption)
            .where(
                QuestionOption.id.in_(wanted),
                QuestionOption.retired_at.is_(None),
                or_(QuestionOption.capacity.is_(None), QuestionOption.taken < QuestionOption.capacity),
            )
            .values(taken=QuestionOption.taken + 1)
            .returning(QuestionOption.id)
            .execution_options(synchronize_session=False)
        )
    )
    if full := [key for key in wanted if key not in taken]:
        free(taken)
        raise ChoiceFull(_named(full))


def free(options: Collection[int]) -> None:
    """Give back a place of each."""
    if options:
        db.session.execute(
            update(QuestionOption)
            .where(QuestionOption.id.in_(sorted(options)), QuestionOption.taken > 0)
            .values(taken=QuestionOption.taken - 1)
            .execution_options(synchronize_session=False)
        )


def _named(keys: Collection[int]) -> list[QuestionOption]:
    return list(
        db.session.scalars(
            select(QuestionOption)
            .join(Question)
            .where(QuestionOption.id.in_(keys))
            .order_by(Question.position, Question.id, QuestionOption.position, QuestionOption.id)
        )
    )
