"""A notice that could not be delivered, as the board and the list of notices show it."""

from django.utils import timezone

from followups.models import Notice


def dead(complaint, **given) -> Notice:
    fields = {
        "key": f"test:{Notice.objects.count()}",
        "complaint": complaint,
        "to_customer": True,
        "address": "wang@customer.example",
        "event": "customer_acknowledged",
        "state": Notice.State.DEAD,
        "created_at": timezone.now(),
        "not_before": timezone.now(),
        "attempts": 5,
        "last_error": "550 no such mailbox",
    }
    return Notice.objects.create(**(fields | given))
