"""The rows of the board: a case each, ordered by what is lost next. Danger first, then the clock.

Three lists, each case in the first one that it belongs to, and each list is a view of the queue
(followups.board.worklists, complaints.queue.worklists), so that its figure, its rows and the link to all of it agree:
within the hour; broken and not made good; in nobody's hands. What comes later stands folded below. Reads only, in a
fixed number of queries.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from accounts.models import Person, Role
from complaints.choices import Severity, Status
from complaints.models import Appeal, Complaint
from complaints.queue.worklists import WORKLISTS
from complaints.visibility import ComplaintQuerySet
from followups.board.board import Away
from followups.board.worklists import HOUR, running, unsigned_of
from followups.escalation.naming import possible_verifiers
from followups.models import Escalation, Notice, Promise
from followups.models.promise import PromiseKind
from followups.promises.actions import MOVE, actions_for

# The rest is behind the link to the queue; what is on the board is to be read in one look.
LONGEST_NOW, LONGEST_LIST, LONGEST_LATER = 8, 5, 10
# What a supervisor does from here with a case at this stage; before it is verified nobody takes it over.
HANDS_OVER_BY: dict[str, str] = {Status.VERIFIED: "assign", Status.ASSIGNED: "reassign"}
BESIDE = ("team", "handler", "verifier__person")
SHOWN = (
    *("reference", "subject", "status", "severity", "site", "next_due_at", "team__name", "team__name_zh"),
    *("handler__name", "handler__name_zh", "handler__username"),
    *(f"verifier__{name}" for name in ("complaint", "person__name", "person__name_zh", "person__username")),
)
DANGER_FIRST = Case(
    When(complaint__severity=Severity.DANGER, then=Value(0)), default=Value(1), output_field=IntegerField()
)
State = Promise.State


@dataclass
class Row:
    """One case on the board, what is to be signed in it, and the promise that stands next or is broken."""

    complaint: Complaint
    # The moment of the page (aware).
    at: datetime
    escalations: list[Escalation] = field(default_factory=list)
    # Open and broken ones, by when they are due; and the one that the row is about.
    promises: list[Promise] = field(default_factory=list)
    promise: Promise | None = None
    # Of a broken promise: when the customer read an honest word, and what was promised instead, if anything was.
    told_at: datetime | None = None
    new_date: Promise | None = None
    # Whom a supervisor may name to verify it.
    verifiers: list[Person] = field(default_factory=list)
    # Of a handler who is away.
    away: Away | None = None

    @property
    def escalation(self) -> Escalation | None:
        """What is to be signed first."""
        return self.escalations[0] if self.escalations else None

    @property
    def moment(self) -> datetime | None:
        """When it is lost: signed too late, or broken."""
        moments = [self.escalation.sign_by] if self.escalation else []
        moments += [self.promise.due_at] if self.promise else []
        return min(moments, default=self.complaint.next_due_at)

    @property
    def late_at(self) -> datetime | None:
        """Since when a promise of it is broken or overdue, None where none is."""
        due_at = self.complaint.next_due_at
        return due_at if due_at is not None and due_at < self.at else None

    @property
    def what_kind(self) -> str:
        """What is lost at that moment, in a word that tells nothing of the case."""
        if self.escalation is not None and self.escalation.sign_by == self.moment:
            return _("to sign")
        return str(PromiseKind(self.promise.kind).label if self.promise is not None else self.complaint.stage_label)

    @property
    def what(self) -> str:
        """The same, a promise in the words in which it was made."""
        if self.promise is not None and self.promise.due_at == self.moment:
            return self.promise.label
        return self.what_kind

    @property
    def more_to_sign(self) -> int:
        return max(0, len(self.escalations) - 1)

    @property
    def is_marked(self) -> bool:
        """Whether the severity stands beside the subject: what is usual is not said."""
        return self.complaint.severity in (Severity.DANGER, Severity.URGENT)

    @property
    def can_be_moved(self) -> bool:
        """Whether the promise is moved by hand; calls are moved on by calling."""
        return self.promise is not None and MOVE in actions_for(self.promise, [Role.SUPERVISOR])

    @property
    def is_call(self) -> bool:
        return self.promise is not None and self.promise.kind == PromiseKind.CALLBACK and not self.promise.words

    @property
    def is_danger(self) -> bool:
        return self.complaint.severity == Severity.DANGER

    @property
    def action(self) -> str:
        """The step that hands it over, "" where there is none."""
        return HANDS_OVER_BY.get(self.complaint.status, "")

    @property
    def to_verify(self) -> bool:
        return self.complaint.status == Status.RECEIVED and self.complaint.handler_id is None

    @property
    def verifier(self) -> Person | None:
        """Who was named to verify it."""
        named = getattr(self.complaint, "verifier", None)
        return named.person if named is not None else None


@dataclass(frozen=True)
class Lists:
    """What the board shows. Of the figures of the lower lists so many cases stand in a list above."""

    now: list[Row]
    broken: list[Row]
    nobodys: list[Row]
    broken_above: int
    nobodys_above: int

    @property
    def rows(self) -> list[Row]:
        return [*self.now, *self.broken, *self.nobodys]

    @property
    def steps(self) -> set[str]:
        """The steps by which some of the rows can be handed over."""
        return {row.action for row in self.rows}


def lists(person: Person, at: datetime, away: dict[int, Away]) -> Lists:
    """The three lists for `person` at `at` (aware); `away` says who is away then."""
    visible = Complaint.objects.visible_to(person)
    lost = _within_the_hour(person, visible, at)
    broken = _ids(WORKLISTS["overdue"].pick(visible, person, at), but=[each.case for each in lost])
    above = [each.case for each in lost] + broken
    nobodys = _ids(WORKLISTS["unassigned"].pick(visible, person, at), but=above)
    rows = _rows(lost, [*above, *nobodys], at)
    _say_what_broke([rows[pk] for pk in broken])
    _let_choose_verifiers(rows.values())
    _say_who_is_away(rows.values(), away)
    now = [rows[each.case] for each in lost]
    return Lists(
        now,
        [rows[pk] for pk in broken],
        [rows[pk] for pk in nobodys],
        broken_above=sum(row.late_at is not None for row in now),
        nobodys_above=sum(_is_nobodys(rows[pk].complaint) for pk in above),
    )


def later(person: Person, at: datetime, away: dict[int, Away]) -> list[Row]:
    """What comes after the hour, to be signed or kept, by the clock."""
    visible = Complaint.objects.visible_to(person)
    sign = _to_sign(person, visible, Q(sign_by__gt=at + HOUR), ("sign_by", "id"), most=LONGEST_LATER)
    keep = _to_keep(visible).filter(due_at__gt=at + HOUR).order_by("due_at", "id")
    lost = _merged(sign, keep[:LONGEST_LATER])
    first = sorted(lost, key=lambda each: each.moment)[:LONGEST_LATER]
    rows = _rows(first, [each.case for each in first], at)
    _say_who_is_away(rows.values(), away)
    return list(rows.values())


@dataclass
class _Lost:
    """A case in which something is lost: what is to be signed and the promise that is to be kept, by id."""

    case: int
    is_danger: bool
    moment: datetime
    escalations: list[int] = field(default_factory=list)
    promise: int | None = None


def _within_the_hour(person: Person, visible: ComplaintQuerySet, at: datetime) -> list[_Lost]:
    """The first of each kind, merged: what stands first of all stands first of its kind as well."""
    soon = Q(sign_by__lte=at + HOUR)
    sign = _to_sign(person, visible, soon, (DANGER_FIRST, "sign_by", "id"), most=2 * LONGEST_NOW)
    keep = _to_keep(visible).filter(due_at__lte=at + HOUR).order_by(DANGER_FIRST, "due_at", "id")
    lost = _merged(sign, keep[: 2 * LONGEST_NOW])
    return sorted(lost, key=lambda each: (not each.is_danger, each.moment, each.case))[:LONGEST_NOW]


def _to_sign(person: Person, visible: ComplaintQuerySet, when: Q, order: tuple, *, most: int) -> list[tuple]:
    """What is to be signed: of open cases, and of those that are closed and appealed.

    Asked apart: in one condition PostgreSQL would read every case that the person sees.
    """
    appealed = visible.filter(pk__in=Appeal.objects.filter(decided_at=None).values("complaint"))
    unsigned = unsigned_of(person).filter(when).order_by(*order)
    rows = unsigned.values_list("pk", "complaint_id", "complaint__severity", "sign_by")
    return [row for cases in (visible.open(), appealed) for row in rows.filter(complaint__in=cases)[:most]]


def _to_keep(visible: ComplaintQuerySet) -> QuerySet:
    rows = running().filter(complaint__in=visible.open())
    return rows.values_list("pk", "complaint_id", "complaint__severity", "due_at")


def _merged(sign: Iterable[tuple], keep: Iterable[tuple]) -> list[_Lost]:
    cases: dict[int, _Lost] = {}

    def in_case(case: int, severity: str, moment: datetime) -> _Lost:
        lost = cases.setdefault(case, _Lost(case, severity == Severity.DANGER, moment))
        lost.moment = min(lost.moment, moment)
        return lost

    for pk, case, severity, moment in sign:
        in_case(case, severity, moment).escalations.append(pk)
    for pk, case, severity, moment in keep:
        lost = in_case(case, severity, moment)
        lost.promise = lost.promise or pk
    return list(cases.values())


def _ids(complaints: QuerySet, *, but: list[int]) -> list[int]:
    rows = complaints.exclude(pk__in=but).order_by("next_due_at", "id")
    return list(rows.values_list("pk", flat=True)[:LONGEST_LIST])


def _rows(lost: list[_Lost], ids: list[int], at: datetime) -> dict[int, Row]:
    """The rows of all lists by the id of the case, in the order of `ids`; three queries."""
    complaints = Complaint.objects.filter(pk__in=ids).select_related(*BESIDE).only(*SHOWN).in_bulk()
    rows = {pk: Row(complaints[pk], at) for pk in ids if pk in complaints}
    signed = [pk for each in lost for pk in each.escalations]
    escalations = Escalation.objects.filter(pk__in=signed).select_related("raised_by").in_bulk()
    for promise in Promise.objects.filter(complaint__in=ids, state__in=[State.OPEN, State.BROKEN]).order_by(
        "due_at", "id"
    ):
        if promise.complaint_id in rows:
            rows[promise.complaint_id].promises.append(promise)
    for each in lost:
        row = rows[each.case]
        row.escalations = [escalations[pk] for pk in each.escalations if pk in escalations]
        row.promise = next((promise for promise in row.promises if promise.pk == each.promise), None)
    return rows


def _say_what_broke(rows: list[Row]):
    """The broken promise of each case, whether the customer was told, and a new date where there is one."""
    told = Notice.objects.filter(
        complaint__in=[row.complaint.pk for row in rows],
        event="customer_promise_broken",
        state=Notice.State.SENT,
    )
    told_at = {data["promise"]: sent_at for data, sent_at in told.values_list("data", "sent_at")}
    for row in rows:
        row.promise = next((p for p in row.promises if p.due_at == row.complaint.next_due_at), None)
        row.told_at = told_at.get(row.promise.pk) if row.promise is not None else None
        ahead = (p for p in row.promises if p.state == State.OPEN and p.to_customer and p.due_at > row.at)
        row.new_date = next(ahead, None)


def _let_choose_verifiers(rows: Iterable[Row]):
    waiting = [row for row in rows if row.to_verify]
    choices = possible_verifiers([row.complaint for row in waiting])
    for row in waiting:
        row.verifiers = choices[row.complaint.pk]


def _say_who_is_away(rows: Iterable[Row], away: dict[int, Away]):
    for row in rows:
        handler = row.complaint.handler_id
        row.away = away.get(handler) if handler is not None else None


def _is_nobodys(complaint: Complaint) -> bool:
    """In the view "unassigned" of the queue."""
    finished = (Status.RESOLVED, Status.FEEDBACK, Status.ARCHIVED)
    return complaint.handler_id is None and complaint.status not in finished
