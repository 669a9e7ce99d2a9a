"""The made-up day that others measure with is what it says."""

from typing import Any

import pytest

from retreat.agenda import publishing
from retreat.agenda.publishing import draft_as_published
from tests.agenda import busy_day, week

pytestmark = pytest.mark.one_database


def test_a_busy_day_has_two_hundred_sessions_in_twelve_halls_and_publishes(db_session: Any) -> None:
    edition = week.edition()
    codes = busy_day.make(edition)
    sessions = draft_as_published(edition)
    assert [session.code for session in sessions] == codes
    assert len(set(codes)) == 200
    assert len({session.hall_slug for session in sessions}) == 12
    assert not any(
        one.hall_id == other.hall_id and one.overlaps(other)
        for number, one in enumerate(sessions)
        for other in sessions[number + 1 :]
    )
    assert publishing.publish(edition, at=week.AT, by=week.NADIA).number == 1
