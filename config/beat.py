"""Celery's beat with a heartbeat in the database, so that /readyz notices when it is gone."""

import logging
import time

from celery.beat import Scheduler
from django.db import DatabaseError, InterfaceError, connection

from followups.engine import heartbeat

logger = logging.getLogger(__name__)

EVERY_S = 2.0


class HeartbeatScheduler(Scheduler):
    """Keeps its schedule in memory and says every two seconds that it lives.

    No schedule file: a kill -9 could leave it damaged, and nothing in it matters. Its messages only
    wake workers up; what is due stands in the database. Any number of beats may run.
    """

    beaten_at = float("-inf")

    def tick(self, *args, **kwargs):
        """Send what is due, beat, and return the seconds until the next tick."""
        wait_s = super().tick(*args, **kwargs)
        if time.monotonic() - self.beaten_at >= EVERY_S:
            self.beaten_at = time.monotonic()
            self.beat()
        return min(wait_s, EVERY_S)

    def beat(self) -> None:
        """Write the row "beat"; where the database is gone, connect afresh the next time."""
        try:
            heartbeat.beat("beat")
        except (DatabaseError, InterfaceError):
            logger.warning("The heartbeat of beat could not be written", exc_info=True)
            connection.close()
