"""Chinese public holidays and make-up working days (调休), from the maintained `holidays` package.

The State Council announces each year's days off, and the weekend days worked for them, in the November
before. Until the package knows the announcement it offers the statutory days alone, and nothing says that
the make-up days are missing; `ChinaYear.known` does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeVar

import holidays
from django.utils.translation import gettext, gettext_noop

from ui.caches import remembered

# The package's names, as in the announcements, and ours: English, the source language of the catalogue.
NAMES = {
    "元旦": gettext_noop("New Year’s Day"),
    "春节": gettext_noop("Spring Festival"),
    "农历除夕": gettext_noop("Spring Festival"),
    "春节延长假期": gettext_noop("Spring Festival"),
    "清明节": gettext_noop("Tomb-Sweeping Day"),
    "劳动节": gettext_noop("Labour Day"),
    "端午节": gettext_noop("Dragon Boat Festival"),
    "中秋节": gettext_noop("Mid-Autumn Festival"),
    "国庆节": gettext_noop("National Day"),
}
OBSERVED = "（补假）"
SWAPPED = re.compile(r"由 (\d{4}-\d{2}-\d{2}) 调休")
SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class ChinaYear:
    """The days of one calendar year that differ from their weekday.

    `known` is False while the State Council's announcement is not in the package: then `off` holds the
    statutory days only, as a guess, and `make_up` nothing. `off` has the days off, weekend days within a
    holiday included; `make_up` the weekend days worked. Both give the festival's English name, which
    `holiday_label` translates. `replaces` gives for a make-up day the day off it is worked for: its weekday
    says which hours apply.
    """

    year: int
    known: bool
    off: Mapping[date, str]
    make_up: Mapping[date, str]
    replaces: Mapping[date, date]


@remembered(None)
def china_days(year: int) -> ChinaYear:
    """The ChinaYear of `year` (1950–2100)."""
    # The neighbours too: a make-up day or the weekend of a holiday can lie in the year before or after.
    labels = dict(holidays.country_holidays("CN", years=range(year - 1, year + 2), language="zh_CN"))
    replaces = {date.fromisoformat(swap[1]): day for day, label in labels.items() if (swap := SWAPPED.search(label))}
    announced = {day.year for day in replaces.values()}
    festivals = {day: _festival(label) for day, label in labels.items() if not SWAPPED.search(label)}
    off = {}
    for day in labels:
        run = _with_weekends(day, labels, replaces) if day.year in announced else [day]
        for free in run:
            nearest = min(festivals, key=lambda festival: (abs(festival - free), festival))
            off[free] = festivals[nearest]
    make_up = {day: off[replaced] for day, replaced in replaces.items()}
    return ChinaYear(
        year=year,
        known=year in announced,
        off=_of_year(off, year),
        make_up=_of_year(make_up, year),
        replaces=_of_year(replaces, year),
    )


def holiday_label(name: str) -> str:
    """A holiday's name in the active language; names entered by hand stay as they are."""
    return gettext(name) if name in NAMES.values() else name


def _festival(label: str) -> str:
    """Our name for one of the package's labels; where two festivals meet, the first one's."""
    name = label.split("; ")[0].removesuffix(OBSERVED)
    return NAMES.get(name, name)


def _with_weekends(day: date, labels: Mapping[date, str], replaces: Mapping[date, date]) -> list[date]:
    """A day off and the weekend days that touch it, unless they are worked."""
    run = [day]
    for step in (-DAY, DAY):
        neighbour = day + step
        while neighbour.weekday() >= SATURDAY and neighbour not in labels and neighbour not in replaces:
            run.append(neighbour)
            neighbour += step
    return run


Told = TypeVar("Told")


def _of_year(days: Mapping[date, Told], year: int) -> Mapping[date, Told]:
    return MappingProxyType({day: days[day] for day in sorted(days) if day.year == year})
