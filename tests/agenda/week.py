"""A small edition and short ways to say a session, for the agenda's tests."""

import csv
import io
from datetime import UTC, date, datetime, time
from typing import Any

from retreat.agenda import imports, publishing, service
from retreat.agenda.models import AgendaSession, Revision
from retreat.core import sheets
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition

AT = datetime(2020, 1, 10, 9, 0, tzinfo=UTC)
NADIA = Actor("organiser", "Nadia Orlova")
LENA = Actor("organiser", "Lena Osei")
TUESDAY = date(2020, 2, 25)


def edition(slug: str = "2020", **values: Any) -> Edition:
    """The week of Tangier: 24–28 February 2020, UTC+1."""
    given = {
        "title": Translated(en="UCLG Retreat & Campus"),
        "city": "Tangier",
        "country": "Morocco",
        "zone": "Africa/Casablanca",
        "starts_on": date(2020, 2, 24),
        "ends_on": date(2020, 2, 28),
        "at": AT,
        "by": NADIA,
        **values,
    }
    return editions.create_edition(slug, **given)


def session(to: Edition, title: str | Translated = "Local Finance", **values: Any) -> AgendaSession:
    """A session on Tuesday from 09:30 to 11:00 unless `values` says otherwise."""
    given: Any = {"title": Translated.of(title), "date": TUESDAY, "starts": time(9, 30), "ends": time(11, 0), **values}
    return service.create_session(to, given, at=AT, by=NADIA)


def publish(of: Edition, at: datetime = AT) -> Revision:
    return publishing.publish(of, at=at, by=NADIA)


def sheet(*rows: dict[str, str], name: str = "week.csv") -> sheets.Sheet:
    """Rows as a CSV file that has the columns of the first."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return sheets.read(name, target.getvalue().encode(), columns=imports.COLUMNS)


def imported(to: Edition, *rows: dict[str, str], dry_run: bool = False) -> imports.AgendaImport:
    return imports.import_agenda(to, sheet(*rows), at=AT, by=NADIA, dry_run=dry_run)


def count(model: Any) -> int:
    from sqlalchemy import func, select

    return db.session.scalar(select(func.count()).select_from(model)) or 0
