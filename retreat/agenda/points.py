"""The points that a meeting has before it, as plain values. Pure but for the rows it makes."""

from collections.abc import Iterable
from dataclasses import dataclass

from retreat.agenda.models import AgendaPoint, PointKind
from retreat.core.i18n import Translated

MOST_POINTS = 60
MOST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Point:
    """One point; its number is its place in the list."""

    title: Translated
    kind: PointKind = PointKind.INFORMATION
    minutes: int | None = None


def points_of(rows: Iterable[AgendaPoint]) -> tuple[Point, ...]:
    """The stored points of a session as plain values, in their order."""
    return tuple(Point(row.title, row.kind, row.minutes) for row in rows)


def rows_of(points: Iterable[Point]) -> list[AgendaPoint]:
    return [
        AgendaPoint(title=point.title, kind=point.kind, minutes=point.minutes, position=position)
        for position, point in enumerate(points)
    ]
