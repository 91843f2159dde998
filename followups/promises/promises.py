"""Promises: make, keep, move, withdraw (SPEC, "Promises").

The verbs that people call take an id, lock the complaint first and ask for a role. Those that end in
`_on` or take a complaint are for callers that hold its lock already: receivers, callbacks, the sweep.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role
from complaints.case import events, kinds, permissions
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.errors import GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.models import Complaint
from complaints.texts import read_line
from complaints.visibility import roles_on
from complaints.writing.reply_templates import refuse_unfilled
from followups.models import Promise, Telling
from followups.models.promise import INTERNAL, PAUSABLE, PromiseKind
from followups.outbox import notices
from followups.policies.next_due import refresh_next_due
from followups.policies.policies import stated
from followups.promises import overpromise
from followups.promises.moments import moment_of, warning_before, zone_of
from followups.promises.overpromise import Question, Questioned
from followups.promises.pauses import due_if_resumed

State = Promise.State
# Kept by evidence that the customer was told (followups.telling.records), not by a button.
BY_TELLING = frozenset({PromiseKind.FIRST_CONTACT, PromiseKind.REPLY})
# "An extension is capped (twice; then a supervisor)".
MOVES_WITHOUT_SUPERVISOR = 2
Said = dict[str, Any]


def make(
    complaint_id: int,
    *,
    kind: str,
    words: str,
    due_at: datetime,
    actor: Actor,
    at: datetime,
    to_customer: bool = True,
    confirmed: frozenset[str] = frozenset(),
) -> Promise:
    """Promise something of one's own accord ("the technician comes on Tuesday at 10:00").

    Unless the very same stands open already: a form sent twice is one promise.
    `due_at` is aware, or naive in the wall time of the complaint's team. `confirmed` holds the codes of
    the questions (followups.promises.overpromise) that the author was asked and confirmed; the event repeats them.
    Raises GateRefused naming what is wrong with the words or the moment, Questioned with what is not
    confirmed, NotPermitted, NotAllowedNow for an archived complaint.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        roles = _refuse_strangers(complaint, actor)
        if complaint.is_archived and kind != PromiseKind.CORRECTIVE:
            raise NotAllowedNow(_("An archived complaint is read-only; reopen it to promise something."))
        missing = []
        if kind not in PromiseKind.values or kind in INTERNAL:
            missing.append(Missing("kind", _("Choose what is promised"), hard=True))
        words = read_line(words, 300)
        if not words:
            missing.append(Missing("words", _("Write what we promise"), hard=True))
        due_at, wrong = moment_of(due_at, complaint=complaint, at=at)
        if wrong:
            missing.append(Missing("due_at", wrong, hard=True))
        if missing:
            raise GateRefused(missing)
        if to_customer:
            refuse_unfilled(words)
        known = complaint.promises.filter(state=State.OPEN, kind=kind, words=words, due_at=due_at).first()
        if known is not None:
            return known
        asked = overpromise.questions_on_making(complaint, kind, due_at=due_at, roles=roles, at=at)
        said = _refuse_unconfirmed(asked, confirmed)
        promise = add(
            complaint,
            kind=kind,
            words=words,
            due_at=due_at,
            to_customer=to_customer,
            actor=actor,
            at=at,
            said=said,
        )
    return promise


def add(
    complaint: Complaint,
    *,
    kind: str,
    due_at: datetime,
    at: datetime,
    actor: Actor = SYSTEM,
    words: str = "",
    to_customer: bool = True,
    said: Said | None = None,
) -> Promise:
    """Add one promise with a stated moment to a locked complaint and record it. Returns the promise.

    `said` is what the event tells besides the promise itself.
    """
    promise = Promise(
        complaint=complaint,
        round=complaint.round,
        kind=kind,
        words=words,
        to_customer=to_customer and kinds.may_be_written_to(complaint),
        made_by=actor.person,
        made_at=at,
        due_at=due_at,
        warn_at=warning_before(due_at, at),
        paused_since=paused_from(complaint, kind, at),
        explanation=stated(at, due_at, zone_of(complaint).key),
    )
    promise.save(force_insert=True)
    data = promise.said() | (said or {})
    events.record(complaint, EventKind.PROMISE_MADE, actor=actor, at=at, data=data, public=promise.to_customer)
    refresh_next_due(complaint)
    return promise


