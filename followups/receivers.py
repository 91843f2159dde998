"""The only receiver of the case's events: event → promises, escalations and notices, in the same transaction."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from accounts.models import Person
from complaints import conversation, repeats
from complaints.actors import SYSTEM, Actor
from complaints.choices import Channel, ConfirmedHow, Status
from complaints.events import events_recorded
from complaints.models import ComplaintEvent
from complaints.routing import HANDOVERS_BEFORE_ESCALATION
from followups import approvals, callbacks, escalations, notices, pauses, standard, stuck
from followups.ladder import Ladder, named_in
from followups.models import Escalation
from followups.models.promise import PromiseKind

Reason = Escalation.Reason
REMINDERS_BEFORE_TOP = 3
REFERENCES_NAMED = 5
# What begins again in a new round: after "still a problem" the customer hears from us first.
AFTER_REWORK = (PromiseKind.RESOLUTION,)
AFTER_REOPENING = (PromiseKind.FIRST_CONTACT, PromiseKind.RESOLUTION)
# What telling the result fulfils.
TOLD_WITH_RESULT = (PromiseKind.FIRST_CONTACT, PromiseKind.RESOLUTION, PromiseKind.APPEAL)
SPOKEN = (ConfirmedHow.PHONE, ConfirmedHow.IN_PERSON)


def connect():
    """Listen to the history; called once at start-up."""
    events_recorded.connect(on_events, dispatch_uid="followups")


def on_events(sender, events: list[ComplaintEvent], **kwargs):
    """Act on events in the transaction that wrote them; their complaints are locked or new.

    What was imported is not watched for being stuck before somebody works on it: nothing is sent for it.
    """
    imported = [event for event in events if event.kind == "imported"]
    if imported:
        on_imported(imported)
    for event in events:
        if event.kind != "imported":
            stuck.watch(event)
        react = REACTIONS.get(event.kind)
        if react is not None:
            react(event)


def on_imported(events: list[ComplaintEvent]):
    """Cases nobody answered yet get promises counted from the import; nothing is sent to anybody."""
    waiting = [event.complaint for event in events if event.complaint.status == Status.RECEIVED]
    if waiting:
        standard.make_standard(waiting, at=events[0].at)


def on_logged(event: ComplaintEvent):
    """Promises, an acknowledgement with reference and link at once; a supervisor for danger, the top for a repeat."""
    complaint = event.complaint
    standard.make_standard(complaint, at=event.at)
    notices.tell_customer(complaint, "customer_acknowledged", key=f"logged:{complaint.pk}", data={}, at=event.at)
    escalations.for_danger(complaint, at=event.at)
    _take_repeat_to_the_top(event)


def on_verified(event: ComplaintEvent):
    """Whoever confirmed the problem with the customer by word of mouth has been in contact with them."""
    complaint, actor = event.complaint, _actor(event)
    kinds = [PromiseKind.VERIFICATION]
    if complaint.verification.confirmed_how in SPOKEN:
        kinds.append(PromiseKind.FIRST_CONTACT)
    standard.keep_told(complaint, kinds, told_at=event.at, actor=actor, at=event.at)


def on_assigned(event: ComplaintEvent):
    """Severity and category are settled now: the promises follow; the handler is told."""
    standard.reconcile(event.complaint, actor=_actor(event), at=event.at)
    escalations.for_danger(event.complaint, at=event.at)
    _tell_handler(event, "assigned")


def on_taken(event: ComplaintEvent):
    _tell_handler(event, "assigned")


def on_reassigned(event: ComplaintEvent):
    """The new handler and the old one are told; the third hand-over goes to the supervisor ("相互推卸")."""
    complaint = event.complaint
    _tell_handler(event, "assigned")
    before = event.data.get("previous_handler")
    if before not in (None, complaint.handler_id, event.actor_id):
        data = {"reason": event.data["reason"]}
        _tell(Person.objects.get(pk=before), "taken_away", event, data)
    if complaint.handovers >= HANDOVERS_BEFORE_ESCALATION:
        key = f"bounced:{complaint.pk}:{complaint.handovers}"
        escalations.raise_(complaint, reason=Reason.BOUNCED, key=key, at=event.at, note=event.data["reason"])


def on_message_sent(event: ComplaintEvent):
    """A message to the customer is contact, and the answer that a policy promised; it is mailed too.

    What somebody promised in words of their own ("we answer by Tuesday") is kept by them, not by the
    very message that says it.
    """
    if event.actor_kind != ComplaintEvent.ActorKind.PERSON:
        return
    complaint, actor, at = event.complaint, _actor(event), event.at
    standard.keep_told(complaint, [PromiseKind.FIRST_CONTACT], told_at=at, actor=actor, at=at)
    standard.keep_told(complaint, [PromiseKind.REPLY], told_at=at, actor=actor, at=at, by_policy_only=True)
    data = {"message": event.data["message"]}
    notices.tell_customer(complaint, "customer_message", key=f"message:{data['message']}", data=data, at=at)


def on_customer_replied(event: ComplaintEvent):
    """The handler is told; where a policy promises an answer by a time, the promise is made, one at a time."""
    complaint = event.complaint
    open_reply = complaint.promises.filter(kind=PromiseKind.REPLY, policy__isnull=False, state=standard.State.OPEN)
    if not open_reply.exists():
        standard.make_standard(complaint, at=event.at, kinds=[PromiseKind.REPLY])
    _tell_handler(event, "reply_received")
    if event.data.get("reminder") == REMINDERS_BEFORE_TOP:
        # "这个问题已经是第三次了": the third reminder does not climb, it goes to the top.
        key = f"reminder:{complaint.pk}"
        escalations.raise_(complaint, reason=Reason.REPEAT, key=key, at=event.at, at_once_to_top=True)


def on_waiting_began(event: ComplaintEvent):
    pauses.pause(event.complaint, at=event.at)


def on_waiting_ended(event: ComplaintEvent):
    pauses.resume(event.complaint, at=event.at)


def on_severity_changed(event: ComplaintEvent):
    standard.reconcile(event.complaint, actor=_actor(event), at=event.at)
    escalations.for_danger(event.complaint, at=event.at)


def on_option_offered(event: ComplaintEvent):
    """Above its author's limit it waits for somebody who may grant it, and they are told."""
    if event.data["needs_approval"]:
        words, amount = event.data["words"], Decimal(event.data["amount"])
        approvals.ask(
            event.complaint, event.data["option"], words=words, amount=amount, actor=_actor(event), at=event.at
        )


