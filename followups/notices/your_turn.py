"""When it is the customer's turn, they are told: to choose a solution, to confirm our words on the link."""

from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Greatest

from complaints.case.event_kinds import EventKind
from complaints.choices import Status
from complaints.customer import page
from complaints.models import Complaint, ComplaintEvent, Option
from followups.models import Notice
from followups.outbox import notices

OPTIONS, CONFIRM = "customer_options", "customer_confirm"
# Several solutions are offered one after the other; they are one message.
GATHERED_FOR = timedelta(minutes=3)


def react(event: ComplaintEvent) -> None:
    """Act on one event of a (locked) complaint, in the transaction that wrote it."""
    if event.kind == EventKind.OPTION_APPROVED or (
        event.kind == EventKind.OPTION_OFFERED and not event.data["needs_approval"]
    ):
        _to_choose(event)
    elif event.kind in (EventKind.VERIFICATION_SAVED, EventKind.VERIFIED):
        _to_confirm(event)


def standing(complaint: Complaint, at: datetime) -> list[Option]:
    """The solutions of which the customer may choose one at `at`; none once one was chosen. One query."""
    if complaint.status != Status.ASSIGNED:
        return []
    offered = list(complaint.options.filter(round=complaint.round))
    if any(option.chosen_at for option in offered):
        return []
    return [option for option in offered if page.stands(option, at)]


def to_be_confirmed(complaint: Complaint) -> list[str]:
    """Our words as the customer is to confirm them, a point a line."""
    check = getattr(complaint, "verification", None)
    lines = check.restatement.splitlines() if check is not None else []
    return [line.strip() for line in lines if line.strip()]


def _to_choose(event: ComplaintEvent) -> None:
    """One message for what is offered within a few minutes: it lists what stands when it is sent."""
    complaint = event.complaint
    told = Notice.objects.filter(complaint=complaint, event=OPTIONS)
    if told.filter(state=Notice.State.QUEUED, attempts=0).exists():
        return
    key = f"options:{complaint.pk}:{complaint.round}:{event.data['option']}"
    if notices.tell_customer(complaint, OPTIONS, key=key, data={}, at=event.at):
        queued = told.filter(state=Notice.State.QUEUED, created_at=event.at)
        queued.update(not_before=Greatest(F("not_before"), event.at + GATHERED_FOR))


def _to_confirm(event: ComplaintEvent) -> None:
    """Once for each text: the same words saved again are no news."""
    complaint = event.complaint
    if not page.awaits_confirmation(complaint):
        return
    seen = page.fingerprint(complaint.verification.restatement)
    key = f"confirm:{complaint.pk}:{seen}"
    notices.tell_customer(complaint, CONFIRM, key=key, data={"seen": seen}, at=event.at)
