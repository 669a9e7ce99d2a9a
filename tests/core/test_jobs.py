"""Slow work: a row of our own, heard of after the commit, done once, taken up again when its worker dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from retreat.core import clock, jobs
from retreat.core.audit import SYSTEM
from retreat.core.db import db
from retreat.core.jobs import Job, JobFailure, JobState

AT = datetime(2020, 1, 20, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def task(monkeypatch):
    """Register a task for this test only: `task(function)`; its kind is "test"."""
    monkeypatch.setattr(jobs, "_tasks", dict(jobs._tasks))
    return lambda function, **how: jobs.task("test", **how)(function)


def enqueue(**arguments) -> Job:
    return jobs.enqueue("test", arguments, at=clock.now(), by=SYSTEM)


def row(job_id) -> Job:
    """As it is now; no transaction stays open, which on SQLite would keep a worker from writing."""
    db.session.rollback()
    found = db.session.get_one(Job, job_id, populate_existing=True)
    db.session.expunge(found)
    db.session.rollback()
    return found


@pytest.fixture
def nudged(app, monkeypatch):
    """The numbers that the queue is told."""
    heard: list[int] = []
    monkeypatch.setattr(app.extensions["retreat.jobs"], "run_job", heard.append)
    return heard


def test_a_job_is_heard_of_after_the_commit(db_session, task, nudged):
    task(lambda _work: None)

    job = enqueue()
    assert nudged == []

    db_session.commit()
    assert nudged == [job.id]


def test_a_rollback_forgets_the_job(db_session, task, nudged):
    task(lambda _work: None)

    enqueue()
    db_session.rollback()
    db_session.commit()

    assert nudged == []
    assert db_session.scalars(select(Job)).all() == []


def test_a_savepoint_tells_the_queue_nothing_yet(db_session, task, nudged):
    task(lambda _work: None)

    with db_session.begin_nested():
        job = enqueue()
    assert nudged == []

    db_session.commit()
    assert nudged == [job.id]


def test_a_queue_that_does_not_answer_breaks_no_request(app, db_session, task, monkeypatch, caplog):
    task(lambda _work: None)
    monkeypatch.setattr(app.extensions["retreat.jobs"], "run_job", lambda _id: 1 / 0)

    job = enqueue()
    db_session.commit()

    assert row(job.id).state is JobState.WAITING
    assert "The job queue did not answer" in caplog.text


def test_an_unknown_kind_is_refused_at_once(db_session):
    with pytest.raises(LookupError):
        jobs.enqueue("no such kind", {}, at=AT, by=SYSTEM)


def test_a_job_is_done_once_and_says_what_came_of_it(db_session, task):
    calls = []
    task(lambda work: calls.append(work.arguments) or {"pages": 4})
    job_id = enqueue(copies=2).id
    db_session.commit()

    assert jobs.run(job_id) is JobState.DONE
    assert jobs.run(job_id) is None

    done = row(job_id)
    assert calls == [{"copies": 2}]
    assert (done.state, done.result, done.attempts, done.error) == (JobState.DONE, {"pages": 4}, 1, "")
    assert done.finished_at is not None


def test_many_workers_claim_a_job_once(app, db_session, task):
    calls = []
    task(lambda work: calls.append(work.job_id))
    job_id = enqueue().id
    db_session.commit()
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        with app.app_context():
            jobs.run(job_id)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert calls == [job_id]


def test_progress_is_seen_while_the_job_runs(db_session, task):
    seen = []

    def count(work: jobs.Work) -> None:
        for done in range(3):
            work.progress(done, 3)
            found = row(work.job_id)
            seen.append((found.state, found.done, found.total))

    task(count)
    job_id = enqueue().id
    db_session.commit()

    jobs.run(job_id)

    assert seen == [(JobState.RUNNING, 0, 3), (JobState.RUNNING, 1, 3), (JobState.RUNNING, 2, 3)]


def test_a_cancelled_job_stops_at_its_next_progress(db_session, task):
    steps = []

    def count(work: jobs.Work) -> None:
        for done in range(5):
            work.progress(done, 5)
            steps.append(done)
            if done == 1:
                jobs.cancel(db.session.get_one(Job, work.job_id), at=AT)
                db.session.commit()

    task(count)
    job_id = enqueue().id
    db_session.commit()

    assert jobs.run(job_id) is JobState.CANCELLED

    assert steps == [0, 1]
    assert row(job_id).state is JobState.CANCELLED


def test_a_job_that_is_over_cannot_be_cancelled(db_session, task):
    task(lambda _work: None)
    job_id = enqueue().id
    db_session.commit()
    jobs.run(job_id)

    assert not jobs.cancel(db_session.get_one(Job, job_id), at=AT)
    db_session.commit()

    assert row(job_id).state is JobState.DONE


def test_a_waiting_job_that_is_cancelled_never_runs(db_session, task):
    task(lambda _work: pytest.fail("It ran."))
    job = enqueue()
    db_session.commit()

    assert jobs.cancel(job, at=AT)
    db_session.commit()

    assert jobs.run(job.id) is None


def test_a_task_that_breaks_says_so_and_keeps_nothing(db_session, task):
    def fall(_work: jobs.Work) -> None:
        db.session.execute(update(Job).values(created_by="half done"))
        raise ZeroDivisionError("no copies")

    task(fall)
    job_id = enqueue().id
    db_session.commit()

    assert jobs.run(job_id) is JobState.FAILED

    failed = row(job_id)
    assert (failed.error, failed.created_by) == ("ZeroDivisionError: no copies", "Retreat")


def test_a_tasks_own_sentence_reaches_the_person(db_session, task):
    def refuse(_work: jobs.Work) -> None:
        raise JobFailure("Nobody is approved yet.")

    task(refuse)
    job_id = enqueue().id
    db_session.commit()
    jobs.run(job_id)

    assert row(job_id).error == "Nobody is approved yet."


def test_a_kind_that_this_version_does_not_know_fails_in_words(db_session, task, monkeypatch):
    task(lambda _work: None)
    job_id = enqueue().id
    db_session.commit()
    monkeypatch.delitem(jobs._tasks, "test")

    assert jobs.run(job_id) is JobState.FAILED
    assert row(job_id).error == "This version of Retreat does not know such a job."


def test_a_reading_task_does_not_keep_others_from_writing(app, db_session, task):
    written = threading.Event()

    def write() -> None:
        with app.app_context():
            db.session.execute(update(Job).values(created_by="somebody else"))
            db.session.commit()
            written.set()

    def read(work: jobs.Work) -> None:
        work.progress(0, 1)
        db.session.scalars(select(Job)).all()
        other = threading.Thread(target=write)
        other.start()
        other.join(5)
        assert written.is_set()

    task(read, reads=True)
    job_id = enqueue().id
    db_session.commit()

    assert jobs.run(job_id) is JobState.DONE


def make_stale(job_id: int, attempts: int = 1) -> None:
    db.session.execute(
        update(Job)
        .where(Job.id == job_id)
        .values(state=JobState.RUNNING, attempts=attempts, heartbeat_at=clock.now() - 2 * jobs.STALE_AFTER)
    )
    db.session.commit()


def test_a_sweep_takes_up_a_job_whose_worker_is_silent(db_session, task, nudged):
    task(lambda _work: None)
    job_id = enqueue().id
    db_session.commit()
    nudged.clear()
    make_stale(job_id)

    assert jobs.sweep() == [job_id]
    assert jobs.run(job_id) is JobState.DONE
    assert row(job_id).attempts == 2


def test_a_sweep_leaves_a_job_alone_whose_worker_lives(db_session, task, nudged):
    task(lambda _work: None)
    job_id = enqueue().id
    db_session.commit()
    db_session.execute(update(Job).values(state=JobState.RUNNING, attempts=1, heartbeat_at=clock.now()))
    db_session.commit()

    assert jobs.sweep() == []
    assert jobs.run(job_id) is None


def test_a_job_that_kills_its_worker_each_time_is_given_up(db_session, task, nudged):
    task(lambda _work: None)
    job_id = enqueue().id
    db_session.commit()
    make_stale(job_id, attempts=jobs.MOST_ATTEMPTS)

    assert jobs.sweep() == []

    assert (row(job_id).state, row(job_id).error) == (JobState.FAILED, "Its worker died each time.")


def test_a_worker_that_was_thought_dead_does_not_spoil_the_work_of_the_next(db_session, task):
    def overtaken(work: jobs.Work) -> None:
        # Meanwhile the sweep gave the job to another, which is at its second attempt.
        db.session.rollback()
        db.session.execute(update(Job).where(Job.id == work.job_id).values(attempts=2, done=7))
        db.session.commit()
        work.progress(1, 10)

    task(overtaken)
    job_id = enqueue().id
    db_session.commit()

    assert jobs.run(job_id) is JobState.CANCELLED
    assert (row(job_id).state, row(job_id).done) == (JobState.RUNNING, 7)


def test_a_job_for_later_waits_until_then(db_session, task, nudged):
    task(lambda _work: None)
    with clock.stopped(AT):
        job = jobs.enqueue("test", {}, at=AT, by=SYSTEM, not_before=AT + timedelta(minutes=5))
        db_session.commit()
        assert (nudged, jobs.sweep(), jobs.run_waiting()) == ([], [], 0)

    with clock.stopped(AT + timedelta(minutes=5)):
        assert jobs.sweep() == [job.id]


def test_a_lost_nudge_is_given_again(db_session, task, nudged):
    task(lambda _work: None)
    job = enqueue()
    db_session.commit()
    nudged.clear()

    assert jobs.sweep() == []
    with clock.stopped(clock.now() + jobs.NUDGE_AFTER * 2):
        assert jobs.sweep() == [job.id]


def test_a_full_queue_is_not_made_longer(db_session, task):
    task(lambda _work: None)
    enqueue()
    db_session.commit()  # into the real queue, which nobody empties

    with clock.stopped(clock.now() + jobs.NUDGE_AFTER * 2):
        assert jobs.sweep() == []


# What is done every day.


NEXT_DAY = timedelta(days=1)


@pytest.fixture
def daily(task, monkeypatch):
    """Register the only task of every day: `daily(function)`; its kind is "test"."""
    monkeypatch.setattr(jobs, "_daily", [])
    return jobs.daily("test")


def enqueued() -> list[str]:
    """The days on which it has been asked for."""
    return [one.created_at.date().isoformat() for one in db.session.scalars(select(Job).order_by(Job.id))]


def test_a_daily_job_is_asked_for_once_a_day_of_utc(db_session, daily, nudged):
    daily(lambda _work: None)

    made = []
    for hours in (0, 1, 14, 15, 38, 39):
        with clock.stopped(AT + timedelta(hours=hours)):
            made.append(jobs.enqueue_daily())

    assert made == [["test"], [], [], ["test"], [], ["test"]]
    assert enqueued() == ["2020-01-20", "2020-01-21", "2020-01-22"]
    assert len(nudged) == 3


def test_days_without_a_worker_are_caught_up_by_one_run(db_session, daily, run_jobs):
    runs = []
    daily(lambda work: runs.append(work.job_id))
    with clock.stopped(AT):
        jobs.enqueue_daily()
        run_jobs()

    with clock.stopped(AT + 9 * NEXT_DAY):
        assert [jobs.enqueue_daily() for _sweep in range(3)] == [["test"], [], []]
        run_jobs()

    assert len(runs) == 2
    assert enqueued() == ["2020-01-20", "2020-01-29"]


def test_a_daily_job_that_failed_comes_again_the_next_day_only(db_session, daily, run_jobs):
    daily(lambda _work: 1 / 0)
    with clock.stopped(AT):
        jobs.enqueue_daily()
        run_jobs()
        assert jobs.enqueue_daily() == []
    with clock.stopped(AT + NEXT_DAY):
        assert jobs.enqueue_daily() == ["test"]


def test_many_workers_ask_for_a_daily_job_once(app, db_session, daily):
    daily(lambda _work: None)
    start = threading.Barrier(6)
    made: list[list[str]] = []

    def sweep() -> None:
        start.wait()
        with app.app_context():
            made.append(jobs.enqueue_daily())

    with clock.stopped(AT):
        threads = [threading.Thread(target=sweep) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(made) == [[], [], [], [], [], ["test"]]
    assert enqueued() == ["2020-01-20"]


# A real worker, in a process of its own.


@contextmanager
def worker(url: str, data: Path, redis: str = "") -> Iterator[subprocess.Popen[bytes]]:
    environ = {
        **os.environ,
        "FLASK_APP": "tests.core.worker_app",
        "DATABASE_URL": url,
        "RETREAT_DATA": str(data),
        "RETREAT_ENV": "test",
        "PYTHONPATH": str(ROOT),
    }
    if redis:
        environ["REDIS_URL"] = redis
    with (data / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "jobs", "work", "--threads", "1"],
            cwd=ROOT,
            env=environ,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until(condition, data: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, (data / "worker.log").read_text()
        time.sleep(0.1)


def live_through_a_killed_worker(app, database, redis: str = "") -> None:
    data = Path(app.config["DATA"])
    file = data / "who"
    with app.app_context():
        jobs._tasks.setdefault("test.slow", (lambda _work: None, False))
        job_id = jobs.enqueue("test.slow", {"steps": 15, "file": str(file)}, at=clock.now(), by=SYSTEM).id
        db.session.commit()
        db.session.remove()

        with worker(database.url, data, redis) as first:
            wait_until(lambda: row(job_id).done >= 3, data)
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
        assert row(job_id).state is JobState.RUNNING

        with worker(database.url, data, redis) as second:
            wait_until(lambda: row(job_id).state is not JobState.RUNNING, data)

        found = row(job_id)
        assert (found.state, found.attempts, found.result) == (JobState.DONE, 2, {"steps": 15}), found.error
        assert file.read_text().split() == [str(first.pid), str(second.pid)]


def test_the_job_of_a_killed_worker_is_done_by_the_next(app, database):
    live_through_a_killed_worker(app, database)


@pytest.mark.one_database
def test_redis_carries_jobs_as_well(tmp_path, database):
    from tests.conftest import make_app
    from tests.core.redis import server

    with server() as url:
        app = make_app(database.url, tmp_path / "data", REDIS_URL=url)
        assert type(app.extensions["retreat.jobs"].huey).__name__ == "RedisHuey"
        live_through_a_killed_worker(app, database, url)
        app.extensions["retreat.jobs"].close()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_each_database_carries_jobs_its_own_way(app, database):
    carrier = type(app.extensions["retreat.jobs"].huey).__name__

    assert carrier == {"sqlite": "SqliteHuey", "postgresql": "PostgresHuey"}[database.kind]


def test_what_a_worker_does_at_its_start_may_fail_and_the_rest_is_done(db_session, monkeypatch, caplog):
    done = []

    def fails() -> None:
        raise RuntimeError("no such release")

    monkeypatch.setattr(jobs, "_when_starting", [])
    for step in (fails, lambda: done.append(1), fails):
        jobs.when_starting(step)
    assert len(jobs._when_starting) == 2
    jobs._start()
    assert done == [1]
    assert "What a worker does at its start failed." in caplog.text
