"""Who decides an appeal, and who is told that it is to be decided: never nobody (SPEC, "No stage without a duty").

Its reviewer; before somebody began, all who may, in the nearest team upwards that has one. Where nobody may, whoever
supervises at the top signs for it, until there is a reviewer.
"""

from datetime import datetime
from typing import Any

from accounts.models import Person
from complaints.case import appealing
from complaints.models import Appeal, Complaint
from followups.escalation import escalations
from followups.escalation.ladder import Ladder
from followups.models import Escalation, Notice
from followups.outbox import notices


def open_appeal(complaint: Complaint) -> Appeal | None:
    """The appeal of the case that is still to be decided; None where there is none."""
    return appealing.open_appeals(complaint).select_related("reviewer").first()


def who_decides(complaint: Complaint, appeal: Appeal) -> list[Person]:
    """The people who decide it: its reviewer, else all who may begin; empty where nobody may."""
    if appeal.reviewer is not None:
        return [appeal.reviewer]
    return appealing.reviewers_for(complaint)[1]


def notices_for(
    complaint: Complaint, appeal: Appeal, event: str, *, key: str, data: dict[str, Any], at: datetime, ladder: Ladder
) -> list[Notice | None]:
    """The notices to those who decide it, unsaved; who is away finds it, and so does their deputy if they may."""
    said = data | {"appeal": appeal.pk}
    people = who_decides(complaint, appeal)
    return [
        notices.for_person(person, event, complaint=complaint, key=key, data=said, at=at, book=ladder.book)
        for person in people
    ]


def tell_who_decides(complaint: Complaint, appeal: Appeal, *, key: str, at: datetime) -> None:
    """An appeal of a (locked) complaint waits for a reviewer: all who may are told; else the top signs."""
    told = notices_for(complaint, appeal, "appeal_to_review", key=key, data={}, at=at, ladder=Ladder(at))
    notices.store(told)
    if not told:
        escalations.escalate(complaint, reason=Escalation.Reason.NO_REVIEWER, key=key[:80], at=at, at_once_to_top=True)
