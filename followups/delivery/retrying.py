"""A person tries again what could not be delivered."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import events
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.errors import NotAllowedNow
from complaints.models import Customer
from followups.models import Notice

State = Notice.State


def retry(notice_id: int, *, actor: Actor, at: datetime) -> Notice:
    """A supervisor puts a notice that failed back into the outbox, to the address known today.

    Raises Notice.DoesNotExist, NotAllowedNow when it did not fail.
    """
    with transaction.atomic():
        complaint = lock(Notice.objects.values_list("complaint_id", flat=True).get(pk=notice_id))
        notice = Notice.objects.select_for_update(of=("self",), no_key=True).get(pk=notice_id)
        if notice.state not in (State.DEAD, State.UNCONFIRMED):
            raise NotAllowedNow(_("This message is not among those that failed."))
        known = notice.person if notice.person is not None else complaint.customer
        notice.address = (known.email if known is not None else "") or notice.address
        notice.state, notice.attempts, notice.not_before, notice.settled_at = State.QUEUED, 0, at, None
        notice.save(update_fields=["address", "state", "attempts", "not_before", "settled_at"])
        if notice.to_customer and complaint.customer_id is not None:
            # Somebody found out that it works, or mended it elsewhere.
            Customer.objects.filter(pk=complaint.customer_id).update(email_failed_at=None)
        data = {"notice": notice.pk, "event": notice.event}
        events.record(complaint, EventKind.NOTICE_RETRIED, actor=actor, at=at, data=data)
    return notice
