"""The views of the queue: which complaints each holds, how many, how they are sorted and grouped."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from accounts.access import has_role, reach_of
from accounts.models import Person, Role
from complaints.choices import Status
from complaints.models import Complaint
from complaints.models.complaint import SEVERITY_RANK
from complaints.paging import Column, Order
from complaints.search.find import rank_of
from complaints.search.tokens import Query
from complaints.visibility import READING

MOST_COUNTED = 1000
PAGE_SIZE = 50
# They can be long, and other lists than a search show none of them.
NOT_IN_A_ROW = ("narrative", "closing_reason", "invalid_reason", "responsibility", "lesson", "source")
# What a row of the queue shows and is sorted and grouped by; and what of a case a search can have found.
OF_A_CASE = ("reference", "subject", "status", "severity", "team", "site", "category")
MOMENTS = ("received_at", "next_due_at", "closed_at")
OF_PEOPLE = ("customer__name", "handler__name", "handler__name_zh", "handler__username")
SEARCHED = ("narrative", "place", "desired_outcome", "customer__phone", "customer__email")

Picker = Callable[[QuerySet, Person, datetime], QuerySet]


@dataclass(frozen=True)
class Worklist:
    """One tab of the queue. `pick(visible, person, at)` narrows the complaints that the person sees."""

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


def _mine(visible, person, at):
    """Handled by me; or logged by me and not yet in anybody's hands, so that it is still mine to push on."""
    still_mine = Q(handler__isnull=True, logged_by=person, status__in=[Status.RECEIVED, Status.VERIFIED])
    return visible.open().filter(Q(handler=person) | still_mine)


def _team(visible, person, at):
    return visible.open().filter(reach_of(person).within(*READING))


def _unassigned(visible, person, at):
    return visible.unassigned()


def _today(visible, person, at):
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    start, end = timezone.make_aware(midnight), timezone.make_aware(midnight + timedelta(days=1))
    return visible.open().filter(next_due_at__gte=start, next_due_at__lt=end)


def _overdue(visible, person, at):
    return visible.overdue(at)


def _waiting(visible, person, at):
    return visible.open().filter(waiting_since__isnull=False)


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
        ),
        Worklist(
            "team",
            _("My team"),
            _team,
            _("Your team has nothing open"),
            _("Every complaint that your team works on is archived."),
            "all",
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
            "all",
            _("All"),
            _all,
            _("There is no complaint here yet"),
            _("Complaints of your teams stand here, archived ones included."),
            "",
            # Nothing to do, and of somebody who sees little of very much the dearest to count.
            most=100,
        ),
    ]
}


def add(worklist: Worklist, *, after: str):
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
    return "team" if has_role(person, Role.FRONTLINE) else "all"


def bounded_counts(querysets: Iterable[QuerySet]) -> list[int]:
    """Return how many rows each queryset has, in one query; 1001 means "more than 1000".

    The parts are put together as they stand: as columns of another queryset Django would take each apart and
    build it anew, which costs more than counting.
    """
    return _row_of([_count_of(queryset.order_by().values("pk"), MOST_COUNTED) for queryset in querysets])


def counts(visible: QuerySet, person: Person, at: datetime) -> dict[str, int]:
    """Return how many complaints each view of `person` holds, by key: one query; one more than its `most` means more.

    What is visible is said once: in the one statement its name stands for the table, so each view is picked from it.
    """
    views = worklists_of(person)
    try:
        sql, values = visible.order_by().query.sql_with_params()
    except EmptyResultSet:
        return dict.fromkeys(views, 0)
    everything = Complaint.objects.order_by().values("pk")
    parts = [_count_of(view.pick(everything, person, at), view.most or MOST_COUNTED) for view in views.values()]
    table = connection.ops.quote_name(Complaint._meta.db_table)
    held = _row_of(parts, before=(f"WITH {table} AS NOT MATERIALIZED ({sql})", list(values)))
    return dict(zip(views, held, strict=True))


def _count_of(queryset: QuerySet, most: int) -> tuple[str, list]:
    """SQL in brackets that counts the rows of an unordered queryset of keys, up to one more than `most`; values."""
    try:
        sql, values = queryset[: most + 1].query.sql_with_params()
    except EmptyResultSet:
        return "(0)", []
    return f"(SELECT COUNT(*) FROM ({sql}) AS counted)", list(values)  # noqa: S608 - SQL that Django made


def _row_of(parts: list[tuple[str, list]], before: tuple[str, list] = ("", [])) -> list[int]:
    """One row with the value of each part; `before` stands in front of the statement."""
    statement = f"{before[0]} SELECT {', '.join(sql for sql, _values in parts)}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [*before[1], *(value for _sql, values in parts for value in values)])
        return list(cursor.fetchone())


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
