"""What Celery runs for bulk actions, the search and the files of unsent forms: thin entries.

Messages only wake them; the rows tell what there is to do.
"""

from celery import shared_task
from django.utils import timezone

from complaints.queue import bulk
from complaints.search import rebuild
from complaints.webform import staging

# Then other messages of the queue get their turn; mails do not wait for the end of ten thousand rows.
BUDGET_S = 5


@shared_task
def work_bulk(run_id: int):
    """Work on one run; call itself again while rows are left."""
    if bulk.work(run_id, clock=timezone.now, budget_seconds=BUDGET_S):
        work_bulk.delay(run_id)


@shared_task
def work_bulk_runs():
    """Go on with every run under way, for those that nobody was woken for."""
    runs = list(bulk.under_way().values_list("pk", flat=True))
    for run_id in runs:
        bulk.work(run_id, clock=timezone.now, budget_seconds=BUDGET_S / len(runs))


@shared_task
def rebuild_search():
    """Make documents of older rules anew, for as long as other messages of the queue may wait."""
    rebuild.work(budget_seconds=BUDGET_S)


@shared_task
def forget_staged():
    """Remove files that were uploaded for forms which nobody sent."""
    staging.forget(at=timezone.now())
