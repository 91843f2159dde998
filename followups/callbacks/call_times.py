"""When to call a customer: by day, in the hours they wish, and after "no answer" on another day. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followups.callbacks.call_hours import SHORTEST_MINUTES, Wish

DAY_BEGINS, DAY_ENDS = time(9), time(20)
# (last call before, next call at): who did not answer in the morning may be home in the evening.
OTHER_TIMES = ((time(12), time(18)), (time(17), time(10)), (time.max, time(14)))


def first_call(at: datetime, *, hours: int, zone: ZoneInfo, wish: Wish | None = None) -> datetime:
    """Return by when to call first (UTC): `hours` after `at`, put off to 09:00 when that is not by day.

    `at` is aware; day is 09:00 to 20:00 on the clocks of `zone`. With a `wish` it is the end of the first hours
    wished for of which half an hour is left then.
    """
    local = (at + timedelta(hours=hours)).astimezone(zone)
    if wish is not None:
        enough = local + timedelta(minutes=SHORTEST_MINUTES)
        day = enough.date() if enough.time() <= wish.end else enough.date() + timedelta(days=1)
        return _on_the_clock(_wished_day(day, wish), wish.end, zone)
    if local.time() < DAY_BEGINS:
        return _on_the_clock(local.date(), DAY_BEGINS, zone)
    if local.time() > DAY_ENDS:
        return _on_the_clock(local.date() + timedelta(days=1), DAY_BEGINS, zone)
    return local.astimezone(UTC)


def next_try(at: datetime, *, hours: int, zone: ZoneInfo, wish: Wish | None = None) -> datetime:
    """Return when to try again (UTC) after nobody answered at `at`: another day, another time of day.

    The day is that of `hours` later, at least tomorrow (SPEC, "Follow-ups": "tried again on other days and times").
    Within a `wish` the other time of day is kept as far as it lies inside.
    """
    called = at.astimezone(zone)
    day = max((at + timedelta(hours=hours)).astimezone(zone).date(), called.date() + timedelta(days=1))
    moment = next(later for before, later in OTHER_TIMES if called.time() <= before)
    if wish is not None:
        day, moment = _wished_day(day, wish), moment if wish.start < moment <= wish.end else wish.end
    return _on_the_clock(day, moment, zone)


def _wished_day(day: date, wish: Wish) -> date:
    """`day`, or the next one that the wish names."""
    return next(later for later in (day + timedelta(days=n) for n in range(7)) if later.weekday() in wish.days)


def _on_the_clock(day: date, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, tzinfo=zone).astimezone(UTC)