def on_option_decided(event: ComplaintEvent):
    approvals.decided(event.complaint, event.data["option"], actor=_actor(event), at=event.at)


def on_option_withdrawn(event: ComplaintEvent):
    approvals.void(event.complaint, option_id=event.data["option"], at=event.at)


def on_category_changed(event: ComplaintEvent):
    """Policies differ by category: the promises follow."""
    standard.reconcile(event.complaint, actor=_actor(event), at=event.at)


def on_invalid_proposed(event: ComplaintEvent):
    """A second person has to agree: whoever would sign for the case is told, but never who proposes it."""
    complaint, ladder = event.complaint, Ladder(event.at)
    others = ladder.rungs(complaint, named_in([complaint])[complaint.pk] | {event.actor_id})[0].people
    for person in others:
        _tell(person, "invalid_proposed", event, {"proposed_by": event.actor_id, "reason": event.data["reason"]})


def on_resolved(event: ComplaintEvent):
    """Told before it was due is kept; then a call is owed, and the customer is asked to rate the result."""
    complaint, actor, at = event.complaint, _actor(event), event.at
    conversation.resume(complaint, actor=SYSTEM, at=at)
    told_at = datetime.fromisoformat(event.data["told_at"]) if event.data.get("told_at") else at
    standard.keep_told(complaint, TOLD_WITH_RESULT, told_at=told_at, actor=actor, at=at)
    standard.keep_told(complaint, [PromiseKind.REPLY], told_at=told_at, actor=actor, at=at, by_policy_only=True)
    callbacks.create_for(complaint, at=at)
    approvals.void(complaint, at=at)
    key = f"resolved:{complaint.pk}:{complaint.round}"
    notices.tell_customer(complaint, "customer_resolved", key=key, data={}, at=at)


