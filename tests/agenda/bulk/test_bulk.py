"""Many sessions at once: what moves, what stays, what is refused as a whole, and the way back."""

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from retreat.agenda import frame, service
from retreat.agenda.board import steps
from retreat.agenda.board.made import TouchedSince
from retreat.agenda.bulk import copying, setting, shifting, skeleton, swapping
from retreat.agenda.bulk.outcome import CannotStandThere, NothingToDo, Outcome
from retreat.agenda.bulk.shifting import Shift
from retreat.agenda.bulk.skeleton import Wishes
from retreat.agenda.models import AgendaSession, Kind, PartRole, SessionStatus
from retreat.agenda.service import SessionLocked
from retreat.agenda.values import Appearance, SessionRefused
from retreat.core.db import db
from retreat.core.errors import RetreatError
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.board.making import organiser
from tests.agenda.week import AT, NADIA, TUESDAY


def shift(edition: Any, **asked: Any) -> Outcome:
    return shifting.shift(edition, Shift(**asked), at=AT, by=NADIA)


def where(session: AgendaSession) -> tuple[Any, ...]:
    db.session.refresh(session)
    starts, ends = session.starts, session.ends
    return (
        session.date and session.date.day,
        f"{starts:%H:%M}" if starts else None,
        f"{ends:%H:%M}" if ends else None,
    )


def hall_of(edition: Any, name: str) -> Any:
    return editions.add_hall(edition, Translated(en=name), at=AT, by=NADIA)


# Shifting ----------------------------------------------------------------------------------------------------------


def test_a_day_is_moved_by_minutes_and_a_session_may_pass_midnight(db_session: Session) -> None:
    edition = week.edition()
    morning = week.session(edition, "Morning")
    night = week.session(edition, "Night", starts=time(23, 30), ends=time(23, 50))
    later = week.session(edition, "Wednesday", date=date(2020, 2, 26))
    untimed = week.session(edition, "Some time", starts=None, ends=None)
    done = shift(edition, day=TUESDAY, minutes=45)
    assert [line.code for line in done.lines] == [morning.code, night.code]
    assert (where(morning), where(night)) == ((25, "10:15", "11:45"), (26, "00:15", "00:35"))
    assert (where(later), where(untimed)) == ((26, "09:30", "11:00"), (25, None, None))
    assert morning.start_utc == AT.replace(month=2, day=25, hour=9, minute=15)


def test_moved_by_days_a_session_keeps_its_hours_across_a_change_of_the_clocks(db_session: Session) -> None:
    edition = week.edition("2027", zone="Europe/Madrid", starts_on=date(2027, 3, 27), ends_on=date(2027, 3, 31))
    session = week.session(edition, date=date(2027, 3, 27), ends=time(0, 30))
    assert session.start_utc is not None
    hour = session.start_utc.hour
    shift(edition, days=2)
    assert where(session) == (29, "09:30", "00:30")
    assert session.start_utc.hour == hour - 1


def test_a_time_that_does_not_exist_is_named_and_nothing_moves(db_session: Session) -> None:
    edition = week.edition("2027", zone="Europe/Madrid", starts_on=date(2027, 3, 27), ends_on=date(2027, 3, 31))
    night = week.session(edition, "Night shift", date=date(2027, 3, 27), starts=time(2, 30), ends=time(4, 0))
    other = week.session(edition, "Morning", date=date(2027, 3, 27))
    db.session.commit()
    with pytest.raises(CannotStandThere) as refused:
        shift(edition, days=1, moves_edition=True)
    [sentence] = refused.value.sentences
    assert "Night shift" in str(sentence)
    assert "02:30 does not exist in Europe/Madrid on 2027-03-28" in str(sentence)
    db.session.rollback()
    assert (where(night)[0], where(other)[0], edition.starts_on.day) == (27, 27, 27)


def test_what_is_locked_stays_and_is_named(db_session: Session) -> None:
    edition = week.edition()
    locked = week.session(edition, "Presidency", is_locked=True)
    free = week.session(edition, "Workshop")
    done = shift(edition, days=1)
    assert [(line.code, str(line.why)) for line in done.left] == [(locked.code, "locked")]
    assert (where(locked)[0], where(free)[0]) == (25, 26)


