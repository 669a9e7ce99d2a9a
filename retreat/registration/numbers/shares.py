"""Women and men, shown so that no small group can be worked out. Pure.

Whoever reads the page knows the total, every number that is shown, that "fewer than 5" means 0 to 4, and this rule.
A group that is hidden could be had by subtraction if it were alone, or if the hidden ones had to be as large as they
can be. So one more is hidden, and it has to be so large that each small one could be anything from 0 to 4; if it is
not, nothing is shown. Hiding a third instead would tell that the second had been too small.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FEWEST = 5


class Group(StrEnum):
    WOMEN = "women"
    MEN = "men"
    ANOTHER = "another"
    UNANSWERED = "unanswered"


class Hidden(StrEnum):
    FEW = "few"
    """Fewer than five."""
    BESIDE = "beside"
    """Five or more; its number would give a smaller one away."""


_GIVEN_UP = (Group.UNANSWERED, Group.ANOTHER, Group.MEN, Group.WOMEN)
"""What is hidden beside a small group, in this order: by place and not by size, which would tell something of sizes."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What may be shown; `groups` is empty when nothing may."""

    total: int
    groups: Mapping[Group, int | Hidden]

    @property
    def women(self) -> int | None:
        return self._number(Group.WOMEN)

    @property
    def men(self) -> int | None:
        return self._number(Group.MEN)

    @property
    def answered(self) -> int | None:
        """Women and men together, when both are shown."""
        return None if self.women is None or self.men is None else self.women + self.men

    @property
    def women_percent(self) -> int | None:
        """Of the women and men; the men are the rest of a hundred."""
        return None if not self.answered or self.women is None else round(100 * self.women / self.answered)

    def _number(self, group: Group) -> int | None:
        found = self.groups.get(group)
        return found if isinstance(found, int) else None


def shares(counts: Mapping[Group, int]) -> Shares:
    """From the true counts of all four groups, which add up to everybody."""
    total = sum(counts[group] for group in Group)
    few = {group for group in Group if counts[group] < FEWEST}
    if not few:
        return Shares(total, {group: counts[group] for group in Group})
    beside = next((group for group in _GIVEN_UP if group not in few), None)
    if beside is None or not _is_safe(counts, few, beside):
        return Shares(total, {})
    hidden: dict[Group, int | Hidden] = {**dict.fromkeys(few, Hidden.FEW), beside: Hidden.BESIDE}
    shown = {group: hidden.get(group, counts[group]) for group in Group}
    return Shares(total, shown if len(hidden) < len(Group) else {})


def _is_safe(counts: Mapping[Group, int], few: set[Group], beside: Group) -> bool:
    """Whether every small group could have any size below five, and the one hidden beside it five or more."""
    return sum(counts[group] for group in few) + counts[beside] >= (FEWEST - 1) * len(few) + FEWEST
