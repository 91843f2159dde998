"""What follows an appeal: promised, told to everybody whom it concerns, reviewed, decided. Called by receivers."""

from complaints.case import kinds
from complaints.case.actors import SYSTEM
from complaints.models import Appeal, ComplaintEvent, Round
from followups.escalation import reviewing
from followups.escalation.ladder import Ladder, named_in
from followups.models.promise import PromiseKind
from followups.outbox import notices
from followups.promises import duties, policy_promises

RECEIVED, REVIEW, DECIDED = "customer_appeal_received", "customer_appeal_review", "customer_appeal_decided"


def on_made(event: ComplaintEvent):
    """Its own clock begins; the customer has our word at once, and whoever decides and supervises hears of it."""
    complaint, appeal = event.complaint, _appeal_of(event)
    policy_promises.make_standard(complaint, at=event.at, kinds=[PromiseKind.APPEAL], without_policy=True)
    key = f"appeal:{appeal.pk}"
    notices.tell_customer(complaint, RECEIVED, key=f"{key}:received", data={"appeal": appeal.pk}, at=event.at)
    reviewing.tell_who_decides(complaint, appeal, key=f"{key}:to_review", at=event.at)
    _tell_supervisors(event, appeal, "appeal_received", {})


def on_review_began(event: ComplaintEvent):
    """The customer hears who reads everything again."""
    data = {"appeal": event.data["appeal"], "reviewer": event.data["reviewer"]}
    key = f"appeal:{data['appeal']}:review:{data['reviewer']}"
    notices.tell_customer(event.complaint, REVIEW, key=key, data=data, at=event.at)


def on_given_back(event: ComplaintEvent):
    """Its reviewer cannot decide it any more: others are asked."""
    appeal = _appeal_of(event)
    reviewing.tell_who_decides(
        event.complaint, appeal, key=f"appeal:{appeal.pk}:to_review:{event.number}", at=event.at
    )


def on_decided(event: ComplaintEvent):
    """The customer is told point by point, which keeps the promise once they have it; and those whose work it was."""
    complaint, appeal = event.complaint, _appeal_of(event)
    data = {"appeal": appeal.pk}
    told = notices.tell_customer(complaint, DECIDED, key=f"appeal:{appeal.pk}:decided", data=data, at=event.at)
    if not told or not kinds.is_to_be_told(complaint):
        duties.keep(complaint, [PromiseKind.APPEAL], actor=SYSTEM, at=event.at)
    _tell_supervisors(event, appeal, "appeal_decided", {"state": event.data["state"]})
    _tell_handler(event, appeal)


def _appeal_of(event: ComplaintEvent) -> Appeal:
    return Appeal.objects.select_related("reviewer").get(pk=event.data["appeal"])


def _tell_supervisors(event: ComplaintEvent, appeal: Appeal, notice: str, data: dict):
    """Whoever supervises next above; not who did it, and nobody where no one supervises."""
    complaint, ladder = event.complaint, Ladder(event.at)
    rung = ladder.rungs(complaint, named_in([complaint])[complaint.pk])[0]
    key = f"event:{event.pk}:{notice}"
    said = data | {"appeal": appeal.pk}
    notices.store(
        notices.for_person(person, notice, complaint=complaint, key=key, data=said, at=event.at, book=ladder.book)
        for person in ([] if rung.is_unsupervised else rung.people)
        if person.pk != event.actor_id
    )


def _tell_handler(event: ComplaintEvent, appeal: Appeal):
    """Whose finding was looked at hears what became of it: of a round that is over already, who had it then."""
    kept = Round.objects.filter(complaint=event.complaint, number=appeal.round).select_related("handler").first()
    handler = kept.handler if kept is not None else event.complaint.handler
    if handler is not None:
        data = {"appeal": appeal.pk, "state": event.data["state"]}
        key = f"event:{event.pk}:appeal_decided"
        notices.tell_person(handler, "appeal_decided", complaint=event.complaint, key=key, data=data, at=event.at)
