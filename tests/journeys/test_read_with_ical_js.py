"""Feeds as ical.js (2.2.1 of npm, in vendor/) reads them, in a browser in another zone than the venue, the server and the feed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.calendars.readers import Read, Reader
from tests.calendars.story import CHANGES, Change, Story, assert_read_as_stored, every_feed, story
from tests.journeys.conftest import FOLDER

ICAL = FOLDER / "vendor" / "ical.js" / "ical.min.js"
READ = FOLDER / "read_with_ical.js"
INSTANTS = ("created", "modified", "stamped", "start", "end")

pytestmark = pytest.mark.one_database


@pytest.fixture
def our_story(db_session: Any) -> Story:
    return story()


@pytest.fixture(scope="module")
def read(browser: Any) -> Iterator[Reader]:
    context = browser.new_context(timezone_id="Asia/Kathmandu")
    page = context.new_page()
    page.evaluate(
        """async (module) => {
          const address = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
          globalThis.ICAL = (await import(address)).default;
        }""",
        ICAL.read_text(),
    )
    program = READ.read_text()

    def by_ical_js(body: bytes) -> dict[str, Read]:
        found = page.evaluate(program, body.decode())
        for one in found:
            one |= {name: datetime.fromisoformat(one[name]) for name in INSTANTS}
            one["categories"] = tuple(one["categories"])
        return {one["uid"]: Read(**one) for one in found}

    yield by_ical_js
    context.close()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_ical_js_reads_what_is_stored_before_and_after(our_story, client, read: Reader, change: Change) -> None:
    for asked in every_feed(our_story):
        assert_read_as_stored(our_story, asked, read(client.get(asked.address).data))

    change.do(our_story)

    for asked in every_feed(our_story, without=change.lost, moved=change.moved):
        assert_read_as_stored(our_story, asked, read(client.get(asked.address).data))
