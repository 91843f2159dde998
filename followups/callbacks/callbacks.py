"""Callbacks: a call is owed for every result ("100%的地毯式客户回访"), tried on other days and times up to a limit."""

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import DeskRules, Person
from complaints.case import events, followers, kinds, permissions
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.permissions import refuse_without
from complaints.choices import Channel, Status
from complaints.errors import ChangedMeanwhile, GateRefused, Missing, NotAllowedNow
from complaints.models import Complaint, Feedback
from complaints.queue.worklists import NOT_IN_A_ROW
from complaints.steps import follower_answers, lifecycle
from complaints.texts import read_text
from complaints.writing.limits import OTHERWISE
from followups.callbacks import wrong_number
from followups.callbacks.call_hours import Wish, understand
from followups.callbacks.call_times import first_call, next_try
from followups.models import Callback, CallbackAttempt, Promise
from followups.models.promise import PromiseKind
from followups.outbox import notices
from followups.policies.next_due import refresh_next_due
from followups.promises import dates_told, duties, policy_promises, promises
from followups.promises.dates_told import Change, Occasion
from followups.promises.moments import zone_of

Outcome = CallbackAttempt.Outcome
State = Callback.State
# What the caller says; whether "reached" means satisfied follows from the answers.
REACHED = "reached"
ANSWERED = (Outcome.SATISFIED, Outcome.UNSATISFIED)


def create_for(complaint: Complaint, *, at: datetime) -> Callback | None:
    """Owe the customer of a (locked) complaint a call for the result of this round, and promise it.

    `at` is when the result was told. Creating it twice is once. Returns None where nobody is to be
    called: the customer wishes no contact, left neither phone nor e-mail, or knows nothing of a latent complaint.
    """
    customer = complaint.customer
    if not kinds.is_to_be_told(complaint) or customer is None or not customer.can_be_asked:
        return None
    known = complaint.callbacks.filter(round=complaint.round).first()
    if known is not None and known.state != State.WITHDRAWN:
        return known
    hours = DeskRules.current().callback_after_hours
    moment = first_call(at, hours=hours, zone=zone_of(complaint), wish=wish_of(complaint))
    owed = known or Callback(complaint=complaint, round=complaint.round, created_at=at)
    owed.promise, owed.next_at = _promise(complaint, moment, SYSTEM, at), moment
    owed.state, owed.done_at = State.OPEN, None
    owed.save()
    return owed


def wish_of(complaint: Complaint) -> Wish | None:
    """When the customer wishes to be called, as far as their words are understood."""
    return understand(complaint.customer.call_hours) if complaint.customer is not None else None


def withdraw_for(complaint: Complaint, *, at: datetime) -> list[Change]:
    """Owe no call any more for a (locked) complaint that is closed; returns what was withdrawn, to be told."""
    ended = []
    for callback in _open_of(complaint):
        _settle(callback, State.WITHDRAWN, at)
        if callback.promised.state == Promise.State.OPEN:
            promises.withdraw_on(complaint, callback.promised, because="callback", actor=SYSTEM, at=at)
            ended.append(Change(callback.promised, callback.promised.due_at, None))
    return ended


def settle_for(complaint: Complaint, *, at: datetime):
    """The customer of a (locked) complaint answered without a call, on the link or otherwise: nothing is owed.

    "A short satisfaction form on the link does the same without a call" (SPEC, "Follow-ups"). Nobody called, so no
    promise to call was kept: it is taken back.
    """
    for callback in _open_of(complaint):
        _settle(callback, State.DONE, at)
        if callback.promised.state == Promise.State.OPEN and at < callback.promised.due_at:
            promises.withdraw_on(complaint, callback.promised, because="answered", actor=SYSTEM, at=at)
        elif callback.promised.kept_at is None:
            callback.promised.kept_at = at
            callback.promised.save(update_fields=["kept_at"])
            refresh_next_due(complaint)


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
    phone: str | None = None,
) -> CallbackAttempt:
    """Note one call and what came of it; returns the attempt.

    `outcome` is "reached" (with `solved`, and `rating` 1–5 where given), or no_answer, wrong_number, refused. Reached:
    the answer becomes the feedback of the case. Otherwise the call is tried again until the attempts are used up;
    then, and when the customer refuses, the case goes on without an answer. After wrong_number it is tried again soon
    at the other number `phone`; with "" there is none (followups.callbacks.wrong_number). `number` is the attempt that
    the caller's page showed: the same one sent twice is once.

    Raises Callback.DoesNotExist, NotPermitted, NotAllowedNow (nothing owed any more),
    ChangedMeanwhile (a colleague called), GateRefused (the answer is missing).
    """
    if outcome == REACHED and solved is None:
        raise GateRefused([Missing("solved", _("Ask whether the problem is solved"), hard=True)])
    with transaction.atomic(), duties.looked_at_once():
        complaint = followers.lock(Callback.objects.values_list("complaint_id", flat=True).get(pk=callback_id))
        words_of_refusal = _("Your role does not include calling customers back.")
        refuse_without(permissions.CALL_CUSTOMER, actor.person, complaint, words_of_refusal)
        callback = (
            Callback.objects.select_for_update(of=("self",), no_key=True).select_related("promise").get(pk=callback_id)
        )
        stored = outcome_of(solved, rating) if outcome == REACHED else Outcome(outcome)
        made = callback.attempts.count()
        words = read_text(words, OTHERWISE)
        if number is not None and number <= made:
            wrong_number.refuse_another(complaint, phone)
            return _sent_twice(callback, number, (stored, solved, rating, words), actor, complaint)
        if callback.state != State.OPEN:
            raise NotAllowedNow(_("No call is owed any more; nothing was recorded."))
        if stored == Outcome.WRONG_NUMBER:
            phone = wrong_number.refuse_unasked(complaint, phone)
        attempt = CallbackAttempt.objects.create(
            callback=callback,
            number=made + 1,
            at=at,
            by=actor.colleague,
            outcome=stored,
            solved=solved,
            rating=rating,
            words=words,
        )
        _follow_up(complaint, callback, attempt, actor, phone or "")
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


