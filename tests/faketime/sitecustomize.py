"""Python under Debian's faketime: sleeps that need no clock. First on PYTHONPATH when the suite's clock is moved.

libfaketime 0.9.10 moves the monotonic clock too, but not the wait for a lock that compares with it: such a wait
would end in years. So that clock stays (FAKETIME_DONT_FAKE_MONOTONIC), and then `time.sleep`, which waits until a
moment of it, is refused. Waiting for nothing with `select` takes a length of time.
"""

import select
import time


def sleep(seconds):
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
