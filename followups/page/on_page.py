"""What the complaint page shows of promises, escalations and the callback, read in one query."""

from dataclasses import dataclass

from django.db.models import OuterRef, Q

from accounts.attached import Attached
from complaints.db.json_columns import Columns, Parts
from complaints.models import Complaint
from followups.models import Callback, CallbackAttempt, Escalation, Notice, Promise, Telling
from followups.models.promise import PromiseKind

PROMISES = Parts(Promise)
ESCALATIONS = Parts(Escalation, beside=("team",))
CALLBACKS = Parts(Callback)
ATTEMPTS = Parts(CallbackAttempt)
TELLINGS = Parts(Notice)
RECORDS = Parts(Telling, beside=("by",))
MOST_TELLINGS = 200
FOLLOWUPS = Columns(
    Complaint,
    promises=PROMISES.column("complaint"),
    escalations=ESCALATIONS.column("complaint", where=Q(signed_at__isnull=True)),
    callbacks=CALLBACKS.column("complaint", where=Q(round=OuterRef("round"))),
    tellings=TELLINGS.column("complaint", where=Q(to_customer=True), most=MOST_TELLINGS),
    records=RECORDS.column("complaint", most=MOST_TELLINGS),
    attempts=ATTEMPTS.column("callback__complaint", where=Q(callback__round=OuterRef("round"))),
)
FOR_CUSTOMER = Columns(
    Complaint,
    promises=PROMISES.column("complaint", where=Q(to_customer=True)),
    tellings=TELLINGS.column("complaint", where=Q(to_customer=True), order=("id",), most=MOST_TELLINGS),
    records=RECORDS.column("complaint", order=("id",), most=MOST_TELLINGS),
)


@dataclass(frozen=True)
class ForCustomer:
    """What was promised to the customer, what was told by itself, and how we know, the oldest first."""

    promises: list[Promise]
    tellings: list[Notice]
    records: list[Telling]


_FOR_CUSTOMER = Attached[ForCustomer]("_for_customer")


def for_customer(complaint: Complaint) -> ForCustomer:
    """What the customer's page shows; remembered on the instance, so fetch it anew after a change. One query."""
    known = _FOR_CUSTOMER.of(complaint)
    if known is not None:
        return known
    rows = FOR_CUSTOMER.of(complaint.pk)
    promises, told = PROMISES.read(rows["promises"]), TELLINGS.read(rows["tellings"])
    return _FOR_CUSTOMER.set(complaint, ForCustomer(promises, told, RECORDS.read(rows["records"])))


def result_promise(original: Complaint) -> Promise | None:
    """When the result of an original is promised, for the customers of its duplicates: never the words of it.

    The open one of this round that is due first, else the last one that broke; None while its clock stands still.
    """
    made = original.promises.filter(
        kind=PromiseKind.RESOLUTION, round=original.round, kept_at__isnull=True, paused_since__isnull=True
    )
    open_one = made.filter(state=Promise.State.OPEN).order_by("due_at", "id").first()
    return open_one or made.filter(state=Promise.State.BROKEN).order_by("due_at", "id").last()


@dataclass(frozen=True)
class Followups:
    """What was promised, what nobody signed for yet, and the call that is owed for the result of this round."""

    promises: list[Promise]
    escalations: list[Escalation]
    callback: Callback | None
    last_attempt: CallbackAttempt | None
    # What was told to the customer by itself, and how we know what they were told, the oldest first.
    tellings: list[Notice]
    records: list[Telling]


_FOLLOWUPS = Attached[Followups]("_followups")


def followups_of(complaint: Complaint) -> Followups:
    """What the page of `complaint` shows; remembered on the instance, so fetch it anew after a change."""
    known = _FOLLOWUPS.of(complaint)
    return known if known is not None else _FOLLOWUPS.set(complaint, _read(complaint))


def _read(complaint: Complaint) -> Followups:
    """Read all at once. What escalations say of their promise is found among the promises."""
    rows = FOLLOWUPS.of(complaint.pk)
    promises = PROMISES.read(rows["promises"])
    by_key: dict[int | None, Promise] = {promise.pk: promise for promise in promises}
    escalations = ESCALATIONS.read(rows["escalations"])
    for escalation in escalations:
        escalation.promise = by_key.get(escalation.promise_id)
    callbacks = CALLBACKS.read(rows["callbacks"])
    attempts = ATTEMPTS.read(rows["attempts"])
    return Followups(
        promises,
        escalations,
        next(iter(callbacks), None),
        attempts[-1] if attempts else None,
        TELLINGS.read(rows["tellings"]),
        RECORDS.read(rows["records"]),
    )
