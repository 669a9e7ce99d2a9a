"""A revision restored to the draft: the same sessions again, nothing lost, and never over somebody's head."""

import threading
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from retreat.agenda import frame, publishing, service
from retreat.agenda.diff import STAMPS
from retreat.agenda.models import (
    Access,
    AgendaSession,
    Part,
    PartRole,
    PartState,
    PointKind,
    RevisedSession,
    Revision,
    SessionStatus,
)
from retreat.agenda.points import Point
from retreat.agenda.published import PublishedSession, sessions_of_revision
from retreat.agenda.revisions import history, restore
from retreat.agenda.revisions.plan import Remark
from retreat.agenda.revisions.restore import DraftChanged, NothingToRestore, Restoration
from retreat.agenda.values import Appearance
from retreat.core.audit import AuditEntry
from retreat.core.db import db
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from retreat.editions.models import Edition, Hall
from retreat.network.models import Body
from tests.agenda import week
from tests.agenda.week import AT, LENA, NADIA

HOUR = timedelta(hours=1)


def restored(edition: Edition, revision: Revision) -> Restoration:
    seen = restore.look(edition, revision).seen
    return restore.restore(edition, revision, seen=seen, at=AT + HOUR, by=LENA)


def facts(sessions: Any) -> dict[str, dict[str, Any]]:
    return {
        one.uid: {name: getattr(one, name) for name in PublishedSession.__dataclass_fields__ if name not in STAMPS}
        for one in sessions
    }


def changed(session: AgendaSession, **values: Any) -> None:
    service.update_session(session, values, at=AT, by=NADIA)  # type: ignore[arg-type]


def titles(found: Restoration) -> dict[Remark, list[str]]:
    return {kind: [str(title) for title in some] for kind, some in found.plan.remarks.items()}


def test_the_draft_says_what_the_revision_said_with_the_same_codes_and_uids(db_session: Session) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    track = frame.create_track(edition, {"name": Translated(en="Campus")}, at=AT, by=NADIA)
    meeting = week.session(edition, "Presidency")
    made = week.session(
        edition,
        hall=hall,
        track=track,
        parent=meeting,
        languages=["en", "fr"],
        tags=["finance"],
        link="https://example.org/join",
        description=Translated(en="Text", ru="Текст"),
        parts=[
            Appearance(PartRole.CHAIR, "Cemal Baş", "Mayor"),
            Appearance(PartRole.SPEAKER, "", state=PartState.TO_BE_CONFIRMED),
        ],
        points=[Point(Translated(en="Budget"), PointKind.ADOPTION, 20)],
        note=Translated(en="Ask for water"),
        expected=30,
    )
    first = week.publish(edition)
    chair = made.parts[0].person_id
    changed(
        made,
        code="X1",
        title=Translated(en="Another"),
        hall=None,
        venue=None,
        track=None,
        parent=None,
        starts=time(15),
        ends=time(16),
        zone_override="Europe/Paris",
        languages=["ru"],
        tags=[],
        link="",
        parts=[Appearance(PartRole.SPEAKER, "Ana")],
        points=[],
        is_listed=False,
        status=SessionStatus.CANCELLED,
        access=Access.INVITED,
        note=Translated(en="Now without water"),
        expected=40,
    )
    changed(meeting, title=Translated(en="Executive Bureau"))
    week.publish(edition, AT + HOUR)
    found = restored(edition, first)
    assert facts(publishing.draft_as_published(edition)) == facts(sessions_of_revision(first.id))
    assert (found.plan.remarks, made.parts[0].person_id) == ({}, chair)
    assert (made.note, made.expected, made.zone_override) == (Translated(en="Now without water"), 40, None)
    last = week.publish(edition, AT + 2 * HOUR)
    assert {one.uid: one.sequence for one in sessions_of_revision(last.id)} == {made.uid: 2, meeting.uid: 2}


