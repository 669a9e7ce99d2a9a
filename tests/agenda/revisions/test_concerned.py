"""Whom changes concern: each person by every reason, each once in the total, in few queries."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from retreat.agenda import publishing, service
from retreat.agenda.models import Access, AgendaSession, Kind, PartRole, PartState, Place, PlaceState
from retreat.agenda.published import programme
from retreat.agenda.revisions.concerned import Concerned, Reason, concerned, feeds_of
from retreat.agenda.values import Appearance
from retreat.calendars import service as calendars
from retreat.calendars.personal import personal_week
from retreat.calendars.service import PersonOwner
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition
from retreat.network.models import Body, Person, Seat
from retreat.registration.models import Registration, Status
from tests.agenda import week
from tests.agenda.week import AT, NADIA


def somebody(name: str) -> Person:
    person = Person(badge_name=name, created_at=AT)
    db.session.add(person)
    db.session.flush()
    return person


def placed(session: AgendaSession, person: Person, state: PlaceState) -> None:
    db.session.add(Place(session_id=session.id, person_id=person.id, state=state, created_at=AT))
    db.session.flush()


def body(name: str = "Bureau") -> Body:
    made = Body(slug=name.lower(), name=Translated(en=name), kind="other")
    db.session.add(made)
    db.session.flush()
    return made


def seated(on: Body, person: Person, **days: date) -> None:
    db.session.add(Seat(body_id=on.id, person_id=person.id, **days))
    db.session.flush()


def asked(edition: Edition) -> Concerned:
    return concerned(edition, publishing.difference_to_publish(edition).changes)


def renamed(*sessions: AgendaSession) -> None:
    for session in sessions:
        service.update_session(session, {"title": Translated(en="Another")}, at=AT, by=NADIA)


def test_each_reason_names_its_people_and_the_total_counts_each_once(db_session: Session) -> None:
    edition, bureau = week.edition(), body()
    ana, bea, cem, dan, eva = (somebody(name) for name in ("Ana", "Bea", "Cem", "Dan", "Eva"))
    seated(bureau, ana)
    seated(bureau, bea)
    made = week.session(edition, body=bureau, parts=[Appearance(PartRole.CHAIR, "Ana Ruiz", person=ana)])
    placed(made, cem, PlaceState.TAKEN)
    placed(made, dan, PlaceState.WAITING)
    placed(made, bea, PlaceState.INVITED)
    placed(made, eva, PlaceState.DECLINED)
    week.publish(edition)
    renamed(made)
    found = asked(edition)
    assert found.by_reason == {
        Reason.PART: ["Ana Ruiz"],
        Reason.SIGNED_UP: ["Cem"],
        Reason.WAITING: ["Dan"],
        Reason.INVITED: ["Bea"],
        Reason.SEAT: ["Ana", "Bea"],
    }
    assert (found.total, found.number(made.uid)) == (4, 4)


def test_who_spoke_before_and_who_speaks_now_are_both_concerned(db_session: Session) -> None:
    edition = week.edition()
    made = week.session(edition, parts=[Appearance(PartRole.CHAIR, "Ana")])
    week.publish(edition)
    unnamed = Appearance(PartRole.SPEAKER, "", state=PartState.TO_BE_CONFIRMED)
    service.update_session(made, {"parts": [Appearance(PartRole.CHAIR, "Bea"), unnamed]}, at=AT, by=NADIA)
    assert asked(edition).by_reason == {Reason.PART: ["Ana", "Bea"]}


def test_a_seat_counts_on_the_days_that_it_is_held(db_session: Session) -> None:
    edition, bureau = week.edition(), body()
    now, later = somebody("Now"), somebody("Later")
    seated(bureau, now, ends_on=date(2020, 2, 26))
    seated(bureau, later, starts_on=date(2020, 2, 27))
    made = week.session(edition, access=Access.BODY, access_body=bureau)
    week.publish(edition)
    renamed(made)
    assert asked(edition).by_reason == {Reason.SEAT: ["Now"]}
    # Moved to the day of the other: whoever was to come must hear of it as well.
    service.update_session(made, {"date": date(2020, 2, 28)}, at=AT, by=NADIA)
    assert asked(edition).by_reason == {Reason.SEAT: ["Later", "Now"]}


def test_the_order_of_halls_concerns_nobody(db_session: Session) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    week.session(edition, hall=hall, parts=[Appearance(PartRole.CHAIR, "Ana")])
    week.publish(edition)
    hall.position = 9
    db.session.flush()
    found = publishing.difference_to_publish(edition)
    assert len(found.changes) == 1
    assert (concerned(edition, found.changes).total, bool(feeds_of(found.changes))) == (0, False)


def delegate(edition: Edition, name: str, status: Status = Status.APPROVED) -> Person:
    person = somebody(name)
    db.session.add(
        Registration(
            edition_id=edition.id,
            person_id=person.id,
            category_id=edition.categories[0].id,
            code=f"R20-{person.id:04d}",
            status=status,
            given_name=name,
            email="a@example.org",
            languages=[],
            badge_token=f"T{person.id}",
            created_at=AT,
            updated_at=AT,
        )
    )
    db.session.flush()
    calendars.subscribe(PersonOwner(person.id), edition.id, "My phone", at=AT)
    return person


def test_those_whose_calendar_holds_the_session_are_concerned_and_no_other(db_session: Session) -> None:
    edition, bureau = week.edition(), body()
    ana, bea, cem, out = (delegate(edition, name) for name in ("Ana", "Bea", "Cem", "Out"))
    seated(bureau, ana)
    people = [ana, bea, cem]
    for session in (
        everyone := week.session(edition, "Opening", kind=Kind.PLENARY),
        meeting := week.session(edition, "Bureau", body=bureau, access=Access.BODY, access_body=bureau),
        week.session(edition, "Campus"),
        dinner := week.session(edition, "Dinner", kind=Kind.SOCIAL, access=Access.INVITED),
        hidden := week.session(edition, "Hidden", kind=Kind.PLENARY, is_listed=False, access=Access.MEMBER),
    ):
        assert session.id
    placed(dinner, bea, PlaceState.INVITED)
    placed(dinner, cem, PlaceState.WAITING)
    out_registration = db.session.query(Registration).filter_by(person_id=out.id).one()
    out_registration.status = Status.WITHDRAWN
    week.publish(edition)
    renamed(*service.draft_sessions(edition))
    found = asked(edition)
    by_calendar = {
        session.uid: set(found.of(session.uid).get(Reason.SUBSCRIBED, {}).values())
        for session in (everyone, meeting, dinner, hidden)
    }
    assert by_calendar == {
        everyone.uid: {"Ana", "Bea", "Cem"},
        meeting.uid: {"Ana"},
        dinner.uid: {"Bea"},
        hidden.uid: set(),
    }
    # The same as each one's own calendar says.
    for session in programme(edition):
        holders = {p.badge_name for p in people if session in personal_week(p.id, edition)}
        assert set(found.of(session.uid).get(Reason.SUBSCRIBED, {}).values()) == holders


def test_the_public_calendars_that_change_are_named(db_session: Session) -> None:
    edition = week.edition()
    one, two = (editions.add_hall(edition, Translated(en=name), at=AT, by=NADIA) for name in ("Kasbah", "Malabata"))
    made = week.session(edition, hall=one)
    hidden = week.session(edition, hall=one, is_listed=False)
    week.publish(edition)
    service.update_session(made, {"hall": two}, at=AT, by=NADIA)
    renamed(hidden)
    found = feeds_of(publishing.difference_to_publish(edition).changes)
    assert ([str(name) for name in found.halls], found.tracks) == (["Malabata", "Kasbah"], ())


def test_a_bodys_calendar_changes_when_it_opens_or_shuts_a_session(db_session: Session) -> None:
    edition = week.edition()
    bureau = body()
    made, closed = (week.session(edition, body=bureau, access=access) for access in (Access.OPEN, Access.INVITED))
    week.publish(edition)
    service.update_session(closed, {"title": Translated(en="Behind doors")}, at=AT, by=NADIA)
    assert feeds_of(publishing.difference_to_publish(edition).changes).bodies == ()
    service.update_session(made, {"access": Access.INVITED}, at=AT, by=NADIA)

    assert [str(name) for name in feeds_of(publishing.difference_to_publish(edition).changes).bodies] == ["Bureau"]


@pytest.mark.one_database
def test_it_takes_the_same_number_of_queries_for_one_change_and_for_three(
    db_session: Session, count_queries: Any
) -> None:
    counts = []
    for slug, number in (("2020", 1), ("2021", 3)):
        edition, bureau = week.edition(slug), body(f"Bureau{slug}")
        for n in range(number):
            person = delegate(edition, f"Ana {n}")
            seated(bureau, person)
            made = week.session(edition, body=bureau, parts=[Appearance(PartRole.CHAIR, f"Chair {n}")])
            placed(made, person, PlaceState.TAKEN)
        week.publish(edition)
        renamed(*service.draft_sessions(edition))
        db.session.commit()
        changes = publishing.difference_to_publish(edition).changes
        assert len(changes) == number
        with count_queries() as queries:
            concerned(edition, changes)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 10
