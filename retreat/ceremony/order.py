"""The clock of a ceremony: when each step begins, from the start and the lengths before it. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def starts(begins: datetime | None, minutes: Sequence[int]) -> list[datetime | None]:
    """The beginning of each step; None throughout while the ceremony has no hour yet."""
    if begins is None:
        return [None] * len(minutes)
    return [begins + timedelta(minutes=sum(minutes[:position])) for position in range(len(minutes))]


def ends(begins: datetime | None, minutes: Sequence[int]) -> datetime | None:
    """When the last step is over."""
    return None if begins is None else begins + timedelta(minutes=sum(minutes))


def moved(ids: Sequence[int], moving: int, by: int) -> list[int]:
    """The order after one step has been moved up (by < 0) or down; it stops at either end."""
    rest = [one for one in ids if one != moving]
    target = max(0, min(len(rest), list(ids).index(moving) + by))
    return [*rest[:target], moving, *rest[target:]]
