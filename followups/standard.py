"""The promises that the organisation makes for every complaint, by its policies."""

from collections.abc import Iterable
from datetime import datetime

from accounts.calendars import CalendarBook
from complaints import events
from complaints.actors import SYSTEM, Actor
from complaints.models import Complaint
from followups import history
from followups.models import Promise, PromisePolicy
from followups.models.promise import PAUSABLE, Clock, PromiseKind
from followups.next_due import refresh_next_due
from followups.pauses import due_if_resumed, pause_words, paused_intervals, replay
from followups.policies import due_by, policies_for
from followups.promises import keep_on, paused_from, said_of, withdraw_on

State = Promise.State
# What begins when a complaint arrives.
AT_ARRIVAL = (PromiseKind.FIRST_CONTACT, PromiseKind.VERIFICATION, PromiseKind.RESOLUTION)
# Without a way to reach the customer there is nobody to contact or to answer.
NEEDS_CONTACT = frozenset({PromiseKind.FIRST_CONTACT, PromiseKind.REPLY})


def make_standard(
    complaints: Complaint | Iterable[Complaint],
    *,
    at: datetime,
    kinds: Iterable[str] = AT_ARRIVAL,
    started_at: datetime | None = None,
) -> list[Promise]:
    """Make the promises of `kinds` that the policies ask for, for one complaint or for many at once.

    `at` is when they are made, `started_at` (aware) from when they count, `at` where not given. Rows are
    locked by the caller or new. Returns the promises.
    """
    complaints = [complaints] if isinstance(complaints, Complaint) else list(complaints)
    book = CalendarBook(around=at)
    known: dict[tuple, dict[str, PromisePolicy]] = {}
    made = []
    for complaint in complaints:
        what = (complaint.severity, complaint.category_id)
        if what not in known:
            known[what] = policies_for(complaint)
        for kind in kinds:
            if kind in known[what] and _makes_sense(complaint, kind):
                made.append(_new(complaint, known[what][kind], started_at or at, at, book))
    _store(made, SYSTEM, at)
    return made


def reconcile(complaint: Complaint, *, actor: Actor, at: datetime):
    """Bring the open promises of this round in line with the policies of a new severity or category.

    The new promise counts from the same start as the old one, so nothing is gained by changing back and
    forth; only where that moment is over already it counts from `at`. What is broken stays broken.
    """
    policies = policies_for(complaint)
    book = CalendarBook(around=at)
    ours = list(complaint.promises.select_for_update(of=("self",)).filter(round=complaint.round, policy__isnull=False))
    made, replaced = [], []
    for old in [promise for promise in ours if promise.state == State.OPEN and promise.kind in AT_ARRIVAL]:
        policy = policies.get(old.kind)
        if policy is None:
            withdraw_on(complaint, old, because="policy", actor=SYSTEM, at=at)
        elif policy.pk != old.policy_id:
            old.state, old.settled_at = State.REPLACED, at
            old.save(update_fields=["state", "settled_at"])
            made.append(_new(complaint, policy, _start_of(old), at, book))
            replaced.append(old)
    missing = [kind for kind in AT_ARRIVAL if kind in policies and not any(p.kind == kind for p in ours)]
    made += [_new(complaint, policies[kind], at, at, book) for kind in missing if _makes_sense(complaint, kind)]
    _store(made, actor, at, instead_of=replaced)


def keep_told(
    complaint: Complaint,
    kinds: Iterable[str],
    *,
    told_at: datetime,
    actor: Actor,
    at: datetime,
    by_policy_only: bool = False,
):
    """The customer was told at `told_at`: keep what was promised by then, and note what came too late.

    A promise that was due before stays (or becomes, by the sweep) broken; `kept_at` says when it was
    made good. `by_policy_only` leaves alone what people promised in their own words.
    """
    promises = complaint.promises.select_for_update(of=("self",)).filter(
        kind__in=list(kinds), state__in=[State.OPEN, State.BROKEN], kept_at__isnull=True
    )
    if by_policy_only:
        promises = promises.filter(policy__isnull=False)
    for promise in promises.order_by("id"):
        if promise.state == State.OPEN and told_at < due_if_resumed(promise, told_at):
            keep_on(complaint, promise, told_at=told_at, actor=actor, at=at)
        elif promise.state == State.OPEN or promise.round == complaint.round:
            promise.kept_at = told_at
            promise.save(update_fields=["kept_at"])
    refresh_next_due(complaint)


def withdraw_all(complaint: Complaint, *, because: str, at: datetime):
    """The case is closed: every open promise is withdrawn, except what we promised to change afterwards."""
    still = complaint.promises.select_for_update(of=("self",)).filter(state=State.OPEN)
    for promise in still.exclude(kind=PromiseKind.CORRECTIVE):
        withdraw_on(complaint, promise, because=because, actor=SYSTEM, at=at)
    refresh_next_due(complaint)


def _makes_sense(complaint: Complaint, kind: str) -> bool:
    customer = complaint.customer
    reachable = customer is not None and customer.can_be_reached and not complaint.wishes_no_contact
    return reachable or kind not in NEEDS_CONTACT


def _start_of(promise: Promise) -> datetime:
    return datetime.fromisoformat(promise.explanation["start"])


def _new(complaint: Complaint, policy: PromisePolicy, start: datetime, at: datetime, book) -> Promise:
    """The promise of a policy, unsaved; counted from `at` where counting from `start` is over already."""
    due = due_by(policy, start=start, team=complaint.team, book=book)
    waited = []
    if start < at and policy.kind in PAUSABLE:
        waited = [(since, until or at) for since, until in paused_intervals(complaint) if since >= start]
    calendar = book.of(complaint.team).calendar if due.explanation["clock"] == Clock.WORKING else None
    due_at = replay(due.due_at, waited, calendar)
    warn_at = replay(due.warn_at, waited, calendar) if due.warn_at else None
    if due.long_stop_at is not None:
        due_at = min(due_at, due.long_stop_at)
    if due_at <= at:
        return _new(complaint, policy, at, at, book)
    if waited:
        due.explanation["pauses"] = [pause_words(since, until) for since, until in waited]
    return Promise(
        complaint=complaint,
        round=complaint.round,
        kind=policy.kind,
        to_customer=not complaint.wishes_no_contact,
        policy=policy,
        made_at=at,
        due_at=due_at,
        warn_at=warn_at if warn_at is not None and warn_at > at else None,
        paused_since=paused_from(complaint, policy.kind, at),
        long_stop_at=due.long_stop_at,
        explanation=due.explanation,
    )


def _store(made: list[Promise], actor: Actor, at: datetime, *, instead_of: list[Promise] = ()):
    """Write promises and their events; the first ones stand in the place of `instead_of`, in that order."""
    if not made:
        return
    Promise.objects.bulk_create(made)
    written = []
    for position, promise in enumerate(made):
        kind, data = "promise_made", said_of(promise)
        if position < len(instead_of):
            kind, data = "promise_replaced", data | {"replaced": instead_of[position].pk}
        public = promise.to_customer
        written.append(events.build(promise.complaint, kind, actor=actor, at=at, data=data, public=public))
    history.append(written, {promise.complaint_id: promise.complaint for promise in made}.values())
