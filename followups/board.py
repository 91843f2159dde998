"""What a supervisor looks at: what breaks next, what waits for a signature, who carries how much. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from accounts.access import reach_of
from accounts.models import Person, Role
from complaints.choices import Status
from complaints.models import Complaint, Option
from complaints.worklists import WORKLISTS, bounded_counts
from followups.models import Escalation, Notice, Promise

SOON = timedelta(hours=2)
LONGEST_LIST, NEXT_TO_BREAK = 20, 10
UNDELIVERED = (Notice.State.DEAD, Notice.State.UNCONFIRMED)


def open_promises(person: Person) -> QuerySet[Promise]:
    """Open promises of the cases that `person` sees and that run now, the earliest first.

    What waits for the customer is left out: its clock stands still.
    """
    running = Promise.objects.filter(
        state=Promise.State.OPEN,
        paused_since__isnull=True,
        complaint__in=Complaint.objects.visible_to(person).open(),
    )
    return running.select_related("complaint__handler").order_by("due_at", "id")


def escalations_to_sign(person: Person) -> QuerySet[Escalation]:
    """Unsigned escalations of the teams that `person` supervises, the most urgent first."""
    return (
        Escalation.objects.filter(
            signed_at__isnull=True,
            team__in=reach_of(person).of(Role.SUPERVISOR),
            complaint__in=Complaint.objects.visible_to(person),
        )
        .select_related("complaint", "team", "promise", "raised_by")
        .order_by("sign_by", "id")
    )


def approvals(person: Person) -> QuerySet[Option]:
    """Solutions above their author's limit that wait for somebody with more authority, the oldest first."""
    complaints = Complaint.objects.visible_to(person).filter(
        status=Status.ASSIGNED, team__in=reach_of(person).of(Role.SUPERVISOR)
    )
    return (
        Option.objects.filter(
            complaint__in=complaints,
            round=F("complaint__round"),
            needs_approval=True,
            approved_at=None,
            declined_reason="",
            withdrawn_at=None,
        )
        .select_related("complaint", "offered_by")
        .order_by("id")
    )


def undelivered(person: Person) -> QuerySet[Notice]:
    """Notices about the cases `person` sees that could not be delivered, or whose outcome is unknown."""
    return Notice.objects.filter(
        state__in=UNDELIVERED, complaint__in=Complaint.objects.visible_to(person)
    ).select_related("complaint__customer", "person")


def figures(person: Person, at: datetime) -> dict[str, int]:
    """The counts at the head of the board, in one query; 1001 means "more than 1000"."""
    visible = Complaint.objects.visible_to(person)
    soon = visible.open().filter(next_due_at__gt=at, next_due_at__lte=at + SOON, waiting_since__isnull=True)
    counted = {
        "broken": WORKLISTS["overdue"].pick(visible, person, at),
        "soon": soon,
        "to_sign": escalations_to_sign(person),
        "to_approve": approvals(person),
        "unassigned": WORKLISTS["unassigned"].pick(visible, person, at),
        "undelivered": undelivered(person),
    }
    return dict(zip(counted, bounded_counts(counted.values()), strict=True))


@dataclass(frozen=True)
class Load:
    """How many open complaints one handler has: broken, due today, and the rest; each counted once."""

    handler: Person
    broken: int
    today: int
    later: int

    @property
    def due(self) -> int:
        return self.broken + self.today

    @property
    def total(self) -> int:
        return self.due + self.later


def loads(person: Person, at: datetime, midnight: datetime) -> list[Load]:
    """The handlers of the open cases that `person` sees, who has most first; `midnight` ends today."""
    complaints = (
        Complaint.objects.visible_to(person)
        .open()
        .filter(handler__isnull=False, team__in=reach_of(person).of(Role.SUPERVISOR))
    )
    due = "handled_complaints__next_due_at"
    running = Q(handled_complaints__waiting_since__isnull=True)
    handlers = (
        Person.objects.filter(handled_complaints__in=complaints)
        .annotate(
            all_open=Count("handled_complaints"),
            broken=Count("handled_complaints", filter=running & Q(**{f"{due}__lte": at})),
            today=Count("handled_complaints", filter=running & Q(**{f"{due}__gt": at, f"{due}__lt": midnight})),
        )
        .order_by("-all_open", "pk")[:LONGEST_LIST]
    )
    return [Load(h, h.broken, h.today, h.all_open - h.broken - h.today) for h in handlers]