def test_what_was_published_since_is_cancelled_and_what_never_was_leaves_the_board(db_session: Session) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    week.session(edition, "Stays")
    first = week.publish(edition)
    since = week.session(edition, "Since", hall=hall, parts=[Appearance(PartRole.CHAIR, "Ana")])
    week.publish(edition, AT + HOUR)
    never = week.session(edition, "Never", hall=hall, parts=[Appearance(PartRole.CHAIR, "Bea")])
    found = restored(edition, first)
    assert titles(found) == {Remark.CANCELLED: ["Since"], Remark.OFF_THE_BOARD: ["Never"]}
    assert (since.status, since.starts, since.hall) == (SessionStatus.CANCELLED, time(9, 30), hall)
    assert (never.status, never.date, never.starts, never.hall) == (SessionStatus.CONFIRMED, None, None, None)
    assert (never.is_listed, [part.printed_name for part in never.parts]) == (False, ["Bea"])


def test_codes_that_changed_hands_come_back_and_the_newcomer_gets_one_of_its_own(db_session: Session) -> None:
    edition = week.edition()
    one, two = week.session(edition, "One", code="A"), week.session(edition, "Two", code="B")
    first = week.publish(edition)
    changed(one, code="C")
    changed(two, code="A")
    changed(one, code="B")
    newcomer = week.session(edition, "Three", code="C")
    week.publish(edition, AT + HOUR)
    restored(edition, first)
    assert (one.code, two.code, newcomer.code) == ("A", "B", "C")
    changed(one, code="D")
    changed(newcomer, code="A")
    assert titles(restored(edition, first))[Remark.NEW_CODE] == ["Three"]
    assert (one.code, newcomer.code) == ("A", "A-2")


def test_meetings_and_their_parts_that_changed_places_come_back(db_session: Session) -> None:
    edition = week.edition()
    outer, inner = week.session(edition, "Outer"), week.session(edition, "Inner")
    changed(inner, parent=outer)
    first = week.publish(edition)
    changed(inner, parent=None)
    changed(outer, parent=inner)
    late = week.session(edition, "Late", parent=inner)
    week.publish(edition, AT + HOUR)
    found = restored(edition, first)
    assert (inner.parent, outer.parent, late.parent) == (outer, None, None)
    assert titles(found)[Remark.PART_OF_NOTHING] == ["Late"]


def test_halls_tracks_and_bodies_that_are_gone_are_named_and_left_empty(db_session: Session) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    track = frame.create_track(edition, {"name": Translated(en="Campus")}, at=AT, by=NADIA)
    bureau, council = (
        Body(slug=slug, name=Translated(en=slug.title()), kind="other") for slug in ("bureau", "council")
    )
    db.session.add_all([bureau, council])
    db.session.flush()
    made = week.session(edition, hall=hall, track=track, body=council, access=Access.BODY, access_body=bureau)
    first = week.publish(edition)
    changed(made, hall=None, track=None, body=None, access=Access.OPEN)
    week.publish(edition, AT + HOUR)
    for thing in (hall, track):
        frame.delete_from_frame(thing, at=AT, by=NADIA)
    db.session.delete(bureau)
    db.session.delete(council)
    db.session.flush()
    found = restored(edition, first)
    assert set(found.plan.remarks) == {Remark.HALL_GONE, Remark.TRACK_GONE, Remark.BODY_GONE, Remark.ACCESS_GONE}
    assert (made.hall, made.track, made.body, made.access) == (None, None, None, Access.INVITED)
    assert made.venue is edition.venues[0]


def test_a_hall_that_was_made_again_is_found_by_its_name(db_session: Session) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    made = week.session(edition, hall=hall)
    first = week.publish(edition)
    changed(made, hall=None)
    week.publish(edition, AT + HOUR)
    frame.delete_from_frame(hall, at=AT, by=NADIA)
    again = editions.add_hall(edition, Translated(en="Malabata", fr="Salle Malabata"), at=AT, by=NADIA)
    found = restored(edition, first)
    assert (made.hall, found.plan.remarks) == (again, {})


