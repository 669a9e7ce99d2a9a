"""What many tests begin with: an edition, made the way an administrator makes one."""

from datetime import UTC, date, datetime
from typing import Any

from retreat.core.audit import SYSTEM
from retreat.core.i18n import Translated
from retreat.editions import service
from retreat.editions.models import Edition

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def an_edition(slug: str = "2027", **values: Any) -> Edition:
    """An edition in Tangier, five days in February 2027, unless `values` say otherwise; flushed, not committed."""
    given: dict[str, Any] = {
        "title": Translated(en="UCLG Retreat & Campus"),
        "city": "Tangier",
        "country": "Morocco",
        "zone": "Africa/Casablanca",
        "starts_on": date(2027, 2, 22),
        "ends_on": date(2027, 2, 26),
        "at": NOON,
        "by": SYSTEM,
    }
    return service.create_edition(slug, **{**given, **values})
