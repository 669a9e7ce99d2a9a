"""The clock: the one place that asks what time it is, so that tests can say."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_stopped_everywhere: list[datetime] = []


def now() -> datetime:
    """The present instant, aware, in UTC."""
    if _stopped_everywhere:
        return _stopped_everywhere[-1]
    return datetime.now(UTC)


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Within the block it is `at`, in every thread of this process: for tests."""
    if at.tzinfo is None:
        raise ValueError("The clock takes an aware datetime.")
    _stopped_everywhere.append(at.astimezone(UTC))
    try:
        yield
    finally:
        _stopped_everywhere.pop()
