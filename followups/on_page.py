"""What the complaint page shows of promises, escalations and the callback, read in one query."""

from dataclasses import dataclass

from django.db.models import OuterRef, Q

from complaints.models import Complaint
from complaints.together import Columns, Parts
from followups.models import Callback, CallbackAttempt, Escalation, Promise

PROMISES = Parts(Promise)
ESCALATIONS = Parts(Escalation, beside=("team",))
CALLBACKS = Parts(Callback)
ATTEMPTS = Parts(CallbackAttempt)
FOLLOWUPS = Columns(
    Complaint,
    promises=PROMISES.column("complaint"),
    escalations=ESCALATIONS.column("complaint", where=Q(signed_at__isnull=True)),
    callbacks=CALLBACKS.column("complaint", where=Q(round=OuterRef("round"))),
    attempts=ATTEMPTS.column("callback__complaint", where=Q(callback__round=OuterRef("round"))),
)


@dataclass(frozen=True)
class Followups:
    """What was promised, what nobody signed for yet, and the call that is owed for the result of this round."""

    promises: list[Promise]
    escalations: list[Escalation]
    callback: Callback | None
    last_attempt: CallbackAttempt | None


def followups_of(complaint: Complaint) -> Followups:
    """What the page of `complaint` shows; remembered on the instance, so fetch it anew after a change."""
    if not hasattr(complaint, "_followups"):
        complaint._followups = _read(complaint)
    return complaint._followups


def _read(complaint: Complaint) -> Followups:
    """Read all at once. What escalations say of their promise is found among the promises."""
    rows = FOLLOWUPS.of(complaint.pk)
    promises = PROMISES.read(rows["promises"])
    by_key = {promise.pk: promise for promise in promises}
    escalations = ESCALATIONS.read(rows["escalations"])
    for escalation in escalations:
        escalation.promise = by_key.get(escalation.promise_id)
    callbacks = CALLBACKS.read(rows["callbacks"])
    attempts = ATTEMPTS.read(rows["attempts"])
    return Followups(promises, escalations, next(iter(callbacks), None), attempts[-1] if attempts else None)
