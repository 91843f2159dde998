"""Filling the database with invented cases, oldest first."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from datetime import datetime, timedelta
from itertools import groupby
from multiprocessing import get_context
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from complaints.intake.receiving import next_references
from complaints.models import Complaint
from demo.bulk.case import SOURCE
from demo.bulk.organisation import invent, is_empty, organisation
from demo.bulk.process import set_up
from demo.bulk.worker import ORDER, Slot, fill_lane

BATCH = 2000
# Each lane has dice of its own, so that the same seed makes the same cases whether they run side by side or not.
LANES = 2
SECONDS_BETWEEN_REPORTS = 5
# Two years of complaints; fewer, where so few were asked for that a day would have next to none.
LONGEST, SHORTEST, FEWEST_A_DAY = timedelta(days=730), timedelta(days=30), 100
# A conversation has one to six entries; that of every so manieth case, and of the last one, has twenty.
LONG_EVERY = 500


def has_real_cases() -> bool:
    """Whether the database holds a complaint that was not invented here."""
    return Complaint.objects.exclude(source=SOURCE).exists()


def fill(
    count: int, *, seed: int, at: datetime, still_open: int = 0, batch: int = BATCH, parallel: bool = True
) -> Iterator[int]:
    """Store `count` invented complaints as they stand at `at` (aware); yields how many are stored, now and then.

    Of the newest `still_open` none is archived; the others end as their lives have it, which leaves few open.

    The same seed, organisation and moment make the same cases (the customers' links differ: they are secrets).
    Promises that are open are due after `at`, so that nothing breaks at once; no notice is written to anybody.
    `parallel` shares the work among processes, which see committed rows only. Raises NobodyThere when the
    organisation has no site where anybody handles complaints.
    """
    if is_empty():
        invent(Random(seed))
    organisation()
    slots = _slots(count, still_open, Random(seed), at)
    batches = [slots[begin : begin + batch] for begin in range(0, count, batch)]
    lanes = [(f"{seed}:{lane}", at, batches[lane::LANES]) for lane in range(LANES)]
    if parallel and len(batches) > 1:
        yield from _side_by_side(lanes, count)
    else:
        for lane in lanes:
            fill_lane(*lane)
    with connection.cursor() as cursor:
        for model in ORDER:
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
    yield count


def _side_by_side(lanes: list[tuple], count: int) -> Iterator[int]:
    """Run each lane in a process of its own; yields how many cases are stored every few seconds."""
    before = Complaint.objects.count()
    database = connection.settings_dict["NAME"]
    with ProcessPoolExecutor(
        len(lanes), mp_context=get_context("spawn"), initializer=set_up, initargs=(database,)
    ) as processes:
        running = {processes.submit(fill_lane, *lane) for lane in lanes}
        while running:
            done, running = wait(running, timeout=SECONDS_BETWEEN_REPORTS)
            for lane in done:
                lane.result()
            if running:
                yield min(Complaint.objects.count() - before, count)


def _slots(count: int, still_open: int, dice: Random, at: datetime) -> list[Slot]:
    """Cases evenly over the time before `at`, ascending; their references are given out by year."""
    span = min(max(timedelta(days=count / FEWEST_A_DAY), SHORTEST), LONGEST)
    moments = [at - span * ((count - number - dice.random()) / count) for number in range(count)]
    zone = ZoneInfo(settings.TIME_ZONE)
    references: list[str] = []
    for _year, group in groupby(moments, key=lambda moment: moment.astimezone(zone).year):
        same_year = list(group)
        references += next_references(same_year[0], len(same_year))
    return [
        Slot(moment, reference, number % LONG_EVERY == 0 or number == count, number > count - still_open)
        for number, (moment, reference) in enumerate(zip(moments, references, strict=True), start=1)
    ]
