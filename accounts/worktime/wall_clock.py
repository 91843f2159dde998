"""From wall-clock spans to moments: the one place that knows that clocks are set forward and back.

Inside a stretch of constant offset, wall clock and elapsed time run alike. So time is cut where a zone's
offset changes, and the spans that the wall clock shows within each stretch are moved by its offset. Skipped
hours fall away and repeated hours appear twice without being asked for.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple, Protocol

DAY_SECONDS = 86_400
BLOCK_SECONDS = 32 * DAY_SECONDS
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class Block(NamedTuple):
    """The working time of 32 days: windows in microseconds since 1970, end excluded, never touching.

    `before[i]` is the working time ahead of window i; one entry more than windows, the last is the total.
    """

    starts: list[int]
    ends: list[int]
    before: list[int]


class Opening(Protocol):
    """What opens and closes by the clock on the wall: a zone, and the spans of a date (minutes since its midnight)."""

    @property
    def zone(self) -> tzinfo: ...

    def spans_on(self, day: date) -> Sequence[tuple[int, int]]: ...


def build_block(calendar: Opening, begin: int) -> Block:
    """The windows of `calendar` in the 32 days from `begin` (seconds since 1970)."""
    windows = []
    for first, last, offset in offset_periods(calendar.zone, begin, begin + BLOCK_SECONDS):
        for start, end in _wall_clock_spans(calendar, first + offset, last + offset):
            start, end = max(start - offset, first), min(end - offset, last)
            if start < end:
                windows.append((start, end))
    starts: list[int] = []
    ends: list[int] = []
    # In order already: dates come in order, and so do the spans that begin on each.
    for start, end in windows:
        start, end = start * 1_000_000, end * 1_000_000
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    before = [0]
    for start, end in zip(starts, ends, strict=True):
        before.append(before[-1] + end - start)
    return Block(starts, ends, before)


def _wall_clock_spans(calendar: Opening, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans that touch begin … end, all in wall-clock seconds since 1970-01-01 00:00."""
    # One day earlier, because its night span may reach into the first day.
    for number in range(begin // DAY_SECONDS - 1, (end - 1) // DAY_SECONDS + 1):
        midnight = number * DAY_SECONDS
        for first, last in calendar.spans_on(date.fromordinal(number + EPOCH_ORDINAL)):
            yield midnight + first * 60, midnight + last * 60


def offset_periods(zone: tzinfo, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Cut begin … end (seconds since 1970) where the zone's offset changes: (begin, end, offset).

    Looks once a day, so it takes for granted that no zone moves its clocks and moves them back within a day.
    """

    def offset_at(second: int) -> int:
        offset = datetime.fromtimestamp(second, zone).utcoffset()
        assert offset is not None  # as of every moment in a zone
        return offset // timedelta(seconds=1)

    offset = offset_at(begin)
    for day in range(begin, end, DAY_SECONDS):
        next_day = min(day + DAY_SECONDS, end)
        new = offset_at(next_day)
        if new != offset:
            seconds = range(day, next_day)
            change = day + bisect_left(seconds, True, key=lambda s: offset_at(s) != offset)
            yield begin, change, offset
            begin, offset = change, new
    yield begin, end, offset
