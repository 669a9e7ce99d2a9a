"""Registrations as a file."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.core import sheets
from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.registration.models import Registration
from retreat.registration.rows import COLUMNS, TRAVEL, cells


def registrations_of(edition: Edition) -> list[Registration]:
    """Every registration in the order in which they came."""
    return list(
        db.session.scalars(
            select(Registration)
            .where(Registration.edition_id == edition.id)
            .options(joinedload(Registration.section), joinedload(Registration.category))
            .order_by(Registration.id)
        )
    )


def export_registrations(registrations: Iterable[Registration], kind: str) -> bytes:
    """As "csv", "xlsx" or "json"; sections and categories should be loaded."""
    columns = COLUMNS if kind == "csv" else (*COLUMNS, *TRAVEL)
    return sheets.write(kind, columns, [cells(one) for one in registrations])
