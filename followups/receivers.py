"""The only receiver of the case's events: event → promises, escalations and notices, in the same transaction."""

from collections.abc import Callable
from decimal import Decimal

from accounts.models import Person
from complaints.case.event_kinds import EventKind
from complaints.case.events import events_recorded
from complaints.choices import Kind, Status
from complaints.models import ComplaintEvent
from complaints.steps.assignment import HANDOVERS_BEFORE_ESCALATION
from followups.engine import stuck
from followups.escalation import answering, approvals, escalations
from followups.escalation.ladder import Ladder, named_in
from followups.models import Escalation, Telling
from followups.models.promise import PromiseKind
from followups.notices import confirmations, your_turn
from followups.outbox import notices
from followups.promises import dates_told, duties, pauses, policy_promises
from followups.reactions import after_result, appeals, corrections, following, reacting
from followups.telling import records, saying

Reason = Escalation.Reason
REMINDERS_BEFORE_TOP = 3
# Nobody works on what was imported; a new case is written with its promises.
NOT_WATCHED = (EventKind.IMPORTED, EventKind.LOGGED)
# What a customer does on their page, where everything stands that was to be said to them.
ANSWERED_ON_LINK = {
    EventKind.CUSTOMER_REPLIED,
    EventKind.RESTATEMENT_CONFIRMED,
    EventKind.OPTION_CHOSEN,
    EventKind.OPTIONS_REFUSED,
    EventKind.SUPERVISOR_ASKED,
    EventKind.FEEDBACK_RECORDED,
    EventKind.REOPENED,
    EventKind.APPEAL_MADE,
}


def connect():
    """Listen to the history; called once at start-up."""
    events_recorded.connect(on_events, dispatch_uid="followups")


def on_events(sender, events: list[ComplaintEvent], **kwargs):
    """Act on events in the transaction that wrote them; their complaints are locked or new.

    What was imported is not watched for being stuck before somebody works on it: nothing is sent for it.
    """
    imported = [event for event in events if event.kind == EventKind.IMPORTED]
    if imported:
        on_imported(imported)
    with duties.looked_at_once():
        for event in events:
            if event.kind not in NOT_WATCHED:
                stuck.watch(event)
            react = REACTIONS.get(event.kind)
            if react is not None:
                react(event)
            your_turn.react(event)
            confirmations.react(event)
            if event.actor_kind == ComplaintEvent.ActorKind.CUSTOMER and event.kind in ANSWERED_ON_LINK:
                saying.read_on_link(event.complaint, at=event.at)
            duties.note(event)
        following.on_events(events)


def on_imported(events: list[ComplaintEvent]):
    """Cases nobody answered yet get promises counted from the import, others a duty; nothing is sent to anybody."""
    waiting = [event.complaint for event in events if event.complaint.status == Status.RECEIVED]
    if waiting:
        policy_promises.make_standard(waiting, at=events[0].at)
    others = [event.complaint for event in events if event.complaint.status in duties.IMPORTED_AT]
    if others:
        duties.begin(others, at=events[0].at)


def on_logged(event: ComplaintEvent):
    """Promises, an acknowledgement with reference and link at once; a supervisor for danger, the top for a repeat.

    Praise is passed on to whoever answers for the place.
    """
    complaint = event.complaint
    if complaint.kind == Kind.PRAISE:
        # It is over: whoever answers for the place hears of it, and nothing is owed.
        reacting.tell_whoever_answers(event, "praised")
        return
    stuck.set_check(event)
    if not policy_promises.make_standard(complaint, at=event.at):
        complaint.save(update_fields=["stuck_check_at"])
    corrections.acknowledge(complaint, at=event.at)
    escalations.for_danger(complaint, at=event.at)
    corrections.take_repeat_to_the_top(complaint, at=event.at)


def on_verified(event: ComplaintEvent):
    """Whoever confirmed the problem with the customer by word of mouth has been in contact with them."""
    complaint, actor, check = event.complaint, reacting.actor_of(event), event.complaint.verification
    policy_promises.keep_told(complaint, [PromiseKind.VERIFICATION], told_at=event.at, actor=actor, at=event.at)
    if check.confirmed_how in reacting.SPOKEN and not complaint.wishes_no_contact:
        records.record(
            complaint,
            about=records.UNDERSTOOD,
            way=reacting.SPOKEN[check.confirmed_how],
            evidence=Telling.Evidence.SPOKEN,
            told_at=event.at,
            actor=actor,
            at=event.at,
            words=check.restatement,
        )


