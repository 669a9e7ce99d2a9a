"""What a worker does about retention every day."""

from typing import Any

from retreat.core import clock, jobs
from retreat.core.audit import SYSTEM, Actor
from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.portal.privacy import retention

FORGET = "personal.forget"


@jobs.daily(FORGET)
def forget(work: jobs.Work) -> dict[str, Any]:
    """Begun again after a crash, it goes on where it was: each batch is committed."""
    return carry_out(by=SYSTEM, work=work)


def carry_out(*, by: Actor, work: jobs.Work | None = None) -> dict[str, Any]:
    """Erase what is due, and commit as it goes."""
    at, registrations = clock.now(), 0
    editions = [(one.id, one.slug) for one in retention.due_editions(at)]
    for number, _slug in editions:
        edition = db.session.get_one(Edition, number)
        total = retention.left(edition)
        while done := retention.forget_some(edition, at=at, by=by):
            registrations += done
            db.session.commit()
            if work:
                work.progress(min(registrations, total), total)
            edition = db.session.get_one(Edition, number)
        db.session.commit()
    old = retention.tidy(at=at)
    db.session.commit()
    return {
        "editions": [slug for _number, slug in editions],
        "registrations": registrations,
        "mails": old.mails,
        "jobs": old.jobs,
        "tokens": old.tokens,
    }
