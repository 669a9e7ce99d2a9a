"""Questions to ask."""

from typing import Any

from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition
from retreat.registration.models import Registration
from retreat.registration.questions.models import Question, QuestionKind, QuestionOption
from retreat.registration.questions.replies import Replies, Reply
from retreat.registration.questions.service import current_questions
from tests.registration.making import AT


def question(of: Edition, slug: str, kind: str = "text", **given: Any) -> Question:
    """Flushed; `options` are pairs of slug and capacity, or slugs."""
    options = [one if isinstance(one, tuple) else (one, None) for one in given.pop("options", ())]
    made = Question(
        edition_id=of.id,
        slug=slug,
        kind=QuestionKind(kind),
        label=given.pop("label", Translated(en=slug.capitalize())),
        position=given.pop("position", len(current_questions(of)) + 1),
        created_at=AT,
        options=[
            QuestionOption(slug=name, label=Translated(en=name.capitalize()), capacity=capacity, position=position)
            for position, (name, capacity) in enumerate(options)
        ],
        **given,
    )
    db.session.add(made)
    db.session.flush()
    return made


def reply(*options: str, text: str = "") -> Reply:
    return Reply(text=text, options=frozenset(options))


def said(of: Edition, **given: Reply | str) -> Replies:
    """Replies to the questions of an edition; a plain text is one."""
    made = {name: Reply(text=one) if isinstance(one, str) else one for name, one in given.items()}
    return Replies(tuple(current_questions(of)), made)


def answers(one: Registration) -> dict[str, str]:
    """What is kept, as files have it."""
    from retreat.registration.questions.service import answers_of, cell

    return {answer.question.slug: cell(answer) for answer in answers_of([one])[one.id].values()}


def taken(of: Edition) -> dict[str, int]:
    db.session.expire_all()
    return {option.slug: option.taken for one in current_questions(of) for option in one.options}
