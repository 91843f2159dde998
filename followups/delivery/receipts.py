"""What providers report of text messages: arrived, or not. The last word, whichever comes first; never back from it.

What did not arrive takes its telling back exactly as a mail that was refused does (telling.records). A message whose
outcome nobody knew is settled by its receipt.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from complaints.case.locking import lock
from complaints.db.row_claims import hold_briefly
from followups.delivery.sms.account import Receipt
from followups.models import Notice, Telling
from followups.telling import records

State = Notice.State
# Fewer digits are no whole number.
SHORTEST = 8
ON_ITS_WAY = (State.SENDING, State.UNCONFIRMED, State.SENT)


def take(receipt: Receipt, *, at: datetime) -> bool:
    """Note one receipt; returns whether it was news. The same one twice is once, another one after it is none.

    Raises OperationalError where somebody holds the case for longer than a second: the provider reports it again.
    """
    notice_id = _notice_of(receipt)
    if notice_id is None:
        return False
    with transaction.atomic():
        hold_briefly()
        complaint = lock(Notice.objects.values_list("complaint_id", flat=True).get(pk=notice_id))
        notice = Notice.objects.select_for_update(of=("self",), no_key=True).get(pk=notice_id)
        if notice.receipt or notice.state not in ON_ITS_WAY:
            return False
        is_told = notice.settled_at is not None
        notice.receipt = Notice.Receipt.DELIVERED if receipt.delivered else Notice.Receipt.FAILED
        notice.provider_id = notice.provider_id or receipt.provider_id[:64]
        notice.state = State.SENT if receipt.delivered else State.DEAD
        if receipt.delivered:
            notice.sent_at = notice.sent_at or at
        else:
            notice.last_error = receipt.why[:300]
        notice.lease_token = notice.lease_until = None
        notice.save()
        if not is_told:
            records.settle(notice.pk, at=at)
        elif receipt.delivered:
            standing = Telling.objects.filter(notice=notice, undone_at=None)
            standing.update(evidence=Telling.Evidence.DELIVERED)
        else:
            records.fail(complaint, notice, why=notice.last_error, at=at)
    return True


def _notice_of(receipt: Receipt) -> int | None:
    """The id of the notice that it speaks of, by our name for it, else by the provider's, and by the number too."""
    sent = Notice.objects.filter(channel=Notice.Channel.SMS)
    if receipt.ref:
        return _to(sent.filter(send_ref=receipt.ref), receipt.number)
    if not receipt.provider_id:
        return None
    named = sent.filter(provider_id=receipt.provider_id)
    if named.exists():
        return _to(named, receipt.number)
    # Its name did not reach us: that can only be the one of which we do not know what became, if there is but one.
    return _to(sent.filter(state__in=[State.SENDING, State.UNCONFIRMED], provider_id=""), receipt.number)


def _to(rows: QuerySet[Notice], number: str) -> int | None:
    """The only one of `rows` that went to `number`, which may be reported without its country."""
    if len(number) < SHORTEST:
        return None
    found = list(rows.filter(address__endswith=number).values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None
