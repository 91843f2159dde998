"""What Celery runs: thin entries. Messages only wake them; what there is to do stands in the database.

No ETA, no countdown, no `expires`: rows do not get lost with a broker.
"""

from functools import partial

from celery import shared_task

from followups import delivery, enforcement, heartbeat

# Beat wakes each of them every second; a longer run would only keep a worker from being stopped.
BUDGET_S = 10


@shared_task
def sweep():
    """Break, warn and climb until nothing is due; on a queue of its own, away from any network."""
    enforcement.run(budget_seconds=BUDGET_S, pulse=partial(heartbeat.beat, "sweep"))


@shared_task
def deliver():
    """Send the notices that are ready."""
    delivery.run(budget_seconds=BUDGET_S, pulse=partial(heartbeat.beat, "deliver"))
