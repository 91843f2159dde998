"""Calls to make so that a customer is told: each has a date, as a promise among us that the sweep enforces.

"A notice to a customer without a working way becomes a call to make, with the words to say and a date" (SPEC, "Told is
evidence"). What is to be said stands in the notices (state TO_SAY); everything for one customer is one call.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from accounts.worktime.calendars import CalendarBook
from complaints.case import events
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.db.inserting import insert
from complaints.models import Complaint
from followups.models import Notice, Promise
from followups.models.promise import PromiseKind
from followups.policies.next_due import refresh_next_due
from followups.policies.policies import due_by, policy_or_own

State = Promise.State


def owed_for(complaints: Iterable[Complaint], at: datetime, book: CalendarBook | None = None) -> list[Promise]:
    """The promises, unsaved, to tell the customers of (locked) complaints by phone; none where one stands open."""
    complaints = list({complaint.pk: complaint for complaint in complaints}.values())
    if not complaints:
        return []
    standing = Promise.objects.filter(complaint__in=complaints, kind=PromiseKind.TELL, state=State.OPEN)
    known = set(standing.values_list("complaint_id", flat=True))
    return [internal(complaint, PromiseKind.TELL, at, book) for complaint in complaints if complaint.pk not in known]


def internal(
    complaint: Complaint, kind: str, at: datetime, book: CalendarBook | None = None, *, start: datetime | None = None
) -> Promise:
    """A duty among us with a date, unsaved, not promised to the customer; it counts from `start`, else from `at`."""
    policy = policy_or_own(complaint, kind)
    due = due_by(policy, start=start or at, team=complaint.team, book=book or CalendarBook(around=at))
    return Promise(
        complaint=complaint,
        round=complaint.round,
        kind=kind,
        to_customer=False,
        policy=policy if policy.pk else None,
        made_at=at,
        due_at=due.due_at,
        warn_at=due.warn_at if due.warn_at is not None and due.warn_at > at else None,
        explanation=due.explanation,
    )


def promise(complaint: Complaint, made: Iterable[Promise], *, at: datetime) -> None:
    """Store promises of a (locked) complaint that the desk makes to itself, with their events."""
    made = list(made)
    insert(made)
    for each in made:
        events.record(complaint, EventKind.PROMISE_MADE, actor=SYSTEM, at=at, data=each.said())
    if made:
        refresh_next_due(complaint)


def owe(complaint: Complaint, notices: Iterable[Notice], *, at: datetime) -> None:
    """Owe a call where one of the `notices` just written for a (locked) complaint is to be said."""
    if any(notice.state == Notice.State.TO_SAY for notice in notices) and to_say(complaint).exists():
        promise(complaint, owed_for([complaint], at), at=at)


def to_say(complaint: Complaint) -> QuerySet[Notice]:
    """What is to be said to the customer of a complaint, the oldest first."""
    return Notice.objects.filter(complaint=complaint, state=Notice.State.TO_SAY).order_by("id")
