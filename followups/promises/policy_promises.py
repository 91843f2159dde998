"""The promises that the organisation makes for every complaint, by its policies."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.worktime.calendars import CalendarBook
from complaints.case import events, kinds
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.choices import Kind
from complaints.db.inserting import insert
from complaints.errors import GateRefused, Missing
from complaints.models import Complaint
from complaints.visibility import roles_on
from complaints.writing.reply_templates import refuse_unfilled
from followups.models import Promise, PromisePolicy, Telling
from followups.models.promise import INTERNAL, PAUSABLE, Clock, PromiseKind
from followups.policies import bulk_events
from followups.policies.next_due import refresh_next_due
from followups.policies.policies import due_by, policies_for, policy_or_own
from followups.promises import dates_told
from followups.promises.dates_told import Change, Occasion
from followups.promises.pauses import due_if_resumed, pause_words, paused_intervals, replay
from followups.promises.promises import MOVES_WITHOUT_SUPERVISOR, keep_on, paused_from, withdraw_on

State = Promise.State
# What begins when a complaint arrives.
AT_ARRIVAL = (PromiseKind.FIRST_CONTACT, PromiseKind.VERIFICATION, PromiseKind.RESOLUTION)
# What we owe although the case is closed: changes that were promised, what the customer was not told yet, a second
# look.
AFTER_THE_END = (PromiseKind.CORRECTIVE, PromiseKind.TELL, PromiseKind.APPEAL)
# Without a way to reach the customer there is nobody to contact or to answer.
NEEDS_CONTACT = frozenset({PromiseKind.FIRST_CONTACT, PromiseKind.REPLY})


def make_standard(
    complaints: Complaint | Iterable[Complaint],
    *,
    at: datetime,
    kinds: Iterable[str] = AT_ARRIVAL,
    started_at: datetime | None = None,
    without_policy: bool = False,
) -> list[Promise]:
    """Make the promises of `kinds` that the policies ask for, for one complaint or for many at once.

    With `without_policy` also those for which none is in force; a result has a date in any case. `at` is when they
    are made, `started_at` (aware) from when they count, `at` where not given. Rows are locked by the caller or new.
    Returns the promises.
    """
    complaints = [complaints] if isinstance(complaints, Complaint) else list(complaints)
    book = CalendarBook(around=at)
    known: dict[tuple[object, ...], dict[str, PromisePolicy]] = {}
    made = []
    for complaint in complaints:
        what = (complaint.severity, complaint.category_id)
        if what not in known:
            known[what] = policies_for(complaint)
        for kind in kinds:
            policy = known[what].get(kind)
            if policy is None and (without_policy or kind == PromiseKind.RESOLUTION):
                policy = policy_or_own(complaint, kind)
            if policy is not None and makes_sense(complaint, kind):
                made.append(_new(complaint, policy, started_at or at, at, book))
    _store(made, SYSTEM, at)
    return made


def owe_reply(complaint: Complaint, *, at: datetime, without_policy: bool = True) -> None:
    """An answer to the customer of a (locked) complaint is promised, one at a time, by policy or by our own."""
    standing = complaint.promises.filter(kind=PromiseKind.REPLY, made_by__isnull=True, state=State.OPEN)
    if not standing.exists():
        make_standard(complaint, at=at, kinds=[PromiseKind.REPLY], without_policy=without_policy)


def reconcile(complaint: Complaint, *, actor: Actor, at: datetime, occasion: Occasion, leads: bool = False) -> None:
    """Bring the open promises of this round in line with the policies of a new severity or category.

    The new promise counts from the same start as the old one, so nothing is gained by changing back and
    forth; only where that moment is over already it counts from `at`, and never beyond what was told. What is due
    or broken already stays so. A later date is an extension: it needs a reason, is counted, and after two of them
    only a supervisor (`leads`, or by the actor's role) makes it later; else what was told stands. The customer is
    told every date that changes. Raises GateRefused where a later date has no reason, reply_templates.Unfilled.
    """
    policies = policies_for(complaint)
    book = CalendarBook(around=at)
    leads = leads or (actor.is_staff and Role.SUPERVISOR in roles_on(actor.person, complaint))
    ours = list(
        complaint.promises.select_for_update(of=("self",), no_key=True).filter(
            round=complaint.round, policy__isnull=False
        )
    )
    made, replaced, changes = [], [], []
    for old in [promise for promise in ours if promise.state == State.OPEN and promise.kind in AT_ARRIVAL]:
        old.complaint = complaint
        policy, told = policies.get(old.kind), due_if_resumed(old, at, book=book)
        if told <= at:
            # It breaks, whatever the case is called from now on.
            continue
        if policy is None and old.kind == PromiseKind.RESOLUTION:
            # No rule asks for it any more; a case without a date it would be.
            continue
        if policy is None:
            withdraw_on(complaint, old, because="policy", actor=SYSTEM, at=at)
            changes.append(Change(old, told, None))
        elif policy.pk != old.policy_id:
            new = _new(complaint, policy, _start_of(old), at, book)
            # The new one says whether the date still holds when the customer is told; it has its key by then.
            change = Change(new, told, new.due_at)
            if _must_stand(old, new, change, leads):
                _let_stand(complaint, old, policy, wanted=new.due_at, actor=actor, at=at)
                continue
            _carry_over(old, new, change, occasion.reason_for(complaint), at)
            old.state, old.settled_at = State.REPLACED, at
            old.save(update_fields=["state", "settled_at"])
            made.append(new)
            replaced.append(old)
            changes.append(change)
    _refuse_without_reason(changes, occasion)
    missing = [kind for kind in AT_ARRIVAL if kind in policies and not any(p.kind == kind for p in ours)]
    made += [_new(complaint, policies[kind], at, at, book) for kind in missing if makes_sense(complaint, kind)]
    _store(made, actor, at, instead_of=replaced)
    dates_told.tell(complaint, changes, occasion, at=at)


def keep_told(
    complaint: Complaint,
    kinds: Iterable[str],
    *,
    told_at: datetime,
    actor: Actor,
    at: datetime,
    by_policy_only: bool = False,
    in_words_too: bool = True,
    kept_by: Telling | None = None,
) -> None:
    """The customer was told at `told_at`: keep what was promised by then, and note what came too late.

    A promise that was due before stays (or becomes, by the sweep) broken; `kept_at` says when it was
    made good. `by_policy_only` leaves alone what people promised in their own words; not `in_words_too` what the
    desk promised in words in their place. `kept_by` is the evidence.
    """
    promises = complaint.promises.select_for_update(of=("self",), no_key=True).filter(
        kind__in=list(kinds), state__in=[State.OPEN, State.BROKEN], kept_at__isnull=True
    )
    if by_policy_only:
        promises = promises.filter(made_by__isnull=True)
    if not in_words_too:
        promises = promises.filter(words="")
    came_late = False
    for promise in promises.order_by("id"):
        if promise.state == State.OPEN and told_at < due_if_resumed(promise, told_at):
            keep_on(complaint, promise, told_at=told_at, actor=actor, at=at, kept_by=kept_by)
        elif promise.state == State.OPEN or promise.round == complaint.round:
            promise.kept_at, promise.kept_by = told_at, kept_by
            promise.save(update_fields=["kept_at", "kept_by"])
            came_late = True
    if came_late:
        refresh_next_due(complaint)


def withdraw_all(complaint: Complaint, *, because: str, at: datetime) -> list[Change]:
    """The case is closed: every open promise is withdrawn, except what is owed afterwards as well.

    Returns what was withdrawn, for the customer to be told.
    """
    still = complaint.promises.select_for_update(of=("self",), no_key=True).filter(state=State.OPEN)
    withdrawn = list(still.exclude(kind__in=AFTER_THE_END))
    for promise in withdrawn:
        withdraw_on(complaint, promise, because=because, actor=SYSTEM, at=at)
    refresh_next_due(complaint)
    return [Change(promise, promise.due_at, None) for promise in withdrawn]


def _must_stand(old: Promise, new: Promise, change: Change, leads: bool) -> bool:
    """Whether the told date stands although another rule applies: later by no right of anybody's.

    Where the shorter time of a graver case is over already, what was told is sooner. And the cap holds.
    """
    anew = _start_of(new) != _start_of(old)
    return change.is_later and (anew or (old.moves >= MOVES_WITHOUT_SUPERVISOR and not leads))


def _let_stand(
    complaint: Complaint, promise: Promise, policy: PromisePolicy, *, wanted: datetime, actor: Actor, at: datetime
) -> None:
    """Keep the told date; the new rule is noted, so that it does not ask again at the next step."""
    promise.policy = policy
    promise.save(update_fields=["policy"])
    data = promise.said() | {"wanted": wanted.isoformat()}
    events.record(complaint, EventKind.PROMISE_STANDS, actor=actor, at=at, data=data)


def _carry_over(old: Promise, new: Promise, change: Change, reason: str, at: datetime) -> None:
    """The promise in the place of another one goes on with its count of extensions; later, it is one more."""
    new.moves, new.moved_reason = old.moves, old.moved_reason
    moves = old.explanation.get("moves", [])
    if change.is_later:
        new.moves, new.moved_reason = old.moves + 1, reason[:300]
        moved = {"at": at, "from": change.before, "to": change.after}
        moves = [*moves, {name: moment.isoformat() for name, moment in moved.items() if moment} | {"reason": reason}]
    if moves:
        new.explanation["moves"] = moves


def _refuse_without_reason(changes: list[Change], occasion: Occasion) -> None:
    """An extension says why. Whoever assigns decides it by assigning; others write it, and the customer reads it."""
    if not any(change.is_later for change in changes) or occasion.because == "assigned":
        return
    if not occasion.reason:
        words = _("Write why: a date that the customer was told gets later, and they are told the reason")
        raise GateRefused([Missing("reason", words, hard=True)])
    refuse_unfilled(occasion.reason)


def makes_sense(complaint: Complaint, kind: str) -> bool:
    """Whether a policy's promise of `kind` can be kept: somebody is there to contact, to answer, to ask."""
    customer = complaint.customer
    reachable = customer is not None and customer.can_be_reached and not complaint.wishes_no_contact
    if complaint.kind == Kind.LATENT and kind == PromiseKind.VERIFICATION:
        return reachable
    return reachable or kind not in NEEDS_CONTACT


def _start_of(promise: Promise) -> datetime:
    return datetime.fromisoformat(promise.explanation["start"])


def _new(complaint: Complaint, policy: PromisePolicy, start: datetime, at: datetime, book: CalendarBook) -> Promise:
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
        to_customer=kinds.hears_of_dates(complaint) and policy.kind not in INTERNAL,
        policy=policy if policy.pk else None,
        made_at=at,
        due_at=due_at,
        warn_at=warn_at if warn_at is not None and warn_at > at else None,
        paused_since=paused_from(complaint, policy.kind, at),
        long_stop_at=due.long_stop_at,
        explanation=due.explanation,
    )


def _store(made: list[Promise], actor: Actor, at: datetime, *, instead_of: Sequence[Promise] = ()) -> None:
    """Write promises and their events; the first ones stand in the place of `instead_of`, in that order."""
    if not made:
        return
    # A case in which nothing happened but its arrival had no promises before.
    known = made if all(promise.complaint.event_count == 1 for promise in made) else None
    insert(made)
    written = []
    for position, promise in enumerate(made):
        kind, data = EventKind.PROMISE_MADE, promise.said()
        if position < len(instead_of):
            kind, data = EventKind.PROMISE_REPLACED, data | {"replaced": instead_of[position].pk}
        public = promise.to_customer
        written.append(events.build(promise.complaint, kind, actor=actor, at=at, data=data, public=public))
    complaints = {promise.complaint_id: promise.complaint for promise in made}.values()
    bulk_events.append(written, complaints, promises=known)
