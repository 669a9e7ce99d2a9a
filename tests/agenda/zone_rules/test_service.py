"""A new release of the rules: what moves, who is told, once, and nobody else."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from retreat.agenda import publishing, service
from retreat.agenda.models import AgendaSession, Revision
from retreat.agenda.published import PublishedSession, sessions_of_revision
from retreat.agenda.values import SessionRefused
from retreat.agenda.zone_rules import service as zone_rules
from retreat.agenda.zone_rules.cli import renew_everywhere
from retreat.agenda.zone_rules.models import ZoneUpdate
from retreat.core import jobs as core_jobs
from retreat.core import zones
from retreat.core.audit import SYSTEM, AuditEntry
from retreat.core.db import db
from retreat.core.jobs import Job
from retreat.core.mail import OutboxMail
from retreat.editions.models import Edition
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.agenda.zone_rules.old_rules import HOUR, OLD, as_of_old_rules

LATER = week.AT + 24 * HOUR


def last_published(edition: Edition) -> dict[str, PublishedSession]:
    last = publishing.last_revision(edition)
    assert last
    return {session.code: session for session in sessions_of_revision(last.id)}


def renewed(edition: Edition, at: datetime = LATER) -> ZoneUpdate:
    found = zone_rules.renew(edition, at=at, by=SYSTEM)
    assert found
    return found


def test_nothing_is_done_while_the_release_is_the_one_in_use(db_session: Any) -> None:
    edition = week.edition()
    week.session(edition)
    week.publish(edition)
    assert zone_rules.outdated() == []
    assert zone_rules.renew(edition, at=LATER, by=SYSTEM) is None
    assert week.count(ZoneUpdate) == 0


def test_what_moved_is_derived_anew_and_published_and_the_rest_stays_as_it_was(db_session: Any) -> None:
    edition = week.edition()
    moved, same, untimed = (
        week.session(edition, "Moved", code="M"),
        week.session(edition, "Same", code="S", starts=time(14), ends=time(15)),
        week.session(edition, "Untimed", code="U", starts=None, ends=None),
    )
    right = moved.start_utc
    week.publish(edition)
    as_of_old_rules(moved)
    versions = {session.code: session.version for session in (moved, same, untimed)}

    found = renewed(edition)

    db.session.expire_all()
    assert (moved.start_utc, moved.starts, moved.tzdata) == (right, time(9, 30), zones.tzdata_version())
    assert (moved.version, moved.updated_at, moved.updated_by) == (versions["M"] + 1, LATER, "Retreat")
    assert [(one.version, one.tzdata, one.updated_at) for one in (same, untimed)] == [
        (versions["S"], zones.tzdata_version(), week.AT),
        (versions["U"], zones.tzdata_version(), week.AT),
    ]
    now = last_published(edition)
    assert {code: (one.sequence, one.last_modified) for code, one in now.items()} == {
        "M": (1, LATER),
        "S": (0, week.AT),
        "U": (0, week.AT),
    }
    assert (now["M"].start_utc, now["M"].starts) == (right, time(9, 30))
    assert (found.tzdata, found.tzdata_before, found.revision_number, found.read_at) == (
        zones.tzdata_version(),
        OLD,
        2,
        None,
    )
    assert found.moved == [
        {
            "code": "M",
            "title": {"en": "Moved"},
            "zone": "Africa/Casablanca",
            "date": "2020-02-25",
            "starts": "09:30",
            "ends": "11:00",
            "before": ["2020-02-25T07:30:00+00:00", "2020-02-25T09:00:00+00:00"],
            "after": ["2020-02-25T08:30:00+00:00", "2020-02-25T10:00:00+00:00"],
            "draft": True,
            "published": True,
        }
    ]


def test_workers_do_it_at_their_start(app: Flask) -> None:
    assert renew_everywhere in core_jobs._when_starting


def test_a_second_start_finds_it_done(db_session: Any) -> None:
    edition = week.edition()
    moved = week.session(edition)
    week.publish(edition)
    as_of_old_rules(moved)
    renewed(edition)
    assert zone_rules.outdated() == []
    assert zone_rules.renew(edition, at=LATER + HOUR, by=SYSTEM) is None
    assert (week.count(Revision), week.count(ZoneUpdate)) == (2, 1)


def test_a_release_that_moves_nothing_makes_no_revision_and_is_not_looked_at_again(db_session: Any) -> None:
    edition = week.edition()
    week.session(edition)
    week.publish(edition)
    as_of_old_rules()
    found = renewed(edition)
    assert (found.moved, found.revision_number, found.read_at) == ([], None, LATER)
    assert (week.count(Revision), zone_rules.outdated(), zone_rules.unread(edition)) == (1, [], (0, 0))


def test_what_only_the_draft_says_is_derived_and_not_published(db_session: Any) -> None:
    edition = week.edition()
    week.session(edition)
    week.publish(edition)
    new = week.session(edition, "New", code="NEW")
    as_of_old_rules(new)
    found = renewed(edition)
    assert [(one["code"], one["draft"], one["published"]) for one in found.moved] == [("NEW", True, False)]
    assert (found.revision_number, set(last_published(edition))) == (None, {"S20-001"})


def test_a_draft_that_was_changed_since_goes_its_own_way(db_session: Any) -> None:
    edition = week.edition()
    made = week.session(edition, code="S")
    week.publish(edition)
    service.update_session(made, {"starts": time(10), "ends": time(12)}, at=week.AT, by=NADIA)
    as_of_old_rules(made, draft=False)
    db.session.execute(AgendaSession.__table__.update().values(tzdata=OLD))
    db.session.expire_all()
    found = renewed(edition)
    assert [(one["starts"], one["draft"], one["published"]) for one in found.moved] == [("09:30", False, True)]
    published = last_published(edition)["S"]
    assert (published.starts, made.starts) == (time(9, 30), time(10))


@pytest.mark.parametrize(
    ("day", "starts", "why", "local"),
    [
        (date(2020, 3, 29), time(2, 30), "gap", "2020-03-29T02:30:00"),
        (date(2020, 10, 25), time(2, 30), "twice", "2020-10-25T02:30:00"),
    ],
)
def test_a_time_that_has_no_instant_now_keeps_the_old_one_and_is_listed(
    db_session: Any, day: date, starts: time, why: str, local: str
) -> None:
    edition = week.edition(zone="Europe/Paris", starts_on=day - timedelta(1), ends_on=day + timedelta(1))
    made, other = week.session(edition, code="GAP", date=day), week.session(edition, code="OTHER", date=day)
    before, right = made.start_utc, other.start_utc
    week.publish(edition)
    as_of_old_rules(made, off=0 * HOUR, starts=starts, ends=time(5))
    as_of_old_rules(other)

    found = renewed(edition)

    assert [(one["code"], one.get("why"), one.get("local")) for one in found.moved] == [
        ("GAP", why, local),
        ("OTHER", None, None),
    ]
    now = last_published(edition)
    assert (now["GAP"].start_utc, now["GAP"].sequence) == (before, 0)
    assert (now["OTHER"].start_utc, now["OTHER"].sequence) == (right, 1)
    assert (made.tzdata, zone_rules.outdated(), zone_rules.unread(edition)) == (OLD, [], (2, 1))
    with pytest.raises(SessionRefused):
        week.publish(edition, LATER)

    service.update_session(made, {"starts": time(4)}, at=LATER, by=NADIA)
    assert made.tzdata == zones.tzdata_version()
    assert last_published(edition)["GAP"].sequence == 0
    week.publish(edition, LATER)
    assert last_published(edition)["GAP"].sequence == 1


def test_going_back_to_an_older_release_and_forth_moves_them_back_and_forth(
    db_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = week.edition()
    made = week.session(edition)
    week.publish(edition)
    right = made.start_utc
    as_of_old_rules(made)
    renewed(edition)
    # Back: by the older release the session was an hour earlier.
    with monkeypatch.context() as patch:
        patch.setattr(zones, "tzdata_version", lambda: OLD)
        patch.setattr(zones, "local_to_utc", lambda day, at, _zone: datetime.combine(day, at, UTC) - 2 * HOUR)
        assert renewed(edition, LATER + HOUR).tzdata == OLD
    assert made.start_utc == right - HOUR
    found = renewed(edition, LATER + 2 * HOUR)
    assert made.start_utc == right
    assert (week.count(ZoneUpdate), len(found.moved), zone_rules.unread(edition)) == (2, 2, (1, 0))
    assert last_published(edition)[made.code].sequence == 3


def test_what_an_older_machine_writes_afterwards_is_looked_at_again(db_session: Any) -> None:
    edition = week.edition()
    made = week.session(edition)
    as_of_old_rules(made)
    renewed(edition)
    made.updated_at = LATER + HOUR
    as_of_old_rules(made)
    assert zone_rules.outdated() == [edition.id]
    found = renewed(edition, LATER + 2 * HOUR)
    assert len(found.moved) == 2


def test_organisers_read_it_once_for_all(db_session: Any) -> None:
    edition, other = week.edition(), week.edition("2021")
    made = week.session(edition)
    as_of_old_rules(made)
    found = renewed(edition)
    assert (zone_rules.unread(edition), zone_rules.unread(other)) == ((1, 0), (0, 0))
    zone_rules.mark_read(other, found.id, at=LATER, by=NADIA)
    assert found.read_at is None
    zone_rules.mark_read(edition, found.id, at=LATER, by=NADIA)
    zone_rules.mark_read(edition, found.id, at=LATER + HOUR, by=week.LENA)
    assert (found.read_at, found.read_by, zone_rules.unread(edition)) == (LATER, "Nadia Orlova", (0, 0))
    assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("zone_update.%"))).all() == [
        "zone_update.made",
        "zone_update.read",
    ]


@pytest.mark.parametrize(("published", "jobs"), [(True, 1), (False, 0)])
def test_mails_are_left_to_a_job_where_something_published_moved(db_session: Any, published: bool, jobs: int) -> None:
    edition = week.edition()
    made = week.session(edition)
    week.publish(edition)
    as_of_old_rules(made, published=published)
    before = week.count(OutboxMail), week.count(Job)
    renewed(edition)
    assert (week.count(OutboxMail), week.count(Job)) == (before[0], before[1] + jobs)


def test_several_that_start_at_once_do_it_once(app: Flask) -> None:
    with app.app_context():
        for slug in ("2020", "2021"):
            edition = week.edition(slug)
            made = week.session(edition, code=f"S{slug}")
            week.publish(edition)
            as_of_old_rules(made)
        db.session.commit()
    together, lines, problems = threading.Barrier(4), [], []

    def start() -> None:
        with app.app_context():
            try:
                together.wait(10)
                lines.extend(renew_everywhere())
            except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
                problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    version = zones.tzdata_version()
    assert problems == []
    assert sorted(lines) == [
        f"{slug}: tzdata {version} after {OLD}, 1 moved, revision 2 tells calendars" for slug in ("2020", "2021")
    ]
    with app.app_context():
        assert (week.count(ZoneUpdate), week.count(Revision)) == (2, 4)
        assert set(db.session.scalars(select(AgendaSession.tzdata))) == {version}
