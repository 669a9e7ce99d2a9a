"""Nothing below five can be worked out from what is shown, by who knows the rule."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.registration.numbers.shares import FEWEST, Group, Hidden, shares

SMALL = st.integers(0, 12)
CELLS = st.tuples(SMALL, SMALL, SMALL, SMALL)


def shown(cells):
    return shares(dict(zip(Group, cells, strict=True)))


def key(found):
    return tuple(found.groups.get(group) for group in Group)


def all_of(total):
    """Every way in which so many people can have answered."""
    for women in range(total + 1):
        for men in range(total + 1 - women):
            for another in range(total + 1 - women - men):
                yield women, men, another, total - women - men - another


@given(CELLS)
def test_what_is_shown_is_true_and_at_least_five(cells):
    for group, said in shown(cells).groups.items():
        number = cells[list(Group).index(group)]
        if isinstance(said, int):
            assert said == number >= FEWEST
        else:
            assert (number < FEWEST) == (said is Hidden.FEW)


@pytest.mark.parametrize("total", [1, 3, 5, 9, 12, 15, 19, 24, 28])
def test_no_small_group_can_be_worked_out_from_what_is_shown_and_the_rule(total):
    alike = defaultdict(list)
    for cells in all_of(total):
        alike[key(shown(cells))].append(cells)
    for said, possible in alike.items():
        for place in range(4):
            values = {cells[place] for cells in possible}
            if said[place] is Hidden.FEW:
                assert values == set(range(FEWEST)), (said, place)
            elif not isinstance(said[place], int):
                assert len(values) > 1, (said, place)


@given(CELLS)
def test_sums_of_what_is_hidden_are_not_small_either(cells):
    found = shown(cells)
    rest = found.total - sum(one for one in found.groups.values() if isinstance(one, int))
    assert rest == 0 or rest >= FEWEST or not found.groups


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((140, 150, 20, 88), (140, 150, 20, 88)),
        ((140, 150, 2, 106), (140, 150, Hidden.FEW, Hidden.BESIDE)),
        ((140, 150, 0, 9), (140, 150, Hidden.FEW, Hidden.BESIDE)),
        ((140, 150, 0, 8), ()),
        ((140, 150, 0, 4), (140, Hidden.BESIDE, Hidden.FEW, Hidden.FEW)),
        ((140, 3, 0, 60), (140, Hidden.FEW, Hidden.FEW, Hidden.BESIDE)),
        ((4, 4, 30, 30), (Hidden.FEW, Hidden.FEW, 30, Hidden.BESIDE)),
        ((4, 4, 0, 2), ()),
        ((0, 0, 0, 398), ()),
        ((0, 0, 0, 0), ()),
    ],
)
def test_examples(cells, said):
    assert tuple(shown(cells).groups.get(group) for group in Group if shown(cells).groups) == said


def test_the_share_of_women_is_of_those_who_are_shown():
    found = shown((140, 150, 2, 106))
    assert (found.answered, found.women_percent, found.total) == (290, 48, 398)
    assert shown((140, 3, 0, 60)).women_percent is None
