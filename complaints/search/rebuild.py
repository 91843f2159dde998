"""Making the documents of older rules anew, while the desk runs: after an upgrade, by a worker or by a command."""

import time

from django.db import transaction

from complaints.models import Complaint, SearchDocument
from complaints.models.search import RULES
from complaints.search.index import index_many

# Cases locked at once: a person who acts on one of them waits for so many documents at most.
AT_ONCE = 50


def outdated() -> int:
    """Return how many documents were made by older rules."""
    return SearchDocument.objects.filter(rules__lt=RULES).count()


def some() -> int:
    """Make up to AT_ONCE documents anew and return how many; cases that somebody works on are left for later.

    The complaint is locked first, as everywhere: what is said meanwhile comes into the new document.
    """
    with transaction.atomic():
        old = SearchDocument.objects.filter(rules__lt=RULES).order_by("complaint").values("complaint")
        free = Complaint.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        free = free.select_related("customer", "verification").filter(pk__in=old[:AT_ONCE])
        complaints = list(free)
        index_many(complaints)
    return len(complaints)


def work(*, budget_seconds: float) -> int:
    """Make documents anew until none is left to take, or until `budget_seconds` are over; return how many."""
    until, made = time.monotonic() + budget_seconds, 0
    while (count := some()) and time.monotonic() < until:
        made += count
    return made + count if count else made
