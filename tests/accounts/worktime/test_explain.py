"""The words that tell how a moment came about."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from accounts.worktime.explain import Explanation, Step, explain_add, working_time_words
from accounts.worktime.working_time import CalendarError, WorkingCalendar, add, always

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE_DAY = ((8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60 + 30))
OFFICE_WEEK = dict.fromkeys(range(5), OFFICE_DAY)
SPRING_FESTIVAL = [date(2026, 2, day) for day in range(15, 24)]
OFFICE = WorkingCalendar(
    "Asia/Shanghai",
    OFFICE_WEEK,
    {
        date(2026, 1, 31): OFFICE_DAY,
        date(2026, 2, 14): OFFICE_DAY,
        **dict.fromkeys(SPRING_FESTIVAL, ()),
        date(2026, 3, 3): OFFICE_DAY[:1],
        date(2026, 3, 4): (),
        date(2026, 3, 5): OFFICE_DAY,
    },
    {date(2026, 2, 14): "Spring Festival", **dict.fromkeys(SPRING_FESTIVAL, "Spring Festival")},
)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 1, 30, 12, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def explain(month, day, hour, duration, calendar=OFFICE, minute=0):
    """The explanation of `duration` from a moment in 2026, in the calendar's zone."""
    return explain_add(datetime(2026, month, day, hour, minute, tzinfo=calendar.zone), duration, calendar)


def kinds(explanation):
    return [step.kind for step in explanation.steps]


def test_tells_that_a_saturday_is_a_make_up_day():
    assert explain(1, 30, 17, 2 * HOUR).text(NOW) == (
        "2 working hours from Fri 30 Jan, 17:00 (Asia/Shanghai): Fri 30 Jan gives 30 min. "
        "Sat 31 Jan is a make-up working day. Sat 31 Jan gives 1 h 30 min. That makes Sat 31 Jan, 10:00."
    )


def test_tells_where_counting_begins_outside_working_hours():
    explanation = explain(1, 30, 18, 2 * HOUR)
    assert explanation.opening == datetime(2026, 1, 31, 8, 30, tzinfo=SHANGHAI)
    assert "counting begins Sat 31 Jan, 08:30." in explanation.text(NOW)
    assert explain(1, 30, 17, 2 * HOUR).opening is None


def test_names_a_holiday_once_for_all_its_days():
    lines = explain(2, 13, 17, 16 * HOUR).lines(NOW)
    assert lines[1:] == [
        "Sat 14 Feb is a make-up working day (Spring Festival).",
        "Sun 15 Feb to Mon 23 Feb are holidays (Spring Festival).",
        "That makes Wed 25 Feb, 09:00.",
    ]


def test_tells_holidays_without_a_name_and_unusual_hours():
    lines = explain(3, 2, 17, 8 * HOUR).lines(NOW)
    assert lines[1:] == [
        "Mon 2 Mar gives 30 min.",
        "Tue 3 Mar has hours of its own.",
        "Tue 3 Mar gives 3 h 30 min.",
        "Wed 4 Mar is a holiday.",
        "Thu 5 Mar gives 4 h.",
        "That makes Thu 5 Mar, 14:00.",
    ]


def test_an_entered_day_with_the_usual_hours_is_not_worth_a_word():
    assert kinds(explain(3, 5, 9, HOUR)) == []


def test_a_name_on_a_date_that_is_not_entered_changes_nothing():
    calendar = WorkingCalendar("Asia/Shanghai", OFFICE_WEEK, {}, {date(2026, 3, 7): "Rest", date(2026, 3, 8): "Rest"})
    assert explain(3, 6, 17, HOUR, calendar) == explain(3, 6, 17, HOUR)


def test_the_time_each_day_gives_is_rounded_to_the_minute():
    start = datetime(2026, 1, 30, 17, 0, 20, tzinfo=SHANGHAI)
    given = [step.amount for step in explain_add(start, 2 * HOUR, OFFICE).steps if step.kind == "counted"]
    assert given == [30, 90]


def test_a_weekend_is_told_and_many_weekends_are_counted():
    assert Step("day_off", date(2026, 3, 7), date(2026, 3, 8)) in explain(3, 6, 17, HOUR).steps
    explanation = explain(3, 9, 9, 180 * HOUR)
    assert explanation.steps == (Step("many_days_off", date(2026, 3, 14), date(2026, 4, 5), amount=8),)
    assert explanation.lines(NOW)[1] == "8 days off from Sat 14 Mar to Sun 5 Apr do not count."


def test_a_plain_hour_needs_no_reasons():
    assert explain(3, 9, 9, HOUR).lines(NOW) == [
        "1 working hour from Mon 9 Mar, 09:00 (Asia/Shanghai):",
        "That makes Mon 9 Mar, 10:00.",
    ]


