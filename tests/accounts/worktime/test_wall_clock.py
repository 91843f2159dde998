"""Working time where clocks are set forward and back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.worktime.working_time import WorkingCalendar, add, always, between, clock_changes, is_open, next_opening

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def daily(tz, *spans):
    """A calendar with the same spans every day."""
    return WorkingCalendar(tz, dict.fromkeys(range(7), spans))


def worked(calendar, first, last):
    start, end = (datetime(*day, tzinfo=calendar.zone) for day in (first, last))
    return between(start, end, calendar)


def test_skipped_hours_do_not_count_and_repeated_hours_count_twice():
    calendar = daily("Europe/Berlin", (60, 240))
    assert worked(calendar, (2026, 3, 29), (2026, 3, 30)) == 2 * HOUR
    assert worked(calendar, (2026, 10, 25), (2026, 10, 26)) == 4 * HOUR


def test_half_hours_of_lord_howe():
    calendar = daily("Australia/Lord_Howe", (60, 240))
    assert worked(calendar, (2026, 10, 4), (2026, 10, 5)) == 150 * MINUTE
    assert worked(calendar, (2026, 4, 5), (2026, 4, 6)) == 210 * MINUTE


def test_a_span_that_begins_in_the_gap_opens_right_after_it():
    calendar = daily("Europe/Berlin", (150, 210))
    midnight = datetime(2026, 3, 29, tzinfo=BERLIN)
    assert next_opening(midnight, calendar) == datetime(2026, 3, 29, 3, tzinfo=BERLIN)
    assert add(midnight, 30 * MINUTE, calendar) == datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)


def test_a_span_that_ends_in_the_repeated_hour_is_open_in_both_passes():
    calendar = daily("Europe/Berlin", (90, 150))
    first_pass, second_pass = (datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=fold) for fold in (0, 1))
    assert is_open(first_pass, calendar)
    assert not is_open(first_pass + 30 * MINUTE, calendar)
    assert is_open(second_pass, calendar)
    assert worked(calendar, (2026, 10, 25), (2026, 10, 26)) == 90 * MINUTE


def test_a_start_in_the_repeated_hour_tells_the_passes_apart():
    calendar = always("Europe/Berlin")
    first_pass, second_pass = (datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=fold) for fold in (0, 1))
    assert add(second_pass, HOUR, calendar) - add(first_pass, HOUR, calendar) == HOUR


def test_a_night_shift_has_its_real_length():
    calendar = daily("Europe/Berlin", (22 * 60, 30 * 60))
    start = datetime(2026, 3, 28, 22, tzinfo=BERLIN)
    assert add(start, 7 * HOUR, calendar) == datetime(2026, 3, 29, 6, tzinfo=BERLIN)


def test_a_date_that_never_was_has_no_working_time():
    # Samoa crossed the date line: 30 December 2011 did not happen.
    calendar = daily("Pacific/Apia", (9 * 60, 17 * 60))
    apia = calendar.zone
    assert add(datetime(2011, 12, 29, 16, tzinfo=apia), 2 * HOUR, calendar) == datetime(2011, 12, 31, 10, tzinfo=apia)


def test_a_clock_change_at_the_end_is_listed_and_at_the_beginning_not():
    change, calendar = datetime(2026, 3, 29, 1, tzinfo=UTC), always("Europe/Berlin")
    assert clock_changes(change - HOUR, change, calendar) == [(change, HOUR)]
    assert clock_changes(change, change + HOUR, calendar) == []


def test_clock_changes_are_listed_with_their_size():
    year = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    spring, autumn = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert clock_changes(*year, always("Europe/Berlin")) == [(spring, HOUR), (autumn, -HOUR)]
    assert clock_changes(*year, always("Asia/Shanghai")) == []