def _follow_up(complaint: Complaint, callback: Callback, attempt: CallbackAttempt, actor: Actor, phone: str):
    """What one attempt leads to: done, tried again (at the number `phone`), or given up; then the case may go on."""
    rules, at = DeskRules.current(), attempt.at
    answered, wrong = attempt.outcome in ANSWERED, attempt.outcome == Outcome.WRONG_NUMBER
    again = not answered and attempt.outcome != Outcome.REFUSED and attempt.number < rules.callback_attempts
    if wrong:
        again = bool(phone)
    said = {"callback": callback.pk, "number": attempt.number, "outcome": attempt.outcome}
    if again:
        zone, wish = zone_of(complaint), wish_of(complaint)
        callback.next_at = next_try(at, hours=rules.callback_retry_hours, zone=zone, wish=wish)
        if wrong:
            callback.next_at = wrong_number.next_try(complaint, at=at, wish=wish)
        said["next_at"] = callback.next_at.isoformat()
    events.record(complaint, EventKind.CALLBACK_ATTEMPTED, actor=actor, at=at, data=said)
    _end_promise(complaint, callback, answered=answered, actor=actor, at=at)
    if again:
        before, callback.promise = callback.promised, _promise(complaint, callback.next_at, actor, at)
        callback.save(update_fields=["next_at", "promise"])
        changed = [Change(before, before.due_at, callback.promised.due_at)]
        if wrong:
            wrong_number.correct(complaint, phone, actor=actor, at=at)
        _tell_of(complaint, changed, "new_number" if wrong else "no_answer", attempt)
        return
    if not answered and attempt.outcome != Outcome.REFUSED:
        over = [Change(callback.promised, callback.promised.due_at, None)]
        _tell_of(complaint, over, "no_number" if wrong else "calls_over", attempt)
    _settle(callback, State.DONE if answered or attempt.outcome == Outcome.REFUSED else State.GIVEN_UP, at)
    if wrong:
        wrong_number.correct(complaint, "", actor=actor, at=at)
        wrong_number.go_on_in_writing(complaint, actor=actor, at=at)
    asked = complaint.status == Status.RESOLVED or followers.awaits_answer(complaint)
    if asked and complaint.round == callback.round:
        _tell_the_case(complaint, attempt, actor)


def _tell_of(complaint: Complaint, changes: list[Change], because: str, attempt: CallbackAttempt):
    """That we called in vain is written; nobody calls to say so."""
    if notices.is_written(complaint, "customer_dates_changed", at=attempt.at):
        dates_told.tell(complaint, changes, Occasion(because, f"call:{attempt.pk}"), at=attempt.at)


def _tell_the_case(complaint: Complaint, attempt: CallbackAttempt, actor: Actor):
    """The answer becomes the feedback of the case; without one the desk says so, and the case goes on."""
    if attempt.outcome in ANSWERED:
        data = {"solved": attempt.solved, "rating": attempt.rating, "words": attempt.words}
    else:
        actor, data = SYSTEM, {"no_answer": True}
    data["channel"] = Channel.CALLBACK
    if complaint.is_archived:
        follower_answers.take(complaint, data=data, actor=actor, at=attempt.at)
        return
    lifecycle.perform(complaint.pk, "record_feedback", actor=actor, at=attempt.at, data=data)


def _sent_twice(callback: Callback, number: int, said: tuple, actor: Actor, complaint: Complaint) -> CallbackAttempt:
    """The attempt of this number when it is the same one again; another caller's, or other words, change nothing."""
    attempt = callback.attempts.get(number=number)
    held = (attempt.outcome, attempt.solved, attempt.rating, attempt.words)
    if attempt.by_id != actor.colleague.pk or held != said:
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
    promise = callback.promised
    if answered:
        policy_promises.keep_told(complaint, [PromiseKind.CALLBACK], told_at=at, actor=actor, at=at)
    elif promise.state == Promise.State.OPEN and at < promise.due_at:
        promises.withdraw_on(complaint, promise, because="callback", actor=actor, at=at)
    elif promise.state in (Promise.State.OPEN, Promise.State.BROKEN):
        promise.kept_at = at
        promise.save(update_fields=["kept_at"])
        refresh_next_due(complaint)
