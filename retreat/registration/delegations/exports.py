"""Delegations as a file."""

from datetime import datetime

from retreat.core import sheets
from retreat.editions.models import Edition
from retreat.registration.delegations import quotas, service
from retreat.registration.delegations.quotas import Quota

COLUMNS = (
    "organisation",
    "kind",
    "country",
    "coordinator",
    "email",
    "language",
    "delegates",
    "delegates_allowed",
    "support",
    "support_allowed",
)


def export_delegations(edition: Edition, *, at: datetime) -> bytes:
    """One line a delegation; a number that is not limited is empty."""
    found = service.delegations_of(edition)
    counted = quotas.quotas_of(found, at=at)
    rows = [
        {
            "organisation": one.organisation.name.text(edition.main_language),
            "kind": one.organisation.kind.value,
            "country": one.organisation.country,
            "coordinator": one.coordinator_name,
            "email": one.coordinator_email,
            "language": one.language,
            "delegates": str(counted[one.id].delegates.taken),
            "delegates_allowed": _most(counted[one.id].delegates),
            "support": str(counted[one.id].support.taken),
            "support_allowed": _most(counted[one.id].support),
        }
        for one in found
    ]
    return sheets.csv_bytes(COLUMNS, rows)


def _most(quota: Quota) -> str:
    return "" if quota.most is None else str(quota.most)