def test_only_the_chosen_halls_and_tracks_move_and_parts_go_with_their_session(db_session: Session) -> None:
    edition = week.edition()
    grand, small = hall_of(edition, "Grand"), hall_of(edition, "Small")
    track = frame.add_track(edition, Translated(en="Campus"), at=AT, by=NADIA)
    one = week.session(edition, "One", hall=grand, track=track)
    lunch = week.session(edition, "Lunch", parent=one)
    other = week.session(edition, "Other", hall=small, track=track)
    third = week.session(edition, "Third", hall=grand)
    shift(edition, day=TUESDAY, minutes=-30, halls=frozenset({grand.id}), tracks=frozenset({track.id}))
    assert [where(session)[1] for session in (one, lunch, other, third)] == ["09:00", "09:00", "09:30", "09:30"]


@pytest.mark.parametrize("days", [1, -3, 40])
def test_the_edition_moves_with_its_days_and_their_titles_and_comes_back(db_session: Session, days: int) -> None:
    edition = week.edition()
    editions.title_day(edition, TUESDAY, Translated(en="Statutory day"), at=AT, by=NADIA)
    session = week.session(edition)
    locked = week.session(edition, "Locked", is_locked=True)
    nadia = organiser("Nadia")
    done = shifting.shift(edition, Shift(days=days, moves_edition=True), at=AT, by=nadia)
    db.session.commit()
    assert done.days == (edition.starts_on, edition.ends_on)
    assert (edition.starts_on - date(2020, 2, 24)).days == days
    titles = {day.date: day.title for day in edition.days}
    assert len(titles) == 5
    assert titles[session.date] == Translated(en="Statutory day")
    assert where(locked)[0] == 25
    steps.undo(edition, at=AT, by=nadia)
    db.session.commit()
    assert (edition.starts_on, where(session)[0]) == (date(2020, 2, 24), 25)
    assert {day.date: day.title for day in edition.days}[TUESDAY] == Translated(en="Statutory day")
    steps.redo(edition, at=AT, by=nadia)
    assert (edition.starts_on - date(2020, 2, 24)).days == days


@pytest.mark.one_database
@pytest.mark.parametrize(
    "asked", [{}, {"days": 1, "minutes": 5}, {"days": 2_000}, {"minutes": 2_000}, {"day": date(2020, 2, 28), "days": 1}]
)
def test_a_shift_that_says_nothing_or_too_much_is_refused(db_session: Session, asked: dict[str, Any]) -> None:
    edition = week.edition()
    week.session(edition)
    with pytest.raises(RetreatError):
        shift(edition, **asked)


@pytest.mark.one_database
def test_an_edition_is_not_moved_out_of_the_years(db_session: Session) -> None:
    edition = week.edition(starts_on=date(1900, 1, 2), ends_on=date(1900, 1, 3))
    with pytest.raises(editions.BadDates):
        shift(edition, days=-5, moves_edition=True)


# Exchanging --------------------------------------------------------------------------------------------------------


def test_two_sessions_change_places_and_each_keeps_its_length(db_session: Session) -> None:
    edition = week.edition()
    grand, small = hall_of(edition, "Grand"), hall_of(edition, "Small")
    one = week.session(edition, "One", hall=grand)
    part = week.session(edition, "Part", hall=grand, parent=one, starts=time(10), ends=time(10, 30))
    other = week.session(edition, "Other", hall=small, date=date(2020, 2, 26), starts=time(14), ends=time(14, 45))
    nadia = organiser("Nadia")
    done = swapping.swap(edition, one.code, other.code, slots_exactly=False, at=AT, by=nadia)
    assert {line.code for line in done.lines} == {one.code, part.code, other.code}
    assert (where(one), one.hall) == ((26, "14:00", "15:30"), small)
    assert (where(part), part.hall) == ((26, "14:30", "15:00"), small)
    assert (where(other), other.hall) == ((25, "09:30", "10:15"), grand)
    steps.undo(edition, at=AT, by=nadia)
    assert [where(session)[1] for session in (one, part, other)] == ["09:30", "10:00", "14:00"]