def on_assigned(event: ComplaintEvent):
    """Severity and category are settled now: the promises follow; the handler is told."""
    # Only who leads assigns, and may hand the case to a team that they do not lead.
    policy_promises.reconcile(
        event.complaint,
        actor=reacting.actor_of(event),
        at=event.at,
        occasion=reacting.occasion(event, "assigned"),
        leads=True,
    )
    escalations.for_danger(event.complaint, at=event.at)
    _tell_of_hands(event)


def on_taken(event: ComplaintEvent):
    _tell_of_hands(event)


def on_team_closed(event: ComplaintEvent):
    """Whoever answers for it now is told as of any case that comes to them."""
    _tell_of_hands(event)


def on_reassigned(event: ComplaintEvent):
    """The new handler, or the team, and the old one are told; the third hand-over escalates ("相互推卸")."""
    complaint = event.complaint
    _tell_of_hands(event)
    before = event.data.get("previous_handler")
    if before not in (None, complaint.handler_id, event.actor_id):
        data = {"reason": event.data["reason"]}
        _tell(Person.objects.get(pk=before), "taken_away", event, data)
    if complaint.handovers >= HANDOVERS_BEFORE_ESCALATION:
        key = f"bounced:{complaint.pk}:{complaint.handovers}"
        escalations.escalate(complaint, reason=Reason.BOUNCED, key=key, at=event.at, note=event.data["reason"])


def on_message_sent(event: ComplaintEvent):
    """A message to the customer is contact, and the answer that a policy promised, once they have it.

    What was spoken they have; else it is mailed, or somebody has to call, and what becomes of that keeps the promises.
    """
    if event.actor_kind != ComplaintEvent.ActorKind.PERSON:
        return
    complaint, at = event.complaint, event.at
    data = {"message": event.data["message"]}
    if "spoken" in event.data:
        records.record(
            complaint,
            about=records.MESSAGE,
            way=event.data["spoken"],
            evidence=Telling.Evidence.SPOKEN,
            told_at=at,
            actor=reacting.actor_of(event),
            at=at,
            message_id=data["message"],
        )
        return
    notices.tell_customer(complaint, "customer_message", key=f"message:{data['message']}", data=data, at=at)


def on_customer_replied(event: ComplaintEvent):
    """Whoever answers for it is told; where a policy promises an answer by a time, that is promised, one at a time."""
    complaint = event.complaint
    # "It leaks again", after the result: somebody has to look, whether a policy says so or not.
    is_told = complaint.status in (Status.RESOLVED, Status.FEEDBACK)
    policy_promises.owe_reply(complaint, at=event.at, without_policy=is_told)
    if not following.customer_wrote(event):
        reacting.tell_whoever_answers(event, "reply_received")
    if event.data.get("reminder") == REMINDERS_BEFORE_TOP:
        # "这个问题已经是第三次了": the third reminder does not climb, it goes to the top.
        key = f"reminder:{complaint.pk}"
        escalations.escalate(complaint, reason=Reason.REPEAT, key=key, at=event.at, at_once_to_top=True)


def on_waiting_began(event: ComplaintEvent):
    pauses.pause(event.complaint, at=event.at)


def on_waiting_ended(event: ComplaintEvent):
    """The clocks run again, and who answered is told the new dates; not where the desk ends the waiting with the case.

    It is no extension: the time was the customer's, and the long stop watches over it.
    """
    changes = pauses.resume(event.complaint, at=event.at)
    if event.actor_kind != ComplaintEvent.ActorKind.SYSTEM:
        dates_told.tell(event.complaint, changes, reacting.occasion(event, "answered"), at=event.at)


def on_severity_changed(event: ComplaintEvent):
    policy_promises.reconcile(
        event.complaint, actor=reacting.actor_of(event), at=event.at, occasion=reacting.occasion(event, "severity")
    )
    escalations.for_danger(event.complaint, at=event.at)


def on_option_offered(event: ComplaintEvent):
    """Above its author's limit it waits for somebody who may grant it, and they are told."""
    if event.data["needs_approval"]:
        words, amount = event.data["words"], Decimal(event.data["amount"])
        approvals.ask(
            event.complaint,
            event.data["option"],
            words=words,
            amount=amount,
            actor=reacting.actor_of(event),
            at=event.at,
        )


def on_option_decided(event: ComplaintEvent):
    approvals.decided(event.complaint, event.data["option"], actor=reacting.actor_of(event), at=event.at)


def on_supervisor_asked(event: ComplaintEvent):
    """The customer wants somebody above to look at it: who supervises signs for it, and an answer has a date."""
    key, note = f"asked:{event.pk}", event.data.get("words", "")
    escalations.escalate(event.complaint, reason=Reason.CUSTOMER, key=key, at=event.at, note=note)
    policy_promises.owe_reply(event.complaint, at=event.at)


