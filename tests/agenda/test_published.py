"""The read side: the last revision, in few queries, and never the draft."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, time
from typing import Any

import pytest

from retreat.agenda import published
from retreat.agenda.models import PartRole
from retreat.agenda.published import Programme, listed, programme
from retreat.agenda.service import update_session
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from tests.agenda import week
from tests.agenda.week import AT, NADIA


def test_before_the_first_revision_a_programme_is_empty(db_session: Any) -> None:
    edition = week.edition()
    assert programme(edition) == Programme(edition_id=edition.id, edition_slug="2020", edition_uid=edition.uid)


def test_a_programme_is_read_in_four_queries_and_then_in_one(
    db_session: Any, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    edition = week.edition()
    for number in range(3):
        week.session(edition, f"Session {number}", parts=[Appearance(PartRole.SPEAKER, f"Person {number}")])
    week.publish(edition)
    db.session.commit()
    assert edition.slug == "2020"  # loaded again after the commit, which is no query of the programme
    published._programmes.clear()
    with count_queries() as first:
        read = programme(edition)
    with count_queries() as second:
        assert programme(edition) is read
    assert (len(first), len(second)) == (4, 1)
    assert [part.printed_name for session in read for part in session.parts] == ["Person 0", "Person 1", "Person 2"]


def test_no_draft_table_is_read(
    db_session: Any, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    edition = week.edition()
    week.session(edition)
    week.publish(edition)
    db.session.commit()
    assert edition.slug == "2020"
    published._programmes.clear()
    with count_queries() as queries:
        programme(edition)
    assert [query for query in queries if "agenda_session" in query.split("FROM", 1)[1]] == []


def test_a_new_revision_is_seen_at_once(db_session: Any) -> None:
    edition = week.edition()
    made = week.session(edition)
    week.publish(edition)
    assert [session.title["en"] for session in programme(edition)] == ["Local Finance"]
    update_session(made, {"title": Translated(en="Local Money")}, at=AT, by=NADIA)
    assert [session.title["en"] for session in programme(edition)] == ["Local Finance"]
    week.publish(edition)
    assert [session.title["en"] for session in programme(edition)] == ["Local Money"]


def test_sessions_come_in_order_of_time_and_a_meeting_before_its_parts(db_session: Any) -> None:
    edition = week.edition()
    week.session(edition, "Unscheduled", date=None, starts=None, ends=None)
    week.session(edition, "Untimed", starts=None, ends=None)
    meeting = week.session(edition, "Meeting", starts=time(9), ends=time(12))
    week.session(edition, "Its first part", parent=meeting, starts=time(9), ends=time(10))
    week.session(edition, "Early", starts=time(8), ends=time(9))
    week.publish(edition)
    assert [session.title["en"] for session in programme(edition)] == [
        *("Early", "Meeting", "Its first part", "Untimed", "Unscheduled"),
    ]


def test_listed_leaves_out_what_is_not(db_session: Any) -> None:
    edition = week.edition()
    week.session(edition, "Hidden", is_listed=False)
    week.session(edition, "Shown")
    week.publish(edition)
    read = programme(edition)
    assert len(read.sessions) == 2
    assert [session.title["en"] for session in listed(read)] == ["Shown"]


def test_instants_and_walls_agree(db_session: Any) -> None:
    edition = week.edition()
    week.session(edition)
    week.publish(edition)
    (session,) = programme(edition)
    assert (session.start_utc, session.local_start and session.local_start.isoformat()) == (
        datetime(2020, 2, 25, 8, 30, tzinfo=UTC),
        "2020-02-25T09:30:00+01:00",
    )


@pytest.mark.parametrize(("starts", "ends", "overlap"), [(time(10), time(12), True), (time(11), time(12), False)])
def test_a_session_that_ends_when_another_begins_does_not_overlap_it(
    db_session: Any, starts: time, ends: time, overlap: bool
) -> None:
    edition = week.edition()
    week.session(edition, "One")
    week.session(edition, "Other", starts=starts, ends=ends)
    week.publish(edition)
    one, other = programme(edition)
    assert one.overlaps(other) is other.overlaps(one) is overlap