@pytest.mark.one_database
def test_who_changes_places_takes_the_zone_and_leaves_a_locked_part_which_is_named(db_session: Session) -> None:
    edition = week.edition()
    one = week.session(edition, "One", zone_override="Asia/Tokyo")
    part = week.session(edition, "Part", parent=one, starts=time(10), ends=time(10, 30), is_locked=True)
    other = week.session(edition, "Other", starts=time(14), ends=time(15, 30))
    begins = one.start_utc, other.start_utc
    done = swapping.swap(edition, one.code, other.code, slots_exactly=False, at=AT, by=NADIA)
    assert (other.start_utc, one.start_utc) == begins
    assert ([line.code for line in done.left], where(part)) == ([part.code], (25, "10:00", "10:30"))


def test_slots_can_be_exchanged_as_they_are_and_so_is_what_has_no_time(db_session: Session) -> None:
    edition = week.edition()
    one = week.session(edition, "One")
    other = week.session(edition, "Other", starts=time(14), ends=time(14, 45))
    shelf = week.session(edition, "Shelf", date=None, starts=None, ends=None)
    swapping.swap(edition, one.code, other.code, slots_exactly=True, at=AT, by=NADIA)
    assert (where(one), where(other)) == ((25, "14:00", "14:45"), (25, "09:30", "11:00"))
    swapping.swap(edition, one.code, shelf.code, slots_exactly=False, at=AT, by=NADIA)
    assert (where(one), where(shelf)) == ((None, None, None), (25, "14:00", "14:45"))


@pytest.mark.one_database
def test_what_cannot_change_places_is_refused(db_session: Session) -> None:
    edition = week.edition()
    one, locked = week.session(edition, "One"), week.session(edition, "Locked", is_locked=True)
    part = week.session(edition, "Part", parent=one)
    twin = week.session(edition, "Twin")

    def refused(kind: type[Exception], first: str, second: str) -> None:
        with pytest.raises(kind):
            swapping.swap(edition, first, second, slots_exactly=False, at=AT, by=NADIA)

    refused(SessionRefused, one.code, one.code)
    refused(SessionRefused, one.code, part.code)
    refused(SessionLocked, one.code, locked.code)
    refused(service.UnknownSession, one.code, "S99")
    refused(service.UnknownSession, "", one.code)
    refused(NothingToDo, one.code, twin.code)


# Copying -----------------------------------------------------------------------------------------------------------


def test_breaks_are_copied_once_to_each_day_and_can_be_taken_back(db_session: Session) -> None:
    edition = week.edition()
    foyer = hall_of(edition, "Foyer")
    lunch = Translated(en="Lunch", fr="Déjeuner", ru="Обед")
    week.session(edition, lunch, kind=Kind.BREAK, hall=foyer, starts=time(13), ends=time(14))
    week.session(edition, "Coffee", kind=Kind.BREAK, starts=time(11), ends=time(11, 15))
    week.session(edition, "No break")
    thursday, friday = date(2020, 2, 27), date(2020, 2, 28)
    week.session(edition, "Coffee here", kind=Kind.BREAK, date=friday, starts=time(11), ends=time(11, 30))
    nadia = organiser("Nadia")
    done = copying.copy_breaks(edition, TUESDAY, [TUESDAY, thursday, friday], at=AT, by=nadia)
    assert (len(done.lines), len(done.left)) == (3, 1)
    copies = [one for one in service.draft_sessions(edition) if one.date == thursday]
    assert [(one.title, one.hall, one.kind) for one in copies] == [
        (Translated(en="Coffee"), None, Kind.BREAK),
        (lunch, foyer, Kind.BREAK),
    ]
    assert len({one.uid for one in service.draft_sessions(edition)}) == 7
    db.session.commit()
    with pytest.raises(NothingToDo):
        copying.copy_breaks(edition, TUESDAY, [thursday, friday], at=AT, by=nadia)
    steps.undo(edition, at=AT, by=nadia)
    assert len(service.draft_sessions(edition)) == 4


