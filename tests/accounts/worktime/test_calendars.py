from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Calendar, CalendarDay, CalendarSpan
from accounts.worktime.calendars import CalendarBook, build, calendar_of
from accounts.worktime.working_time import CalendarError, add, is_open

YEAR = 2026


def local(day, hour, minute=0) -> datetime:
    """A moment of Shanghai in UTC (eight hours earlier)."""
    return datetime(YEAR, *day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def stations(cast) -> Calendar:
    """Monday to Friday, 08:00–12:00 and 13:30–17:30, with Chinese holidays; the company's calendar."""
    calendar = Calendar.objects.create(name="Stations")
    for weekday in range(5):
        for opens, closes in ((time(8), time(12)), (time(13, 30), time(17, 30))):
            CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
    cast.company.calendar = calendar
    cast.company.save(update_fields=["calendar"])
    return calendar


def test_a_team_works_by_the_calendar_of_the_nearest_team_above(cast, stations):
    assert calendar_of(cast.hexi) == stations
    night = Calendar.objects.create(name="Night", always_open=True)
    cast.west.calendar = night
    cast.west.save(update_fields=["calendar"])
    assert calendar_of(cast.hexi) == night
    assert calendar_of(cast.qujiang) == stations


def test_without_any_calendar_a_team_is_always_open_in_the_organisations_zone(cast, at, settings):
    hours = CalendarBook(around=at).of(cast.hexi)
    assert (hours.name, hours.fault, hours.calendar.tz) == ("", "", settings.TIME_ZONE)
    assert is_open(local((11, 22), 3), hours.calendar)


def test_spans_holidays_and_make_up_days_reach_the_arithmetic(stations):
    calendar = build(stations, year=YEAR)
    # National Day 2026 runs from 1 to 7 October; Saturday the 10th is worked instead.
    assert not is_open(local((10, 2), 9), calendar)
    assert is_open(local((10, 10), 9), calendar)
    assert not is_open(local((10, 10), 12, 30), calendar)
    assert add(local((9, 30), 17), timedelta(hours=1), calendar) == local((10, 8), 8, 30)


def test_a_day_entered_by_hand_wins_over_the_list(stations):
    CalendarDay.objects.create(
        calendar=stations, date=date(YEAR, 10, 2), kind="working", works_like=0, name="Stocktaking"
    )
    CalendarDay.objects.create(calendar=stations, date=date(YEAR, 10, 10), kind="holiday")
    calendar = build(stations, year=YEAR)
    assert is_open(local((10, 2), 9), calendar)
    assert not is_open(local((10, 10), 9), calendar)
    assert calendar.names[date(YEAR, 10, 2)] == "Stocktaking"


def test_always_open_knows_no_list_of_holidays_but_days_entered_by_hand(db):
    calendar = Calendar.objects.create(name="Hotline", always_open=True)
    CalendarDay.objects.create(calendar=calendar, date=date(YEAR, 11, 20), kind="holiday")
    hours = build(calendar, year=YEAR)
    assert is_open(local((10, 2), 3), hours)
    assert not is_open(local((11, 20), 3), hours)


def test_a_span_may_run_past_midnight(db):
    calendar = Calendar.objects.create(name="Late", chinese_holidays=False)
    CalendarSpan.objects.create(calendar=calendar, weekday=4, opens=time(22), closes=time(6))
    hours = build(calendar, year=YEAR)
    assert is_open(local((11, 21), 5), hours)
    assert not is_open(local((11, 21), 7), hours)


def test_an_edited_calendar_counts_at_once_and_an_unchanged_one_is_built_once(stations):
    before = build(stations, year=YEAR)
    assert build(Calendar.objects.get(pk=stations.pk), year=YEAR) is before
    stations.spans.filter(weekday=4).delete()
    after = build(Calendar.objects.get(pk=stations.pk), year=YEAR)
    assert not is_open(local((11, 20), 9), after)


def test_a_calendar_without_opening_or_with_overlaps_is_a_clear_error(db):
    empty = Calendar.objects.create(name="Never", chinese_holidays=False)
    with pytest.raises(CalendarError, match="no opening"):
        build(empty, year=YEAR)
    for opens, closes in ((time(8), time(12)), (time(11), time(14))):
        CalendarSpan.objects.create(calendar=empty, weekday=0, opens=opens, closes=closes)
    with pytest.raises(CalendarError, match="overlap"):
        build(empty, year=YEAR)


def test_a_team_with_a_calendar_that_makes_no_sense_counts_as_open_and_the_log_says_so(cast, at, caplog):
    cast.hexi.calendar = Calendar.objects.create(name="Never", chinese_holidays=False)
    cast.hexi.save(update_fields=["calendar"])
    hours = CalendarBook(around=at).of(cast.hexi)
    assert (hours.name, hours.fault) == ("Never", "no_opening")
    assert hours.next_opening(at) == at
    assert "Never cannot be used" in caplog.text


def test_a_book_reads_each_team_once(cast, stations, at):
    book = CalendarBook(around=at)
    book.of(cast.hexi)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        book.of(cast.hexi)
    assert len(queries) == 0
