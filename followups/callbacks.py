"""Callbacks: a call is owed for every result ("100%的地毯式客户回访"), tried on other days and times up to a limit."""

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import DeskRules, Person, Role
from complaints import events, lifecycle
from complaints.actors import SYSTEM, Actor
from complaints.choices import Channel, Status
from complaints.errors import ChangedMeanwhile, GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.locking import lock
from complaints.models import Complaint, Feedback
from complaints.texts import clean_text
from complaints.visibility import roles_on
from complaints.worklists import NOT_IN_A_ROW
from followups import promises, standard
from followups.call_times import first_call, next_try
from followups.models import Callback, CallbackAttempt, Promise
from followups.models.promise import PromiseKind
from followups.moments import zone_of
from followups.next_due import refresh_next_due

Outcome = CallbackAttempt.Outcome
State = Callback.State
CALLING = {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR}
# What the caller says; whether "reached" means satisfied follows from the answers.
REACHED = "reached"
ANSWERED = (Outcome.SATISFIED, Outcome.UNSATISFIED)


def create_for(complaint: Complaint, *, at: datetime) -> Callback | None:
    """Owe the customer of a (locked) complaint a call for the result of this round, and promise it.

    `at` is when the result was told. Creating it twice is once. Returns None where nobody is to be
    called: the customer wishes no contact, or left no way to be reached.
    """
    customer = complaint.customer
    if complaint.wishes_no_contact or customer is None or not customer.can_be_reached:
        return None
    known = complaint.callbacks.filter(round=complaint.round).first()
    if known is not None:
        return known
    hours = DeskRules.current().callback_after_hours
    moment = first_call(at, hours=hours, zone=zone_of(complaint))
    return Callback.objects.create(
        complaint=complaint,
        round=complaint.round,
        promise=_promise(complaint, moment, SYSTEM, at),
        next_at=moment,
        created_at=at,
    )


def withdraw_for(complaint: Complaint, *, at: datetime):
    """Owe no call any more for a (locked) complaint: it is closed, or worked on again."""
    for callback in _open_of(complaint):
        _settle(callback, State.WITHDRAWN, at)
        if callback.promise.state == Promise.State.OPEN:
            promises.withdraw_on(complaint, callback.promise, because="callback", actor=SYSTEM, at=at)


def settle_for(complaint: Complaint, *, at: datetime):
    """The customer of a (locked) complaint answered without a call, on the link or otherwise: nothing is owed.

    "A short satisfaction form on the link does the same without a call" (SPEC, "Follow-ups").
    """
    for callback in _open_of(complaint):
        _settle(callback, State.DONE, at)
        _end_promise(complaint, callback, answered=True, actor=SYSTEM, at=at)


def is_done(complaint: Complaint) -> bool:
    """Whether no call is owed for this round: made, used up, withdrawn, or never owed."""
    return not complaint.callbacks.filter(round=complaint.round, state=State.OPEN).exists()


def are_used_up(complaint: Complaint) -> bool:
    """Whether nobody is left to ask in this round: no call is owed any more, and none was answered."""
    answered = CallbackAttempt.objects.filter(
        callback__complaint=complaint, callback__round=complaint.round, outcome__in=ANSWERED
    )
    return is_done(complaint) and not answered.exists()


def outcome_of(solved: bool | None, rating: int | None) -> str:
    """What a call that reached the customer counts as, by the rule of feedback."""
    return Outcome.SATISFIED if Feedback(solved=solved, rating=rating).is_satisfied else Outcome.UNSATISFIED


def record_attempt(
    callback_id: int,
    *,
    outcome: str,
    actor: Actor,
    at: datetime,
    solved: bool | None = None,
    rating: int | None = None,
    words: str = "",
    number: int | None = None,
) -> CallbackAttempt:
    """Note one call and what came of it; returns the attempt.

    `outcome` is "reached" (with `solved`, and `rating` 1–5 where given), or no_answer, wrong_number,
    refused. Reached: the answer becomes the feedback of the case. Otherwise the call is tried again
    until the attempts are used up; then, and when the customer refuses, the case goes on without an
    answer. `number` is the attempt that the caller's page showed: the same one sent twice is once.

    Raises Callback.DoesNotExist, NotPermitted, NotAllowedNow (nothing owed any more),
    ChangedMeanwhile (a colleague called), GateRefused (the answer is missing).
    """
    if outcome == REACHED and solved is None:
        raise GateRefused([Missing("solved", _("Ask whether the problem is solved"), hard=True)])
    with transaction.atomic():
        complaint = lock(Callback.objects.values_list("complaint_id", flat=True).get(pk=callback_id))
        if not roles_on(actor.person, complaint) & CALLING:
            raise NotPermitted(_("Your role does not include calling customers back."))
        callback = Callback.objects.select_for_update(of=("self",)).select_related("promise").get(pk=callback_id)
        stored = outcome_of(solved, rating) if outcome == REACHED else Outcome(outcome)
        made = callback.attempts.count()
        if number is not None and number <= made:
            return _sent_twice(callback, number, stored, actor, complaint)
        if callback.state != State.OPEN:
            raise NotAllowedNow(_("No call is owed any more; nothing was recorded."))
        attempt = CallbackAttempt.objects.create(
            callback=callback,
            number=made + 1,
            at=at,
            by=actor.person,
            outcome=stored,
            solved=solved,
            rating=rating,
            words=clean_text(words),
        )
        _follow_up(complaint, callback, attempt, actor)
    return attempt


