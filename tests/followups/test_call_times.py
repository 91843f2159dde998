"""When to call a customer: by day, and in vain never twice at the same time of day."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from followups.call_times import first_call, next_try

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
