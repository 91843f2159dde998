"""What Celery runs: thin entries. Messages only wake them; what there is to do stands in the database.

No ETA, no countdown, no `expires`: rows do not get lost with a broker.
"""

from functools import partial

from celery import shared_task

from followups import clock
from followups.delivery import delivery
from followups.engine import heartbeat, sweep as enforcement
from followups.posters import posters
from followups.reactions import leaving

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


@shared_task
def hand_over():
    """Hand on the cases of closed teams, and those whose handler cannot handle them any more, until none is left."""
    while leaving.hand_up_what_is_closed(clock.now()) or leaving.hand_over_what_is_left(clock.now()):
        pass


@shared_task
def work_posters(run_id: int):
    """Make the posters of one region."""
    posters.work(run_id, clock=clock.now)


@shared_task
def work_poster_runs():
    """Go on with the oldest run that nobody was woken for, or whose worker was killed."""
    waiting = posters.under_way(clock.now()).values_list("pk", flat=True).first()
    if waiting is not None:
        posters.work(waiting, clock=clock.now)
