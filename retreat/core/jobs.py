"""Slow work: a row of our own for each job, and huey to carry its number to a worker.

huey loses the task in flight when its worker is killed, whatever `retries` says. So the row is the truth and
the queue only a nudge: a row whose heartbeat has stopped is taken up again, and a job that is nudged twice is
claimed once. Tasks must therefore be safe to run again from the start.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from sqlalchemy import CheckConstraint, ForeignKey, Index, event, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from retreat.core import clock, files
from retreat.core.audit import SYSTEM, Actor
from retreat.core.db import Model, db, enum_column, reading

if TYPE_CHECKING:
    from huey import Huey

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5
STALE_AFTER = timedelta(seconds=45)
"""No heartbeat for so long: the worker is gone."""
NUDGE_AFTER = timedelta(seconds=20)
"""A waiting row this old has lost its nudge (the queue's file was removed, Redis restarted)."""
MOST_ATTEMPTS = 5
SWEEP_SECONDS = 10


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Model):
    """One piece of slow work: what, for whom, how far, and what came of it."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("done >= 0 AND total >= 0", name="progress"),
        Index("ix_job_state", "state", "heartbeat_at"),
    )

    kind: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(enum_column(JobState), default=JobState.WAITING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    once: Mapped[str | None] = mapped_column(unique=True)
    """Set where the same work must not be asked for twice."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    not_before: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(default="")

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class Work:
    """What a task is given: its arguments, and a way to say how far it is."""

    job_id: int
    attempt: int
    """Counts from 1; more than that, and a worker has died doing this job."""
    arguments: dict[str, Any]

    def progress(self, done: int, total: int) -> None:
        """Note progress and end the open transaction: commit first what is to stay.

        Raises Cancelled when somebody pressed cancel, or when this worker was thought dead and another has the job.
        """
        db.session.rollback()
        if not self.note(done=done, total=total, heartbeat_at=clock.now()):
            raise Cancelled

    def note(self, **values: Any) -> bool:
        """Write to the job's row while it is ours, in a short transaction of its own; whether it was."""
        with reading(False):
            noted = db.session.execute(
                update(Job)
                .where(Job.id == self.job_id, Job.state == JobState.RUNNING, Job.attempts == self.attempt)
                .values(values)
            )
            db.session.commit()
        return bool(noted.rowcount)  # type: ignore[attr-defined]


class Cancelled(Exception):
    """The job's row no longer says that it runs."""


class JobFailure(Exception):
    """A task's own sentence for the person who started it; it is not tried again."""


Task = Callable[[Work], "dict[str, Any] | None"]
_tasks: dict[str, tuple[Task, bool]] = {}
_daily: list[str] = []
_when_starting: list[Callable[[], object]] = []


def task(kind: str, *, reads: bool = False) -> Callable[[Task], Task]:
    """Register the function that does jobs of this kind.

    `reads`: the task only reads, so that on SQLite it does not hold the one write lock while it works.
    """

    def register(function: Task) -> Task:
        _tasks[kind] = (function, reads)
        return function

    return register


def daily(kind: str, *, reads: bool = False) -> Callable[[Task], Task]:
    """Register as `task` does, and have a worker enqueue the job once every day of UTC, without arguments.

    A day on which no worker ran is not caught up: what is due is found by the next run, so one run is enough.
    """
    _daily.append(kind)
    return task(kind, reads=reads)


def when_starting(function: Callable[[], object]) -> Callable[[], object]:
    """Register what a worker does at its start, before any job; it commits by itself. Several may do it at once."""
    if function not in _when_starting:
        _when_starting.append(function)
    return function


def daily_kinds() -> tuple[str, ...]:
    """What is done every day, in the order of registration."""
    return tuple(_daily)


def enqueue(
    kind: str,
    arguments: dict[str, Any],
    *,
    at: datetime,
    by: Actor,
    edition_id: int | None = None,
    not_before: datetime | None = None,
    once: str | None = None,
) -> Job:
    """Add a job in the caller's transaction; a worker hears of it when that has been committed.

    `once`: the database refuses a second job with the same text, with an IntegrityError.
    """
    (job,) = enqueue_each(kind, [arguments], at=at, by=by, edition_id=edition_id, not_before=not_before, once=once)
    return job