def due_list(person: Person) -> QuerySet[Callback]:
    """Open callbacks of the complaints that `person` may see, the earliest first, with what a row shows.

    `made` is the number of the last attempt, None before the first.
    """
    last = CallbackAttempt.objects.filter(callback=OuterRef("pk")).order_by("-number").values("number")[:1]
    return (
        Callback.objects.filter(state=State.OPEN, complaint__in=Complaint.objects.visible_to(person))
        .select_related("complaint__customer")
        .defer(*(f"complaint__{name}" for name in NOT_IN_A_ROW))
        .annotate(made=Subquery(last))
        .order_by("next_at", "id")
    )


def _follow_up(complaint: Complaint, callback: Callback, attempt: CallbackAttempt, actor: Actor):
    """What one attempt leads to: done, tried again, or given up; then the case may go on."""
    rules, at = DeskRules.current(), attempt.at
    answered = attempt.outcome in ANSWERED
    again = not answered and attempt.outcome != Outcome.REFUSED and attempt.number < rules.callback_attempts
    said = {"callback": callback.pk, "number": attempt.number, "outcome": attempt.outcome}
    if again:
        callback.next_at = next_try(at, hours=rules.callback_retry_hours, zone=zone_of(complaint))
        said["next_at"] = callback.next_at.isoformat()
    events.record(complaint, "callback_attempted", actor=actor, at=at, data=said)
    _end_promise(complaint, callback, answered=answered, actor=actor, at=at)
    if again:
        callback.promise = _promise(complaint, callback.next_at, actor, at)
        callback.save(update_fields=["next_at", "promise"])
        return
    _settle(callback, State.DONE if answered or attempt.outcome == Outcome.REFUSED else State.GIVEN_UP, at)
    if complaint.status == Status.RESOLVED and complaint.round == callback.round:
        _tell_the_case(complaint, attempt, actor)


def _tell_the_case(complaint: Complaint, attempt: CallbackAttempt, actor: Actor):
    """The answer becomes the feedback of the case; without one the desk says so, and the case goes on."""
    if attempt.outcome in ANSWERED:
        data = {"solved": attempt.solved, "rating": attempt.rating, "words": attempt.words}
    else:
        actor, data = SYSTEM, {"no_answer": True}
    data["channel"] = Channel.CALLBACK
    lifecycle.perform(complaint.pk, "record_feedback", actor=actor, at=attempt.at, data=data)


def _sent_twice(callback: Callback, number: int, outcome: str, actor: Actor, complaint: Complaint) -> CallbackAttempt:
    """The attempt of this number when it is the same one again; another caller's is not overwritten."""
    attempt = callback.attempts.get(number=number)
    if attempt.by_id != actor.person.pk or attempt.outcome != outcome:
        raise ChangedMeanwhile(complaint.version)
    return attempt


def _open_of(complaint: Complaint) -> QuerySet[Callback]:
    return complaint.callbacks.filter(state=State.OPEN).select_related("promise")


def _settle(callback: Callback, state: str, at: datetime):
    callback.state, callback.done_at = state, at
    callback.save(update_fields=["state", "done_at"])


def _promise(complaint: Complaint, due_at: datetime, actor: Actor, at: datetime) -> Promise:
    return promises.add(complaint, kind=PromiseKind.CALLBACK, due_at=due_at, actor=actor, at=at)


def _end_promise(complaint: Complaint, callback: Callback, *, answered: bool, actor: Actor, at: datetime):
    """End the promise behind a call: kept when the customer answered in time, withdrawn when we called in vain.

    One that was due before stays broken, or becomes so by the sweep; `kept_at` says when we did call.
    """
    promise = callback.promise
    if answered:
        standard.keep_told(complaint, [PromiseKind.CALLBACK], told_at=at, actor=actor, at=at)
    elif promise.state == Promise.State.OPEN and at < promise.due_at:
        promises.withdraw_on(complaint, promise, because="callback", actor=actor, at=at)
    elif promise.state in (Promise.State.OPEN, Promise.State.BROKEN):
        promise.kept_at = at
        promise.save(update_fields=["kept_at"])
        refresh_next_due(complaint)