def test_a_person_who_is_gone_comes_back_by_name(db_session: Session) -> None:
    edition = week.edition()
    made = week.session(edition, parts=[Appearance(PartRole.CHAIR, "Ana Ruiz", "Mayor")])
    first = week.publish(edition)
    person = made.parts[0].person
    changed(made, parts=[])
    db.session.flush()
    db.session.delete(person)
    db.session.flush()
    restored(edition, first)
    part = db.session.scalars(select(Part)).one()
    assert (part.printed_name, part.office, part.person is not None) == ("Ana Ruiz", "Mayor", True)


def test_locked_sessions_come_back_too_and_stay_locked(db_session: Session) -> None:
    edition = week.edition()
    made = week.session(edition)
    first = week.publish(edition)
    changed(made, starts=time(8), is_locked=True)
    found = restored(edition, first)
    assert (titles(found), made.starts, made.is_locked) == ({Remark.LOCKED: ["Local Finance"]}, time(9, 30), True)


def test_nobody_loses_a_seat_and_no_hour_is_invented(db_session: Session) -> None:
    edition = week.edition()
    made = week.session(edition, capacity=2)
    first = week.publish(edition)
    changed(made, capacity=5)
    db.session.execute(update(AgendaSession).values(taken=4))
    # 02:30 on the last Sunday of March does not exist in Paris.
    values = {"zone": "Europe/Paris", "date": date(2020, 3, 29), "starts": time(2, 30), "ends": time(4)}
    db.session.execute(update(RevisedSession).values(**values))
    db.session.expire_all()
    found = restored(edition, first)
    assert set(found.plan.remarks) == {Remark.MORE_SEATS, Remark.NO_SUCH_TIME}
    assert (made.capacity, made.date, made.starts, made.start_utc) == (4, date(2020, 3, 29), None, None)


def test_a_session_that_is_no_longer_in_the_draft_is_made_again_with_its_uid(db_session: Session) -> None:
    edition = week.edition()
    made, other = week.session(edition, "Gone"), week.session(edition, "Stays")
    uid, code, created = made.uid, made.code, made.created_at
    first = week.publish(edition)
    db.session.execute(update(RevisedSession).values(session_id=None))
    db.session.delete(made)
    db.session.flush()
    assert titles(restored(edition, first)) == {Remark.MADE_AGAIN: ["Gone"]}
    again = service.session_by_code(edition, code)
    assert (again.uid, again.created_at, again is other) == (uid, created, False)


def test_restoring_is_refused_when_the_draft_changed_since_it_was_shown(db_session: Session) -> None:
    edition = week.edition()
    made = week.session(edition)
    first = week.publish(edition)
    changed(made, starts=time(8))
    seen = restore.look(edition, first).seen
    changed(made, starts=time(7))
    with pytest.raises(DraftChanged):
        restore.restore(edition, first, seen=seen, at=AT, by=LENA)
    assert made.starts == time(7)


def test_restoring_what_the_draft_says_already_does_nothing(db_session: Session) -> None:
    edition = week.edition()
    week.session(edition)
    first = week.publish(edition)
    with pytest.raises(NothingToRestore) as caught:
        restored(edition, first)
    assert str(caught.value) == "The draft is what revision 1 says: nothing was restored."


def test_the_history_says_who_restored_what(db_session: Session) -> None:
    edition = week.edition()
    made = week.session(edition)
    first = week.publish(edition)
    changed(made, starts=time(8))
    restored(edition, first)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "agenda.restored")).one()
    assert (entry.actor_name, entry.subject_id, entry.details) == ("Lena Osei", first.id, {"number": 1, "changes": 1})


