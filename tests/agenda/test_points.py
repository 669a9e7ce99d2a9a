"""The points of a meeting, on both databases: kept in order, frozen, and part of what a revision changes."""

import pytest
from sqlalchemy.orm import Session

from retreat.agenda import exports, imports, publishing, service
from retreat.agenda.models import AgendaPoint, PointKind, RevisedPoint
from retreat.agenda.points import MOST_POINTS, Point, points_of
from retreat.agenda.published import sessions_of_revision
from retreat.agenda.values import SessionRefused
from retreat.core.i18n import Translated
from retreat.core.sheets import SheetErrors
from tests.agenda import week
from tests.agenda.week import AT, NADIA

MINUTES = Point(Translated(en="Adoption of the minutes", fr="Adoption du procès-verbal"), PointKind.ADOPTION, 10)
BUDGET = Point(Translated(en="The budget"), PointKind.DISCUSSION, 45)
NEWS = Point(Translated(en="News from the Sections"))


def change(session: object, *points: Point) -> None:
    service.update_session(session, {"points": points}, at=AT, by=NADIA)


def test_points_are_kept_in_their_order(db_session: Session) -> None:
    made = week.session(week.edition(), points=[MINUTES, BUDGET, NEWS])
    db_session.flush()
    db_session.expire_all()
    assert points_of(made.points) == (MINUTES, BUDGET, NEWS)
    change(made, NEWS, MINUTES)
    db_session.expire_all()
    assert points_of(made.points) == (NEWS, MINUTES)
    assert week.count(AgendaPoint) == 2


def test_the_same_points_again_are_no_change(db_session: Session) -> None:
    made = week.session(week.edition(), points=[MINUTES])
    before = made.version
    change(made, MINUTES)
    assert made.version == before
    change(made, BUDGET)
    assert made.version == before + 1


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([Point(Translated(fr="Budget"))], "Point 1: enter a title in the edition's main language"),
        ([MINUTES, Point(Translated(en="Budget"), minutes=0)], "Point 2: a point takes 1 to 1440 minutes"),
        ([Point(Translated(en="Budget"), minutes=1441)], "Point 1: a point takes"),
        ([NEWS] * (MOST_POINTS + 1), "at most 60 points"),
    ],
)
def test_what_a_point_cannot_be_is_refused_and_nothing_changes(
    db_session: Session, points: list[Point], sentence: str
) -> None:
    made = week.session(week.edition(), points=[MINUTES])
    with pytest.raises(SessionRefused, match=sentence) as refusal:
        service.update_session(made, {"title": Translated(en="Other"), "points": points}, at=AT, by=NADIA)
    assert refusal.value.field == "points"
    assert (points_of(made.points), made.title) == ((MINUTES,), Translated(en="Local Finance"))


def test_a_revision_freezes_them(db_session: Session) -> None:
    tangier = week.edition()
    made = week.session(tangier, points=[MINUTES, BUDGET])
    first = week.publish(tangier)
    change(made, BUDGET)
    (change_found,) = publishing.difference_to_publish(tangier).changes
    assert change_found.fields == ("points",)
    second = week.publish(tangier)
    ((before,), (after,)) = (sessions_of_revision(one.id) for one in (first, second))
    assert [point.title for point in before.points] == [MINUTES.title, BUDGET.title]
    assert [(point.title, point.kind, point.minutes) for point in after.points] == [
        (BUDGET.title, BUDGET.kind, BUDGET.minutes)
    ]
    assert (before.sequence, after.sequence) == (0, 0), "calendars say nothing of points"
    assert week.count(RevisedPoint) == 3


@pytest.mark.parametrize("kind", ["json", "xlsx"])
def test_points_and_how_many_are_expected_survive_the_lossless_files(db_session: Session, kind: str) -> None:
    tangier = week.edition()
    made = week.session(tangier, points=[MINUTES, NEWS], expected=120)
    db_session.flush()
    content = exports.export_agenda(tangier, kind)
    again = imports.import_agenda(tangier, imports.read(f"week.{kind}", content), at=AT, by=NADIA)
    assert again.unchanged == 1
    service.update_session(made, {"points": [], "expected": None}, at=AT, by=NADIA)
    imports.import_agenda(tangier, imports.read(f"week.{kind}", content), at=AT, by=NADIA)
    assert (points_of(made.points), made.expected) == ((MINUTES, NEWS), 120)


@pytest.mark.parametrize(
    "cell",
    [
        "Minutes",
        "7",
        "{}x",
        '[{"kind": "adoption"}]',
        '[{"title": "A"}]',
        '[{"title": {"en": "A"}, "kind": "vote"}]',
        '[{"title": {"en": "A"}, "minutes": 0}]',
        '[{"title": {"en": "A"}, "minutes": true}]',
        '[{"title": {"fr": "A"}}]',
        "[" * 100_000,
    ],
)
@pytest.mark.one_database
def test_a_cell_that_holds_no_points_is_refused_with_its_line(db_session: Session, cell: str) -> None:
    with pytest.raises(SheetErrors) as refused:
        week.imported(week.edition(), {"title": "A", "points": cell})
    assert "week.csv:2: points: " in str(refused.value.errors[0])