def keep(promise_id: int, *, actor: Actor, at: datetime, told_at: datetime | None = None) -> Promise:
    """Say that it was done, and that the customer was told at `told_at` (aware; `at` where not given).

    "`kept` means the customer was told before `due_at`." Keeping it twice changes nothing. Raises
    NotPermitted, and NotAllowedNow for a promise that is broken, withdrawn, replaced or overdue.
    """
    with transaction.atomic():
        complaint, promise = _locked(promise_id)
        _refuse_strangers(complaint, actor)
        if promise.state == State.KEPT:
            return promise
        _refuse_settled(promise)
        if promise.kind in INTERNAL:
            raise NotAllowedNow(_("This is done where it is asked for, not by hand."))
        if promise.kind in BY_TELLING and not promise.words:
            raise NotAllowedNow(_("The customer has to be told: write to them, or note what you told them."))
        told_at = told_at or at
        if told_at > at:
            raise NotAllowedNow(_("The customer can only have been told before now."))
        if told_at >= due_if_resumed(promise, told_at):
            raise NotAllowedNow(_("It was due before that, so it is broken. Promise a new date."))
        keep_on(complaint, promise, told_at=told_at, actor=actor, at=at)
    return promise


def keep_on(
    complaint: Complaint,
    promise: Promise,
    *,
    told_at: datetime,
    actor: Actor,
    at: datetime,
    kept_by: Telling | None = None,
) -> None:
    """Mark an open promise of a locked complaint as kept; `told_at` is before its due moment, `kept_by` proves it."""
    promise.state, promise.kept_at, promise.settled_at, promise.kept_by = State.KEPT, told_at, at, kept_by
    promise.save(update_fields=["state", "kept_at", "settled_at", "kept_by"])
    data = promise.said() | {"told_at": told_at.isoformat()}
    events.record(complaint, EventKind.PROMISE_KEPT, actor=actor, at=at, data=data, public=promise.to_customer)
    refresh_next_due(complaint)


def move(
    promise_id: int,
    *,
    due_at: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
    confirmed: frozenset[str] = frozenset(),
) -> Promise:
    """Extend a promise to a later moment, before it is due; the customer is told the reason.

    The same form sent twice moves it once; `confirmed` as in make(). Raises GateRefused for a missing reason
    or an impossible moment, Questioned with what is not confirmed, NotAllowedNow once it is due or settled,
    NotPermitted (the third time needs a supervisor).
    """
    with transaction.atomic():
        complaint, promise = _locked(promise_id)
        roles = _refuse_strangers(complaint, actor)
        _refuse_settled(promise)
        reason = read_line(reason, 300)
        missing = [] if reason else [Missing("reason", _("Write why it is moved"), hard=True)]
        due_at, wrong = moment_of(due_at, complaint=complaint, at=at)
        if not wrong and (due_at, reason) == (promise.due_at, promise.moved_reason):
            return promise
        if at >= due_if_resumed(promise, at):
            raise NotAllowedNow(_("It is due already, so it cannot be moved any more. Promise a new date."))
        if not wrong and due_at <= promise.due_at:
            wrong = _("The new date has to be later than the present one.")
        if wrong:
            missing.append(Missing("due_at", wrong, hard=True))
        if missing:
            raise GateRefused(missing)
        if promise.to_customer:
            refuse_unfilled(reason)
        if promise.moves >= MOVES_WITHOUT_SUPERVISOR and Role.SUPERVISOR not in roles:
            raise NotPermitted(_("It was moved twice already; only a supervisor can move it again."))
        said = _refuse_unconfirmed(overpromise.questions_on_moving(promise, due_at=due_at, at=at), confirmed)
        _move_on(complaint, promise, due_at=due_at, reason=reason, actor=actor, at=at, said=said)
    return promise


def withdraw(promise_id: int, *, reason: str, actor: Actor, at: datetime) -> Promise:
    """Take an open promise back, with a reason; the customer is told. Withdrawing it twice is once.

    Raises GateRefused without a reason, NotAllowedNow when it is settled or due, and NotPermitted for a
    promise by policy: that is the organisation's, so only a supervisor withdraws it.
    """
    with transaction.atomic():
        complaint, promise = _locked(promise_id)
        roles = _refuse_strangers(complaint, actor)
        reason = read_line(reason, 300)
        if promise.state == State.WITHDRAWN and _withdrawn_for(complaint, promise) == reason:
            return promise
        _refuse_settled(promise)
        if at >= due_if_resumed(promise, at):
            raise NotAllowedNow(_("It is due already, so it cannot be withdrawn any more."))
        if promise.moves >= MOVES_WITHOUT_SUPERVISOR and Role.SUPERVISOR not in roles:
            # Else a third extension could be had by promising the same anew.
            raise NotPermitted(_("It was moved twice already; only a supervisor withdraws it."))
        if promise.kind in INTERNAL:
            raise NotAllowedNow(_("This is done where it is asked for; a supervisor may move it."))
        if promise.policy_id is not None and Role.SUPERVISOR not in roles:
            raise NotPermitted(_("This promise is made for every complaint; only a supervisor withdraws it."))
        if not reason:
            raise GateRefused([Missing("reason", _("Write why it is withdrawn"), hard=True)])
        if promise.to_customer:
            refuse_unfilled(reason)
        withdraw_on(complaint, promise, reason=reason, actor=actor, at=at)
        if promise.to_customer:
            data = promise.said() | {"reason": reason}
            notices.tell_customer(
                complaint, "customer_promise_withdrawn", key=f"promise:{promise.pk}:withdrawn", data=data, at=at
            )
    return promise


