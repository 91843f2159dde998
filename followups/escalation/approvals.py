"""Solutions above their author's limit: a supervisor who may grant them is told, until somebody decides."""

from datetime import datetime
from decimal import Decimal

from complaints.case.actors import Actor
from complaints.models import Complaint
from followups.escalation import escalations
from followups.models import Escalation
from followups.models.escalation import APPROVAL
from ui.money import money_in_any_language


def ask(
    complaint: Complaint, option_id: int, *, words: str, amount: Decimal, actor: Actor, at: datetime
) -> Escalation:
    """Escalate the solution to the nearest supervisor who may grant `amount` yuan; the actor is its author.

    SPEC: "above it the option waits for approval by somebody else with the authority". Once a solution.
    """
    return escalations.escalate(
        complaint,
        reason=Escalation.Reason.AUTHORITY,
        key=f"{APPROVAL}{option_id}",
        at=at,
        actor=actor,
        note=f"{money_in_any_language(amount)} · {words}",
        amount=amount,
    )


def decided(complaint: Complaint, option_id: int, *, actor: Actor, at: datetime):
    """Somebody approved or declined it: that is their signature too."""
    for escalation in escalations.unsigned(complaint).filter(key=f"{APPROVAL}{option_id}"):
        escalations.sign_on(complaint, escalation, note="", actor=actor, at=at)


def close_for_options(complaint: Complaint, *, option_id: int | None = None, at: datetime):
    """The solution was taken back, or (without `option_id`) the result was told without those that wait."""
    waiting = escalations.unsigned(complaint)
    keys = {"key__startswith": APPROVAL} if option_id is None else {"key": f"{APPROVAL}{option_id}"}
    for escalation in waiting.filter(**keys):
        escalations.close_on(complaint, escalation, because="approval", at=at)
