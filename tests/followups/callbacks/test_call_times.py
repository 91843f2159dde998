"""When to call a customer: by day, and in vain never twice at the same time of day."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from followups.callbacks.call_hours import understand
from followups.callbacks.call_times import first_call, next_try

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("told", "hours", "due"),
    [
        ("2026-11-18 10:00", 24, "2026-11-19 10:00"),
        ("2026-11-18 20:00", 24, "2026-11-19 20:00"),
        ("2026-11-18 20:01", 24, "2026-11-20 09:00"),
        ("2026-11-18 06:30", 24, "2026-11-19 09:00"),
        ("2026-11-18 23:30", 2, "2026-11-19 09:00"),
        ("2026-12-31 21:00", 24, "2027-01-02 09:00"),
    ],
)
def test_a_first_call_is_due_by_day(told, hours, due):
    moment = datetime.fromisoformat(told).replace(tzinfo=SHANGHAI)

    found = first_call(moment, hours=hours, zone=SHANGHAI)

    assert found.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") == due


@pytest.mark.parametrize(
    ("called", "hours", "again"),
    [
        ("2026-11-18 10:00", 20, "2026-11-19 18:00"),
        ("2026-11-18 12:00", 20, "2026-11-19 18:00"),
        ("2026-11-18 14:20", 20, "2026-11-19 10:00"),
        ("2026-11-18 19:00", 20, "2026-11-19 14:00"),
        ("2026-11-18 10:00", 1, "2026-11-19 18:00"),
        ("2026-11-18 10:00", 72, "2026-11-21 18:00"),
    ],
)
def test_nobody_answering_is_tried_again_on_another_day_at_another_time(called, hours, again):
    moment = datetime.fromisoformat(called).replace(tzinfo=SHANGHAI)

    found = next_try(moment, hours=hours, zone=SHANGHAI)

    assert found.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") == again


@pytest.mark.parametrize(
    ("told", "wished", "due"),
    [
        ("2026-11-18 10:00", "after 18:00", "2026-11-19 21:00"),
        ("2026-11-18 20:45", "after 18:00", "2026-11-20 21:00"),
        ("2026-11-18 19:00", "9:00-11:00", "2026-11-20 11:00"),
        ("2026-11-18 10:00", "周末", "2026-11-21 21:00"),
        ("2026-11-18 10:00", "工作日晚上7点后", "2026-11-19 21:00"),
        ("2026-11-20 10:00", "工作日晚上7点后", "2026-11-23 21:00"),
        ("2026-11-18 23:45", "evenings", "2026-11-20 21:00"),
    ],
)
def test_a_first_call_is_due_by_the_end_of_the_hours_wished_for(told, wished, due):
    moment = datetime.fromisoformat(told).replace(tzinfo=SHANGHAI)

    found = first_call(moment, hours=24, zone=SHANGHAI, wish=understand(wished))

    assert found.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") == due


@pytest.mark.parametrize(
    ("called", "wished", "again"),
    [
        ("2026-11-18 18:30", "after 17:00", "2026-11-19 21:00"),
        ("2026-11-18 10:00", "after 17:00", "2026-11-19 18:00"),
        ("2026-11-18 10:00", "9:00-11:00", "2026-11-19 11:00"),
        ("2026-11-20 14:00", "weekdays", "2026-11-23 10:00"),
    ],
)
def test_tried_again_it_stays_within_the_hours_wished_for(called, wished, again):
    moment = datetime.fromisoformat(called).replace(tzinfo=SHANGHAI)

    found = next_try(moment, hours=20, zone=SHANGHAI, wish=understand(wished))

    assert found.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") == again
