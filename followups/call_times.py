"""When to call a customer: by day, and after "no answer" on another day at another time of day. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEGINS, DAY_ENDS = time(9), time(20)
# (last call before, next call at): who did not answer in the morning may be home in the evening.
OTHER_TIMES = ((time(12), time(18)), (time(17), time(10)), (time.max, time(14)))


def first_call(at: datetime, *, hours: int, zone: ZoneInfo) -> datetime:
    """Return by when to call first (UTC): `hours` after `at`, put off to 09:00 when that is not by day.

    `at` is aware; day is 09:00 to 20:00 on the clocks of `zone`.
    """
    local = (at + timedelta(hours=hours)).astimezone(zone)
    if local.time() < DAY_BEGINS:
        return _on_the_clock(local.date(), DAY_BEGINS, zone)
    if local.time() > DAY_ENDS:
        return _on_the_clock(local.date() + timedelta(days=1), DAY_BEGINS, zone)
    return local.astimezone(UTC)


def next_try(at: datetime, *, hours: int, zone: ZoneInfo) -> datetime:
    """Return when to try again (UTC) after nobody answered at `at`: another day, another time of day.

    The day is that of `hours` later, at least tomorrow (SPEC, "Follow-ups": "tried again on other days and times").
    """
    called = at.astimezone(zone)
    day = max((at + timedelta(hours=hours)).astimezone(zone).date(), called.date() + timedelta(days=1))
    moment = next(later for before, later in OTHER_TIMES if called.time() <= before)
    return _on_the_clock(day, moment, zone)


def _on_the_clock(day, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, tzinfo=zone).astimezone(UTC)
