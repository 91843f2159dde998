"""Told is evidence: a customer has been told once the mail has arrived. Here it arrives when a test says so."""

from collections import Counter
from datetime import datetime

from complaints.models import Complaint
from followups.delivery import delivery
from followups.models import Notice
from followups.telling import records
from tests.stopped import stopped

State = Notice.State


def arrive(at: datetime) -> Counter:
    """Let it be `at` (aware) while everything that waits to be mailed is taken by the mail server.

    Returns how many were sent, dropped and so on. Promises are kept from `at`.
    """
    with stopped(at):
        return delivery.run(budget_seconds=30)


def taken(complaint: Complaint, at: datetime, **given):
    """The mail server took what waits for the customer of a complaint at `at`, without any mail being written.

    For tests that stand inside a transaction, or count what is sent. `given` filters the notices.
    """
    waiting = Notice.objects.filter(complaint=complaint, to_customer=True, state=State.QUEUED, **given)
    for notice in waiting.order_by("id"):
        Notice.objects.filter(pk=notice.pk).update(state=State.SENT, sent_at=at)
        records.settle(notice.pk, at=at)
