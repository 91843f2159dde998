"""Stuck cases: nothing happened for too long, so a supervisor signs for it (SPEC, "Escalation and supervision").

Whatever a person or the customer does sets `Complaint.stuck_check_at` ahead by the rule's hours, as if the
team worked day and night; that needs no calendar. The sweep looks at a case only then, and counts in the
working time of its team: too early, and it sets the exact moment. So the cost grows with what is due.
"""

from datetime import datetime, timedelta

from django.db.models import Max, Q

from accounts.models import DeskRules
from accounts.worktime.working_time import CalendarError, add
from complaints.case import events
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.choices import Status
from complaints.db.inserting import insert
from complaints.models import Complaint, ComplaintEvent
from followups.escalation import escalations
from followups.escalation.ladder import Ladder, named_in
from followups.models import Escalation
from followups.outbox import notices
from followups.policies import bulk_events

# Where the next step is the desk's. After the result we owe a call, which is a promise with a ladder of its own.
OURS = (Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED)


def watch(event: ComplaintEvent) -> None:
    """Something happened in a (locked) complaint: say when to look again. What the desk itself does is no event."""
    complaint, before = event.complaint, event.complaint.stuck_check_at
    if event.actor_kind == ComplaintEvent.ActorKind.SYSTEM:
        return
    set_check(event)
    if complaint.stuck_check_at != before:
        complaint.save(update_fields=["stuck_check_at"])


def set_check(event: ComplaintEvent) -> None:
    """The same without storing it, for callers that write the complaint's row anyway."""
    complaint = event.complaint
    complaint.stuck_check_at = event.at + _allowed() if _is_ours(complaint) else None


def raise_due(complaint_ids: list[int], now: datetime, ladder: Ladder | None = None) -> None:
    """Escalate those of the (locked) complaints in which nothing happened for too long at `now` (database clock).

    Once for the last thing that happened: after the escalation nobody looks again until something does.
    """
    due = list(
        Complaint.objects.filter(pk__in=complaint_ids, stuck_check_at__lte=now)
        .select_related("team", "handler", "customer")
        .order_by("pk")
    )
    ladder, named, allowed = ladder or Ladder(now), named_in(due), _allowed()
    last = _last_events(due)
    raised = []
    for complaint in due:
        complaint.stuck_check_at = None
        if not _is_ours(complaint) or complaint.pk not in last:
            continue
        number, since = last[complaint.pk]
        stuck_at = _too_long_after(since, allowed, complaint, ladder)
        if stuck_at > now:
            complaint.stuck_check_at = stuck_at
            continue
        raised.append(
            escalations.build_escalation(
                complaint,
                ladder,
                named[complaint.pk],
                reason=Escalation.Reason.STUCK,
                key=f"stuck:{complaint.pk}:{number}",
                at=now,
            )
        )
    Complaint.objects.bulk_update(due, ["stuck_check_at"])
    insert(raised)
    written, told = [], []
    for escalation in raised:
        complaint = escalation.complaint
        said = escalations.said_of(escalation)
        written.append(events.build(complaint, EventKind.ESCALATED, actor=SYSTEM, at=now, data=said))
        told += escalations.notices_for(escalation, complaint, ladder, named[complaint.pk], now)
    notices.store(told)
    bulk_events.append(written, [escalation.complaint for escalation in raised])


def _is_ours(complaint: Complaint) -> bool:
    return complaint.status in OURS and complaint.waiting_since is None


def _allowed() -> timedelta:
    return timedelta(hours=DeskRules.current().stuck_after_hours)


def _too_long_after(since: datetime, allowed: timedelta, complaint: Complaint, ladder: Ladder) -> datetime:
    try:
        return add(since, allowed, ladder.book.of(complaint.team).calendar)
    except CalendarError:
        return since + allowed


def _last_events(complaints: list[Complaint]) -> dict[int, tuple[int, datetime]]:
    """Number and moment of the last thing that a person or the customer did, by complaint; one query."""
    deeds = ComplaintEvent.objects.filter(complaint__in=[complaint.pk for complaint in complaints])
    by_people = deeds.filter(~Q(actor_kind=ComplaintEvent.ActorKind.SYSTEM)).order_by()
    last = by_people.values("complaint").annotate(last_number=Max("number"), last_at=Max("at"))
    return {row["complaint"]: (row["last_number"], row["last_at"]) for row in last}
