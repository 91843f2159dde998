"""What stands open for as long as a case is worked on, and ends with it: offers, and the proposal of "no complaint".

Promises, callbacks, escalations and waiting for the customer end one room up (followups.receivers).
"""

from datetime import datetime

from complaints.case import events
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.choices import Outcome, Status
from complaints.models import Complaint

# From these stages on nothing is offered or proposed any more.
ENDING = frozenset({Status.RESOLVED, Status.ARCHIVED})


def end_what_stands(complaint: Complaint, *, at: datetime) -> None:
    """End what nobody chose or decided in a (locked) complaint that is not worked on any more; each is an event.

    Called after the gate: before it, the gate would not see what still stands.
    """
    standing = complaint.options.select_for_update(of=("self",), no_key=True).filter(
        chosen_at__isnull=True, withdrawn_at__isnull=True, ended_at__isnull=True, declined_reason=""
    )
    for option in standing:
        option.ended_at = at
        option.save(update_fields=["ended_at"])
        said = {"option": option.pk, "words": option.words, "amount": str(option.amount)}
        events.record(complaint, EventKind.OPTION_ENDED, actor=SYSTEM, at=at, data=said)
    if complaint.invalid_proposed_by_id is not None and complaint.outcome != Outcome.INVALID:
        said = {"proposed_by": complaint.invalid_proposed_by_id, "reason": complaint.invalid_reason}
        complaint.invalid_proposed_by, complaint.invalid_reason = None, ""
        complaint.save(update_fields=["invalid_proposed_by", "invalid_reason"])
        events.record(complaint, EventKind.INVALID_PROPOSAL_ENDED, actor=SYSTEM, at=at, data=said)
