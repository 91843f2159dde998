"""What stands around the rows of the board: figures, approvals, who carries how much, who is away. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Case, Count, F, Q, QuerySet, When

from accounts.absences import absent_at, standing_in
from accounts.access import reach_of
from accounts.models import Membership, Person, Role
from complaints.choices import Status
from complaints.models import Complaint, Option
from complaints.queue.counting import bounded_counts
from complaints.queue.worklists import WORKLISTS
from followups.models import Notice

LONGEST_LIST = 20
UNDELIVERED = (Notice.State.DEAD, Notice.State.UNCONFIRMED)


@dataclass(frozen=True)
class Away:
    """Until when somebody is away (aware), and who stands in, if anybody does."""

    until: datetime
    deputy: Person | None


def away_at(at: datetime) -> dict[int, Away]:
    """Who is away at `at` (aware), by the person's id; one query."""
    absent = absent_at(at)
    deputies = standing_in(absent)
    return {pk: Away(absence.ends_at, deputies[pk]) for pk, absence in absent.items()}


def approvals(person: Person) -> QuerySet[Option]:
    """Solutions above their author's limit that wait for somebody with more authority, the oldest first."""
    complaints = Complaint.objects.visible_to(person).filter(
        reach_of(person).within(Role.SUPERVISOR), status=Status.ASSIGNED
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


# The figures that are views of the queue: a figure, its list and the link to all of it are one definition.
VIEWS = ("hour", "overdue", "sign", "unassigned")


def figures(person: Person, at: datetime) -> dict[str, int]:
    """The counts at the head of the board, in one query; 1001 means "more than 1000"."""
    visible = Complaint.objects.visible_to(person)
    counted = {view: WORKLISTS[view].parted(visible, person, at) for view in VIEWS}
    counted |= {"to_approve": [approvals(person)], "undelivered": [undelivered(person)]}
    return dict(zip(counted, bounded_counts(counted.values()), strict=True))


@dataclass(frozen=True)
class Load:
    """How many open complaints one handler has: broken, due today, and the rest; each counted once."""

    handler: Person
    broken: int = 0
    today: int = 0
    later: int = 0
    away: Away | None = None
    # Where they can be given a case, as the assigning forms name it ("team-person"); "" where they cannot.
    assignee: str = ""

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
        .filter(reach_of(person).within(Role.SUPERVISOR), handler__isnull=False)
    )
    running = Q(waiting_since__isnull=True)
    # Counted where the cases are: from the handlers' side each case would be looked up a second time.
    rows = (
        complaints.values("handler_id", "handler__username", "handler__name", "handler__name_zh")
        .annotate(
            all_open=Count("pk"),
            broken=Count("pk", filter=running & Q(next_due_at__lte=at)),
            today=Count("pk", filter=running & Q(next_due_at__gt=at, next_due_at__lt=midnight)),
        )
        .order_by("-all_open", "handler_id")[:LONGEST_LIST]
    )
    return [
        Load(_handler_of(row), row["broken"], row["today"], row["all_open"] - row["broken"] - row["today"])
        for row in rows
    ]


def _handler_of(row: dict) -> Person:
    """The handler whom a row of counts names: enough of them to be called by their name."""
    return Person(
        pk=row["handler_id"],
        username=row["handler__username"],
        name=row["handler__name"],
        name_zh=row["handler__name_zh"],
    )


def desks(person: Person, carried: Iterable[Load], away: dict[int, Away]) -> list[Load]:
    """The loads with who is away and where to drop a case; behind them handlers who have nothing open. One query."""
    loaded = {load.handler.pk: load for load in carried}
    memberships = (
        Membership.objects.filter(
            reach_of(person).within(Role.SUPERVISOR),
            role__in=[Role.HANDLER, Role.SUPERVISOR],
            team__active=True,
            person__is_active=True,
        )
        .filter(Q(role=Role.HANDLER) | Q(person__in=loaded))
        .select_related("person")
        # Those with work first, so that the limit only cuts off the others.
        .order_by(Case(When(person__in=loaded, then=0), default=1), "person__name", "person_id", "role", "team__path")
    )
    seats: dict[int, Membership] = {}
    for membership in memberships[: 5 * LONGEST_LIST]:
        seats.setdefault(membership.person_id, membership)
    everybody = [*loaded.values(), *(Load(seat.person) for pk, seat in seats.items() if pk not in loaded)]
    return [
        replace(
            load,
            away=away.get(load.handler.pk),
            assignee=f"{seats[load.handler.pk].team_id}-{load.handler.pk}" if load.handler.pk in seats else "",
        )
        for load in everybody[:LONGEST_LIST]
    ]
