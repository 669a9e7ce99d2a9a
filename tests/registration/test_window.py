"""When registration is open, on the edition's own clocks."""

from datetime import UTC, date, datetime

import pytest

from retreat.editions.models import Edition
from retreat.registration.window import Opening, Window, may_correct, sentence, window


def edition(**values):
    return Edition(zone="America/Montevideo", city="Montevideo", **values)


def test_an_edition_without_dates_is_open():
    assert window(edition(), datetime(2020, 1, 1, tzinfo=UTC)) == Window(Opening.OPEN, None)


@pytest.mark.parametrize(
    ("instant", "opening"),
    [
        # Montevideo is three hours behind UTC: the first day begins there at 03:00 UTC and the last ends at 03:00 UTC.
        (datetime(2020, 1, 10, 2, 59, tzinfo=UTC), Opening.EARLY),
        (datetime(2020, 1, 10, 3, 0, tzinfo=UTC), Opening.OPEN),
        (datetime(2020, 2, 11, 2, 59, tzinfo=UTC), Opening.OPEN),
        (datetime(2020, 2, 11, 3, 0, tzinfo=UTC), Opening.OVER),
    ],
)
def test_the_first_and_the_last_day_count_whole_where_the_edition_is(instant, opening):
    asked = edition(registration_opens=date(2020, 1, 10), registration_closes=date(2020, 2, 10))
    assert window(asked, instant).opening is opening


def test_a_closed_edition_takes_nobody_and_corrects_nothing():
    closed = edition(closed_at=datetime(2020, 3, 5, 12, 0, tzinfo=UTC))
    assert window(closed, datetime(2020, 3, 6, tzinfo=UTC)) == Window(Opening.OVER, date(2020, 3, 5))
    assert not may_correct(closed, datetime(2020, 3, 6, tzinfo=UTC))


def test_answers_can_be_corrected_before_the_opening_but_not_after_the_deadline():
    asked = edition(registration_opens=date(2020, 1, 10), registration_closes=date(2020, 2, 10))
    assert may_correct(asked, datetime(2020, 1, 1, tzinfo=UTC))
    assert not may_correct(asked, datetime(2020, 2, 12, tzinfo=UTC))


@pytest.mark.one_database
def test_the_sentence_says_the_day(app):
    with app.test_request_context():
        assert sentence(Window(Opening.EARLY, date(2020, 1, 10)), "Tangier") == (
            "Registration for Tangier opens on Friday 10 January 2020."
        )
        assert sentence(Window(Opening.OVER, date(2020, 2, 10)), "Tangier") == (
            "Registration for Tangier closed on Monday 10 February 2020."
        )