def test_last_years_week_comes_without_people_links_and_places(db_session: Session) -> None:
    last = week.edition("2019", starts_on=date(2019, 11, 11), ends_on=date(2019, 11, 15))
    grand = editions.add_hall(last, Translated(en="Grand Hall", fr="Grande salle"), at=AT, by=NADIA, capacity=300)
    track = frame.add_track(last, Translated(en="Statutory"), at=AT, by=NADIA)
    monday = date(2019, 11, 11)
    editions.title_day(last, monday, Translated(en="Opening day"), at=AT, by=NADIA)
    whole = week.session(
        last,
        Translated(en="Bureau", fr="Bureau exécutif"),
        date=monday,
        hall=grand,
        track=track,
        kind=Kind.STATUTORY,
        link="https://example.org",
        registration_link="https://example.org",
        note=Translated(en="Ask Ana"),
        description=Translated(en="What for"),
        capacity=12,
        is_locked=True,
        languages=["en", "fr"],
        parts=[Appearance(PartRole.CHAIR, "Ana")],
    )
    week.session(last, "Lunch", date=monday, starts=time(10), ends=time(10, 30), parent=whole, kind=Kind.BREAK)
    week.session(last, "Called off", date=monday, status=SessionStatus.CANCELLED)
    week.session(last, "Sixth day", date=date(2019, 11, 16))
    edition = week.edition(main_language="fr")
    nadia = organiser("Nadia")
    done = skeleton.copy_skeleton(edition, last, Wishes(day_titles=True), at=AT, by=nadia)
    assert (len(done.lines), [str(line.why) for line in done.left]) == (3, ["cancelled there"])
    assert set(done.made) == {"Grande salle", "Statutory"}
    made = {one.title["en"]: one for one in service.draft_sessions(edition)}
    bureau, lunch, sixth = made["Bureau"], made["Lunch"], made["Sixth day"]
    assert where(bureau) == (24, "09:30", "11:00")
    assert (bureau.kind, bureau.status, bureau.languages) == (Kind.STATUTORY, SessionStatus.TENTATIVE, ["en", "fr"])
    assert (bureau.hall.name["fr"], bureau.hall.capacity, bureau.track.name["en"]) == ("Grande salle", 300, "Statutory")
    assert (bureau.parts, bureau.link, bureau.registration_link, bureau.note) == ([], "", "", Translated())
    assert (bureau.capacity, bureau.is_locked, bureau.description) == (None, False, Translated(en="What for"))
    assert bureau.uid != whole.uid
    assert lunch.parent is bureau
    assert lunch.title["fr"] == "Lunch"
    assert where(sixth) == (None, None, None)
    assert edition.days[0].title == Translated(en="Opening day")
    db.session.commit()
    with pytest.raises(NothingToDo):
        skeleton.copy_skeleton(edition, last, Wishes(), at=AT, by=nadia)
    steps.undo(edition, at=AT, by=nadia)
    assert service.draft_sessions(edition) == []


