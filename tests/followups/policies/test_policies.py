from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import Calendar, CalendarSpan
from accounts.worktime.calendars import CalendarBook
from complaints.models import Category
from followups.models import Promise, PromisePolicy
from followups.policies.policies import category_chain, due_by, due_in, policies_for
from followups.promises import explaining
from tests.cases import logged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def metering(cast):
    return cast.metering


def policy(**fields) -> PromisePolicy:
    return PromisePolicy.objects.create(**{"severity": "normal", "kind": "resolution", "minutes": 60} | fields)


def stations_of(cast):
    calendar = Calendar.objects.create(name="Stations", chinese_holidays=True)
    for weekday in range(5):
        CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=time(18))
    cast.company.calendar = calendar
    cast.company.save(update_fields=["calendar"])


def test_the_tiers_of_the_start_are_there(cast, at):
    complaint = logged(cast, at)
    minutes = {}
    for severity in ("danger", "urgent", "normal", "complex"):
        complaint.severity = severity
        minutes[severity] = policies_for(complaint)["resolution"].minutes
    assert minutes == {"danger": 120, "urgent": 24 * 60, "normal": 7 * 24 * 60, "complex": 15 * 24 * 60}


def test_the_nearest_category_beats_the_one_above_and_that_the_general_one(cast, metering, at):
    pumps = Category.objects.create(name="Pumps", parent=metering)
    [nozzles] = Category.objects.bulk_create([Category(name="Nozzles", parent=pumps)])
    other = Category.objects.create(name="Other")
    above = policy(category=metering, minutes=90)
    complaint = logged(cast, at, category=nozzles)
    policy(category=other, minutes=45)
    policy(category=pumps, severity="urgent", minutes=45)
    assert policies_for(complaint)["resolution"] == above
    near = policy(category=nozzles)
    assert policies_for(complaint)["resolution"] == near
    near.active = False
    near.save(update_fields=["active"])
    assert policies_for(complaint)["resolution"] == above
    assert policies_for(complaint)["first_contact"].category is None


def test_a_circle_of_categories_ends(cast, metering):
    pumps = Category.objects.create(name="Pumps", parent=metering)
    Category.objects.filter(pk=metering.pk).update(parent=pumps)
    pumps = Category.objects.get(pk=pumps.pk)
    assert category_chain(pumps) == [pumps.pk, metering.pk]


def test_working_time_follows_the_teams_calendar_and_is_explained(cast, at):
    stations_of(cast)
    friday = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)  # 17:30 in Shanghai
    due_at, how = due_in(60, "working", start=friday, team=cast.hexi, book=CalendarBook(around=at))
    assert due_at == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    lines = explaining.lines(Promise(due_at=due_at, explanation=how), at)
    assert lines[0] == "1 working hour from Fri 20 Nov, 17:30 (Asia/Shanghai):"
    assert "Sat 21 Nov to Sun 22 Nov are days off." in lines
    assert lines[-1] == "Counted by the calendar “Stations”."


def test_calendar_time_runs_day_and_night(cast, at):
    due_at, how = due_in(24 * 60, "calendar", start=at, team=cast.hexi, book=CalendarBook(around=at))
    assert due_at == at + DAY
    assert explaining.lines(Promise(due_at=due_at, explanation=how), at) == [
        "1 day, day and night, from Wed 18 Nov, 10:00. That makes Thu 19 Nov, 10:00."
    ]


def test_without_a_calendar_the_explanation_says_that_every_hour_counts(cast, at):
    due_at, how = due_in(60, "working", start=at, team=cast.hexi, book=CalendarBook(around=at))
    assert due_at == at + HOUR
    assert "every hour counts" in explaining.lines(Promise(due_at=due_at, explanation=how), at)[-1]


@pytest.mark.parametrize("spans", [[], [(0, time(8), time(8, 1))]])
def test_a_calendar_that_cannot_be_counted_with_does_not_stop_anybody(cast, at, spans):
    calendar = Calendar.objects.create(name="Hardly ever", chinese_holidays=False)
    for weekday, opens, closes in spans:
        CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
    cast.hexi.calendar = calendar
    cast.hexi.save(update_fields=["calendar"])
    # Seven days of working time at a minute a week take longer than five years.
    due_at, how = due_in(7 * 24 * 60, "working", start=at, team=cast.hexi, book=CalendarBook(around=at))
    assert due_at == at + 7 * DAY
    assert "cannot be counted with" in explaining.lines(Promise(due_at=due_at, explanation=how), at)[-1]
    assert logged(cast, at).promises.count() == 3


def test_the_warning_counts_on_the_same_clock_as_the_promise(cast, at):
    stations_of(cast)
    rule = policy(category=cast.metering, minutes=120, clock="working", warn_minutes=90)
    friday = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    due = due_by(rule, start=friday, team=cast.hexi, book=CalendarBook(around=at))
    assert due.warn_at == friday + HOUR / 2
    assert due.due_at == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert due.long_stop_at is None


def test_no_warning_and_a_long_stop_never_before_the_due_moment(cast, at):
    stations_of(cast)
    rule = policy(category=cast.metering, clock="working", warn_minutes=0, long_stop_minutes=60)
    friday_night = datetime(2026, 11, 20, 14, tzinfo=UTC)
    due = due_by(rule, start=friday_night, team=cast.hexi, book=CalendarBook(around=at))
    assert due.warn_at is None
    assert due.long_stop_at == due.due_at
