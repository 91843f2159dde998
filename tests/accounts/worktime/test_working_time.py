"""Working time: the rule, its edges, bad input, and agreement with the minute-by-minute oracle."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings, strategies as st

from accounts.worktime.working_time import (
    CalendarError,
    WorkingCalendar,
    add,
    always,
    between,
    is_open,
    next_opening,
)
from tests.accounts.worktime.prove_working_time import ZONES, additions_a_second, compare, random_pattern

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE_DAY = ((8 * 60, 12 * 60), (13 * 60 + 30, 17 * 60 + 30))
OFFICE_WEEK = dict.fromkeys(range(5), OFFICE_DAY)
OFFICE = WorkingCalendar("Asia/Shanghai", OFFICE_WEEK)
NIGHT = WorkingCalendar("Asia/Shanghai", dict.fromkeys(range(5), ((22 * 60, 30 * 60),)))
HOUR, MINUTE, MICROSECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)


def shanghai(day, hour, minute=0, second=0, microsecond=0, month=3):
    """A moment in 2026; 2 March 2026 is a Monday."""
    return datetime(2026, month, day, hour, minute, second, microsecond, tzinfo=SHANGHAI)


class TestAdd:
    @pytest.mark.parametrize(
        ("start", "length", "end"),
        [
            (shanghai(2, 9), HOUR, shanghai(2, 10)),
            (shanghai(2, 11, 30), HOUR, shanghai(2, 14)),
            (shanghai(2, 17), HOUR, shanghai(3, 8, 30)),
            (shanghai(6, 17), HOUR, shanghai(9, 8, 30)),
            (shanghai(7, 12), HOUR, shanghai(9, 9)),
            (shanghai(2, 6), 40 * HOUR, shanghai(6, 17, 30)),
            (shanghai(2, 8), 15 * 8 * HOUR, shanghai(20, 17, 30)),
        ],
    )
    def test_counts_open_hours_only(self, start, length, end):
        assert add(start, length, OFFICE) == end

    def test_ends_at_closing_time_when_the_duration_is_used_up_there(self):
        assert add(shanghai(2, 11), HOUR, OFFICE) == shanghai(2, 12)
        assert add(shanghai(6, 16, 30), HOUR, OFFICE) == shanghai(6, 17, 30)

    def test_goes_on_at_the_next_opening_when_anything_is_left(self):
        assert add(shanghai(2, 11), HOUR + MICROSECOND, OFFICE) == shanghai(2, 13, 30) + MICROSECOND

    def test_is_exact_below_the_minute(self):
        start = shanghai(2, 11, 59, 59, 999_999)
        assert add(start, 2 * MICROSECOND, OFFICE) == shanghai(2, 13, 30) + MICROSECOND
        assert add(shanghai(2, 9, 0, 30), timedelta(seconds=45), OFFICE) == shanghai(2, 9, 1, 15)

    def test_of_nothing_is_the_first_working_moment(self):
        assert add(shanghai(2, 9), timedelta(), OFFICE) == shanghai(2, 9)
        assert add(shanghai(2, 12), timedelta(), OFFICE) == shanghai(2, 13, 30)

    def test_gives_utc_whatever_zone_the_start_is_in(self):
        start = shanghai(2, 9).astimezone(ZoneInfo("America/New_York"))
        assert add(start, HOUR, OFFICE).tzinfo is UTC
        assert add(start, HOUR, OFFICE) == shanghai(2, 10)

    def test_skips_holidays_and_counts_make_up_days(self):
        calendar = WorkingCalendar("Asia/Shanghai", OFFICE_WEEK, {date(2026, 3, 3): (), date(2026, 3, 7): OFFICE_DAY})
        assert add(shanghai(2, 17), HOUR, calendar) == shanghai(4, 8, 30)
        assert add(shanghai(6, 17), HOUR, calendar) == shanghai(7, 8, 30)

    def test_a_holiday_never_brings_the_deadline_forward(self):
        holiday = WorkingCalendar("Asia/Shanghai", OFFICE_WEEK, {date(2026, 3, 4): ()})
        assert add(shanghai(2, 9), 24 * HOUR, holiday) > add(shanghai(2, 9), 24 * HOUR, OFFICE)

    def test_around_the_clock_is_plain_addition(self):
        start = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
        assert add(start, 24 * HOUR, always("Europe/Berlin")) == start.astimezone(UTC) + 24 * HOUR


class TestNightSpans:
    def test_run_over_midnight(self):
        assert add(shanghai(2, 23), 4 * HOUR, NIGHT) == shanghai(3, 3)

    def test_belong_to_the_date_on_which_they_begin(self):
        assert is_open(shanghai(7, 5), NIGHT)  # Saturday morning: Friday's shift
        assert not is_open(shanghai(2, 5), NIGHT)  # Monday morning: Sunday has none
        holiday = WorkingCalendar("Asia/Shanghai", NIGHT.weekly, {date(2026, 3, 4): ()})
        assert is_open(shanghai(4, 5), holiday)
        assert not is_open(shanghai(5, 5), holiday)

    def test_that_reach_into_special_hours_count_once(self):
        calendar = WorkingCalendar("Asia/Shanghai", NIGHT.weekly, {date(2026, 3, 7): ((4 * 60, 8 * 60),)})
        assert between(shanghai(6, 22), shanghai(8, 0), calendar) == 10 * HOUR
        within = WorkingCalendar("Asia/Shanghai", NIGHT.weekly, {date(2026, 3, 7): ((4 * 60, 5 * 60),)})
        assert between(shanghai(6, 22), shanghai(8, 0), within) == 8 * HOUR


class TestBetween:
    def test_counts_open_hours_only(self):
        assert between(shanghai(2, 11), shanghai(2, 14), OFFICE) == 90 * MINUTE
        assert between(shanghai(6, 12), shanghai(9, 8), OFFICE) == 4 * HOUR
        assert between(shanghai(1, 0), shanghai(1, 0, month=4), OFFICE) == 22 * 8 * HOUR

    def test_is_negative_backwards(self):
        assert between(shanghai(2, 14), shanghai(2, 11), OFFICE) == -90 * MINUTE

    def test_is_exact_below_the_minute(self):
        assert between(shanghai(2, 11, 59, 59, 1), shanghai(2, 13, 30, 1), OFFICE) == timedelta(
            seconds=2, microseconds=-1
        )


class TestOpening:
    def test_next_opening_is_the_moment_itself_when_open(self):
        assert next_opening(shanghai(2, 8), OFFICE) == shanghai(2, 8)
        assert next_opening(shanghai(2, 9, 1), OFFICE) == shanghai(2, 9, 1)

    def test_next_opening_after_closing_over_a_weekend(self):
        assert next_opening(shanghai(6, 17, 30), OFFICE) == shanghai(9, 8)

    def test_closing_moment_is_closed_and_opening_moment_open(self):
        assert is_open(shanghai(2, 8), OFFICE)
        assert not is_open(shanghai(2, 12), OFFICE)
        assert is_open(shanghai(2, 12) - MICROSECOND, OFFICE)

    def test_next_opening_may_lie_years_ahead(self):
        calendar = WorkingCalendar("Asia/Shanghai", {}, {date(2030, 1, 5): OFFICE_DAY})
        assert next_opening(shanghai(2, 9), calendar) == datetime(2030, 1, 5, 8, tzinfo=SHANGHAI)


class TestBadInput:
    def refused(self, code, *args):
        with pytest.raises(CalendarError) as caught:
            WorkingCalendar(*args)
        assert caught.value.code == code
        return str(caught.value)

    @pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "a\0b", "America"])
    def test_an_unknown_zone_is_refused(self, zone):
        assert zone in self.refused("zone", zone, OFFICE_WEEK)

    def test_a_calendar_without_opening_is_refused(self):
        self.refused("no_opening", "Asia/Shanghai", {})
        self.refused("no_opening", "Asia/Shanghai", {0: (), 1: ()}, {date(2026, 3, 3): ()})

    @pytest.mark.parametrize("span", [(600, 600), (600, 540), (0, 1441), (-60, 60), (1440, 1500), (720, 2161)])
    def test_an_impossible_span_is_refused_in_the_week_and_on_a_date(self, span):
        assert "Monday" in self.refused("span", "Asia/Shanghai", {0: (span,)})
        assert "2026-03-03" in self.refused("span", "Asia/Shanghai", {}, {date(2026, 3, 3): (span,)})

    def test_overlapping_spans_of_a_day_are_refused_in_words(self):
        message = self.refused("overlap", "Asia/Shanghai", {2: ((660, 780), (480, 720))})
        assert message == "Wednesday 08:00–12:00 and Wednesday 11:00–13:00 overlap."
        self.refused("overlap", "Asia/Shanghai", {}, {date(2026, 3, 3): ((0, 700), (60, 90), (100, 120))})

    def test_a_night_span_that_overlaps_the_next_morning_is_refused(self):
        message = self.refused("overlap", "Asia/Shanghai", {6: ((1320, 1800),), 0: ((300, 720),)})
        assert message == "Sunday 22:00–06:00 and Monday 05:00–12:00 overlap."

    def test_spans_that_touch_are_allowed(self):
        calendar = WorkingCalendar("Asia/Shanghai", {0: ((480, 720), (720, 1800)), 1: ((360, 480),)})
        assert between(shanghai(2, 0), shanghai(4, 0), calendar) == 24 * HOUR

    def test_a_weekday_out_of_range_is_refused(self):
        assert "7" in self.refused("weekday", "Asia/Shanghai", {7: ((480, 720),)})

    def test_errors_are_told_in_the_readers_language(self):
        with translation.override("zh-hans"):
            assert "星期三" in self.refused("overlap", "Asia/Shanghai", {2: ((480, 720), (660, 780))})

    def test_naive_moments_are_refused(self):
        naive = datetime(2026, 3, 2, 9)
        for call in (
            lambda: add(naive, HOUR, OFFICE),
            lambda: add(naive, timedelta(), OFFICE),
            lambda: between(naive, shanghai(2, 9), OFFICE),
            lambda: between(shanghai(2, 9), naive, OFFICE),
            lambda: next_opening(naive, OFFICE),
            lambda: is_open(naive, OFFICE),
        ):
            with pytest.raises(ValueError, match="time zone"):
                call()

    def test_negative_durations_are_refused(self):
        with pytest.raises(ValueError, match="backwards"):
            add(shanghai(2, 9), -MICROSECOND, OFFICE)

    def test_a_deadline_beyond_five_years_is_refused(self):
        five_years = timedelta(days=5 * 365 + 2)
        start = shanghai(2, 9)
        assert add(start, five_years, always("Asia/Shanghai")) == start + five_years
        for length in (five_years + MICROSECOND, timedelta.max):
            with pytest.raises(CalendarError) as caught:
                add(start, length, always("Asia/Shanghai"))
            assert caught.value.code == "limit"

    def test_an_opening_beyond_five_years_is_refused(self):
        calendar = WorkingCalendar("Asia/Shanghai", {}, {date(2031, 3, 3): OFFICE_DAY})
        assert next_opening(shanghai(2, 9), calendar) == datetime(2031, 3, 3, 8, tzinfo=SHANGHAI)
        with pytest.raises(CalendarError) as caught:
            next_opening(shanghai(2, 7), calendar)
        assert caught.value.code == "limit"

    def test_a_calendar_that_has_closed_for_good_is_refused(self):
        calendar = WorkingCalendar("Asia/Shanghai", {}, {date(2020, 1, 5): OFFICE_DAY})
        for call in (
            lambda: next_opening(shanghai(2, 9), calendar),
            lambda: add(shanghai(2, 9), HOUR, calendar),
        ):
            with pytest.raises(CalendarError) as caught:
                call()
            assert caught.value.code == "limit"

    @pytest.mark.parametrize("edge", [datetime.min, datetime.max])
    def test_absurd_years_are_refused(self, edge):
        with pytest.raises(CalendarError) as caught:
            is_open(edge.replace(tzinfo=UTC), OFFICE)
        assert caught.value.code == "moment"


class TestCalendar:
    def test_cannot_be_changed_afterwards(self):
        week = dict(OFFICE_WEEK)
        calendar = WorkingCalendar("Asia/Shanghai", week)
        week[5] = OFFICE_DAY
        assert calendar == OFFICE
        with pytest.raises(TypeError):
            calendar.weekly[5] = OFFICE_DAY

    def test_tells_the_spans_of_a_date(self):
        calendar = WorkingCalendar("Asia/Shanghai", {0: [[600, 700], [60, 90]]}, {date(2026, 3, 9): []})
        assert calendar.spans_on(date(2026, 3, 2)) == ((60, 90), (600, 700))
        assert calendar.spans_on(date(2026, 3, 3)) == ()
        assert calendar.spans_on(date(2026, 3, 9)) == ()


def test_two_thousand_random_cases_agree_with_the_oracle():
    assert compare(cases=2_000, seed=20260301) == []


def test_fifty_thousand_additions_a_second():
    assert additions_a_second(seed=1, rounds=20_000) >= 50_000


@st.composite
def calendars(draw):
    rng = draw(st.randoms(use_true_random=False))
    weekly, days = random_pattern(rng, date(2026, 3, 1))
    return WorkingCalendar(draw(st.sampled_from(ZONES)), weekly, days)


moments = st.datetimes(datetime(2026, 2, 1), datetime(2026, 6, 1), timezones=st.just(UTC))
durations = st.timedeltas(MICROSECOND, timedelta(hours=3))


@settings(max_examples=150, deadline=None)
@given(calendars(), moments, durations, durations)
def test_what_was_added_lies_between_and_parts_add_up(calendar, start, first, second):
    middle = add(start, first, calendar)
    assert between(start, middle, calendar) == first
    assert is_open(middle - MICROSECOND, calendar)
    assert add(middle, second, calendar) == add(start, first + second, calendar)


@settings(max_examples=150, deadline=None)
@given(calendars(), moments, moments, moments)
def test_working_time_between_moments_adds_up(calendar, a, b, c):
    assert between(a, b, calendar) + between(b, c, calendar) == between(a, c, calendar)
    assert abs(between(a, b, calendar)) <= abs(b - a)


@settings(max_examples=150, deadline=None)
@given(calendars(), moments)
def test_nothing_is_worked_before_the_next_opening(calendar, at):
    opening = next_opening(at, calendar)
    assert is_open(opening, calendar)
    assert between(at, opening, calendar) == timedelta()
    assert is_open(at, calendar) == (opening == at)