def test_a_copied_week_goes_and_comes_back_as_it_was_with_its_parts(db_session: Session, count_queries: Any) -> None:
    last, edition = week.edition("2019"), week.edition()
    nadia = organiser("Nadia")
    whole = week.session(last, "Whole", code="Z")
    # Begins together with the whole, and has the smaller code.
    week.session(last, "Part", code="A", parent=whole, ends=time(10), parts=[Appearance(PartRole.CHAIR, "Ana")])
    skeleton.copy_skeleton(edition, last, Wishes(), at=AT, by=nadia)
    db.session.commit()
    with count_queries() as few:
        steps.undo(edition, at=AT, by=nadia)
    db.session.commit()
    assert service.draft_sessions(edition) == []
    steps.redo(edition, at=AT, by=nadia)
    db.session.commit()
    made = {one.title["en"]: one for one in service.draft_sessions(edition)}
    assert made["Part"].parent is made["Whole"]
    steps.undo(edition, at=AT, by=nadia)
    for number in range(8):
        week.session(last, f"More {number}", starts=time(12), ends=time(13))
    skeleton.copy_skeleton(edition, last, Wishes(), at=AT, by=nadia)
    db.session.commit()
    with count_queries() as many:
        steps.undo(edition, at=AT, by=nadia)
    # Each session has a line in the history; nothing else grows with their number.
    assert len(many) - len(few) <= 8
    db.session.commit()
    steps.redo(edition, at=AT, by=nadia)
    db.session.commit()
    touched = service.draft_sessions(edition)[0]
    service.update_session(touched, {"kind": Kind.SOCIAL}, at=AT, by=NADIA)
    db.session.commit()
    with pytest.raises(TouchedSince, match=touched.title["en"]):
        steps.undo(edition, at=AT, by=nadia)
    assert len(service.draft_sessions(edition)) == 10


def test_a_copied_session_that_was_published_or_cannot_come_back_is_named(db_session: Session) -> None:
    last, edition = week.edition("2019"), week.edition()
    nadia = organiser("Nadia")
    week.session(last, "One", hall=hall_of(last, "Grand"))
    week.session(last, "Other", starts=time(12), ends=time(13))
    skeleton.copy_skeleton(edition, last, Wishes(), at=AT, by=nadia)
    steps.undo(edition, at=AT, by=nadia)
    db.session.commit()
    db.session.delete(edition.halls[0])
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(RetreatError, match="S20-001"):
        steps.redo(edition, at=AT, by=nadia)
    assert service.draft_sessions(edition) == []
    db.session.rollback()
    skeleton.copy_skeleton(edition, last, Wishes(), at=AT, by=nadia)
    week.publish(edition)
    db.session.commit()
    with pytest.raises(service.SessionPublished):
        steps.undo(edition, at=AT, by=nadia)
    assert len(service.draft_sessions(edition)) == 2


@pytest.mark.one_database
def test_a_skeleton_makes_nothing_that_is_not_wished_and_never_copies_itself(db_session: Session) -> None:
    last, edition = week.edition("2019"), week.edition()
    week.session(last, hall=hall_of(last, "Grand Hall"), note=Translated(en="Ask Ana"))
    done = skeleton.copy_skeleton(
        edition, last, Wishes(makes_places=False, notes=True, descriptions=False), at=AT, by=NADIA
    )
    assert done.made == ()
    [made] = service.draft_sessions(edition)
    assert (made.hall, made.note) == (None, Translated(en="Ask Ana"))
    with pytest.raises(SessionRefused):
        skeleton.copy_skeleton(edition, edition, Wishes(), at=AT, by=NADIA)


# Setting -----------------------------------------------------------------------------------------------------------


def test_a_field_is_set_for_those_that_are_ticked(db_session: Session) -> None:
    edition = week.edition()
    grand = hall_of(edition, "Grand")
    one, other = week.session(edition, "One"), week.session(edition, "Other", is_locked=True)
    third = week.session(edition, "Third")
    seen = {one.code: one.version, other.code: None, "S99": 1}

    def put(field: str, value: Any) -> tuple[int, int]:
        return setting.set_field(edition, seen, field, lambda _session: value, at=AT, by=NADIA)

    assert put("status", SessionStatus.TENTATIVE) == (2, 0)
    with pytest.raises(setting.ChangedSince, match="One"):
        put("status", SessionStatus.CONFIRMED)
    assert other.status is SessionStatus.TENTATIVE
    seen[one.code] = one.version
    assert put("status", SessionStatus.TENTATIVE) == (0, 0)
    assert put("hall", grand) == (1, 1)
    assert [session.hall for session in (one, other, third)] == [grand, None, None]
    assert third.status is SessionStatus.CONFIRMED
    with pytest.raises(NothingToDo):
        setting.set_field(edition, {}, "kind", lambda _session: Kind.BREAK, at=AT, by=NADIA)
    with pytest.raises(SessionRefused):
        put("uid", "x")
