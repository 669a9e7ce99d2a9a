"""Which sessions take sign-ups: the kind's word, the organiser's, and when neither counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from retreat.agenda.models import Access, Kind, SessionStatus
from retreat.agenda.published import PublishedSession
from retreat.agenda.seats import Seats, at_the_same_time, takes_sign_up
from retreat.core.i18n import Translated

BEFORE = datetime(2020, 2, 1, tzinfo=UTC)
EMPTY = Translated()


def session(kind=Kind.OTHER, start=9, end=11, **values):
    given = dict.fromkeys(PublishedSession.__dataclass_fields__)
    given |= {"title": EMPTY, "zone": "Africa/Casablanca", "code": "S", "registration_link": "", "parts": ()}
    given |= {"date": date(2020, 2, 25), "starts": time(start), "ends": time(end), "access": Access.OPEN}
    given |= {"start_utc": datetime(2020, 2, 25, start, tzinfo=UTC), "end_utc": datetime(2020, 2, 25, end, tzinfo=UTC)}
    return PublishedSession(**{**given, "kind": kind, "status": SessionStatus.CONFIRMED, **values})


@pytest.mark.parametrize(
    ("kind", "seats", "takes"),
    [
        (Kind.SOCIAL, Seats(), True),
        (Kind.VISIT, Seats(), True),
        (Kind.WORKSHOP, Seats(), False),
        (Kind.WORKSHOP, Seats(capacity=0), True),
        (Kind.WORKSHOP, Seats(capacity=20), True),
        (Kind.WORKSHOP, Seats(False, 20), False),
        (Kind.SOCIAL, Seats(False), False),
        (Kind.PLENARY, Seats(capacity=400), False),
        (Kind.STATUTORY, Seats(capacity=100), False),
        (Kind.CEREMONY, Seats(capacity=100), False),
        (Kind.TRAVEL, Seats(capacity=50), False),
        (Kind.TRAVEL, Seats(True, 50), True),
        (Kind.PLENARY, Seats(True), True),
    ],
)
def test_the_organisers_word_comes_first_then_the_kind_then_the_seats(kind, seats, takes):
    assert takes_sign_up(session(kind), seats, BEFORE) is takes


@pytest.mark.parametrize(
    "values",
    [{"status": SessionStatus.CANCELLED}, {"registration_link": "https://elsewhere.example/"}],
    ids=["cancelled", "elsewhere"],
)
def test_even_against_the_organisers_word(values):
    assert takes_sign_up(session(Kind.SOCIAL, **values), Seats(True, 10), BEFORE) is False


def test_it_ends_with_the_session_and_without_a_time_with_its_day():
    dinner = session(Kind.SOCIAL)
    assert takes_sign_up(dinner, Seats(), datetime(2020, 2, 25, 10, 59, tzinfo=UTC))
    assert not takes_sign_up(dinner, Seats(), datetime(2020, 2, 25, 11, tzinfo=UTC))
    untimed = replace(dinner, start_utc=None, end_utc=None)
    assert takes_sign_up(untimed, Seats(), datetime(2020, 2, 25, 22, 59, tzinfo=UTC))
    assert not takes_sign_up(untimed, Seats(), datetime(2020, 2, 25, 23, 0, tzinfo=UTC))
    assert takes_sign_up(replace(untimed, date=None), Seats(), datetime(2021, 1, 1, tzinfo=UTC))


def test_seats_left():
    assert (Seats(None, 40, 28).left, Seats(None, 40, 40).is_full, Seats().left, Seats().is_full) == (
        12,
        True,
        None,
        False,
    )


def test_the_same_time_is_end_exclusive_and_a_part_is_one_with_its_whole():
    whole = session(code="WHOLE")
    part, after = session(code="PART", parent_code="WHOLE"), session(code="AFTER", start=11, end=12)
    other, off = session(code="OTHER", start=10, end=12), session(code="OFF", status=SessionStatus.CANCELLED)
    assert at_the_same_time(whole, [whole, part, after, other, off]) == (other,)
