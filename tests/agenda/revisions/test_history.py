"""What each revision changed, as it is told to organisers and to visitors."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from retreat.agenda import frame, publishing, service
from retreat.agenda.models import PointKind
from retreat.agenda.points import Point
from retreat.agenda.published import programme
from retreat.agenda.revisions import history
from retreat.core.i18n import Translated
from retreat.editions import service as editions
from tests.agenda import week
from tests.agenda.week import AT, NADIA


@pytest.mark.parametrize(
    "values",
    [{"points": [Point(Translated(en="Accounts"), PointKind.ADOPTION)]}, {"tags": ["sdg"]}, {"capacity": 30}],
    ids=lambda values: next(iter(values)),
)
@pytest.mark.one_database
def test_a_change_that_no_calendar_says_is_told_all_the_same(db_session: Session, values: Any) -> None:
    edition = week.edition()
    made = week.session(edition)
    week.publish(edition)
    service.update_session(made, values, at=AT, by=NADIA)
    week.publish(edition)

    [step, _] = history.steps(edition)

    assert [change.fields for change in step.difference.changes] == [tuple(values)]
    [session] = programme(edition)
    assert (session.sequence, session.changes) == (0, 1)


@pytest.mark.one_database
def test_what_is_only_drawn_or_said_otherwise_is_no_change_of_a_session(db_session: Session) -> None:
    edition = week.edition()
    hall = editions.add_hall(edition, Translated(en="Malabata"), at=AT, by=NADIA)
    week.session(edition, Translated(en="Finance", fr="Finances"), hall=hall)
    week.publish(edition)
    frame.update_hall(hall, {"position": 9}, at=AT, by=NADIA)
    editions.update_edition(edition, {"main_language": "fr"}, at=AT, by=NADIA)

    last, drawn, _ = history.steps(edition)

    assert (last.number, last.difference.changes, drawn.difference.changes) == (3, (), ())
    [session] = programme(edition)
    assert (session.sequence, session.changes) == (1, 0)
    assert publishing.republish(edition, at=AT, by=NADIA) is None
