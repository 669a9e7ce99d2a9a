"""The rules in use are the pinned package's, whatever the machine has; another package is noticed at the next start."""

import os
import subprocess
import sys
import time as clock_time
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from retreat.agenda import publishing
from retreat.agenda.models import AgendaSession, Revision
from retreat.agenda.published import sessions_of_revision
from retreat.agenda.zone_rules.models import ZoneUpdate
from retreat.core.db import db
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.zone_rules.releases import HOUR, a_release, tzif

ASK = """
import sys
{before}
from retreat.core import zones
from datetime import date, time
print(zones.local_to_utc(date(2020, 2, 25), time(9, 30), "Africa/Casablanca").isoformat())
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A machine's own zone files, by which Casablanca is nine hours ahead."""
    file = tmp_path / "zoneinfo" / "Africa" / "Casablanca"
    file.parent.mkdir(parents=True)
    file.write_bytes(tzif(9 * HOUR))
    return file.parents[1]


@pytest.mark.parametrize(
    ("before", "zone"),
    [
        ("", "UTC"),
        ("", "Africa/Casablanca"),
        ("import zoneinfo; kept = zoneinfo.ZoneInfo('Africa/Casablanca')", "Africa/Casablanca"),
    ],
    ids=["files", "and the machine's zone", "and somebody asked before"],
)
def test_the_machines_own_rules_decide_nothing(elsewhere: Path, before: str, zone: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(before=before)],
        cwd=config.ROOT,
        env=os.environ | {"TZ": zone, "PYTHONTZPATH": str(elsewhere), "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "2020-02-25T08:30:00+00:00"


@pytest.fixture
def run_with(database: Any, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """`run_with(release, "script/prepare.py")` starts a program of ours under that release."""

    def start(release: Path, *words: str) -> subprocess.Popen[str]:
        given = {"DATABASE_URL": database.url, "RETREAT_DATA": str(tmp_path / "data"), "RETREAT_ENV": "test"}
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=config.ROOT,
            env=os.environ | given | {"PYTHONPATH": f"{release}{os.pathsep}{config.ROOT}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def published_week() -> None:
    """One session that every release keeps, and one in Casablanca; the second from nine to ten."""
    edition = week.edition()
    week.session(edition, "Far away", code="FAR", zone_override="Asia/Tokyo")
    week.session(edition, "Here", code="HERE", starts=time(9), ends=time(10))
    week.publish(edition)
    db.session.commit()


def here(app: Flask) -> tuple[int, int, datetime, int, datetime]:
    """Of the session here: the revision, its SEQUENCE and start there; that of the other; the start in the draft."""
    with app.app_context():
        last = publishing.last_revision(editions.edition_by_slug("2020"))
        assert last
        found = {session.code: session for session in sessions_of_revision(last.id)}
        draft = db.session.query(AgendaSession).filter_by(code="HERE").one()
        start = found["HERE"].start_utc
        assert start
        assert draft.start_utc
        return last.number, found["HERE"].sequence, start, found["FAR"].sequence, draft.start_utc


def at(hour: int) -> datetime:
    return datetime(2020, 2, 25, hour, tzinfo=UTC)


@pytest.mark.one_database
def test_of_a_server_and_a_worker_that_start_under_another_release_one_derives_by_it(
    app: Flask, run_with: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    with app.app_context():
        published_week()
        edition = editions.edition_by_slug("2020")
        week.session(edition, "Breakfast", code="EARLY", starts=time(7), ends=time(7, 45))
        db.session.commit()
    assert here(app) == (1, 0, at(8), 0, at(8))
    # The clocks go forward from 07:00 to 08:00 on that very morning.
    release = a_release(tmp_path, "2099a", Africa__Casablanca=tzif(HOUR, [(at(6), 2 * HOUR)]))

    worker = run_with(release, "-m", "flask", "jobs", "work")
    try:
        server = run_with(release, "script/prepare.py")
        said = server.communicate(timeout=60)[0]
        deadline = clock_time.monotonic() + 60
        while here(app)[0] == 1 and clock_time.monotonic() < deadline:
            clock_time.sleep(0.1)
    finally:
        worker.terminate()
        worker.communicate(timeout=30)

    assert "not applied" not in said
    assert here(app) == (2, 1, at(7), 0, at(7))
    with app.app_context():
        [found] = db.session.query(ZoneUpdate).all()
        assert week.count(Revision) == 2
        assert [(one["code"], one.get("why", ""), one["published"]) for one in found.moved] == [
            ("EARLY", "gap", False),
            ("HERE", "", True),
        ]
