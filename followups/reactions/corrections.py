"""What follows from corrected facts (complaints.steps.facts), in the same transaction: promises, calls, repeats,
hands.

What is addressed to somebody is judged when it is sent (followups.delivery.delivery, followups.notices.truth): the
next message goes to the corrected address, and nobody who is named now is told anything of the case.
"""

from datetime import datetime

from complaints.case import kinds
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.choices import Kind, Status
from complaints.intake import repeats
from complaints.models import Complaint, ComplaintEvent
from complaints.steps.facts_gate import BEFORE_RESULT, REACHING
from followups.callbacks import callbacks
from followups.escalation import escalations
from followups.escalation.ladder import Ladder, named_in
from followups.models import Escalation, Notice, Verifier
from followups.models.promise import PromiseKind
from followups.outbox import notices
from followups.promises import policy_promises
from followups.promises.promises import withdraw_on
from followups.reactions import leaving
from followups.telling import records

REFERENCES_NAMED = 5


def on_corrected(event: ComplaintEvent):
    """Do what the changed facts ask for; a case that is closed owes nothing any more."""
    complaint, at = event.complaint, event.at
    changed = event.data["changes"].keys()
    if "language" in changed:
        still = Notice.objects.filter(complaint=complaint, to_customer=True, state=Notice.State.QUEUED)
        still.update(language=complaint.language)
    if complaint.is_archived:
        return
    if changed & REACHING:
        _promises_follow(complaint, at)
        _calls_follow(complaint, at)
        records.another_way(complaint, at=at)
    if "way" in changed:
        records.another_choice(complaint, at=at)
    if changed & {"email", "wishes_no_contact", "kind"} and complaint.status in BEFORE_RESULT:
        acknowledge(complaint, at=at)
    if changed & {"phone", "site", "kind"}:
        take_repeat_to_the_top(complaint, at=at)
    if "named_people" in changed:
        named = event.data["changes"]["named_people"]
        _others_take_over(complaint, set(named["new"]) - set(named["old"]), at)


def on_handler_left(event: ComplaintEvent):
    """Who is named loses the case at once, and whoever supervises hears of it; who left is found by a look-round.

    The one who lost it is told nothing: that they are named is not for them to know (SPEC, "Roles").
    """
    if event.data["because"] == "named":
        leaving.tell_what_is_left(event.data["previous_handler"], [event.complaint_id], event.at, because="named")


def acknowledge(complaint: Complaint, *, at: datetime):
    """Reference and link, once, to whoever told us; nobody told us of a latent complaint."""
    if complaint.kind != Kind.LATENT:
        key = f"logged:{complaint.pk}"
        notices.tell_customer(complaint, "customer_acknowledged", key=key, data={}, at=at)


def take_repeat_to_the_top(complaint: Complaint, *, at: datetime):
    """ "这个问题已经是第三次了": the third complaint about one thing, and every later one, does not climb."""
    before = repeats.earlier(complaint, at=at)
    if len(before) + 1 >= repeats.THIRD:
        # The references of the earlier ones read the same in every language; of those elsewhere only the number.
        named = repeats.readable_beside(before, complaint)[:REFERENCES_NAMED]
        others = len(before) - len(named)
        note = ", ".join(named) + (f" +{others}" if others else "")
        escalations.escalate(
            complaint,
            reason=Escalation.Reason.REPEAT,
            key=f"repeat:{complaint.pk}",
            at=at,
            note=note,
            at_once_to_top=True,
        )


def _promises_follow(complaint: Complaint, at: datetime):
    """Take back what nobody is there for any more, and promise what is owed to somebody who can be reached now.

    Before a result is told: afterwards calls are what is owed.
    """
    if complaint.status not in BEFORE_RESULT:
        return
    ours = list(
        complaint.promises.select_for_update(of=("self",), no_key=True).filter(
            round=complaint.round, policy__isnull=False
        )
    )
    for promise in ours:
        if promise.state == policy_promises.State.OPEN and not policy_promises.makes_sense(complaint, promise.kind):
            withdraw_on(complaint, promise, because="contact", actor=SYSTEM, at=at)
    missing = [kind for kind in _owed(complaint) if not any(promise.kind == kind for promise in ours)]
    policy_promises.make_standard(complaint, at=at, kinds=missing)


def _owed(complaint: Complaint) -> list[str]:
    """The promises to a customer that the stage asks for; in a later round they were in contact already."""
    owed: list[str] = [PromiseKind.VERIFICATION] if complaint.status == Status.RECEIVED else []
    return owed if complaint.round > 1 or _were_in_contact(complaint) else [PromiseKind.FIRST_CONTACT, *owed]


def _were_in_contact(complaint: Complaint) -> bool:
    return complaint.events.filter(kind=EventKind.MESSAGE_SENT, actor_kind=ComplaintEvent.ActorKind.PERSON).exists()


def _calls_follow(complaint: Complaint, at: datetime):
    """Nobody is called who cannot be, or does not want to be; who can be called now is owed the call of this round."""
    customer = complaint.customer
    can_be_called = customer is not None and customer.can_be_asked and kinds.is_to_be_told(complaint)
    if not can_be_called:
        callbacks.withdraw_for(complaint, at=at)
    elif complaint.status == Status.RESOLVED:
        callbacks.create_for(complaint, at=at)


def _others_take_over(complaint: Complaint, newly_named: set[int], at: datetime):
    """What people who are named now had to do with it besides handling it: to verify it, or to sign."""
    verifier = Verifier.objects.filter(complaint=complaint, person__in=newly_named).first()
    if verifier is not None and complaint.status == Status.RECEIVED:
        person_id = verifier.person_id
        verifier.delete()
        if complaint.handler_id is None:
            leaving.tell_what_is_left(person_id, [complaint.pk], at, because="named")
    ladder = Ladder(at)
    for escalation in escalations.unsigned(complaint).select_related("complaint__team", "complaint__handler"):
        barred = named_in([complaint])[complaint.pk] | escalation.not_for
        # Who was told already is not told again (the key).
        notices.store(escalations.notices_for(escalation, escalation.complaint, ladder, barred, at))
