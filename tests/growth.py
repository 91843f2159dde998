"""How the work for a text grows with it: asserted as a ratio, so that a slow or busy machine changes nothing."""

from collections.abc import Callable
from time import thread_time

TIMES_LONGER = 8


def growth(work: Callable[[str], object], text: str) -> float:
    """How many times longer `work` takes on `text` than on its first eighth: 8 where it is linear, 64 if quadratic."""
    return fastest(work, text) / fastest(work, text[: len(text) // TIMES_LONGER])


def fastest(work: Callable[[str], object], text: str) -> float:
    """Seconds of this thread's own time, in the best of several rounds; rounds too short to be measured are summed."""
    times, most = 1, float("inf")
    while True:
        for _round in range(3):
            began = thread_time()
            for _time in range(times):
                work(text)
            most = min(most, (thread_time() - began) / times)
        if most * times > 0.002:
            return most
        times *= 4
