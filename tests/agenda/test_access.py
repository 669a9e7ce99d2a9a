"""Who may know of a session, and who may attend it."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from retreat.agenda.access import ORGANISER, STRANGER, Attendee, SeatHeld, may_attend, may_see
from retreat.agenda.models import Access

PRESIDENCY, BUREAU = 1, 2
FRIDAY = date(2020, 2, 28)


@dataclass(frozen=True)
class Person:
    person_id: int | None


@dataclass(frozen=True)
class Meeting:
    access: Access = Access.OPEN
    is_listed: bool = True
    access_body_id: int | None = None
    body_id: int | None = None
    session_id: int | None = 40
    date: "date | None" = FRIDAY
    parts: tuple[Person, ...] = ()


DELEGATE = Attendee(person_id=7)
OF_A_SECTION = replace(DELEGATE, has_section=True)
OF_A_MEMBER = replace(DELEGATE, is_member=True)
OF_THE_PRESIDENCY = replace(DELEGATE, seats=(SeatHeld(PRESIDENCY, date(2019, 11, 15), date(2022, 10, 14)),))
OF_LAST_TERM = replace(DELEGATE, seats=(SeatHeld(PRESIDENCY, date(2016, 10, 15), date(2019, 11, 15)),))
OF_THE_BUREAU = replace(DELEGATE, seats=(SeatHeld(BUREAU),))
INVITED = replace(DELEGATE, places=(40,))
EVERYONE = {
    "stranger": STRANGER,
    "delegate": DELEGATE,
    "of a section": OF_A_SECTION,
    "of a member": OF_A_MEMBER,
    "of the presidency": OF_THE_PRESIDENCY,
    "of last term": OF_LAST_TERM,
    "of the bureau": OF_THE_BUREAU,
    "invited": INVITED,
    "organiser": ORGANISER,
}


@pytest.mark.parametrize(
    ("access", "admitted"),
    [
        (Access.OPEN, set(EVERYONE)),
        (Access.SECTION, {"of a section", "invited", "organiser"}),
        (Access.MEMBER, {"of a member", "invited", "organiser"}),
        (Access.BODY, {"of the presidency", "invited", "organiser"}),
        (Access.INVITED, {"invited", "organiser"}),
    ],
)
def test_access_follows_section_membership_seat_and_invitation(access: Access, admitted: set[str]) -> None:
    meeting = Meeting(access, access_body_id=PRESIDENCY if access is Access.BODY else None)
    assert {name for name, attendee in EVERYONE.items() if may_attend(meeting, attendee)} == admitted
    assert {name for name, attendee in EVERYONE.items() if may_see(meeting, attendee)} == set(EVERYONE)


@pytest.mark.parametrize(
    ("access", "seen_by"),
    [
        (Access.OPEN, set(EVERYONE) - {"stranger"}),
        (Access.SECTION, {"of a section", "invited", "organiser"}),
        (Access.BODY, {"of the presidency", "invited", "organiser"}),
        (Access.INVITED, {"invited", "organiser"}),
    ],
)
def test_an_unlisted_session_is_seen_only_by_known_people_who_may_attend(access: Access, seen_by: set[str]) -> None:
    meeting = Meeting(access, is_listed=False, access_body_id=PRESIDENCY if access is Access.BODY else None)
    assert {name for name, attendee in EVERYONE.items() if may_see(meeting, attendee)} == seen_by


@pytest.mark.parametrize("access", Access)
def test_who_speaks_is_always_admitted(access: Access) -> None:
    meeting = Meeting(access, is_listed=False, access_body_id=PRESIDENCY, parts=(Person(None), Person(7)))
    assert may_attend(meeting, DELEGATE)
    assert may_see(meeting, DELEGATE)
    assert not may_see(meeting, STRANGER)


def test_a_seat_counts_on_its_days_and_on_any_while_the_date_is_not_known() -> None:
    meeting = Meeting(Access.BODY, access_body_id=PRESIDENCY)
    on = [date(2019, 11, 14), date(2019, 11, 15), date(2022, 10, 14), date(2022, 10, 15), None]
    assert [may_attend(replace(meeting, date=day), OF_THE_PRESIDENCY) for day in on] == [False, True, True, False, True]


def test_a_session_without_a_draft_is_nobodys_place() -> None:
    meeting = Meeting(Access.INVITED, session_id=None)
    assert not may_attend(meeting, INVITED)


def test_a_session_concerns_whose_part_place_or_seat_it_is() -> None:
    meeting = Meeting(body_id=PRESIDENCY, parts=(Person(9),))
    concerned = {name for name, attendee in EVERYONE.items() if attendee.is_concerned_by(meeting)}
    assert concerned == {"of the presidency", "invited"}
    assert Attendee(person_id=9).is_concerned_by(meeting)
