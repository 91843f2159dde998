"""The views of the queue that only this room knows: what a supervisor must sign, what is lost within the hour."""

from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import reach_of
from accounts.models import Person, Role
from accounts.written import AmongThese, Given
from complaints.choices import Status
from complaints.queue.worklists import Worklist
from complaints.visibility import ComplaintQuerySet
from followups.models import Escalation, Promise

HOUR = timedelta(hours=1)


def to_sign(visible: ComplaintQuerySet, person: Person, at: datetime | Given) -> QuerySet:
    """Complaints with an unsigned escalation of a team that `person` supervises.

    SPEC, "Escalation and supervision".
    """
    # Joined, PostgreSQL would go through every complaint to find the few that wait.
    return visible.filter(_among(unsigned_of(person)))


def much_to_sign(visible: QuerySet, person: Person, at: datetime | Given) -> QuerySet:
    """The same, joined: where thousands wait, the first of them are found without reading them all."""
    return visible.filter(_has(unsigned_of(person)))


def within_the_hour(visible: ComplaintQuerySet, person: Person, at: datetime | Given) -> QuerySet:
    """Complaints in which something must be signed by `person`, or breaks, before an hour from `at` (aware) is over.

    One definition: the figure on the board, the list below it and this view hold the same complaints.
    """
    due = ~Q(status=Status.ARCHIVED) & Q(_among(_due_by(at)))
    return visible.filter(Q(_among(_signed_by(person, at))) | due)


def _signed_within_the_hour(visible: ComplaintQuerySet, person: Person, at: datetime | Given) -> QuerySet:
    return visible.filter(_has(_signed_by(person, at)))


def _kept_within_the_hour(visible: ComplaintQuerySet, person: Person, at: datetime | Given) -> QuerySet:
    # Never very many: what is past is broken by the sweep and runs no longer.
    return visible.open().filter(_among(_due_by(at)))


def _signed_by(person: Person, at: datetime | Given) -> QuerySet[Escalation]:
    return unsigned_of(person).filter(sign_by__lte=at + HOUR)


def _due_by(at: datetime | Given) -> QuerySet[Promise]:
    return running().filter(due_at__lte=at + HOUR)


def _among(rows: QuerySet) -> AmongThese:
    """Whether a complaint is one of those that the rows belong to, which are read first."""
    return AmongThese(F("pk"), ArraySubquery(rows.order_by().values("complaint")))


def _has(rows: QuerySet) -> Exists:
    """The same, and PostgreSQL chooses from which side it begins."""
    return Exists(rows.order_by().filter(complaint=OuterRef("pk")))


def unsigned_of(person: Person) -> QuerySet[Escalation]:
    """Unsigned escalations of the teams that `person` supervises."""
    return Escalation.objects.filter(reach_of(person).within(Role.SUPERVISOR), signed_at__isnull=True)


def running() -> QuerySet[Promise]:
    """Open promises whose clock runs; what waits for the customer stands still."""
    return Promise.objects.filter(state=Promise.State.OPEN, paused_since__isnull=True)


TO_SIGN = Worklist(
    "sign",
    _("To sign"),
    to_sign,
    _("Nothing to sign"),
    _("Complaints that were escalated to you stand here until a supervisor signs for them."),
    "overdue",
    late=True,
    role=Role.SUPERVISOR,
    parts=(much_to_sign,),
    whole=True,
)
WITHIN_THE_HOUR = Worklist(
    "hour",
    _("Within the hour"),
    within_the_hour,
    _("Nothing is lost within the hour"),
    _("What must be signed, or breaks, before the hour is over stands here."),
    "today",
    late=True,
    role=Role.SUPERVISOR,
    parts=(_signed_within_the_hour, _kept_within_the_hour),
    whole=True,
)
