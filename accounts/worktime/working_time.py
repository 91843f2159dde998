"""Working time: pure arithmetic on a team's calendar. No clock, no database.

One rule carries everything here: **a moment is working time when the clock on the wall says so**. Its
local time of day lies in a span of its local date, or in a span of the date before that runs over
midnight. What is counted is elapsed time. Daylight saving then needs no further rule:

* Wall-clock times that spring skips never come. A span 01:00–04:00 has two hours that night, and a span
  that begins inside the gap opens right after it.
* Wall-clock times that come twice in autumn count twice. The same span has four hours, and a span that
  begins or ends inside the repeated hour is open in both passes of it.

Moments go in as aware datetimes of any zone and come out in UTC, exact to the microsecond.
Source: SPEC "Working time". The words that tell a person how a moment came about are in
`working_time_explain`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.worktime.wall_clock import BLOCK_SECONDS, DAY_SECONDS, Block, build_block, offset_periods

# First and last minute of the local day, end excluded. The end may lie in the following day, so
# 22:00–06:00 is (1320, 1800).
Span = tuple[int, int]

DAY_MINUTES = 1440
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BLOCK = BLOCK_SECONDS * 1_000_000
# No deadline lies further ahead than five years (issue "A promise is never forgotten", bad input).
LIMIT = timedelta(days=5 * 365 + 2)
# Keeps arithmetic far from the ends of datetime's range and the calendar's memory small.
FIRST_YEAR, LAST_YEAR = 1990, 2199


class CalendarError(ValueError):
    """A calendar, or a moment asked of it, that makes no sense; `str()` is for people, translated.

    `code` tells a form which field to blame: zone, weekday, span, overlap, no_opening, limit, moment.
    """

    def __init__(self, code: str, message: str | Promise, **params: object) -> None:
        super().__init__(code, message, params)
        self.code, self.message, self.params = code, message, params

    def __str__(self) -> str:
        return str(self.message) % self.params


@dataclass(frozen=True)
class WorkingCalendar:
    """When a team works: a weekly pattern in a time zone, and the dates on which it does not hold.

    `tz` is an IANA name. `weekly` maps Monday=0 … Sunday=6 to spans, a missing weekday is closed. `days`
    replaces the pattern on a date: no spans make a holiday, spans a make-up working day (调休) or special
    hours. `names` says what a date is called; it changes nothing in the arithmetic.

    A night span belongs to the date on which it begins: a holiday on Saturday does not cut short the night
    shift of Friday. Where such a span reaches into special hours, the time counts once.

    Raises CalendarError for an unknown zone, a weekday out of range, a span that is empty, longer than a
    day or begins outside its day, spans of a date or of the week that overlap, and no opening at all.
    """

    tz: str
    weekly: Mapping[int, Iterable[Span]]
    days: Mapping[date, Iterable[Span]] = field(default_factory=dict)
    names: Mapping[date, str] = field(default_factory=dict)
    zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _blocks: dict[int, Block] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        weekly = {weekday: _sorted_spans(spans) for weekday, spans in self.weekly.items()}
        days = {day: _sorted_spans(spans) for day, spans in self.days.items()}
        _check(weekly, days)
        # Read-only copies: the cached blocks must never disagree with the pattern they were made from.
        for name, value in {
            "zone": _zone(self.tz),
            "weekly": MappingProxyType(weekly),
            "days": MappingProxyType(days),
            "names": MappingProxyType(dict(self.names)),
        }.items():
            object.__setattr__(self, name, value)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on a local date, in order, as (start, end) minutes of that day."""
        # __post_init__ made tuples of them.
        return cast(tuple[Span, ...], self.days.get(day, self.weekly.get(day.weekday(), ())))

    def block(self, number: int) -> Block:
        """The working windows of the 32 days from `number` times 32 days after 1970-01-01 UTC; cached."""
        if number not in self._blocks:
            self._blocks[number] = build_block(self, number * BLOCK_SECONDS)
        return self._blocks[number]


def always(tz: str) -> WorkingCalendar:
    """The calendar of a team that works around the clock, every day; `tz` is an IANA name."""
    return WorkingCalendar(tz, dict.fromkeys(range(7), ((0, DAY_MINUTES),)))


def add(start: datetime, duration: timedelta, calendar: WorkingCalendar) -> datetime:
    """The moment (UTC) at which `duration` of working time has passed since `start` (aware).

    A duration that is used up exactly at closing time ends at closing time, not at the next opening. A
    duration of zero gives the first working moment from `start` on. Raises ValueError for a naive start or a
    negative duration, CalendarError when the end lies more than five years ahead.
    """
    left = duration // MICROSECOND
    if left < 0:
        raise ValueError("working time cannot be added backwards")
    if not left:
        return next_opening(start, calendar)
    begin = _to_microseconds(start)
    limit = begin + LIMIT // MICROSECOND
    number = begin // BLOCK
    block = calendar.block(number)
    left += _worked(block, begin)
    while left > block.before[-1]:
        left -= block.before[-1]
        number += 1
        if number * BLOCK > limit:
            raise _beyond_limit()
        block = calendar.block(number)
    # The window in which the time is used up; bisect_left stays in the earlier one at closing time.
    index = bisect_left(block.before, left) - 1
    end = block.starts[index] + left - block.before[index]
    if end > limit:
        raise _beyond_limit()
    return EPOCH + timedelta(microseconds=end)


