"""How a moment came about, in words a person can check: "2 working hours from Fri 30 Jan, 17:00 …".

An Explanation is data. A promise stores its JSON, and each reader gets the words in their own language,
with the times of the calendar's zone. Source: SPEC "Promises", "how `due_at` was computed".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, ngettext, pgettext

from accounts.worktime.holidays_cn import holiday_label
from accounts.worktime.working_time import (
    DAY_MINUTES,
    MICROSECOND,
    WorkingCalendar,
    add,
    between,
    clock_changes,
    next_opening,
)
from ui.wording import date_words

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# More runs of ordinary days off than this are told as a number, not one by one.
FEW_RUNS = 3
# The working time of each day is told when there are no more days than this.
FEW_DAYS = 3

# (kind of step, whether it has a name): the sentence for one date and, where there can be several, for those.
SENTENCES = {
    ("holiday", False): (_("%(first)s is a holiday."), _("%(first)s to %(last)s are holidays.")),
    ("holiday", True): (
        _("%(first)s is a holiday (%(name)s)."),
        _("%(first)s to %(last)s are holidays (%(name)s)."),
    ),
    ("day_off", False): (_("%(first)s is a day off."), _("%(first)s to %(last)s are days off.")),
    ("many_days_off", False): (_("%(count)s days off from %(first)s to %(last)s do not count."),),
    ("make_up", False): (
        _("%(first)s is a make-up working day."),
        _("%(first)s to %(last)s are make-up working days."),
    ),
    ("make_up", True): (
        _("%(first)s is a make-up working day (%(name)s)."),
        _("%(first)s to %(last)s are make-up working days (%(name)s)."),
    ),
    ("special", False): (
        _("%(first)s has hours of its own."),
        _("%(first)s to %(last)s have hours of their own."),
    ),
    ("special", True): (
        _("%(first)s has hours of its own (%(name)s)."),
        _("%(first)s to %(last)s have hours of their own (%(name)s)."),
    ),
    ("clock_forward", False): (_("On %(first)s the clocks go forward by %(length)s."),),
    ("clock_back", False): (_("On %(first)s the clocks go back by %(length)s."),),
    ("counted", False): (_("%(first)s gives %(length)s."),),
}


@dataclass(frozen=True)
class Step:
    """One thing about one or more local dates that bears on the result.

    `kind` is holiday, day_off, make_up, special (other hours than usual), many_days_off (`amount` days from
    first to last), clock_forward or clock_back (by `amount` minutes), or counted (`amount` minutes of work).
    """

    kind: str
    first: date
    last: date
    name: str = ""
    amount: int = 0


@dataclass(frozen=True)
class Explanation:
    """`duration` of working time from `start` gives `end` (UTC), by the calendar of zone `tz`.

    `opening` is where counting began, None when `start` was working time. `around_the_clock` says that the
    weekly pattern has no closed minute.
    """

    start: datetime
    end: datetime
    duration: timedelta
    tz: str
    opening: datetime | None
    around_the_clock: bool
    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types only; `from_json` gives the same explanation back."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "microseconds": self.duration // MICROSECOND,
            "tz": self.tz,
            "opening": self.opening.isoformat() if self.opening else None,
            "around_the_clock": self.around_the_clock,
            "steps": [
                {
                    "kind": step.kind,
                    "first": step.first.isoformat(),
                    "last": step.last.isoformat(),
                    "name": step.name,
                    "amount": step.amount,
                }
                for step in self.steps
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Explanation":
        """The explanation that `to_json` wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            start=datetime.fromisoformat(data["start"]),
            end=datetime.fromisoformat(data["end"]),
            duration=data["microseconds"] * MICROSECOND,
            tz=data["tz"],
            opening=datetime.fromisoformat(data["opening"]) if data["opening"] else None,
            around_the_clock=data["around_the_clock"],
            steps=tuple(
                Step(
                    kind=step["kind"],
                    first=date.fromisoformat(step["first"]),
                    last=date.fromisoformat(step["last"]),
                    name=step["name"],
                    amount=step["amount"],
                )
                for step in data["steps"]
            ),
        )

    def lines(self, now: datetime) -> list[str]:
        """The sentences in the active language; the year is named where it is not that of `now`."""
        with timezone.override(ZoneInfo(self.tz)):
            lines = [
                gettext("%(duration)s from %(start)s (%(zone)s):")
                % {
                    "duration": working_time_words(self.duration),
                    "start": date_words(self.start, now),
                    "zone": self.tz,
                }
            ]
            if self.around_the_clock:
                lines.append(gettext("The team works day and night."))
            if self.opening:
                lines.append(
                    gettext("That is outside working hours; counting begins %(opening)s.")
                    % {"opening": date_words(self.opening, now)}
                )
            lines += [_step_words(step, now) for step in self.steps]
            lines.append(gettext("That makes %(end)s.") % {"end": date_words(self.end, now)})
        return lines

    def text(self, now: datetime) -> str:
        """The sentences of `lines` as one paragraph."""
        text, *rest = self.lines(now)
        for sentence in rest:
            text = pgettext("two sentences in a row", "%(text)s %(sentence)s") % {
                "text": text,
                "sentence": sentence,
            }
        return text


