"""The job that writes to people about a revision."""

from typing import Any

from retreat.core import clock, jobs
from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.notices import service


@jobs.task(service.JOB)
def tell(work: jobs.Work) -> dict[str, Any]:
    edition = db.session.get(Edition, work.arguments["edition"])
    notice = service.tell(edition, at=clock.now()) if edition else None
    if notice is None:
        return {}
    return {"people": notice.people, "invited": notice.invited, "corrected": notice.corrected}
