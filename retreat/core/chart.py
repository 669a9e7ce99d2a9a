"""Cumulative lines as SVG paths: pure, for a picture that a table repeats in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 730, 246
LEFT, RIGHT, TOP, BASE = 44, 640, 24, 215
MOST_DATES = 5
_LABEL_HEIGHT = 16


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what it stands for."""

    at: float
    value: int
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    line: str
    area: str
    end: tuple[float, float]
    total: int
    heights: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    second: "Second | None" = None


@dataclass(frozen=True, slots=True)
class Second:
    """A further line on the same axes."""

    line: str
    end: tuple[float, float]
    total: int
    label_at: float
    """Where its number is written: below the first line's, when the two end close together."""


def cumulative(counts: Sequence[tuple[date, int]]) -> list[tuple[date, int]]:
    """Days in order with how many there were by the end of each."""
    found: list[tuple[date, int]] = []
    total = 0
    for day, count in sorted(counts):
        total += count
        found.append((day, total))
    return found


def chart(days: Sequence[tuple[date, int]], second: Sequence[tuple[date, int]] = ()) -> Chart | None:
    """The line through cumulative days; None while there are not two days to draw it between.

    `second` counts some of those that `days` counts, each on the same day or later; both lines go on to the last day.
    """
    until = max((day for day, _count in (*days, *second)), default=None)
    if days and until is not None and until > days[-1][0]:
        days = [*days, (until, days[-1][1])]
    if len(days) < 2:
        return None
    first, last, total = days[0][0], days[-1][0], days[-1][1]
    step = _step(total)
    top = -(-total // step) * step
    span = (last - first).days

    def x(day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / span, 1)

    def y(value: int) -> float:
        return round(BASE - (BASE - TOP) * value / top, 1)

    def steps(through: Sequence[tuple[date, int]]) -> tuple[list[tuple[float, float]], str]:
        """Between two days with news the count stands still: steps, not slopes that invent registrations."""
        points = [(x(day), y(value)) for day, value in through]
        return points, f"M{points[0][0]} {points[0][1]}" + "".join(f"H{px}V{py}" for px, py in points[1:])

    points, line = steps(days)
    beside: Second | None = None
    if second:
        further, path = steps(second if second[-1][0] == last else [*second, (last, second[-1][1])])
        end = further[-1]
        beside = Second(path, end, second[-1][1], max(end[1], points[-1][1] + _LABEL_HEIGHT))
    return Chart(
        line=line,
        area=f"M{points[0][0]} {BASE}V{points[0][1]}{line[line.index(' ') + len(str(points[0][1])) + 1 :]}V{BASE}Z",
        end=points[-1],
        total=total,
        heights=tuple(Tick(y(value), value) for value in range(step, top + 1, step)),
        dates=tuple(Tick(x(day), 0, day) for day in _dates(first, last)),
        second=beside,
    )


def _step(total: int) -> int:
    """1, 2 or 5 times a power of ten, so that three to five lines are drawn."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if total <= 5 * step:
                return step
        power *= 10


def _dates(first: date, last: date) -> list[date]:
    span = (last - first).days
    apart = max(1, -(-span // (MOST_DATES - 1)))
    return [first + timedelta(days=n) for n in range(0, span + 1, apart)]
