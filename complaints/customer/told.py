"""What the customer was told, in the very words, for their page. A complaint from customer_fetch costs no query."""

from django.utils.translation import gettext as _

from complaints.case.event_kinds import EventKind
from complaints.case.followers import BEFORE_RESULT
from complaints.case.this_round import of_this_round
from complaints.choices import Kind, Status, ToldHow
from complaints.models import Complaint, ComplaintEvent, Message


def result(complaint: Complaint) -> str:
    """The result in the words in which they were told it: the message, or a note that was written for them to read."""
    if complaint.status not in (Status.RESOLVED, Status.FEEDBACK, Status.ARCHIVED):
        return ""
    told = of_this_round(complaint.resolutions, complaint)
    if told is None or told.told_at is None:
        return ""
    if told.told_how != ToldHow.MESSAGE:
        return told.told_note if told.told_note_readable else ""
    # The moment of a telling by message is that of the message.
    sent = (message for message in complaint.messages.all() if message.kind == Message.Kind.PUBLIC)
    return next((message.body for message in sent if message.at == told.told_at), "")


def closing(complaint: Complaint) -> str:
    """The reason of an early closing, where it was asked for in words for the customer; older ones stay inside."""
    if not complaint.is_archived:
        return ""
    closed = [event for event in complaint.events.all() if event.kind == EventKind.CLOSED_EARLY]
    # What they wrote themselves when they took it back is no news to them.
    is_ours = bool(closed) and closed[-1].actor_kind != ComplaintEvent.ActorKind.CUSTOMER
    return complaint.closing_reason if is_ours and closed[-1].data.get("reason_told") else ""


def decision_on(complaint: Complaint) -> tuple[str, str]:
    """Whether we adopt a suggestion, as a sentence in the active language, and why; empty before it is answered."""
    if complaint.kind != Kind.SUGGESTION or complaint.status in BEFORE_RESULT:
        return "", ""
    answer = of_this_round(complaint.resolutions, complaint)
    if answer is None or answer.adopted is None:
        return "", ""
    said = _("We adopt your suggestion.") if answer.adopted else _("We do not adopt your suggestion.")
    return said, answer.solution