def on_feedback_recorded(event: ComplaintEvent):
    """An answer on the link does the same without a call; dissatisfaction goes to the supervisor."""
    complaint = event.complaint
    if event.data.get("channel") != Channel.CALLBACK:
        callbacks.settle_for(complaint, at=event.at)
    if event.data.get("unsatisfied"):
        key = f"unsatisfied:{complaint.pk}:{complaint.round}"
        escalations.raise_(complaint, reason=Reason.UNSATISFIED, key=key, at=event.at)


def on_reworked(event: ComplaintEvent):
    _begin_round(event, AFTER_REWORK)


def on_reopened(event: ComplaintEvent):
    _begin_round(event, AFTER_REOPENING)


def on_closed(event: ComplaintEvent):
    """Archived or closed early: nothing is promised, owed or to be signed any more."""
    complaint, at = event.complaint, event.at
    conversation.resume(complaint, actor=SYSTEM, at=at)
    callbacks.withdraw_for(complaint, at=at)
    standard.withdraw_all(complaint, because="closed", at=at)
    escalations.close_all(complaint, at=at)


REACTIONS: dict[str, Callable[[ComplaintEvent], None]] = {
    "logged": on_logged,
    "verified": on_verified,
    "assigned": on_assigned,
    "taken": on_taken,
    "reassigned": on_reassigned,
    "message_sent": on_message_sent,
    "customer_replied": on_customer_replied,
    "waiting_began": on_waiting_began,
    "waiting_ended": on_waiting_ended,
    "severity_changed": on_severity_changed,
    "category_changed": on_category_changed,
    "option_offered": on_option_offered,
    "option_approved": on_option_decided,
    "option_declined": on_option_decided,
    "option_withdrawn": on_option_withdrawn,
    "invalid_proposed": on_invalid_proposed,
    "resolved": on_resolved,
    "feedback_recorded": on_feedback_recorded,
    "reworked": on_reworked,
    "reopened": on_reopened,
    "archived": on_closed,
    "closed_early": on_closed,
}


def _take_repeat_to_the_top(event: ComplaintEvent):
    """ "这个问题已经是第三次了": the third complaint about one thing, and every later one, does not climb."""
    complaint = event.complaint
    before = repeats.earlier(complaint, at=event.at)
    if len(before) + 1 >= repeats.THIRD:
        # The references of the earlier ones read the same in every language.
        note = ", ".join(before[:REFERENCES_NAMED])
        escalations.raise_(
            complaint, reason=Reason.REPEAT, key=f"repeat:{complaint.pk}", at=event.at, note=note, at_once_to_top=True
        )


def _begin_round(event: ComplaintEvent, kinds: tuple[str, ...]):
    """A new clock; the old results stay. The handler is told, and the customer by when to expect an answer."""
    complaint = event.complaint
    standard.make_standard(complaint, at=event.at, kinds=kinds)
    _tell_handler(event, "reopened")
    key = f"round:{complaint.pk}:{complaint.round}"
    notices.tell_customer(complaint, "customer_reopened", key=key, data={}, at=event.at)


def _tell_handler(event: ComplaintEvent, notice: str):
    """Tell the handler, unless it is the handler who did it; and the deputy while the handler is away."""
    handler = event.complaint.handler
    if handler is not None and handler.pk != event.actor_id:
        for person in Ladder(event.at).with_deputy(handler, event.complaint):
            _tell(person, notice, event, {"reason": event.data.get("reason", "")})


def _tell(person: Person, notice: str, event: ComplaintEvent, data: dict):
    notices.tell_person(
        person, notice, complaint=event.complaint, key=f"event:{event.pk}:{notice}", data=data, at=event.at
    )


def _actor(event: ComplaintEvent) -> Actor:
    return Actor(event.actor_kind, event.actor)
