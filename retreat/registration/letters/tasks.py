"""What a worker does about visa letters every day."""

from retreat.core import clock, jobs
from retreat.core.audit import SYSTEM
from retreat.registration.letters import service


@jobs.daily("letters.purge")
def purge(_work: jobs.Work) -> dict[str, int]:
    """Passport data goes thirty days after an edition was closed."""
    return {"erased": service.purge(at=clock.now(), by=SYSTEM)}
