"""What reactions to events have in common (followups.receivers, followups.reactions.after_result)."""

from complaints.case.actors import Actor
from complaints.choices import ConfirmedHow
from complaints.models import ComplaintEvent
from complaints.texts import clean_line
from followups.escalation import answering
from followups.escalation.ladder import Ladder
from followups.models import Telling
from followups.outbox import notices
from followups.promises.dates_told import Occasion

# By which way a customer was told who was spoken with.
SPOKEN: dict[str, Telling.Way] = {
    ConfirmedHow.PHONE: Telling.Way.PHONE,
    ConfirmedHow.IN_PERSON: Telling.Way.IN_PERSON,
}


def tell_whoever_answers(event: ComplaintEvent, notice: str):
    """Tell whoever answers for the case, unless it is they who did it."""
    complaint = event.complaint
    if event.actor_id is not None and event.actor_id == complaint.handler_id:
        return
    told = answering.tell_whoever_answers(
        complaint,
        notice,
        key=f"event:{event.pk}:{notice}",
        data={"reason": event.data.get("reason", "")},
        at=event.at,
        ladder=Ladder(event.at),
        but={event.actor_id},
    )
    notices.store(told)


def occasion(event: ComplaintEvent, because: str) -> Occasion:
    """What changes dates; the words of a reason are told for a new severity or category only."""
    said = event.data.get("reason", "") if because in ("severity", "category") else ""
    return Occasion(because, f"event:{event.pk}", clean_line(said)[:300])


def actor_of(event: ComplaintEvent) -> Actor:
    return Actor(event.actor_kind, event.actor)
