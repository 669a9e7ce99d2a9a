"""Which questions are asked of somebody, from their category and their other answers. Pure.

A question may hang on one that stands before it, and that one on another before it. So one pass in order decides,
there are no circles, and an answer to a question that is not asked counts for nothing further down.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from retreat.core.errors import RetreatError

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When one question is asked."""

    id: int
    categories: frozenset[int] = frozenset()
    """Empty is everybody."""
    shown_if: int | None = None
    values: frozenset[str] = NOTHING
    """What the other question must have as its answer; empty is any answer."""


class ConditionRefused(RetreatError):
    """A question would hang on one that comes after it, on itself, or on one that is not there."""

    def __init__(self, question: int) -> None:
        super().__init__(_l("A question can only hang on one that stands before it."))
        self.question = question


def asked(rules: Sequence[Rule], category: int | None, said: Mapping[int, Collection[str]]) -> frozenset[int]:
    """The questions that this person is asked; `said` are answers as slugs, yes or no, or any text.

    Without a category nothing is narrowed by it: a form shows them all before one is chosen.
    """
    found: set[int] = set()
    for rule in rules:
        if rule.categories and category is not None and category not in rule.categories:
            continue
        if rule.shown_if is None or (rule.shown_if in found and _meets(rule, said.get(rule.shown_if, NOTHING))):
            found.add(rule.id)
    return frozenset(found)


def _meets(rule: Rule, said: Collection[str]) -> bool:
    return bool(rule.values.intersection(said) if rule.values else said)


def check(rules: Sequence[Rule]) -> None:
    """Raises ConditionRefused about the first question whose condition does not stand before it."""
    before: set[int] = set()
    for rule in rules:
        if rule.shown_if is not None and rule.shown_if not in before:
            raise ConditionRefused(rule.id)
        before.add(rule.id)
