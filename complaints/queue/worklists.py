"""The views of the queue: which complaints each holds, how many, how they are sorted and grouped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateTimeField, F, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from accounts.access import has_role, reach_of
from accounts.models import Person, Role
from accounts.written import AmongThese, Given
from complaints.case import appealing
from complaints.choices import Status
from complaints.db.keyset_paging import Column, Order
from complaints.models import Appeal, Complaint
from complaints.models.complaint import SEVERITY_RANK
from complaints.search.find import rank_of
from complaints.search.tokens import Query
from complaints.visibility import READING, ComplaintQuerySet

MOST_COUNTED = 1000
PAGE_SIZE = 50
# They can be long, and other lists than a search show none of them.
NOT_IN_A_ROW = ("narrative", "closing_reason", "invalid_reason", "responsibility", "lesson", "source")
# What a row of the queue shows and is sorted and grouped by; and what of a case a search can have found.
OF_A_CASE = ("reference", "subject", "kind", "status", "severity", "team", "site", "category")
MOMENTS = ("received_at", "next_due_at", "closed_at")
OF_PEOPLE = ("customer__name", "handler__name", "handler__name_zh", "handler__username")
SEARCHED = ("narrative", "place", "desired_outcome", "customer__phone", "customer__email")

# The moment that a queue is asked at, and its day, in what is written once.
AT, BEGINS, ENDS = (Given(name, DateTimeField()) for name in ("at", "day_begins", "day_ends"))
Picker = Callable[[ComplaintQuerySet, Person, datetime | Given], QuerySet]
# What else is a person's own work, as conditions; rooms above this one add theirs at start-up.
ALSO_MINE: list[Callable[[Person], Q]] = []


@dataclass(frozen=True)
class Worklist:
    """One tab of the queue. `pick(visible, person, at)` narrows the complaints that the person sees.

    Where it is counted, `at` is AT: a moment that is left open, to be compared and added to only.
    """

    key: str
    label: LazyText
    pick: Picker
    empty: LazyText
    why_empty: LazyText
    # Where to look next when there is nothing here.
    elsewhere: str
    # Its number is a bad sign.
    late: bool = False
    # Counted no further than this; MOST_COUNTED where nothing is said.
    most: int | None = None
    # Only those who hold this role in some team have it.
    role: str = ""
    # What `pick` holds in parts that may overlap, where that is read or counted faster once there is much of it.
    parts: tuple[Picker, ...] = ()
    # Found by the person or from another table, so that it is counted at once, not by each way to see a case.
    whole: bool = False

    def parted(self, visible: ComplaintQuerySet, person: Person, at: datetime | Given) -> list[QuerySet]:
        """What `pick` holds, as querysets that together hold the same; a case may be in several."""
        return [part(visible, person, at) for part in self.parts or (self.pick,)]


def _mine(visible, person, at):
    """Handled by me; or logged by me and not yet in anybody's hands, so that it is still mine to push on."""
    still_mine = Q(handler__isnull=True, logged_by=person, status__in=[Status.RECEIVED, Status.VERIFIED])
    mine = Q(handler=person) | still_mine
    for condition in ALSO_MINE:
        mine |= condition(person)
    return visible.open().filter(mine)


def _team(visible, person, at):
    return visible.open().filter(reach_of(person).within(*READING))


def _unassigned(visible, person, at):
    return visible.unassigned()


def _today(visible, person, at):
    start, end = (BEGINS, ENDS) if at is AT else day_of(at)
    return visible.open().filter(next_due_at__gte=start, next_due_at__lt=end)