@pytest.mark.one_database
def test_restoring_takes_few_queries_however_many_sessions_stay(db_session: Session, count_queries: Any) -> None:
    counts = []
    for slug, number in (("2020", 1), ("2021", 30)):
        edition = week.edition(slug)
        for _ in range(number):
            week.session(edition, parts=[Appearance(PartRole.CHAIR, "Ana")])
        first = week.publish(edition)
        changed(service.draft_sessions(edition)[0], starts=time(8))
        db.session.commit()
        with count_queries() as queries:
            restore.look(edition, first)
        counts.append(len(queries))
    assert counts[0] == counts[1]


MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["move", "rename", "cancel", "reinstate", "new", "hall", "parent", "unlist", "people", "publish"]
        ),
        st.integers(0, 6),
        st.integers(0, 6),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.one_database
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_after_whatever_happened_publishing_the_restored_draft_shows_that_revision_again(app: Flask, data: Any) -> None:
    """Listed sessions are those of the revision, fact for fact; what came since is cancelled or not listed."""
    with app.app_context():
        db.session.remove()
        edition = week.edition(f"e{data.draw(st.uuids()).hex[:12]}")
        halls = [editions.add_hall(edition, Translated(en=f"Hall {n}"), at=AT, by=NADIA) for n in range(2)]
        for number in range(3):
            week.session(edition, f"Session {number}")
        week.publish(edition)
        for action, one, other in data.draw(MOVES):
            act(edition, halls, action, one, other)
        numbers = history.numbers(edition)
        wanted = history.revision_of(edition, data.draw(st.sampled_from(numbers)))
        before = facts(sessions_of_revision(wanted.id))
        seen = restore.look(edition, wanted)
        if seen.difference:
            restore.restore(edition, wanted, seen=seen.seen, at=AT, by=LENA)
        assert facts(publishing.draft_as_published(edition)) == facts(seen.plan.sessions)
        after = facts(publishing.draft_as_published(edition))
        assert {uid: after[uid] for uid in before} == before
        for uid in after.keys() - before.keys():
            assert after[uid]["status"] == SessionStatus.CANCELLED or not after[uid]["is_listed"]
        assert not restore.look(edition, wanted).difference
        db.session.rollback()


def act(edition: Edition, halls: list[Hall], action: str, one: int, other: int) -> None:
    sessions = service.draft_sessions(edition)
    session, parent = sessions[one % len(sessions)], sessions[other % len(sessions)]
    if action == "new":
        week.session(edition, f"New {other}")
    elif action == "publish":
        if publishing.difference_to_publish(edition):
            week.publish(edition)
    else:
        stands_alone = parent is session or parent.parent or any(each.parent is session for each in sessions)
        values: dict[str, dict[str, Any]] = {
            "move": {"date": date(2020, 2, 24 + other % 5), "starts": time(8 + other), "ends": time(9 + other)},
            "rename": {"title": Translated(en=f"Title {other}")},
            "cancel": {"status": SessionStatus.CANCELLED},
            "reinstate": {"status": SessionStatus.CONFIRMED},
            "hall": {"hall": [None, *halls][other % 3]},
            "unlist": {"is_listed": bool(other % 2)},
            "people": {"parts": [Appearance(PartRole.SPEAKER, f"Speaker {other}")]},
            "parent": {"parent": None if stands_alone else parent},
        }
        changed(session, **values[action])


def test_two_who_restore_at_once_do_it_once(app: Flask) -> None:
    with app.app_context():
        edition = week.edition()
        made = week.session(edition)
        first = week.publish(edition)
        changed(made, starts=time(8))
        seen = restore.look(edition, first).seen
        db.session.commit()
    together, ended = threading.Barrier(3), []

    def run() -> None:
        with app.app_context():
            together.wait(10)
            try:
                edition = editions.edition_by_slug("2020")
                revision = history.revision_of(edition, 1)
                restore.restore(edition, revision, seen=seen, at=AT, by=LENA)
                db.session.commit()
                ended.append("done")
            except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
                ended.append(type(error).__name__)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(ended) == ["DraftChanged", "DraftChanged", "done"]
