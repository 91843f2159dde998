"""Chinese public holidays and make-up days, checked against the State Council's announcements."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from accounts.worktime.holidays_cn import NAMES, china_days, holiday_label


def dates(year, *spans):
    """Every date of spans written as ((month, day), (month, day)), last included."""
    result = []
    for first, last in spans:
        day = date(year, *first)
        while day <= date(year, *last):
            result.append(day)
            day += timedelta(days=1)
    return result


def test_2026_is_as_announced():
    # Notice of the General Office of the State Council on the holidays of 2026.
    year = china_days(2026)
    assert year.known
    assert list(year.off) == dates(
        2026,
        ((1, 1), (1, 3)),
        ((2, 15), (2, 23)),
        ((4, 4), (4, 6)),
        ((5, 1), (5, 5)),
        ((6, 19), (6, 21)),
        ((9, 25), (9, 27)),
        ((10, 1), (10, 7)),
    )
    assert list(year.make_up) == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]


def test_2025_is_as_announced():
    year = china_days(2025)
    assert list(year.off) == dates(
        2025,
        ((1, 1), (1, 1)),
        ((1, 28), (2, 4)),
        ((4, 4), (4, 6)),
        ((5, 1), (5, 5)),
        ((5, 31), (6, 2)),
        ((10, 1), (10, 8)),
    )
    assert list(year.make_up) == [
        date(2025, 1, 26),
        date(2025, 2, 8),
        date(2025, 4, 27),
        date(2025, 9, 28),
        date(2025, 10, 11),
    ]


def test_every_day_off_carries_the_festival_it_belongs_to():
    off = china_days(2026).off
    assert off[date(2026, 1, 2)] == "New Year’s Day"
    assert off[date(2026, 2, 16)] == off[date(2026, 2, 22)] == "Spring Festival"
    assert off[date(2026, 10, 7)] == "National Day"
    assert set(off.values()) == set(NAMES.values())


def test_a_make_up_day_tells_its_festival_and_the_day_it_is_worked_for():
    year = china_days(2026)
    assert year.make_up[date(2026, 2, 28)] == "Spring Festival"
    assert year.replaces[date(2026, 2, 28)] == date(2026, 2, 23)
    assert year.replaces.keys() == year.make_up.keys()


@pytest.mark.parametrize("year", range(2010, 2027))
def test_days_off_and_make_up_days_never_meet(year):
    days = china_days(year)
    assert not days.off.keys() & days.make_up.keys()
    assert all(day.weekday() >= 5 for day in days.make_up)
    assert {day.year for day in (*days.off, *days.make_up)} == {year}


def test_days_of_a_holiday_over_new_year_belong_to_their_own_year():
    assert date(2022, 12, 31) in china_days(2022).off
    assert date(2023, 1, 2) in china_days(2023).off
    # Worked in 2001 for a day off in 2002.
    assert date(2001, 12, 29) in china_days(2001).make_up


def test_a_year_that_is_not_announced_says_so():
    # The package of this lock file ends with 2026; far years stay unknown whatever it learns.
    year = china_days(2090)
    assert not year.known
    assert not year.make_up
    assert year.off[date(2090, 10, 1)] == "National Day"
    assert date(2090, 10, 8) not in year.off


@pytest.mark.parametrize("year", [1, 1949, 2500])
def test_years_beyond_the_package_are_unknown_and_empty(year):
    assert not china_days(year).known
    assert not china_days(year).off


def test_names_entered_by_hand_are_shown_as_they_are():
    with translation.override("zh-hans"):
        assert holiday_label("厂庆") == "厂庆"
        assert holiday_label("") == ""
