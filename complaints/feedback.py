"""Feedback: what the customer says of the result ("直至客户满意")."""

from complaints.choices import Channel
from complaints.models import Complaint, Feedback
from complaints.texts import clean_text


def write(complaint: Complaint, step) -> dict:
    """Store the customer's answer of this round, or that there was none to be had."""
    solved, rating = step.data.get("solved"), step.data.get("rating")
    channel = step.data.get("channel") or (Channel.LINK if step.actor.is_customer else Channel.PHONE)
    given, _created = Feedback.objects.update_or_create(
        complaint=complaint,
        round=complaint.round,
        defaults={
            "solved": solved,
            "rating": rating,
            "words": clean_text(str(step.data.get("words") or "")),
            "channel": channel,
            "at": step.at,
        },
    )
    return {
        "round": complaint.round,
        "solved": solved,
        "rating": rating,
        "channel": channel,
        "satisfied": given.is_satisfied,
        "unsatisfied": given.is_unsatisfied,
    }