def test_a_night_shift_into_saturday_does_not_make_saturday_a_day_off():
    nights = WorkingCalendar("Europe/Berlin", dict.fromkeys(range(5), ((22 * 60, 30 * 60),)))
    explanation = explain(3, 20, 23, 8 * HOUR, nights)
    assert explanation.steps == (
        Step("counted", date(2026, 3, 20), date(2026, 3, 20), amount=60),
        Step("counted", date(2026, 3, 21), date(2026, 3, 21), amount=360),
        Step("day_off", date(2026, 3, 22), date(2026, 3, 22)),
        Step("counted", date(2026, 3, 23), date(2026, 3, 23), amount=60),
    )


def test_a_result_at_midnight_does_not_speak_of_the_day_after():
    late = WorkingCalendar("Asia/Shanghai", dict.fromkeys(range(5), ((16 * 60, 24 * 60),)))
    assert kinds(explain(3, 6, 20, 4 * HOUR, late)) == []


def test_tells_clock_changes_on_days_that_count():
    spring = explain(3, 28, 18, 24 * HOUR, always("Europe/Berlin"))
    assert spring.lines(NOW)[1:] == [
        "The team works day and night.",
        "Sat 28 Mar gives 6 h.",
        "On Sun 29 Mar the clocks go forward by 1 h.",
        "Sun 29 Mar gives 18 h.",
        "That makes Sun 29 Mar, 19:00.",
    ]
    autumn = explain(4, 4, 20, 24 * HOUR, always("Australia/Lord_Howe"))
    assert "On Sun 5 Apr the clocks go back by 30 min." in autumn.lines(NOW)
    office = WorkingCalendar("Europe/Berlin", OFFICE_WEEK)
    assert kinds(explain(3, 27, 17, HOUR, office)) == ["counted", "day_off", "counted"]


def test_gives_the_same_moment_as_add():
    for hours in (0, 1, 7, 40, 200):
        start = datetime(2026, 2, 12, 11, tzinfo=SHANGHAI)
        assert explain_add(start, hours * HOUR, OFFICE).end == add(start, hours * HOUR, OFFICE)


def test_survives_storing_as_json():
    for explanation in (
        explain(2, 13, 18, 16 * HOUR),
        explain(3, 28, 18, 24 * HOUR, always("Europe/Berlin")),
    ):
        assert Explanation.from_json(json.loads(json.dumps(explanation.to_json()))) == explanation


def test_shows_the_times_of_the_calendars_zone_whatever_zone_the_reader_is_in():
    with timezone.override("America/New_York"):
        assert "Fri 30 Jan, 17:00 (Asia/Shanghai)" in explain(1, 30, 17, HOUR).text(NOW)


def test_names_the_year_when_it_is_another_one():
    assert "Fri 30 Jan 2026, 17:00" in explain(1, 30, 17, HOUR).text(datetime(2027, 1, 1, tzinfo=UTC))


def test_dates_are_written_as_the_readers_language_writes_them():
    with translation.override("zh-hans"):
        assert "1月31日（周六）10:00" in explain(1, 30, 17, 2 * HOUR).text(NOW)


@pytest.mark.parametrize("last", [date(2026, 3, 2), date(2026, 3, 4)])
@pytest.mark.parametrize("name", ["", "Founding day"])
@pytest.mark.parametrize("kind", ["holiday", "make_up", "special"])
def test_every_kind_of_day_has_words_for_one_day_and_for_several(kind, name, last):
    step = Step(kind, date(2026, 3, 2), last, name)
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    explanation = Explanation(start, start, HOUR, "UTC", None, False, (step,))
    words = explanation.lines(NOW)[1]
    assert ("Founding day" in words) == bool(name)
    assert ("Wed 4 Mar" in words) == (last != step.first)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(), "0 working minutes"),
        (MINUTE, "1 working minute"),
        (45 * MINUTE, "45 working minutes"),
        (HOUR, "1 working hour"),
        (40 * HOUR, "40 working hours"),
        (90 * MINUTE, "1 h 30 min of working time"),
    ],
)
def test_lengths_of_working_time_in_words(duration, words):
    assert working_time_words(duration) == words


def test_refuses_what_add_refuses():
    with pytest.raises(ValueError, match="time zone"):
        explain_add(datetime(2026, 3, 2, 9), HOUR, OFFICE)
    with pytest.raises(ValueError, match="backwards"):
        explain(3, 2, 9, -HOUR)
    with pytest.raises(CalendarError):
        explain(3, 2, 9, timedelta.max)
