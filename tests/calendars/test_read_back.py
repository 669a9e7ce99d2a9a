"""Feeds as other programs read them, with the database as the oracle, before and after what happens to a week."""

from typing import Any

import pytest

from tests.calendars.readers import Reader, by_icalendar, by_recurring_ical_events, by_vobject
from tests.calendars.story import CHANGES, Asked, Change, Story, assert_read_as_stored, every_feed, story
from tests.calendars.tangier import events

READERS: tuple[Reader, ...] = (by_icalendar, by_vobject, by_recurring_ical_events)

pytestmark = pytest.mark.one_database


@pytest.fixture
def our_story(db_session: Any) -> Story:
    return story()


def bodies_of(client: Any, feeds: list[Asked]) -> dict[str, bytes]:
    answers = {asked.address: client.get(asked.address) for asked in feeds}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {address: answer.data for address, answer in answers.items()}


def test_every_program_reads_what_is_stored(our_story, client) -> None:
    feeds = list(every_feed(our_story))
    bodies = bodies_of(client, feeds)
    for asked in feeds:
        assert_read_as_stored(our_story, asked, *(read(bodies[asked.address]) for read in READERS))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_program_reads_what_is_stored_after_a_change(our_story, client, change: Change) -> None:
    before = bodies_of(client, list(every_feed(our_story)))

    change.do(our_story)

    feeds = list(every_feed(our_story, without=change.lost, moved=change.moved))
    after = bodies_of(client, feeds)
    grown = {our_story.uids[name] for name in change.grown}
    for asked in feeds:
        assert_read_as_stored(our_story, asked, *(read(after[asked.address]) for read in READERS))
        was, now = events(before[asked.address]), events(after[asked.address])
        assert {uid for uid in now if now[uid] != was[uid]} == grown & now.keys(), asked.address
