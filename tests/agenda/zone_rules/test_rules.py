"""What the rules make of a wall time, and how it is kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from retreat.agenda.times import Instants
from retreat.agenda.zone_rules.rules import Moved, Unclear, Why, derive

DAY, NIGHT = date(2020, 3, 29), date(2020, 10, 25)
START = datetime(2020, 3, 29, 7, 30, tzinfo=UTC)
BOTH = Instants(START, START + timedelta(minutes=90))
MOVED = Moved(
    code="S20-001",
    title={"en": "Ideas lab"},
    zone="Europe/Paris",
    date=DAY,
    starts=time(9, 30),
    ends=time(11),
    before=BOTH,
    after=Instants(START + timedelta(hours=1), START + timedelta(hours=2)),
    is_draft=True,
)


@pytest.mark.parametrize(
    ("day", "starts", "ends", "zone", "found"),
    [
        (DAY, time(9, 30), time(11), "Europe/Paris", BOTH),
        (DAY, None, None, "Europe/Paris", None),
        (DAY, time(2, 30), time(5), "Europe/Paris", Unclear(Why.GAP, datetime(2020, 3, 29, 2, 30))),
        (DAY, time(1, 30), time(2, 30), "Europe/Paris", Unclear(Why.GAP, datetime(2020, 3, 29, 2, 30))),
        (NIGHT, time(2, 30), time(5), "Europe/Paris", Unclear(Why.TWICE, datetime(2020, 10, 25, 2, 30))),
        (DAY, time(9, 30), time(11), "Europe/Nowhere", Unclear(Why.OTHER)),
    ],
)
def test_a_wall_time_gives_instants_or_what_is_wrong(day, starts, ends, zone, found) -> None:
    assert derive(day, starts, ends, zone) == found


@pytest.mark.parametrize(
    "after", [MOVED.after, Unclear(Why.GAP, datetime(2020, 3, 29, 2, 30)), Unclear(Why.OTHER)], ids=str
)
def test_what_moved_is_read_as_it_was_kept(after) -> None:
    moved = replace(MOVED, after=after)
    assert Moved.of_json(moved.as_json()) == moved
