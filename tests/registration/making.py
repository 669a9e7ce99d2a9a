"""Editions and answers to register with."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from retreat.core.audit import SYSTEM, Actor
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Category, Edition
from retreat.editions.service import create_edition
from retreat.registration.models import Registration
from retreat.registration.service import Answers

AT = datetime(2020, 1, 14, 10, 0, tzinfo=UTC)
DELEGATE = Actor("delegate", "Ana Fernández")
REGISTRAR = Actor("organiser", "Lena Osei", 1)


def edition(slug: str = "2020", **values: Any) -> Edition:
    """Tangier in February 2020, committed; `values` are set on it."""
    made = create_edition(
        slug,
        title=Translated(en="UCLG Retreat & Campus", ru="Ретрит и Кампус ОГМВ"),
        city="Tangier",
        country="Morocco",
        zone="Africa/Casablanca",
        starts_on=date(2020, 2, 24),
        ends_on=date(2020, 2, 28),
        at=AT,
        by=SYSTEM,
    )
    for name, value in values.items():
        setattr(made, name, value)
    db.session.commit()
    return made


def category(of: Edition, slug: str = "delegate") -> Category:
    return db.session.scalars(select(Category).where(Category.edition_id == of.id, Category.slug == slug)).one()


def answers(of: Edition, **values: Any) -> Answers:
    """A whole set of answers; `category` is a slug."""
    chosen = category(of, values.pop("category", "delegate"))
    given: dict[str, Any] = {
        "honorific": "Hon.",
        "given_name": "Ana",
        "family_name": "Fernández",
        "badge_name": "",
        "native_name": "",
        "native_language": "",
        "position": "Mayor",
        "organisation": "City of Montevideo",
        "city": "Montevideo",
        "country": "Uruguay",
        "section_id": None,
        "category_id": chosen.id,
        "email": "ana@example.org",
        "phone": "",
        "languages": ["es"],
        "arrival": None,
        "arrival_time": None,
        "arrival_flight": "",
        "departure": None,
        "departure_time": None,
        "departure_flight": "",
        "hotel": "",
        "companion": "",
        "diet": "",
        "access_needs": "",
        "visa_letter": False,
        "gender": None,
        "is_shown": False,
        **values,
    }
    return Answers(**given)


def registrations() -> list[Registration]:
    return list(db.session.scalars(select(Registration).order_by(Registration.id)))


FORM: dict[str, Any] = {"given_name": "Ana", "family_name": "Fernández", "email": "ana@example.org", "consent": "yes"}
"""The least that the public form takes."""
