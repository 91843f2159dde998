"""Feedback: what the customer says of the result ("直至客户满意")."""

from datetime import datetime
from typing import Any

from complaints.case.actors import Actor
from complaints.case.step import Step
from complaints.choices import Channel
from complaints.models import Complaint, Feedback
from complaints.texts import read_text
from complaints.writing.limits import OTHERWISE


def write(complaint: Complaint, step: Step) -> dict[str, Any]:
    """Store the customer's answer of this round, or that there was none to be had."""
    return store(complaint, step.data, actor=step.actor, at=step.at)


def store(complaint: Complaint, data: dict[str, Any], *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Write the answer of this round into a (locked) complaint; returns what the event says."""
    solved, rating = data.get("solved"), data.get("rating")
    channel = data.get("channel") or (Channel.LINK if actor.is_customer else Channel.PHONE)
    given, _created = Feedback.objects.update_or_create(
        complaint=complaint,
        round=complaint.round,
        defaults={
            "solved": solved,
            "rating": rating,
            "words": read_text(str(data.get("words") or ""), OTHERWISE),
            "channel": channel,
            "at": at,
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
