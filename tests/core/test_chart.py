"""The line of registrations over time."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from retreat.core.chart import BASE, LEFT, RIGHT, chart, cumulative

DAY = date(2020, 1, 6)


def days(*counts: int) -> list[tuple[date, int]]:
    return cumulative([(DAY + timedelta(days=n), count) for n, count in enumerate(counts) if count])


def test_counts_add_up_day_by_day():
    assert days(2, 0, 3) == [(DAY, 2), (DAY + timedelta(days=2), 5)]


@pytest.mark.parametrize("counts", [(), (7,)])
def test_one_day_is_no_line(counts):
    assert chart(days(*counts)) is None


def test_the_line_goes_in_steps_from_the_first_day_to_the_last():
    drawn = chart(days(5, 0, 5))

    assert drawn is not None
    assert drawn.line == f"M{LEFT}.0 119.5H{RIGHT}.0V24.0"
    assert drawn.area == f"M{LEFT}.0 {BASE}V119.5H{RIGHT}.0V24.0V{BASE}Z"
    assert (drawn.end, drawn.total) == ((RIGHT, 24.0), 10)


@pytest.mark.parametrize(
    ("total", "values"),
    [(2, [1, 2]), (10, [2, 4, 6, 8, 10]), (44, [10, 20, 30, 40, 50]), (630, [200, 400, 600, 800])],
)
def test_the_scale_has_round_values(total, values):
    drawn = chart(days(1, total - 1))

    assert drawn is not None
    assert [tick.value for tick in drawn.heights] == values


def test_dates_stand_apart():
    drawn = chart(days(*[1] * 100))

    assert drawn is not None
    places = [tick.at for tick in drawn.dates]
    assert len(places) <= 5
    assert all(later - earlier > 100 for earlier, later in pairwise(places))


def test_a_second_line_shares_the_axes_and_both_go_on_to_the_last_day():
    drawn = chart(days(4, 0, 6), days(0, 0, 2, 0, 3))

    assert drawn is not None
    assert drawn.second is not None
    assert drawn.line == f"M{LEFT}.0 138.6H342.0V24.0H{RIGHT}.0V24.0"
    assert (drawn.end, drawn.total) == ((RIGHT, 24.0), 10)
    assert (drawn.second.end, drawn.second.total) == ((RIGHT, 119.5), 5)
    assert drawn.second.line.startswith("M342.0 ")


def test_numbers_of_two_lines_that_end_together_do_not_lie_on_each_other():
    drawn = chart(days(4, 6), days(4, 6))

    assert drawn is not None
    assert drawn.second is not None
    assert drawn.second.label_at - drawn.end[1] >= 14
