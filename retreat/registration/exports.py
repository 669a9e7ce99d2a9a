"""Registrations as a file."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from retreat.core import sheets
from retreat.core.db import db
from retreat.editions.models import Edition
from retreat.registration.models import Registration
from retreat.registration.questions.files import cells_of, columns_of
from retreat.registration.questions.service import answers_of, questions_of
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


def export_registrations(registrations: Iterable[Registration], kind: str, edition: Edition | None = None) -> bytes:
    """As "csv", "xlsx" or "json"; sections and categories should be loaded.

    The edition's own questions follow the columns of every edition. It is that of the registrations; said for an empty
    file as well, that has the same columns.
    """
    chosen = list(registrations)
    of = edition or (db.session.get(Edition, chosen[0].edition_id) if chosen else None)
    questions = questions_of(of) if of is not None else []
    answers = answers_of(chosen) if questions else {}
    columns = (*COLUMNS, *(() if kind == "csv" else TRAVEL), *columns_of(questions))
    rows = [{**cells(one), **cells_of(answers.get(one.id, {}), questions)} for one in chosen]
    return sheets.write(kind, columns, rows)
