"""Working time the slow and obvious way: look at every minute. Shares no code with the application.

Minute m is working time when its local wall-clock time lies in a span of its local date, or in a span of the
date before that runs over midnight. Moments are whole minutes since 1970-01-01 UTC.
"""

import functools
from array import array
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

DAY = 1440


def to_minute(moment):
    """Minutes since 1970 of an aware datetime on a whole minute."""
    return int(moment.timestamp()) // 60


def to_datetime(minute):
    """The UTC datetime of a minute since 1970."""
    return datetime.fromtimestamp(minute * 60, UTC)


@functools.cache
def wall_clock(tz, utc_day):
    """What the clock on the wall shows at each minute of a UTC day: ordinal of the date * 1440 + minute."""
    zone = ZoneInfo(tz)
    shown = array("I")
    for minute in range(utc_day * DAY, (utc_day + 1) * DAY):
        local = datetime.fromtimestamp(minute * 60, zone)
        shown.append(local.toordinal() * DAY + local.hour * 60 + local.minute)
    return shown


class Oracle:
    """One calendar over some UTC days, one byte a minute: 1 is working time, 0 is not."""

    def __init__(self, tz, weekly, days, first_day, last_day):
        self.first, self.last = first_day * DAY, last_day * DAY
        self.minutes = bytearray()
        in_spans = functools.cache(functools.partial(self._minutes_of, weekly, days))
        for utc_day in range(first_day, last_day):
            for shown in wall_clock(tz, utc_day):
                today, minute = divmod(shown, DAY)
                working = minute in in_spans(today) or minute + DAY in in_spans(today - 1)
                self.minutes.append(working)

    @staticmethod
    def _minutes_of(weekly, days, ordinal):
        """Every minute in the spans of a date, counted from its midnight; 1440 and more is the next day."""
        local_date = date.fromordinal(ordinal)
        spans = days[local_date] if local_date in days else weekly.get(local_date.weekday(), ())
        return {minute for start, end in spans for minute in range(start, end)}

    def is_open(self, at):
        """Whether minute `at` is working time."""
        return bool(self.minutes[at - self.first])

    def next_opening(self, at):
        """The first working minute from `at` on; IndexError when the days looked at have none."""
        while not self.is_open(at):
            at += 1
        return at

    def add(self, start, count):
        """The minute at which `count` working minutes (at least one) have passed since `start`."""
        at = start
        while count:
            count -= self.minutes[at - self.first]
            at += 1
        return at

    def between(self, a, b):
        """How many of the minutes from `a` up to `b` are working time."""
        return sum(self.minutes[a - self.first : b - self.first])
