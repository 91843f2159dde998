"""How far behind the engine is: what /readyz and /metrics tell. Numbers only, one query, bounded cost."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

# Counting stops here: the cost of being asked must not grow with what went wrong.
MOST_COUNTED = 10_000

# Each part reads the beginning of one partial index.
READ = """
SELECT
    (SELECT extract(epoch FROM statement_timestamp() - min(act_at)) FROM followups_promise WHERE state = 'open'),
    (SELECT count(*) FROM (
        SELECT 1 FROM followups_notice
        WHERE state = 'queued' AND not_before <= statement_timestamp() LIMIT %(most)s) AS ready),
    (SELECT extract(epoch FROM statement_timestamp() - min(not_before)) FROM followups_notice WHERE state = 'queued'),
    (SELECT count(*) FROM (
        SELECT 1 FROM followups_notice WHERE state IN ('unconfirmed', 'dead') LIMIT %(most)s) AS failed)
"""


@dataclass(frozen=True)
class Backlog:
    """Seconds by the database's clock, 0 when nothing is late; counts end at MOST_COUNTED.

    A promise that could not be handled and rests until its next try is not overdue meanwhile (its error
    is logged); a notice that waits for the recipient's opening hours is not ready yet.
    """

    oldest_overdue_s: float
    outbox_ready: int
    outbox_oldest_s: float
    dead_letters: int


def read() -> Backlog:
    """The backlog now: overdue promises that no sweep took, notices ready to go, and those that failed for good."""
    with connection.cursor() as cursor:
        cursor.execute(READ, {"most": MOST_COUNTED})
        overdue, ready, oldest, dead = cursor.fetchone()
    return Backlog(_late(overdue), ready, _late(oldest), dead)


def _late(seconds: Decimal | float | None) -> float:
    """A moment in the future, or none at all, is not late."""
    return max(0.0, round(float(seconds), 1)) if seconds is not None else 0.0
