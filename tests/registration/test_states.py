"""Steps of a registration, as a table."""

import pytest

from retreat.registration import states
from retreat.registration.models import Status

S = Status


@pytest.mark.parametrize(
    ("before", "by_organiser", "by_delegate"),
    [
        (S.SUBMITTED, {S.APPROVED, S.DECLINED, S.CANCELLED}, {S.WITHDRAWN}),
        (S.WAITLISTED, {S.APPROVED, S.DECLINED, S.CANCELLED}, {S.WITHDRAWN}),
        (S.APPROVED, {S.CANCELLED}, {S.WITHDRAWN}),
        (S.DECLINED, {S.APPROVED}, set()),
        (S.CANCELLED, {S.APPROVED}, set()),
        (S.WITHDRAWN, set(), set()),
    ],
)
def test_every_status_knows_its_steps(before, by_organiser, by_delegate):
    assert states.allowed(before, is_organiser=True) == by_organiser
    assert states.allowed(before, is_organiser=False) == by_delegate


def test_the_table_names_every_status():
    assert set(states.LABELS) == set(Status)
    for status in Status:
        states.allowed(status, is_organiser=True)


@pytest.mark.one_database
def test_a_step_that_does_not_exist_is_refused_in_a_sentence(app):
    with app.test_request_context(), pytest.raises(states.StepRefused) as refusal:
        states.check(S.WITHDRAWN, S.APPROVED, is_organiser=True)
    with app.test_request_context():
        assert refusal.value.message == "The registration is withdrawn; it cannot become approved."
