"""Clashes that are accepted with a reason, and open again when one of their sides changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from retreat.agenda import checks, frame, service
from retreat.agenda.checking import accepted
from retreat.agenda.checking.accepted import ChangedMeanwhile, NoSuchClash, ReasonMissing, ReasonTooLong
from retreat.agenda.clashes import ClashKind
from retreat.agenda.models import AcceptedClash, AgendaSession, PartRole
from retreat.agenda.values import Appearance
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions.models import Edition, Walk
from retreat.network.models import Body, Person, Seat
from tests.agenda import week
from tests.agenda.week import AT, LENA, NADIA

AMINA = Appearance(PartRole.SPEAKER, "Amina Bennani")
PERSON = ClashKind.PERSON


def two_sessions(edition: Edition) -> tuple[AgendaSession, AgendaSession]:
    one = week.session(edition, "Local Finance", code="A", parts=[AMINA])
    other = week.session(edition, "Local Democracy", code="B", starts=time(10), ends=time(11, 30), parts=[AMINA])
    return one, other


def accept(edition: Edition, reason: str = "She opens only", kind: ClashKind = PERSON, **values: Any) -> AcceptedClash:
    return accepted.accept(edition, kind, values.pop("codes", ("B", "A")), reason, **{"at": AT, "by": NADIA, **values})


def seen(edition: Edition) -> list[tuple[str, int | None, bool, str | None]]:
    """Kind, number, whether it opened again, and the reason."""
    return [
        (one.clash.kind.value, one.number, one.is_reopened, one.accepted and one.accepted.reason)
        for one in checks.board_clashes(edition)
    ]


def test_an_accepted_clash_is_shown_apart_with_reason_who_and_when(db_session: Session) -> None:
    edition = week.edition()
    two_sessions(edition)
    assert seen(edition) == [("person", 1, False, None)]
    accept(edition, "  She opens only,\n leaves at ten ")
    assert seen(edition) == [("person", None, False, "She opens only, leaves at ten")]
    (one,) = checks.board_clashes(edition)
    assert one.accepted
    assert (one.accepted.by, one.accepted.at, one.is_open) == ("Nadia Orlova", AT, False)
    assert checks.open_clashes(edition) == ()
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "clash.accepted")).one()
    assert (entry.details["sessions"], entry.edition_id) == (["A", "B"], edition.id)


def test_it_opens_again_by_itself_when_one_side_changes_and_says_what_it_was_accepted_for(db_session: Session) -> None:
    edition = week.edition()
    one, other = two_sessions(edition)
    accept(edition)
    service.update_session(other, {"title": Translated(en="Democracy")}, at=AT, by=LENA)
    service.update_session(one, {"parts": [AMINA, Appearance(PartRole.SPEAKER, "Jonas Berg")]}, at=AT, by=LENA)
    assert seen(edition) == [("person", None, False, "She opens only")]
    service.update_session(other, {"starts": time(10, 5)}, at=AT, by=LENA)
    assert seen(edition) == [("person", 1, True, "She opens only")]
    service.update_session(other, {"starts": time(10)}, at=AT, by=LENA)
    assert seen(edition) == [("person", None, False, "She opens only")]
    service.update_session(other, {"starts": time(12), "ends": time(13)}, at=AT, by=LENA)
    assert seen(edition) == []


def test_a_one_sided_clash_is_accepted_and_opens_again_when_more_people_are_expected(db_session: Session) -> None:
    edition = week.edition()
    hall = frame.create_hall(edition, {"name": Translated(en="Kasbah"), "capacity": 60}, at=AT, by=NADIA)
    one = week.session(edition, code="A", hall=hall, capacity=80)
    accept(edition, "Chairs are brought in", ClashKind.SEATS, codes=("A",))
    assert seen(edition) == [("seats", None, False, "Chairs are brought in")]
    service.update_session(one, {"capacity": 90}, at=AT, by=LENA)
    assert seen(edition) == [("seats", 1, True, "Chairs are brought in")]
    service.update_session(one, {"capacity": 80}, at=AT, by=LENA)
    frame.update_hall(hall, {"capacity": 50}, at=AT, by=LENA)
    assert seen(edition) == [("seats", 1, True, "Chairs are brought in")]


def test_accepted_again_it_has_the_new_reason_and_one_row(db_session: Session) -> None:
    edition = week.edition()
    two_sessions(edition)
    accept(edition)
    accept(edition, "She comes late", by=LENA, at=AT + timedelta(hours=1))
    assert [(row.reason, row.accepted_by) for row in db_session.scalars(select(AcceptedClash))] == [
        ("She comes late", "Lena Osei")
    ]


def test_opened_again_by_hand_it_is_as_if_nobody_had_accepted_it(db_session: Session) -> None:
    edition = week.edition()
    two_sessions(edition)
    accept(edition)
    accepted.reopen(edition, PERSON, ("A", "B"), at=AT, by=LENA)
    accepted.reopen(edition, PERSON, ("A", "B"), at=AT, by=LENA)
    assert seen(edition) == [("person", 1, False, None)]
    with pytest.raises(NoSuchClash):
        accepted.reopen(edition, ClashKind.HALL, ("A", "B"), at=AT, by=LENA)


@pytest.mark.one_database
def test_without_a_reason_or_for_what_is_gone_or_has_changed_nothing_is_accepted(db_session: Session) -> None:
    edition = week.edition()
    two_sessions(edition)
    (one,) = checks.board_clashes(edition)
    for refusal, values in (
        (ReasonMissing, {"reason": " \n "}),
        (ReasonTooLong, {"reason": "x" * 301}),
        (NoSuchClash, {"kind": ClashKind.HALL}),
        (NoSuchClash, {"codes": ("A",)}),
        (NoSuchClash, {"codes": ("A", "C")}),
        (NoSuchClash, {"codes": ()}),
        (ChangedMeanwhile, {"seen": "something else"}),
    ):
        with pytest.raises(refusal):
            accept(edition, **values)
    assert week.count(AcceptedClash) == 0
    accept(edition, seen=one.digest)
    assert week.count(AcceptedClash) == 1


def test_eight_who_accept_the_same_clash_at_once_make_one_row(app: Flask) -> None:
    with app.app_context():
        edition = week.edition()
        two_sessions(edition)
        hall = frame.create_hall(edition, {"name": Translated(en="Kasbah"), "capacity": 60}, at=AT, by=NADIA)
        week.session(edition, code="C", hall=hall, capacity=80)
        db.session.commit()
        number = edition.id

    def one(turn: int) -> str:
        with app.app_context():
            edition = db.session.get_one(Edition, number)
            kind, codes = ((PERSON, ("A", "B")), (ClashKind.SEATS, ("C",)))[turn % 2]
            accept(edition, f"Reason {turn}", kind, codes=codes)
            db.session.commit()
            return "done"

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))) == ["done"] * 8
    with app.app_context():
        assert week.count(AcceptedClash) == 2


def test_the_board_numbers_open_clashes_by_time_and_counts_them_by_day(db_session: Session) -> None:
    edition = week.edition()
    hall = frame.create_hall(edition, {"name": Translated(en="Kasbah"), "booths": 1}, at=AT, by=NADIA)
    week.session(edition, code="Z", starts=time(8), ends=time(9), hall=hall, languages=["en", "fr"])
    two_sessions(edition)
    week.session(edition, code="OUT", date=week.TUESDAY - timedelta(days=9))
    found = checks.board_clashes(edition)
    assert [(one.number, one.clash.kind.value, [side.code for side in one.sides]) for one in found] == [
        (1, "outside", ["OUT"]),
        (2, "interpretation", ["Z"]),
        (3, "person", ["A", "B"]),
    ]


def test_bodies_walks_and_closures_are_read_from_the_database(db_session: Session, count_queries: Any) -> None:
    edition = week.edition()
    palace = frame.create_venue(edition, {"name": Translated(en="Palace")}, at=AT, by=NADIA)
    port = frame.create_venue(edition, {"name": Translated(en="Port"), "zone": "Europe/Madrid"}, at=AT, by=NADIA)
    db_session.add(Walk(edition_id=edition.id, one_id=palace.id, other_id=port.id, minutes=20))
    bodies = [Body(slug=slug, name=Translated(en=slug)) for slug in ("presidency", "committee")]
    person = Person(given_name="Elif", family_name="Korkmaz", created_at=AT)
    gone = Person(badge_name="Gone", created_at=AT)
    db_session.add_all([*bodies, person, gone])
    db_session.flush()
    for body in bodies:
        db_session.add(Seat(person_id=person.id, body_id=body.id))
        db_session.add(Seat(person_id=gone.id, body_id=body.id, ends_on=week.TUESDAY - timedelta(days=1)))
    week.session(edition, code="A", venue=palace, body=bodies[0])
    week.session(edition, code="B", starts=time(10), ends=time(11), venue=palace, body=bodies[1])
    # Eleven o'clock at the palace is eleven in Madrid: both were at UTC+1 that winter.
    week.session(edition, code="C", starts=time(11, 10), ends=time(12), venue=port, body=bodies[0])
    db_session.commit()
    db_session.refresh(edition)
    with count_queries() as queries:
        found = [(clash.kind.value, clash.sessions, clash.detail) for clash in checks.draft_clashes(edition)]
    assert len(queries) == 3
    assert found == [
        ("body", ("A", "B"), "Elif Korkmaz"),
        ("walk", ("A", "C"), "presidency: 20 minutes from Palace to Port, 10 between"),
    ]
