"""Decisions about many as jobs: a few at a time, each few committed. Begun again, they go on where they were."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from retreat.core import clock, jobs
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.registration.listing import bulk
from retreat.registration.listing.bulk import Done

_AT_A_TIME = 25
_MOST_REFUSALS = 50


@jobs.task(bulk.APPROVE)
def approve_many(work: jobs.Work) -> dict[str, Any]:
    return _in_parts(work, lambda ids, by: bulk.approve(ids, at=clock.now(), by=by))


@jobs.task(bulk.LINKS)
def send_many_links(work: jobs.Work) -> dict[str, Any]:
    since = datetime.fromisoformat(work.arguments["at"])
    return _in_parts(work, lambda ids, by: bulk.send_links(ids, at=clock.now(), by=by, since=since))


def _in_parts(work: jobs.Work, act: Callable[[list[int], Actor], Done]) -> dict[str, Any]:
    ids: list[int] = work.arguments["ids"]
    kind, name, number = work.arguments["by"]
    whole = Done()
    for start in range(0, len(ids), _AT_A_TIME):
        part = act(ids[start : start + _AT_A_TIME], Actor(kind, name, number))
        db.session.commit()
        whole.done += part.done
        whole.left += part.left
        whole.refused += part.refused
        work.progress(min(start + _AT_A_TIME, len(ids)), len(ids))
    return {"done": whole.done, "left": whole.left, "refused": whole.refused[:_MOST_REFUSALS]}