def between(a: datetime, b: datetime, calendar: WorkingCalendar) -> timedelta:
    """The working time from `a` to `b` (aware), exact; negative when `b` comes first.

    Raises ValueError for a naive moment, CalendarError for one outside 1990–2199.
    """
    begin, end = _to_microseconds(a), _to_microseconds(b)
    if end < begin:
        return -between(b, a, calendar)
    first, last = begin // BLOCK, end // BLOCK
    worked = _worked(calendar.block(last), end) - _worked(calendar.block(first), begin)
    worked += sum(calendar.block(number).before[-1] for number in range(first, last))
    return timedelta(microseconds=worked)


def next_opening(at: datetime, calendar: WorkingCalendar) -> datetime:
    """The first working moment (UTC) from `at` (aware) on: `at` itself when open.

    Raises ValueError for a naive moment, CalendarError when there is none within five years.
    """
    begin = _to_microseconds(at)
    limit = begin + LIMIT // MICROSECOND
    for number in range(begin // BLOCK, limit // BLOCK + 1):
        block = calendar.block(number)
        index = bisect_right(block.ends, begin)
        if index < len(block.starts):
            opening = max(begin, block.starts[index])
            if opening > limit:
                break
            return EPOCH + timedelta(microseconds=opening)
    raise _beyond_limit()


def is_open(at: datetime, calendar: WorkingCalendar) -> bool:
    """Whether `at` (aware) is working time; the closing moment is not. Raises ValueError for a naive one."""
    moment = _to_microseconds(at)
    block = calendar.block(moment // BLOCK)
    index = bisect_right(block.starts, moment) - 1
    return index >= 0 and moment < block.ends[index]


def clock_changes(begin: datetime, end: datetime, calendar: WorkingCalendar) -> list[tuple[datetime, timedelta]]:
    """The moments in (begin, end] at which the wall clock is set forward or back: [(moment UTC, by)].

    `begin` and `end` are aware, `by` is a timedelta, positive in spring.
    """
    first, last = (_to_microseconds(moment) // 1_000_000 for moment in (begin, end))
    periods = offset_periods(calendar.zone, first // DAY_SECONDS * DAY_SECONDS, last + DAY_SECONDS)
    return [
        (EPOCH + timedelta(seconds=change), timedelta(seconds=after - before))
        for (_begin, change, before), (_change, _end, after) in pairwise(periods)
        if first < change <= last
    ]


def _to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment; refuses naive ones and absurd years."""
    if moment.utcoffset() is None:
        raise ValueError("working time needs a moment with a time zone")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise CalendarError(
            "moment",
            _("Working time is known from %(first)d to %(last)d only."),
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    return (moment - EPOCH) // MICROSECOND


def _worked(block: Block, moment: int) -> int:
    """The working time of a block before `moment`, in microseconds."""
    index = bisect_right(block.starts, moment) - 1
    if index < 0:
        return 0
    return min(block.before[index] + moment - block.starts[index], block.before[index + 1])


def _beyond_limit() -> CalendarError:
    return CalendarError("limit", _("By this calendar that would take longer than five years."))


def _sorted_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted((start, end) for start, end in spans))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CalendarError("zone", _("There is no time zone “%(name)s”."), name=name) from error


def _check(weekly: Mapping[int, tuple[Span, ...]], days: Mapping[date, tuple[Span, ...]]) -> None:
    """Raise CalendarError unless every span is sound and something is open."""
    if not any(weekly.values()) and not any(days.values()):
        raise CalendarError("no_opening", _("The calendar has no opening at all."))
    if unknown := set(weekly) - set(range(7)):
        raise CalendarError("weekday", _("There is no weekday %(number)s."), number=min(unknown))
    both: list[tuple[int | date, tuple[Span, ...]]] = [*weekly.items(), *days.items()]
    for day, spans in both:
        for start, end in spans:
            if not (0 <= start < DAY_MINUTES and start < end <= start + DAY_MINUTES):
                raise CalendarError(
                    "span",
                    _("%(day)s %(span)s: a span begins on its day, ends later, and lasts a day at most."),
                    day=_day_label(day),
                    span=_span_label((start, end)),
                )
        for first, second in pairwise(spans):
            _refuse_overlap(day, first, day, second, second[0] - first[1])
    # Night spans against what opens on the next weekday, Sunday's against Monday's.
    for weekday in range(7):
        following = (weekday + 1) % 7
        if weekly.get(weekday) and weekly.get(following):
            last, first = weekly[weekday][-1], weekly[following][0]
            _refuse_overlap(weekday, last, following, first, first[0] + DAY_MINUTES - last[1])


def _refuse_overlap(day: int | date, span: Span, other_day: int | date, other_span: Span, gap: int) -> None:
    if gap < 0:
        raise CalendarError(
            "overlap",
            _("%(day)s %(span)s and %(other_day)s %(other_span)s overlap."),
            day=_day_label(day),
            span=_span_label(span),
            other_day=_day_label(other_day),
            other_span=_span_label(other_span),
        )


def _day_label(day: int | date) -> str:
    return day.isoformat() if isinstance(day, date) else str(WEEKDAYS[day])


def _span_label(span: Span) -> str:
    """(1320, 1800) as 22:00–06:00, whatever nonsense the numbers are."""
    return "–".join("{:02}:{:02}".format(*divmod(minute % DAY_MINUTES, 60)) for minute in span)
