"""A meeting tomorrow, somebody to chair it, somebody who is invited, and delegates who come to everything."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from retreat.agenda import frame, publishing, service
from retreat.agenda.models import Access, AgendaSession, Kind, PartRole
from retreat.agenda.publishing import Telling
from retreat.agenda.values import Appearance
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition, Hall
from retreat.network.models import Person
from retreat.registration import service as registrations
from retreat.registration.models import Registration
from tests.agenda import week
from tests.agenda.week import NADIA
from tests.registration.making import AT, DELEGATE, answers, edition

MORNING = datetime(2020, 2, 25, 7, 50, tzinfo=UTC)
"""08:50 in Tangier, on the day of the sessions."""
MINUTE = timedelta(minutes=1)


@dataclass
class Tomorrow:
    """`panel` is chaired by `chair`; `opening` is for everybody; `dinner` is by invitation."""

    edition: Edition
    hall: Hall
    other: Hall
    panel: AgendaSession
    opening: AgendaSession
    dinner: AgendaSession
    chair: Person
    ana: Registration
    bea: Registration


def delegate(of: Edition, name: str, **values: Any) -> Registration:
    given = answers(of, given_name=name, family_name="", email=f"{name.lower()}@example.org", **values)
    return registrations.register(of, given, at=AT, by=DELEGATE)


def speaker(name: str = "Cemal Baş", email: str = "cemal@example.org") -> Person:
    person = Person(badge_name=name, email=email, created_at=AT)
    db.session.add(person)
    db.session.flush()
    return person


def tomorrow() -> Tomorrow:
    """Published once, and nobody was told."""
    of = edition()
    hall, other = (
        frame.create_hall(of, {"name": Translated(en=name)}, at=week.AT, by=NADIA) for name in ("Malabata", "Spartel")
    )
    chair = speaker()
    panel = week.session(
        of,
        Translated(en="Finance", fr="Finances"),
        hall=hall,
        parts=[Appearance(PartRole.CHAIR, "Cemal Baş", person=chair)],
    )
    opening = week.session(of, "Opening", kind=Kind.PLENARY, hall=hall, starts=time(12), ends=time(13))
    dinner = week.session(
        of,
        "Dinner",
        kind=Kind.SOCIAL,
        access=Access.INVITED,
        starts=time(19),
        ends=time(21),
        capacity=20,
        link="https://join.example/dinner",
    )
    made = Tomorrow(of, hall, other, panel, opening, dinner, chair, delegate(of, "Ana"), delegate(of, "Bea"))
    week.publish(of)
    db.session.commit()
    return made


def changed(session: AgendaSession, **values: Any) -> None:
    service.update_session(session, values, at=MORNING, by=NADIA)  # type: ignore[arg-type]


def publish(of: Edition, at: datetime = MORNING, *, urgent: bool = True, invitations: bool = False) -> int:
    """The number of the revision; committed, so that a worker may begin."""
    told = Telling(urgent=urgent, invitations=invitations)
    number = publishing.publish(of, at=at, by=NADIA, telling=told).number
    db.session.commit()
    return number