def enqueue_each(
    kind: str,
    each: Iterable[dict[str, Any]],
    *,
    at: datetime,
    by: Actor,
    edition_id: int | None = None,
    not_before: datetime | None = None,
    once: str | None = None,
) -> list[Job]:
    """A job for each of these arguments, added by one statement."""
    if kind not in _tasks:
        raise LookupError(f"No task is registered for {kind!r}.")
    added = [
        Job(
            kind=kind,
            arguments=arguments,
            created_at=at,
            created_by=str(by),
            edition_id=edition_id,
            not_before=not_before,
            once=once,
        )
        for arguments in each
    ]
    db.session.add_all(added)
    db.session.flush()
    if not_before is None:
        db.session.info.setdefault("new_jobs", []).extend(job.id for job in added)
    return added


def cancel(job: Job, *, at: datetime) -> bool:
    """Stop a job; a running one stops at its next progress. False when it was over before."""
    stopped = db.session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state.in_((JobState.WAITING, JobState.RUNNING)))
        .values(state=JobState.CANCELLED, finished_at=at)
    )
    db.session.refresh(job)
    return bool(stopped.rowcount)  # type: ignore[attr-defined]


@event.listens_for(Session, "after_commit")
def _nudge_after_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for job_id in session.info.pop("new_jobs", []):
        nudge(job_id)


@event.listens_for(Session, "after_soft_rollback")
def _forget_after_rollback(session: Session, previous: Any) -> None:
    if previous.parent is None:
        session.info.pop("new_jobs", None)


def nudge(job_id: int) -> None:
    """Tell the queue. A queue that does not answer is no error: the sweep finds the row."""
    try:
        current_app.extensions["retreat.jobs"].run_job(job_id)
    except Exception:
        log.warning("The job queue did not answer; job %s waits for the sweep.", job_id, exc_info=True)


def run(job_id: int) -> JobState | None:
    """Do one job now, in this process; None when somebody else has it or it is over."""
    if not _claim(job_id):
        return None
    job = db.session.get_one(Job, job_id)
    work = Work(job_id, job.attempts, dict(job.arguments))
    function, reads = _tasks.get(job.kind, (_unknown, True))
    db.session.rollback()
    with _beating(work):
        try:
            with reading(reads):
                result = function(work)
                db.session.commit()
        except Cancelled:
            db.session.rollback()
            return JobState.CANCELLED
        except JobFailure as failure:
            return _finish(work, JobState.FAILED, error=str(failure))
        except Exception as failure:
            log.exception("Job %s failed.", job_id)
            return _finish(work, JobState.FAILED, error=f"{type(failure).__name__}: {failure}")
        return _finish(work, JobState.DONE, result=result or {})


def _unknown(_work: Work) -> None:
    raise JobFailure("This version of Retreat does not know such a job.")


def _claim(job_id: int) -> bool:
    at = clock.now()
    with reading(False):
        claimed = db.session.execute(
            update(Job)
            .where(
                Job.id == job_id,
                or_(
                    Job.state == JobState.WAITING,
                    (Job.state == JobState.RUNNING) & (Job.heartbeat_at < at - STALE_AFTER),
                ),
            )
            .values(state=JobState.RUNNING, started_at=at, heartbeat_at=at, attempts=Job.attempts + 1, error="", done=0)
        )
        db.session.commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _finish(work: Work, state: JobState, *, result: dict[str, Any] | None = None, error: str = "") -> JobState:
    db.session.rollback()
    ours = work.note(state=state, result=result or {}, error=error, finished_at=clock.now())
    return state if ours else JobState.CANCELLED


@contextmanager
def _beating(work: Work) -> Iterator[None]:
    """Say every few seconds, from a thread of its own, that this job's worker lives."""
    over = threading.Event()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            with app.app_context():
                try:
                    work.note(heartbeat_at=clock.now())
                except Exception:
                    log.warning("A heartbeat of job %s was missed.", work.job_id, exc_info=True)
                    db.session.rollback()

    thread = threading.Thread(target=beat, daemon=True, name=f"heartbeat-{work.job_id}")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def sweep() -> list[int]:
    """Nudge every job that ought to run and does not; give up on one that has killed its worker too often."""
    at = clock.now()
    stale = (Job.state == JobState.RUNNING) & (Job.heartbeat_at < at - STALE_AFTER)
    db.session.execute(
        update(Job)
        .where(stale, Job.attempts >= MOST_ATTEMPTS)
        .values(state=JobState.FAILED, finished_at=at, error="Its worker died each time.")
    )
    due = (Job.state == JobState.WAITING) & (
        Job.not_before.is_(None) & (Job.created_at < at - NUDGE_AFTER) | (Job.not_before <= at)
    )
    ids = list(db.session.scalars(select(Job.id).where(stale | due).order_by(Job.id)))
    db.session.commit()
    # While the queue holds nudges these rows may only be waiting their turn; nudging again would make it grow.
    if ids and current_app.extensions["retreat.jobs"].queued():
        return []
    for job_id in ids:
        nudge(job_id)
    return ids


