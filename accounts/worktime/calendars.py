"""From the rows an administrator edits to the calendar that the arithmetic of `working_time` counts with.

A team without a calendar works by the one of the nearest team above. Where none is set up to the root, the
team counts as always open in the organisation's time zone; promises say so in their explanation.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, QuerySet

from accounts.held import once
from accounts.models import Calendar, CalendarDay, CalendarSpan, Team
from accounts.worktime import holidays_cn, working_time
from accounts.worktime.working_time import CalendarError, WorkingCalendar, always
from accounts.written import AmongThese, Given, WrittenRows
from ui.caches import remembered

log = logging.getLogger(__name__)

# No deadline lies further ahead than five years; one more on each side for weekends and make-up days.
YEARS_BACK, YEARS_AHEAD = 1, 6


@dataclass(frozen=True)
class TeamHours:
    """The calendar a team works by, and its name; no name means that no team above has one either.

    `fault` is the code of the CalendarError for which a calendar could not be used: then the team counts as
    always open, because a promise too short is better than a complaint that cannot be logged.
    """

    name: str
    calendar: WorkingCalendar
    fault: str = ""

    def next_opening(self, at: datetime) -> datetime:
        """The first working moment (UTC) from `at` (aware) on."""
        return working_time.next_opening(at, self.calendar)


class CalendarBook:
    """The hours of teams, each read once: for one step, or for one batch of the sweep.

    `around` (aware) says which years' holidays are asked for: one year before to six after it.
    """

    def __init__(self, *, around: datetime) -> None:
        self._year = around.year
        self._hours: dict[int, TeamHours] = {}

    def of(self, team: Team) -> TeamHours:
        """The hours of `team`; a calendar that makes no sense is reported in the log and counts as open."""
        if team.pk not in self._hours:
            self._hours[team.pk] = _hours_of(team, self._year)
        return self._hours[team.pk]


@once
def _hours_of(team: Team, year: int) -> TeamHours:
    calendar = calendar_of(team)
    if calendar is None:
        return TeamHours("", always(settings.TIME_ZONE))
    try:
        return TeamHours(calendar.name, build(calendar, year=year))
    except CalendarError as error:
        log.error("The calendar %s cannot be used: %s", calendar.name, error)
        return TeamHours(calendar.name, always(settings.TIME_ZONE), fault=error.code)


@once
def calendar_of(team: Team) -> Calendar | None:
    """The calendar of `team`: its own, else that of the nearest team above; None where there is none."""
    return next(iter(_NEAREST.instances(teams=team.path_ids)), None)


def zone_of(team: Team) -> ZoneInfo:
    """The time zone in which `team` reads a clock."""
    calendar = calendar_of(team)
    return ZoneInfo(calendar.time_zone if calendar else settings.TIME_ZONE)


def _nearest(calendars: QuerySet[Calendar]) -> QuerySet[Calendar]:
    """That of the nearest of the teams that has one; each complaint that is logged asks."""
    of_these = AmongThese(F("team"), Given("teams", ArrayField(BigIntegerField())))
    return calendars.filter(of_these).order_by("-team__depth")[:1]


_NEAREST = WrittenRows(Calendar, _nearest)


def build(calendar: Calendar, *, year: int) -> WorkingCalendar:
    """The arithmetic's calendar for the rows of `calendar`, with the holidays of the years around `year`.

    Built once a process for the same content, however often the rows are read. Raises CalendarError for
    a calendar without any opening, with overlapping spans or an unknown time zone.
    """
    spans = tuple(sorted((span.weekday, *span.minutes) for span in calendar.spans.all()))
    days = tuple(sorted((day.date, day.kind, day.works_like, day.name) for day in _days_around(calendar, year)))
    holidays = calendar.chinese_holidays and not calendar.always_open
    return _build(calendar.time_zone, calendar.always_open, spans, days, year if holidays else 0)


def _days_around(calendar: Calendar, year: int) -> QuerySet[CalendarDay]:
    return calendar.days.filter(date__year__gte=year - YEARS_BACK, date__year__lte=year + YEARS_AHEAD)


@remembered(256)
def _build(
    time_zone: str,
    always_open: bool,
    spans: tuple[tuple[int, int, int], ...],
    days: tuple[tuple[date, str, int | None, str], ...],
    holiday_year: int,
) -> WorkingCalendar:
    """The key is the content itself, so a calendar that was edited is simply another key."""
    weekly: dict[int, list[working_time.Span]] = {}
    for weekday, opens, closes in spans:
        weekly.setdefault(weekday, []).append((opens, closes))
    if always_open:
        weekly = {weekday: [(0, working_time.DAY_MINUTES)] for weekday in CalendarSpan.Weekday.values}
    special: dict[date, Sequence[working_time.Span]] = {}
    names: dict[date, str] = {}
    if holiday_year:
        for year in range(holiday_year - YEARS_BACK, holiday_year + YEARS_AHEAD + 1):
            known = holidays_cn.china_days(year)
            special.update(dict.fromkeys(known.off, ()))
            special.update({day: weekly.get(known.replaces[day].weekday(), ()) for day in known.make_up})
            names.update({**known.off, **known.make_up})
    # What was entered by hand wins.
    for day, kind, works_like, name in days:
        special[day] = ()
        if kind != CalendarDay.Kind.HOLIDAY and works_like is not None:
            special[day] = weekly.get(works_like, ())
        names[day] = name
    return WorkingCalendar(time_zone, weekly, special, names)
