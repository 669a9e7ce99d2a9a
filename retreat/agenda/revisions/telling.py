"""Who has a mail about a revision: asked before it is published, and afterwards.

The agenda writes to nobody about it. The room of notices answers, which knows everybody's week.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from blinker import Signal

from retreat.agenda.published import PublishedSession
from retreat.editions.models import Edition

forecast_asked = Signal()
"""Sent with the edition, `before`, `after` and `at`; answered with a Forecast."""

told_asked = Signal()
"""Sent with the edition and the `numbers` of revisions; answered with what came of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How many would have a mail if these changes were published now."""

    people: int = 0
    changes: int = 0
    """Urgent ones: of sessions that start within two days."""
    invited: int = 0
    """People who would get a calendar invitation that they do not have."""
    corrected: int = 0
    """People whose calendar holds, by an earlier invitation, what is no longer right."""
    unreachable: int = 0
    """People with a part or an invitation, and no address."""
    is_usual: bool = False
    """Invitations have been sent before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of the mails about one revision."""

    people: int
    changes: int
    invited: int
    corrected: int
    is_waiting: bool
    told_with: int | None

    def __bool__(self) -> bool:
        return bool(self.people or self.invited or self.corrected or self.is_waiting or self.told_with)


def forecast(
    edition: Edition, before: Sequence[PublishedSession], after: Sequence[PublishedSession], *, at: datetime
) -> Forecast:
    for _, answer in forecast_asked.send(edition, before=before, after=after, at=at):
        assert isinstance(answer, Forecast)
        return answer
    return Forecast()


def told(edition: Edition, numbers: Iterable[int]) -> Mapping[int, Told]:
    """By number of the revision; nothing of those about which nobody was to be told."""
    found: dict[int, Told] = {}
    for _, answer in told_asked.send(edition, numbers=list(numbers)):
        found |= answer
    return found