def day_of(at: datetime) -> tuple[datetime, datetime]:
    """When the local day of a moment begins and ends."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return timezone.make_aware(midnight), timezone.make_aware(midnight + timedelta(days=1))


def _overdue(visible, person, at):
    return visible.overdue(at)


def _waiting(visible, person, at):
    return visible.open().filter(waiting_since__isnull=False)


def _appeals(visible, person, at):
    """Appeals that wait for a reviewer who had no part in the case, and those that the person reviews."""
    waits = Q(reviewer__isnull=True) & ~Q(appealing.took_part(F("complaint"), person))
    mine = Appeal.objects.filter(Q(reviewer=person) | waits, decided_at__isnull=True)
    return visible.filter(AmongThese(F("pk"), ArraySubquery(mine.order_by().values("complaint"))))


def _all(visible, person, at):
    return visible


WORKLISTS = {
    worklist.key: worklist
    for worklist in [
        Worklist(
            "mine",
            _("My work"),
            _mine,
            _("Nothing in your hands"),
            _("Complaints that you handle stand here, and those you logged until somebody takes them over."),
            "unassigned",
            whole=True,
        ),
        Worklist(
            "team",
            _("My team"),
            _team,
            _("Your team has nothing open"),
            _("Every complaint that your team works on is archived."),
            "all",
            whole=True,
        ),
        Worklist(
            "unassigned",
            _("Unassigned"),
            _unassigned,
            _("Everything is in somebody’s hands"),
            _("New complaints stand here until somebody handles them."),
            "team",
        ),
        Worklist(
            "today",
            _("Due today"),
            _today,
            _("Nothing is due today"),
            _("No promise falls due before midnight."),
            "team",
        ),
        Worklist(
            "overdue",
            _("Overdue"),
            _overdue,
            _("Nothing is overdue"),
            _("Every promise is kept or still has time."),
            "today",
            late=True,
        ),
        Worklist(
            "waiting",
            _("Waiting for customer"),
            _waiting,
            _("No answer is awaited"),
            _("Complaints stand here while the customer’s answer is needed to go on."),
            "team",
        ),
        Worklist(
            "appeals",
            _("Appeals"),
            _appeals,
            _("No appeal waits for you"),
            _("Appeals stand here until a reviewer who had no part in the complaint decides them."),
            "all",
            role=Role.REVIEWER,
            whole=True,
        ),
        Worklist(
            "all",
            _("All"),
            _all,
            _("There is no complaint here yet"),
            _("Complaints of your teams stand here, archived ones included."),
            "",
            # No list of work; for somebody who sees few of very many complaints it costs most to count.
            most=100,
        ),
    ]
}


def register_own_work(condition: Callable[[Person], Q]):
    """Let `condition(person)` say what else is one's own work, though somebody else handles it."""
    if condition not in ALSO_MINE:
        ALSO_MINE.append(condition)


def register_worklist(worklist: Worklist, *, after: str):
    """Give the queue one more view, right behind the one called `after`; adding it twice counts once.

    Rooms above this one add theirs at start-up: followups knows what waits for a signature.
    """
    kept = [view for view in WORKLISTS.values() if view.key != worklist.key]
    place = next(number for number, view in enumerate(kept) if view.key == after) + 1
    WORKLISTS.clear()
    WORKLISTS.update({view.key: view for view in [*kept[:place], worklist, *kept[place:]]})


def worklists_of(person: Person) -> dict[str, Worklist]:
    """The views that `person` has, by key, in the order of the tabs."""
    return {key: view for key, view in WORKLISTS.items() if not view.role or has_role(person, view.role)}


BY_PROMISE = (Column("next_due_at", moment=True, nullable=True), Column("id"))
ORDERS = {
    "promise": Order("promise", BY_PROMISE),
    "newest": Order("newest", (Column("received_at", moment=True, descending=True), Column("id", descending=True))),
    "severity": Order("severity", (Column("severity_rank"), *BY_PROMISE), {"severity_rank": SEVERITY_RANK}),
}
ORDER_LABELS = {"promise": _("Next promise"), "newest": _("Newest"), "severity": _("Severity")}


def best_order(query: Query) -> Order:
    """The order of a search, the best hits first."""
    columns = (Column("rank", descending=True), Column("id", descending=True))
    return Order("best", columns, {"rank": rank_of(query)})


def rows_of(complaints: QuerySet, at: datetime, *, searched: bool = False) -> QuerySet:
    """The complaints with what a row of the list shows, and nothing else: most of a case is long and not shown.

    Teams and categories are left out: the page has read all their names already, for its filters.
    `paused` says whether a row waits for the customer at `at` and nothing in it is late.
    """
    late = Q(next_due_at__isnull=False) & Q(next_due_at__lte=at)
    shown = (*OF_A_CASE, *MOMENTS, *OF_PEOPLE, *(SEARCHED if searched else ()))
    rows = complaints.select_related("customer", "handler").only(*shown)
    return rows.annotate(paused=Q(waiting_since__isnull=False) & ~late)


def first_worklist(person: Person) -> str:
    """Return the key of the view that fits the person's roles: who handles sees their own work first."""
    if has_role(person, Role.SUPERVISOR):
        return "team"
    if has_role(person, Role.HANDLER):
        return "mine"
    if has_role(person, Role.REVIEWER):
        return "appeals"
    return "team" if has_role(person, Role.FRONTLINE) else "all"


@dataclass
class Group:
    """Rows under one heading."""

    label: LazyText
    rows: list[Complaint]


def grouped(rows: list[Complaint], at: datetime) -> list[Group]:
    """Return the rows of one page under Broken, Today, Later and No promise; empty groups are left out.

    `rows` come from rows_of(). A paused one stands under Later whatever its moment was.
    """
    groups = [Group(_("Broken"), []), Group(_("Today"), []), Group(_("Later"), []), Group(_("No open promise"), [])]
    today = timezone.localdate(at)
    for row in rows:
        groups[_group_number(row, at, today)].rows.append(row)
    return [group for group in groups if group.rows]


def _group_number(row: Complaint, at: datetime, today) -> int:
    if row.paused and not row.is_archived:
        return 2
    if row.next_due_at is None:
        return 3
    if row.next_due_at <= at:
        return 0
    return 1 if timezone.localdate(row.next_due_at) == today else 2