def on_options_refused(event: ComplaintEvent):
    """An answer to our offers gets an answer, with a date, whether a policy says so or not."""
    policy_promises.owe_reply(event.complaint, at=event.at)


def on_link(event: ComplaintEvent):
    """The link goes to the customer's own address, also to one who wants no messages: without it they are shut out."""
    key, data = f"link:{event.pk}", {"asked": event.kind == EventKind.LINK_ASKED}
    notices.tell_customer(event.complaint, "customer_link", key=key, data=data, at=event.at, asked_for=True)


def on_option_withdrawn(event: ComplaintEvent):
    approvals.close_for_options(event.complaint, option_id=event.data["option"], at=event.at)


def on_category_changed(event: ComplaintEvent):
    """Policies differ by category: the promises follow."""
    policy_promises.reconcile(
        event.complaint, actor=reacting.actor_of(event), at=event.at, occasion=reacting.occasion(event, "category")
    )


def on_invalid_proposed(event: ComplaintEvent):
    """A second person has to agree: whoever would sign for the case is told, but never who proposes it."""
    complaint, ladder = event.complaint, Ladder(event.at)
    proposer = {event.actor_id} if event.actor_id is not None else set()
    rung = ladder.rungs(complaint, named_in([complaint])[complaint.pk] | proposer)[0]
    if rung.is_unsupervised:
        key = f"event:{event.pk}:invalid_proposed"
        notices.store(answering.nobody_there(complaint, rung.people, "sign", key=key, at=event.at, ladder=ladder))
        return
    for person in rung.people:
        _tell(person, "invalid_proposed", event, {"proposed_by": event.actor_id, "reason": event.data["reason"]})


REACTIONS: dict[str, Callable[[ComplaintEvent], None]] = {
    EventKind.LOGGED: on_logged,
    EventKind.VERIFIED: on_verified,
    EventKind.ASSIGNED: on_assigned,
    EventKind.TAKEN: on_taken,
    EventKind.REASSIGNED: on_reassigned,
    EventKind.TEAM_CLOSED: on_team_closed,
    EventKind.MESSAGE_SENT: on_message_sent,
    EventKind.CUSTOMER_REPLIED: on_customer_replied,
    EventKind.WAITING_BEGAN: on_waiting_began,
    EventKind.WAITING_ENDED: on_waiting_ended,
    EventKind.SEVERITY_CHANGED: on_severity_changed,
    EventKind.CATEGORY_CHANGED: on_category_changed,
    EventKind.OPTION_OFFERED: on_option_offered,
    EventKind.OPTION_APPROVED: on_option_decided,
    EventKind.OPTION_DECLINED: on_option_decided,
    EventKind.OPTION_WITHDRAWN: on_option_withdrawn,
    EventKind.SUPERVISOR_ASKED: on_supervisor_asked,
    EventKind.OPTIONS_REFUSED: on_options_refused,
    EventKind.LINK_ASKED: on_link,
    EventKind.LINK_ISSUED: on_link,
    EventKind.INVALID_PROPOSED: on_invalid_proposed,
    EventKind.RESOLVED: after_result.on_resolved,
    EventKind.UNTOLD: after_result.on_untold,
    EventKind.FEEDBACK_RECORDED: after_result.on_feedback_recorded,
    EventKind.REWORKED: after_result.on_reworked,
    EventKind.REOPENED: after_result.on_reopened,
    EventKind.APPEAL_MADE: appeals.on_made,
    EventKind.APPEAL_REVIEW_BEGAN: appeals.on_review_began,
    EventKind.APPEAL_GIVEN_BACK: appeals.on_given_back,
    EventKind.APPEAL_DECIDED: appeals.on_decided,
    EventKind.ARCHIVED: after_result.on_closed,
    EventKind.CLOSED_EARLY: after_result.on_closed,
    EventKind.FACTS_CORRECTED: corrections.on_corrected,
    EventKind.HANDLER_LEFT: corrections.on_handler_left,
}


def _tell_of_hands(event: ComplaintEvent):
    """In whose hands it is now: the handler's, or the queue's of a team, all of whom can take it."""
    reacting.tell_whoever_answers(event, "assigned" if event.complaint.handler_id is not None else "queued")


def _tell(person: Person, notice: str, event: ComplaintEvent, data: dict):
    notices.tell_person(
        person, notice, complaint=event.complaint, key=f"event:{event.pk}:{notice}", data=data, at=event.at
    )
