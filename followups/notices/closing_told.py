"""The word to the customer whose case is closed early: how it ended, the reason, and the way back."""

from collections.abc import Iterable

from accounts.models import Team
from complaints.case import followers
from complaints.choices import Outcome
from complaints.models import Complaint, ComplaintEvent
from followups.outbox import notices
from followups.promises.dates_told import Change

EVENT = "customer_closed"


def tell(event: ComplaintEvent, ended: Iterable[Change]) -> None:
    """Tell that the case is closed, why, and which promises end with it. One message, not one for each promise."""
    complaint = event.complaint
    data = {
        "outcome": complaint.outcome,
        "reason": complaint.closing_reason,
        "ended": [change.said() for change in ended if change.is_told],
    }
    notices.tell_customer(complaint, EVENT, key=f"event:{event.pk}:closed", data=data, at=event.at)


def together_with(complaint: Complaint) -> Complaint | None:
    """The original that a duplicate of another customer is handled together with; None for all other cases."""
    return complaint.duplicate_of if followers.follows(complaint) else None


def answered_on(complaint: Complaint) -> str:
    """The reference of the same customer's complaint on which a duplicate is answered; "" for all other cases."""
    duplicate = complaint.outcome == Outcome.DUPLICATE and followers.is_duplicate(complaint)
    if not duplicate or followers.follows(complaint) or complaint.duplicate_of is None:
        return ""
    return complaint.duplicate_of.reference


def phone_of(team: Team) -> tuple[str, str]:
    """The number that a customer of the team calls and when somebody is there: its own, else the nearest above."""
    with_one = Team.objects.filter(pk__in=team.path_ids).exclude(phone="").order_by("-depth").first()
    return (with_one.phone, with_one.hours_label) if with_one is not None else ("", "")