def withdraw_on(
    complaint: Complaint, promise: Promise, *, actor: Actor, at: datetime, reason: str = "", because: str = ""
) -> None:
    """Mark an open promise of a locked complaint as withdrawn.

    `reason` is in a person's words; `because` says why the desk did it: "closed", "policy", "callback".
    """
    promise.state, promise.settled_at = State.WITHDRAWN, at
    promise.save(update_fields=["state", "settled_at"])
    why = {"reason": reason} if reason else {"because": because}
    events.record(
        complaint,
        EventKind.PROMISE_WITHDRAWN,
        actor=actor,
        at=at,
        data=promise.said() | why,
        public=promise.to_customer,
    )
    refresh_next_due(complaint)


def _withdrawn_for(complaint: Complaint, promise: Promise) -> str:
    """The reason with which a person withdrew it; "" where the desk did."""
    event = complaint.events.filter(kind=EventKind.PROMISE_WITHDRAWN, data__promise=promise.pk).last()
    return event.data.get("reason", "") if event is not None else ""


def paused_from(complaint: Complaint, kind: str, at: datetime) -> datetime | None:
    """Since when the clock of a new promise stands still: at once while we wait for the customer."""
    return at if complaint.waiting_since is not None and kind in PAUSABLE else None


def _move_on(
    complaint: Complaint, promise: Promise, *, due_at: datetime, reason: str, actor: Actor, at: datetime, said: Said
) -> None:
    before = promise.due_at
    promise.due_at, promise.warn_at, promise.warned_at = due_at, warning_before(due_at, at), None
    promise.paused_since = paused_from(complaint, promise.kind, at)
    if promise.long_stop_at is not None:
        promise.long_stop_at = max(promise.long_stop_at, due_at)
    promise.moves, promise.moved_reason = promise.moves + 1, reason
    # A new cycle: whatever fires for the old moment is void.
    promise.cycle, promise.failures, promise.not_before = promise.cycle + 1, 0, None
    moved = {"at": at.isoformat(), "from": before.isoformat(), "to": due_at.isoformat(), "reason": reason}
    promise.explanation["moves"] = [*promise.explanation.get("moves", []), moved]
    promise.save(
        update_fields=[
            "due_at",
            "warn_at",
            "warned_at",
            "paused_since",
            "long_stop_at",
            "moves",
            "moved_reason",
            "cycle",
            "failures",
            "not_before",
            "explanation",
        ]
    )
    data = promise.said() | {"from": before.isoformat(), "reason": reason} | said
    events.record(complaint, EventKind.PROMISE_MOVED, actor=actor, at=at, data=data, public=promise.to_customer)
    if promise.to_customer:
        key = f"promise:{promise.pk}:{promise.cycle}:moved"
        notices.tell_customer(complaint, "customer_promise_moved", key=key, data=data, at=at)
    refresh_next_due(complaint)


def _locked(promise_id: int) -> tuple[Complaint, Promise]:
    """The complaint, locked first, and the promise as it is under that lock. Raises Promise.DoesNotExist."""
    complaint = lock(Promise.objects.values_list("complaint_id", flat=True).get(pk=promise_id))
    promise = Promise.objects.select_for_update(of=("self",), no_key=True).get(pk=promise_id)
    promise.complaint = complaint
    return complaint, promise


def _refuse_strangers(complaint: Complaint, actor: Actor) -> frozenset[str]:
    """The actor's roles on the complaint; raises NotPermitted where none of them works on it."""
    roles = roles_on(actor.person, complaint) if actor.person is not None else frozenset()
    if not actor.is_system and not roles & permissions.PROMISE.roles:
        raise NotPermitted(_("Your role cannot change promises."))
    return roles


def _refuse_unconfirmed(asked: list[Question], confirmed: frozenset[str]) -> Said:
    """What the event says about the questions asked; raises Questioned unless all are confirmed, and may be."""
    unanswered = [question for question in asked if question.code not in confirmed or not question.may_confirm]
    if unanswered:
        raise Questioned(unanswered)
    return {"confirmed": sorted({question.code for question in asked})} if asked else {}


def _refuse_settled(promise: Promise) -> None:
    """Raises NotAllowedNow unless the promise is open."""
    sentences = {
        State.KEPT: _("This promise was kept already."),
        State.BROKEN: _("This promise is broken. Promise a new date."),
        State.REPLACED: _("This promise was replaced by another one."),
        State.WITHDRAWN: _("This promise was withdrawn."),
    }
    if promise.state != State.OPEN:
        raise NotAllowedNow(sentences[State(promise.state)])
