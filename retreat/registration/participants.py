"""Who stands on the participants' page: approved, agreed, and of a category that is shown there."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select

from retreat.core import audit
from retreat.core.audit import Actor
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.core.names import search_key
from retreat.editions.models import Category, Edition
from retreat.network.models import Section
from retreat.registration.models import Registration, Status
from retreat.registration.service import lock_registration


class Participant(NamedTuple):
    """All that the page says of somebody; there is no address among it."""

    honorific: str
    name: str
    native_name: str
    native_language: str
    position: str
    organisation: str
    city: str
    country: str
    section: Translated | None


def shown(edition: Edition, words: str = "", section: Section | None = None) -> list[Participant]:
    """By Section in their order, those without one last; within it by name. Nobody while the page is off."""
    if not edition.are_participants_shown:
        return []
    query = (
        select(Registration, Section)
        .join(Registration.category)
        .outerjoin(Registration.section)
        .where(
            Registration.edition_id == edition.id,
            Registration.status == Status.APPROVED,
            Registration.is_shown,
            Category.is_shown,
        )
        .order_by(Section.position.is_(None), Section.position, Registration.family_name, Registration.id)
    )
    if section is not None:
        query = query.where(Registration.section_id == section.id)
    wanted = search_key(words).split()
    found = [_participant(one, its) for one, its in db.session.execute(query)]
    return [one for one in found if _matches(one, wanted)]


def _participant(one: Registration, section: Section | None) -> Participant:
    return Participant(
        one.honorific,
        one.printed_name,
        one.native_name,
        one.native_language,
        one.position,
        one.organisation,
        one.city,
        one.country,
        section.name if section else None,
    )


def _matches(one: Participant, wanted: Sequence[str]) -> bool:
    """In what the page shows and nothing else: whoever searches for an address learns nothing."""
    text = search_key(f"{one.name} {one.native_name} {one.position} {one.organisation} {one.city} {one.country}")
    return all(word in text for word in wanted)


def by_section(found: Sequence[Participant]) -> list[tuple[Translated | None, list[Participant]]]:
    return [(section, list(those)) for section, those in groupby(found, key=lambda one: one.section)]


def agree(registration: Registration, *, is_shown: bool, at: datetime, by: Actor) -> None:
    """The person's own word, at any time: it holds from the next answer of the page on."""
    lock_registration(registration)
    if registration.is_shown != is_shown:
        registration.is_shown = is_shown
        registration.updated_at = at
        db.session.flush()
        audit.record("registration.corrected", registration, at=at, by=by, fields=["is_shown"])
