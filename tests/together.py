"""Two at the same moment: each in a thread with a connection of its own."""

import contextlib
import threading
from collections.abc import Callable

from django.db import connection


class Meeting:
    """A place in the code where two wait for each other, so that both have looked before either writes.

    Whoever is kept out by a lock does not come; then the first one goes on alone after `patience_s` seconds.
    """

    def __init__(self, number: int = 2, patience_s: float = 0.5):
        self.barrier, self.patience_s = threading.Barrier(number), patience_s

    def wait(self):
        with contextlib.suppress(threading.BrokenBarrierError):
            self.barrier.wait(self.patience_s)

    def before(self, function: Callable) -> Callable:
        """`function`, with the meeting before it."""

        def met(*args, **kwargs):
            self.wait()
            return function(*args, **kwargs)

        return met


def at_once(*calls: Callable) -> list:
    """Run the calls side by side; returns what each returned or raised, in their order."""
    outcomes: list = [None] * len(calls)

    def run(number: int, call: Callable):
        try:
            outcomes[number] = call()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
