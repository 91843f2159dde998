"""The second engine, without Celery and Redis: does nothing while the first one works."""

import logging
import threading
from collections.abc import Callable

from django.core.management.base import BaseCommand

from followups.delivery import delivery
from followups.engine import heartbeat, loop, sweep

log = logging.getLogger(__name__)

# Older than this, and the guard does the work itself (RELIABILITY, 1.3).
STALE_S = 2.5
# Short, so that it stops soon after it is told to; the next round comes a second later.
BUDGET_S = 5


class Command(BaseCommand):
    help = "Takes over the sweep and the delivery whenever Celery's workers have not done them for 2.5 seconds."

    def handle(self, *args, **options):
        stop = loop.stop_on_signals()
        # A thread of its own: a mail server that hangs must not hold up what is due.
        postman = threading.Thread(
            target=loop.every_second, args=(Watch("deliver", delivery.run), stop), name="deliver"
        )
        self.stdout.write("The guard watches the sweep and the delivery")
        postman.start()
        loop.every_second(self.watch_the_sweep(), stop)
        postman.join()
        self.stdout.write("The guard has stopped")

    def watch_the_sweep(self) -> Callable[[], None]:
        watch = Watch("sweep", sweep.run)

        def look():
            heartbeat.beat("guard")
            watch()

        return look


class Watch:
    """Does the work of `name` itself while that has no fresh heartbeat; it never writes the heartbeat.

    So readiness keeps telling that the workers are gone, and the guard goes on every second until they are back.
    """

    def __init__(self, name: str, work: Callable):
        self.name, self.work, self.taken_over = name, work, False

    def __call__(self):
        age = heartbeat.age(self.name)
        stale = age is None or age > STALE_S
        if stale and not self.taken_over:
            since = "was never done" if age is None else f"was last done {age:.1f} s ago"
            log.warning("%s %s: the guard takes over", self.name, since)
        elif self.taken_over and not stale:
            log.info("%s is done by the workers again", self.name)
        self.taken_over = stale
        if stale:
            self.work(budget_seconds=BUDGET_S)
