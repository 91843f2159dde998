"""Compare working time with the minute-by-minute oracle on random calendars and moments.

    python -m tests.accounts.worktime.prove_working_time --cases 100000 --seed 7

prints the first disagreements, if any, and one JSON line; `disagreements` must be 0.
"""

import argparse
import json
import random
import time
from datetime import UTC, date, datetime, timedelta

from accounts.worktime.working_time import WorkingCalendar, add, always, between, is_open, next_opening
from tests.accounts.worktime.working_time_oracle import Oracle, to_datetime

ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Asia/Kathmandu",  # +05:45
    "Pacific/Apia",
    "Africa/Casablanca",  # clocks set back for Ramadan
    "Asia/Beirut",  # clocks change at midnight
    "Antarctica/Troll",  # clocks change by two hours
]
# A calendar is looked at for this long: starts lie in the first part, the rest is room for deadlines.
START_DAYS, ROOM_DAYS = 25, 60
CASES_A_CALENDAR = 50
LONGEST_MINUTES = 5 * 480
EPOCH_DATE = date(1970, 1, 1)


def random_spans(rng, *, overnight):
    """Spans of one day that do not overlap; the last may run over midnight up to 06:00."""
    edges = sorted(rng.sample(range(6 * 60, 24 * 60 + 1), 2 * rng.randint(1, 3)))
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    if overnight:
        start = rng.randint(spans[-1][0], 24 * 60 - 1)
        spans[-1] = (start, rng.randint(24 * 60 + 1, 24 * 60 + 6 * 60))
    return tuple(spans)


def random_pattern(rng, first_date):
    """A random weekly pattern, and the dates on which it does not hold, from `first_date` on."""
    if rng.random() < 0.1:
        weekly = dict.fromkeys(range(7), ((0, 1440),))
    elif rng.random() < 0.3:
        # Early hours, where most zones change their clocks.
        weekly = {weekday: ((rng.randint(0, 150), rng.randint(151, 360)), (540, 1080)) for weekday in range(7)}
    else:
        overnight = rng.random() < 0.4
        weekdays = sorted(rng.sample(range(7), rng.randint(3, 7)))
        weekly = {weekday: random_spans(rng, overnight=overnight) for weekday in weekdays}
    days = {}
    for _ in range(rng.randint(0, 12)):
        day = first_date + timedelta(days=rng.randrange(START_DAYS + ROOM_DAYS))
        if rng.random() < 0.5:
            days[day] = ()
        else:
            days[day] = random_spans(rng, overnight=rng.random() < 0.3)
    return weekly, days


def disagreements_of(rng, calendar, oracle, first_minute):
    """One random case: a line for each of the four functions that differs from the oracle."""
    # Half of the starts lie on a full or half hour, where spans and clock changes are.
    start = first_minute + rng.randrange(START_DAYS * 1440)
    if rng.random() < 0.5:
        start -= start % 30
    count = rng.choice((rng.randint(1, 90), rng.randint(1, LONGEST_MINUTES)))
    # Never more than the oracle can see; some calendars open for minutes only.
    count = min(count, oracle.between(start, oracle.last))
    moment = to_datetime(start)
    expected = to_datetime(oracle.add(start, count))
    other = start + rng.randrange(20 * 1440)
    checks = {
        "add": (add(moment, timedelta(minutes=count), calendar), expected),
        "between": (
            between(moment, to_datetime(other), calendar),
            timedelta(minutes=oracle.between(start, other)),
        ),
        "next_opening": (next_opening(moment, calendar), to_datetime(oracle.next_opening(start))),
        "is_open": (is_open(moment, calendar), oracle.is_open(start)),
    }
    return [
        f"{name}: {moment} +{count} min in {calendar!r}: {got}, expected {wanted}"
        for name, (got, wanted) in checks.items()
        if got != wanted
    ]


def compare(cases, seed):
    """Run `cases` random cases; returns the lines of all disagreements."""
    rng = random.Random(seed)
    lines = []
    for done in range(0, cases, CASES_A_CALENDAR):
        tz = rng.choice(ZONES)
        first_date = date(2024, 1, 1) + timedelta(days=rng.randrange(4 * 365))
        weekly, days = random_pattern(rng, first_date)
        calendar = WorkingCalendar(tz, weekly, days)
        first_day = (first_date - EPOCH_DATE).days
        oracle = Oracle(tz, weekly, days, first_day, first_day + START_DAYS + ROOM_DAYS)
        for _ in range(min(CASES_A_CALENDAR, cases - done)):
            lines += disagreements_of(rng, calendar, oracle, first_day * 1440)
    return lines


def additions_a_second(seed, rounds=100_000):
    """Additions a second of processor time, for deadlines within 30 days in three kinds of calendar."""
    rng = random.Random(seed)
    office = dict.fromkeys(range(5), ((8 * 60, 12 * 60), (13 * 60 + 30, 17 * 60 + 30)))
    national_day = dict.fromkeys((date(2026, 10, day) for day in range(1, 8)), ())
    calendars = [
        WorkingCalendar("Asia/Shanghai", office, {**national_day, date(2026, 10, 10): office[0]}),
        WorkingCalendar("America/New_York", dict.fromkeys(range(7), ((22 * 60, 30 * 60),))),
        always("Europe/Berlin"),
    ]
    new_year = datetime(2026, 1, 1, tzinfo=UTC)
    work = []
    while len(work) < rounds:
        calendar = rng.choice(calendars)
        start = new_year + timedelta(seconds=rng.randrange(365 * 86_400))
        duration = between(start, start + timedelta(days=rng.uniform(0, 30)), calendar)
        work.append((start, duration, calendar))
    began = time.process_time()
    for start, duration, calendar in work:
        add(start, duration, calendar)
    return round(rounds / (time.process_time() - began))


def main():
    """Print the JSON line; the exit code is 1 when anything disagrees."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    lines = compare(options.cases, options.seed)
    for line in lines[:20]:
        print(line)
    result = {
        "cases": options.cases,
        "seed": options.seed,
        "disagreements": len(lines),
        "additions_per_s": additions_a_second(options.seed),
    }
    print(json.dumps(result))
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
