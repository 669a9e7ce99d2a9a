"""Dates in four languages: the weekday first, 24 hours, no American order."""

from datetime import UTC, date, datetime

import pytest

from retreat.core import dates

MONDAY, FRIDAY = date(2020, 2, 24), date(2020, 2, 28)


@pytest.mark.parametrize(
    ("language", "day", "week", "weekdays"),
    [
        ("en", "Monday 24 February", "24–28 February 2020", "Monday 24 – Friday 28 February 2020"),
        ("fr", "Lundi 24 février", "24–28 février 2020", "Lundi 24 – vendredi 28 février 2020"),
        ("es", "Lunes 24 de febrero", "24–28 de febrero de 2020", "Lunes 24 – viernes 28 de febrero de 2020"),
        (
            "ru",
            "Понедельник, 24 февраля",
            "24–28 февраля 2020 г.",
            "Понедельник, 24 – пятница, 28 февраля 2020 г.",
        ),
    ],
)
def test_dates_read_as_one_says_them(language: str, day: str, week: str, weekdays: str) -> None:
    assert dates.long_date(MONDAY, language) == day
    assert dates.date_range(MONDAY, FRIDAY, language) == week
    assert dates.weekday_range(MONDAY, FRIDAY, language) == weekdays


def test_a_range_over_two_months_or_years_says_both() -> None:
    assert dates.date_range(FRIDAY, date(2020, 3, 2), "en") == "28 February – 2 March 2020"
    assert dates.date_range(date(2019, 12, 30), date(2020, 1, 3), "en") == "30 December 2019 – 3 January 2020"
    assert dates.weekday_range(FRIDAY, date(2020, 3, 2), "en") == "Friday 28 February – Monday 2 March 2020"


def test_one_day_is_no_range() -> None:
    assert dates.date_range(MONDAY, MONDAY, "en") == "24 February 2020"
    assert dates.weekday_range(MONDAY, MONDAY, "en") == "Monday 24 February 2020"


def test_a_moment_is_told_on_the_wall_of_its_zone() -> None:
    instant = datetime(2020, 2, 24, 23, 30, tzinfo=UTC)
    assert dates.moment(instant, "Africa/Casablanca", "fr") == "mardi 25 février 2020, 00:30"


def test_a_zone_is_named_by_its_city_in_each_language() -> None:
    names = [dates.zone_city("Asia/Yekaterinburg", language) for language in ("en", "fr", "es", "ru")]
    assert names == ["Yekaterinburg", "Ekaterinbourg", "Ekaterimburgo", "Екатеринбург"]


def test_short_weekdays_have_no_full_stop() -> None:
    assert [dates.short_weekday(MONDAY, language) for language in ("en", "fr", "es", "ru")] == [
        "Mon",
        "Lun",
        "Lun",
        "Пн",
    ]


def test_french_counts_the_first_of_a_month_and_no_other_day():
    first = date(2026, 3, 1)
    assert dates.bare_date(first, "fr", year=True) == "1er mars 2026"
    assert dates.long_date(first, "fr") == "Dimanche 1er mars"
    assert dates.date_range(first, date(2026, 3, 5), "fr") == "1er–5 mars 2026"
    assert dates.date_range(date(2026, 2, 21), first, "fr") == "21 février – 1er mars 2026"
    assert dates.bare_date(date(2026, 3, 11), "fr") == "11 mars"
    assert dates.bare_date(first, "es") == "1 de marzo"
