"""One clock for a test: Python's and PostgreSQL's stand still together, at a moment that the test knows.

A test whose moments are compared with a clock that runs is true on some days, at some hours or on fast machines.
Only browsers, other processes and Redis go on by the real clock; tests with these are marked `clock`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest import mock

import time_machine
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

DATABASE_CLOCK = re.compile(r"\b(?:clock|statement)_timestamp\(\)", re.IGNORECASE)


@contextmanager
def stopped(moment: datetime) -> Iterator[time_machine.Traveller]:
    """Let it be `moment` (aware) for this process in all its threads, until the traveller is moved.

    Where a statement reads PostgreSQL's clock it gets the moment, also that of a `time_machine.travel` inside.
    """
    execute = CursorWrapper.execute

    def execute_now(self, sql, params=None):
        return execute(self, DATABASE_CLOCK.sub(f"'{timezone.now().isoformat()}'::timestamptz", sql), params)

    still = time_machine.travel(moment, tick=False)
    with mock.patch.object(CursorWrapper, "execute", execute_now), still as traveller:
        yield traveller
