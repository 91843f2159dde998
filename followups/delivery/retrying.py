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
from followups.delivery.channels import address_today
from followups.models import Notice

State = Notice.State
WRITTEN = ["address", "state", "attempts", "not_before", "settled_at"]


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
        if notice.to_customer and known is not None:
            # Somebody found out that it works, or mended it elsewhere.
            failed = "sms_failed_at" if notice.channel == Notice.Channel.SMS else "email_failed_at"
            Customer.objects.filter(pk=known.pk).update(**{failed: None})
            known.refresh_from_db(fields=[failed])
        notice.address = address_today(notice, known) or notice.address
        notice.state, notice.attempts, notice.not_before, notice.settled_at = State.QUEUED, 0, at, None
        # It is another message now, and no receipt of the first one speaks of it.
        notice.send_ref, notice.provider_id, notice.receipt, notice.blames_address = "", "", "", True
        notice.save(update_fields=[*WRITTEN, "send_ref", "provider_id", "receipt", "blames_address"])
        data = {"notice": notice.pk, "event": notice.event}
        events.record(complaint, EventKind.NOTICE_RETRIED, actor=actor, at=at, data=data)
    return notice
