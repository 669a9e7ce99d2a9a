"""What a body meets for in the open, as a feed of its own."""

from typing import Any

import pytest
from icalendar import Calendar

from retreat.agenda.models import Access, SessionStatus
from retreat.agenda.service import session_by_code
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.network.models import Body
from tests.agenda import week
from tests.calendars.tangier import LONG_BEFORE, Tangier, publish_change, summaries, tangier

BUREAU = "/2020/calendar/body/executive-bureau.ics"


@pytest.fixture
def our_week(db_session: Any) -> Tangier:
    return tangier()


@pytest.fixture
def open_week(our_week: Tangier) -> Tangier:
    """In which the bureau lets everybody in once, and once nobody else."""
    week.session(our_week.edition, "The bureau listens", code="LISTENS", body=our_week.body)
    week.publish(our_week.edition, LONG_BEFORE)
    return our_week


def test_it_holds_the_sessions_that_everybody_may_attend(open_week, client) -> None:
    assert summaries(client.get(BUREAU).data) == ["The bureau listens"]


@pytest.mark.one_database
def test_it_is_named_as_the_body_in_each_language(open_week, client) -> None:
    head = Calendar.from_ical(client.get(BUREAU + "?lang=fr").data)

    assert str(head["NAME"]) == "UCLG Retreat & Campus: Executive Bureau"


def test_a_body_that_meets_behind_closed_doors_is_not_known_to_have_a_feed(our_week, client) -> None:
    db.session.add(Body(slug="secret-council", name=Translated(en="Secret Council")))
    db.session.flush()

    for path in (BUREAU, "/2020/calendar/body/secret-council.ics", "/2020/calendar/body/none.ics"):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "text/plain")
        assert answer.text == "There is no calendar at this address.\n"


@pytest.mark.parametrize("values", [{"is_listed": False}, {"access": Access.MEMBER}, {"body": None}])
def test_whoever_subscribed_keeps_an_empty_feed_when_the_last_session_leaves_it(open_week, client, values) -> None:
    found = session_by_code(open_week.edition, "LISTENS")
    tag = client.get(BUREAU).headers["ETag"]
    publish_change(open_week, found, **values)

    answer = client.get(BUREAU, headers={"If-None-Match": tag})

    assert (answer.status_code, summaries(answer.data)) == (200, [])


@pytest.mark.one_database
def test_a_cancelled_one_stays(open_week, client) -> None:
    found = session_by_code(open_week.edition, "LISTENS")
    publish_change(open_week, found, status=SessionStatus.CANCELLED)

    assert summaries(client.get(BUREAU).data) == ["CANCELLED: The bureau listens"]


@pytest.mark.one_database
def test_it_is_served_as_the_others_are(open_week, client) -> None:
    first, again = client.get(BUREAU), client.get(BUREAU)

    assert (again.data, list(again.headers)) == (first.data, list(first.headers))
    assert client.get(BUREAU, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.open(BUREAU, method="PROPFIND").status_code == 405
