"""Organisers see what new rules of time zones moved, and say that they have."""

from datetime import timedelta
from typing import Any

import pytest

from retreat.agenda import service
from retreat.agenda.zone_rules import service as zone_rules
from retreat.core import zones
from retreat.core.audit import SYSTEM
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.agenda.zone_rules.old_rules import HOUR, OLD, as_of_old_rules

pytestmark = pytest.mark.one_database
LATER = week.AT + 24 * HOUR
PAGE = "/organise/2020/agenda/time-zones"


def moved_by_rules() -> Any:
    """One session that was an hour off, one that has no time any more, and one of the draft alone."""
    edition = week.edition(zone="Europe/Paris", starts_on=week.date(2020, 3, 28), ends_on=week.date(2020, 3, 30))
    day = week.date(2020, 3, 29)
    moved = week.session(edition, "Ideas lab", code="MOVED", date=day)
    gap = week.session(edition, "Night walk", code="GAP", date=day)
    week.publish(edition)
    new = week.session(edition, "New", code="NEW", date=day)
    as_of_old_rules(gap, off=timedelta(), starts=week.time(2, 30), ends=week.time(5))
    as_of_old_rules(moved)
    as_of_old_rules(new, published=False)
    assert zone_rules.renew(edition, at=LATER, by=SYSTEM)
    return edition


def test_the_overview_and_the_revisions_lead_to_what_moved(as_role: Any, db_session: Any) -> None:
    moved_by_rules()
    viewer = as_role("viewer")
    viewer.get("/organise/2020/")
    assert "3 sessions moved by new rules of time zones 1 of them has no time any more" in viewer.page.text
    assert f"{PAGE}/" in viewer.page.links
    viewer.get("/organise/2020/agenda/revisions")
    assert "New rules of time zones concern 3 sessions." in viewer.page.text
    viewer.get(PAGE)
    said = viewer.page.text
    assert f"Release {zones.tzdata_version()} after {OLD}, Saturday 11 January 2020, 10:00" in said
    assert "1 session has no time any more" in said
    assert "02:30 does not exist in Europe/Paris on 2020-03-29: the clocks go forward." in said
    assert "2 sessions moved in UTC. Calendars have been told: Revision 2 ." in said
    assert "Calendar invitations that were sent are corrected by mail" in said
    assert "Night walk GAP Choose another time" in said
    assert "Ideas lab MOVED" in said
    assert "New NEW Draft only" in said
    assert "06:30–08:00" in said
    assert "07:30–09:00" in said
    assert "I have read this" not in said


def test_reading_it_takes_the_notice_away_for_everybody(as_role: Any, db_session: Any) -> None:
    moved_by_rules()
    programmer, viewer = as_role("programmer"), as_role("viewer")
    programmer.get(PAGE)
    assert programmer.submit(PAGE, action="/read").status_code == 303
    programmer.get(PAGE)
    assert "I have read this" not in programmer.page.text
    assert "Read by" in programmer.page.text
    viewer.get("/organise/2020/agenda/revisions")
    assert "New rules of time zones concern" not in viewer.page.text
    assert "Rules of time zones" in viewer.page.text
    viewer.get("/organise/2020/")
    assert "moved by new rules" not in viewer.page.text


def test_once_another_time_is_chosen_the_page_asks_for_none(as_role: Any, db_session: Any) -> None:
    edition = moved_by_rules()
    made = service.session_by_code(edition, "GAP")
    service.update_session(made, {"starts": week.time(4)}, at=LATER, by=NADIA)
    viewer = as_role("viewer")
    viewer.get(PAGE)
    said = viewer.page.text
    assert "1 session had no time any more; another has been chosen." in said
    assert "Choose another time" not in said
    assert "cannot be published" not in said
    viewer.get("/organise/2020/")
    assert "3 sessions moved by new rules of time zones" in viewer.page.text
    assert "no time any more" not in viewer.page.text


def test_before_any_release_and_after_one_that_moved_nothing_the_page_says_so(as_role: Any, db_session: Any) -> None:
    edition = week.edition()
    week.session(edition)
    viewer = as_role("viewer")
    viewer.get(PAGE)
    assert "No new release has come since this edition was made." in viewer.page.text
    as_of_old_rules()
    zone_rules.renew(edition, at=LATER, by=SYSTEM)
    viewer.get(PAGE)
    assert "No session moved." in viewer.page.text
    assert "I have read this" not in viewer.page.text


def test_the_page_takes_three_queries_however_many_sessions_moved(
    as_role: Any, db_session: Any, count_queries: Any
) -> None:
    edition = week.edition()
    many = [week.session(edition, f"Session {number}") for number in range(12)]
    as_of_old_rules(*many[:1])
    zone_rules.renew(edition, at=LATER, by=SYSTEM)
    viewer = as_role("viewer")
    viewer.get(PAGE)
    with count_queries() as few:
        viewer.get(PAGE)
    as_of_old_rules(*many)
    zone_rules.renew(edition, at=LATER + HOUR, by=SYSTEM)
    with count_queries() as more:
        viewer.get(PAGE)
    assert len(more) == len(few)
