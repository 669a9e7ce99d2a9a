"""What is different between two states of an agenda."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retreat.agenda.diff import Change, ChangeKind, difference


@dataclass(frozen=True)
class State:
    uid: str
    code: str = "A1"
    status: str = "confirmed"
    title: str = "Local Finance"
    starts: str = "09:30"
    hall_id: int = 1
    hall_name: str = "Malabata"
    hall_position: int = 1
    languages: tuple[str, ...] = ()
    sequence: int = 0
    last_modified: int = 0


ONE = State("one")


@pytest.mark.parametrize(
    ("after", "kinds", "fields"),
    [
        (replace(ONE, starts="10:00"), ["moved"], ("starts",)),
        (
            replace(ONE, hall_id=2, hall_name="Kasbah", hall_position=2),
            ["moved"],
            ("hall_id", "hall_name", "hall_position"),
        ),
        (replace(ONE, hall_name="Kasbah"), ["changed"], ("hall_name",)),
        (replace(ONE, title="Finance"), ["renamed"], ("title",)),
        (replace(ONE, title="Finance", starts="10:00"), ["moved", "renamed"], ("title", "starts")),
        (replace(ONE, status="cancelled"), ["cancelled"], ("status",)),
        (replace(ONE, status="cancelled", languages=("fr",)), ["cancelled", "changed"], ("status", "languages")),
        (replace(ONE, status="tentative"), ["changed"], ("status",)),
        (replace(ONE, languages=("fr",)), ["changed"], ("languages",)),
    ],
)
def test_a_change_is_told_in_words_and_by_field(after: State, kinds: list[str], fields: tuple[str, ...]) -> None:
    found = difference([ONE], [after])
    assert found.changes == (Change(ONE, after, fields, tuple(ChangeKind(kind) for kind in kinds)),)
    assert found.unchanged == 0


def test_a_session_that_is_cancelled_no_more_is_reinstated() -> None:
    cancelled = replace(ONE, status="cancelled")
    assert [change.kinds for change in difference([cancelled], [ONE]).changes] == [(ChangeKind.REINSTATED,)]


def test_stamps_are_no_difference() -> None:
    found = difference([ONE], [replace(ONE, sequence=4, last_modified=9)])
    assert (found.changes, found.unchanged, bool(found)) == ((), 1, False)


def test_what_only_draws_the_week_otherwise_concerns_no_calendar() -> None:
    [change] = difference([ONE], [replace(ONE, hall_position=3)]).changes
    assert (change.kinds, change.concerns_calendars) == ((ChangeKind.CHANGED,), False)
    [change] = difference([ONE], [replace(ONE, hall_position=3, title="x")]).changes
    assert change.concerns_calendars


def test_a_new_code_is_a_change_of_the_same_session() -> None:
    [change] = difference([ONE], [replace(ONE, code="B7")]).changes
    assert (change.fields, change.kinds) == (("code",), (ChangeKind.CHANGED,))


def test_new_and_removed_sessions_are_told_with_the_state_they_have() -> None:
    two = State("two", "A2")
    found = difference([ONE], [two])
    assert [(change.kinds, change.session) for change in found.changes] == [
        ((ChangeKind.NEW,), two),
        ((ChangeKind.REMOVED,), ONE),
    ]
    assert (found.of(ChangeKind.NEW), found.by_uid["one"]) == ((found.changes[0],), found.changes[1])


states = st.lists(
    st.builds(State, uid=st.sampled_from("abcd"), title=st.sampled_from("xy"), starts=st.sampled_from(["9", "10"])),
    unique_by=lambda state: state.uid,
)


@given(states, states)
def test_the_changes_applied_to_the_first_state_give_the_second(before: list[State], after: list[State]) -> None:
    found = difference(before, after)
    result = {state.uid: state for state in before}
    for change in found.changes:
        if change.after is None:
            del result[change.session.uid]
        else:
            result[change.after.uid] = change.after
    assert result == {state.uid: state for state in after}
    assert found.unchanged + len(found.changes) == len({state.uid for state in (*before, *after)})