def explain_add(start: datetime, duration: timedelta, calendar: WorkingCalendar) -> Explanation:
    """`working_time.add` with its reasons; the same arguments, the same errors, the moment in `end`."""
    end = add(start, duration, calendar)
    opening = next_opening(start, calendar)
    start = start.astimezone(UTC)
    first = start.astimezone(calendar.zone).date()
    # A result at midnight is the end of the day before.
    last = (end - MICROSECOND).astimezone(calendar.zone).date()
    days = [first + number * DAY for number in range((last - first).days + 1)]
    counted = {day: _working_time_on(day, start, end, calendar) for day in days}
    steps = _day_steps(days, counted, calendar)
    steps += _clock_steps(opening, end, counted, calendar)
    worked = [day for day in days if counted[day]]
    if 2 <= len(worked) <= FEW_DAYS:
        # Half a minute more, so that what is cut off is rounded.
        steps += [Step("counted", day, day, amount=(counted[day] + MINUTE / 2) // MINUTE) for day in worked]
    return Explanation(
        start=start,
        end=end,
        duration=duration,
        tz=calendar.tz,
        opening=None if opening == start else opening,
        around_the_clock=all(calendar.weekly.get(weekday) == ((0, DAY_MINUTES),) for weekday in range(7)),
        # Python's sort is stable: what is on the same date keeps its order.
        steps=tuple(sorted(steps, key=lambda step: step.first)),
    )


def working_time_words(duration: timedelta) -> str:
    """A length of working time, to the minute: "2 working hours", "45 working minutes"."""
    hours, minutes = divmod(duration // MINUTE, 60)
    if hours and minutes:
        return gettext("%(hours)s h %(minutes)s min of working time") % {"hours": hours, "minutes": minutes}
    if hours:
        return ngettext("%(count)s working hour", "%(count)s working hours", hours) % {"count": hours}
    return ngettext("%(count)s working minute", "%(count)s working minutes", minutes) % {"count": minutes}


# How much working time of a stretch lies in each local date.
Counted = Mapping[date, timedelta]


def _working_time_on(day: date, start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    """How much of the working time from `start` to `end` lies in a local date."""
    midnight, next_midnight = (
        datetime.combine(date_, time.min, calendar.zone).astimezone(UTC) for date_ in (day, day + DAY)
    )
    return between(max(start, midnight), min(end, next_midnight), calendar)


def _day_steps(days: list[date], counted: Counted, calendar: WorkingCalendar) -> list[Step]:
    """Steps for dates that are closed or differ from their weekday; neighbours of one kind make one step."""

    def kind_and_name(day: date) -> tuple[str, str]:
        # Only a date that is entered by itself has a name to tell.
        name = calendar.names.get(day, "") if day in calendar.days else ""
        return _kind(day, counted, calendar), name

    steps = []
    for (kind, name), run in groupby(days, key=kind_and_name):
        first, *rest = run
        if kind:
            steps.append(Step(kind, first, rest[-1] if rest else first, name))
    days_off = [step for step in steps if step.kind == "day_off"]
    if len(days_off) > FEW_RUNS:
        amount = sum((step.last - step.first).days + 1 for step in days_off)
        steps = [step for step in steps if step.kind != "day_off"]
        steps.append(Step("many_days_off", days_off[0].first, days_off[-1].last, amount=amount))
    return steps


def _kind(day: date, counted: Counted, calendar: WorkingCalendar) -> str:
    """What is special about a date, "" when nothing is."""
    usual = calendar.weekly.get(day.weekday(), ())
    spans = calendar.spans_on(day)
    if not spans:
        # A closed day into which a night span reaches has counted; to call it a day off would confuse.
        if counted[day]:
            return ""
        return "holiday" if day in calendar.days else "day_off"
    if not usual:
        return "make_up"
    return "special" if spans != usual else ""


def _clock_steps(opening: datetime, end: datetime, counted: Counted, calendar: WorkingCalendar) -> list[Step]:
    """Steps for the clock changes on dates that have counted."""
    steps = []
    for moment, by in clock_changes(opening, end, calendar):
        day = moment.astimezone(calendar.zone).date()
        if counted.get(day):
            kind = "clock_forward" if by > timedelta() else "clock_back"
            steps.append(Step(kind, day, day, amount=abs(by) // MINUTE))
    return steps


def _step_words(step: Step, now: datetime) -> str:
    """One step as a sentence in the active language."""
    zone = timezone.get_current_timezone()
    first, last = (date_words(datetime.combine(day, time(12), zone), now, "day") for day in (step.first, step.last))
    words = {
        "first": first,
        "last": last,
        "name": holiday_label(step.name),
        "count": step.amount,
        "length": _length_words(step.amount),
    }
    sentences = SENTENCES[step.kind, bool(step.name)]
    return str(sentences[0 if step.first == step.last else -1]) % words


def _length_words(minutes: int) -> str:
    """A number of minutes, exactly: "30 min", "1 h", "7 h 30 min"."""
    hours, minutes = divmod(minutes, 60)
    if hours and minutes:
        return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if hours:
        return gettext("%(hours)s h") % {"hours": hours}
    return gettext("%(minutes)s min") % {"minutes": minutes}
