"""Which questions are asked: the one pass in order against going back from each question to all it hangs on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.registration.questions.conditions import ConditionRefused, Rule, asked, check

VALUES = ("yes", "no", "maybe")


@st.composite
def forms(draw):
    count = draw(st.integers(0, 7))
    rules = [
        Rule(
            id=number,
            categories=frozenset(draw(st.sets(st.integers(1, 3), max_size=2))),
            shown_if=draw(st.none() | st.integers(1, number - 1)) if number > 1 else None,
            values=frozenset(draw(st.sets(st.sampled_from(VALUES), max_size=2))),
        )
        for number in range(1, count + 1)
    ]
    said = {rule.id: frozenset(draw(st.sets(st.sampled_from(VALUES), max_size=2))) for rule in rules}
    return rules, draw(st.integers(1, 3)), said


def brute(rules, category, said):
    by_id = {rule.id: rule for rule in rules}

    def is_asked(rule):
        if rule.categories and category not in rule.categories:
            return False
        if rule.shown_if is None:
            return True
        answer = said.get(rule.shown_if, frozenset())
        meets = any(value in answer for value in rule.values) if rule.values else len(answer) > 0
        return meets and is_asked(by_id[rule.shown_if])

    return {rule.id for rule in rules if is_asked(rule)}


@given(forms())
def test_one_pass_in_order_finds_what_going_back_from_each_question_finds(form):
    rules, category, said = form
    check(rules)
    assert asked(rules, category, said) == brute(rules, category, said)


@given(forms(), st.data())
def test_an_answer_to_what_is_not_asked_changes_nothing(form, data):
    rules, category, said = form
    here = asked(rules, category, said)
    other = {
        key: value if key in here else frozenset(data.draw(st.sets(st.sampled_from(VALUES))))
        for key, value in said.items()
    }
    assert asked(rules, category, other) == here


@given(forms(), st.permutations(range(7)))
def test_no_order_is_accepted_in_which_a_question_hangs_on_a_later_one(form, order):
    rules = [form[0][place] for place in order if place < len(form[0])]
    place = {rule.id: number for number, rule in enumerate(rules)}
    is_right = all(rule.shown_if is None or place[rule.shown_if] < place[rule.id] for rule in rules)
    if is_right:
        check(rules)
    else:
        with pytest.raises(ConditionRefused):
            check(rules)


def test_a_chain_ends_where_one_link_is_not_asked():
    rules = [
        Rule(id=1),
        Rule(id=2, shown_if=1, values=frozenset({"yes"})),
        Rule(id=3, shown_if=2),
    ]
    yes, no = frozenset({"yes"}), frozenset({"no"})
    assert asked(rules, None, {1: yes, 2: frozenset({"fish"})}) == {1, 2, 3}
    assert asked(rules, None, {1: no, 2: frozenset({"fish"})}) == {1}
    assert asked(rules, None, {1: yes}) == {1, 2}


@pytest.mark.parametrize("circle", [[(1, 1)], [(1, 2), (2, 1)], [(1, 2), (2, 3), (3, 1)], [(1, 99)]])
def test_circles_and_what_is_not_there_are_refused(circle):
    with pytest.raises(ConditionRefused):
        check([Rule(id=number, shown_if=on) for number, on in circle])