def enqueue_daily() -> list[str]:
    """Enqueue what has not been enqueued on this day of UTC; gives the kinds. However many workers ask, once."""
    at = clock.now()
    due = {f"{kind} {at:%Y-%m-%d}": kind for kind in _daily}
    with reading(True):
        known = set(db.session.scalars(select(Job.once).where(Job.once.in_(due))))
        db.session.rollback()
    made = [kind for once, kind in due.items() if once not in known and _enqueue_once(kind, once, at)]
    db.session.commit()
    return made


def _enqueue_once(kind: str, once: str, at: datetime) -> bool:
    try:
        with db.session.begin_nested():
            enqueue(kind, {}, at=at, by=SYSTEM, once=once)
    except IntegrityError:
        # Another worker was quicker.
        return False
    return True


def _start() -> None:
    """A step that fails leaves the worker at work: jobs wait for it, and it is tried at the next start."""
    for step in _when_starting:
        try:
            step()
        except Exception:
            log.exception("What a worker does at its start failed.")
            db.session.rollback()


def run_waiting() -> int:
    """Do everything that waits, here and now: for tests, and for an installation without a worker."""
    count = 0
    while (
        job_id := db.session.scalar(
            select(Job.id)
            .where(Job.state == JobState.WAITING, or_(Job.not_before.is_(None), Job.not_before <= clock.now()))
            .order_by(Job.id)
            .limit(1)
        )
    ) is not None:
        db.session.rollback()
        run(job_id)
        count += 1
    db.session.rollback()
    return count


def init_app(app: Flask) -> None:
    app.extensions["retreat.jobs"] = Carrier(app)


class Carrier:
    """huey, carrying nothing but the numbers of jobs."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    @cached_property
    def huey(self) -> "Huey":
        """Imported and opened with the first nudge: it brings Redis along, and most requests nudge nobody."""
        return _storage(self._app)

    @cached_property
    def run_job(self) -> Callable[[int], object]:
        app = self._app

        def run_job(job_id: int) -> None:
            with app.app_context():
                run(job_id)

        task: Callable[[int], object] = self.huey.task(name="run_job")(run_job)
        return task

    def queued(self) -> int:
        """How many nudges no worker has heard yet."""
        return int(self.huey.storage.queue_size())

    def close(self) -> None:
        """Let go of the queue's connection or file; the next nudge opens it again."""
        if "huey" in self.__dict__:
            self.huey.storage.close()

    def work(self, app: Flask, *, threads: int, until: threading.Event | None = None) -> None:
        """Be a worker until the process is told to stop (SIGINT or SIGTERM), sweeping in between."""
        stop = until or threading.Event()

        def sweeping() -> None:
            while not stop.wait(SWEEP_SECONDS):
                with app.app_context():
                    try:
                        sweep()
                        enqueue_daily()
                        files.remove_older_than(files.KEPT_FOR.total_seconds(), clock.now().timestamp())
                    except Exception:
                        log.warning("The sweep of jobs failed; it is tried again.", exc_info=True)

        # A worker that hears a number must know the task before it hears it.
        self.run_job  # noqa: B018
        with app.app_context():
            sweep()
            _start()
        threading.Thread(target=sweeping, daemon=True, name="sweep").start()
        consumer = self.huey.create_consumer(workers=threads, periodic=False, max_delay=0.5, scheduler_interval=5)
        try:
            consumer.run()
        finally:
            stop.set()


def _storage(app: Flask) -> "Huey":
    """Redis when given, else PostgreSQL beside the data, else a SQLite file of its own."""
    import huey

    url: str = app.config["SQLALCHEMY_DATABASE_URI"]
    if app.config["REDIS_URL"]:
        return huey.RedisHuey("retreat", url=app.config["REDIS_URL"], results=False)
    if url.startswith("postgresql"):
        dsn = url.replace("postgresql+psycopg://", "postgresql://", 1)
        # The tables come with a migration: two processes that race to create them kill one of the two.
        return huey.PostgresHuey("retreat", dsn=dsn, create_tables=False, results=False)
    app.config["DATA"].mkdir(parents=True, exist_ok=True)
    return huey.SqliteHuey("retreat", filename=str(app.config["DATA"] / "queue.sqlite"), results=False)
