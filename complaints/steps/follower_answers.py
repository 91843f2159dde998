"""What the customer of a duplicate says of the original's result, on their own link or when they are called."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from complaints.case import events, followers
from complaints.case.actors import CUSTOMER, Actor
from complaints.case.event_kinds import EventKind
from complaints.errors import NotAllowedNow
from complaints.models import Complaint
from complaints.steps import feedback, lifecycle

# Why a duplicate goes on by itself again (gates.reopen).
NOT_DUPLICATE = "not_duplicate"


def take(complaint: Complaint, *, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Record what its customer says of the result; not solved, the case goes on by itself with a clock of its own.

    `complaint` is locked after its original (followers.lock); do not use it afterwards. `data` is that of the step
    record_feedback. Nobody to be had (`no_answer`) is recorded as no answer. Raises NotAllowedNow where none is
    awaited.
    """
    if not followers.awaits_answer(complaint):
        raise NotAllowedNow(_("We have an answer to this already. Write to us below what you want to add."))
    said = feedback.store(complaint, data, actor=actor, at=at)
    events.record(complaint, EventKind.FEEDBACK_RECORDED, actor=actor, at=at, data=said, public=True)
    if said["unsatisfied"]:
        with translation.override(complaint.language):
            reason = str(data.get("words") or "").strip() or _("It is not solved.")
        goes_on = {"basis": NOT_DUPLICATE, "reason": reason}
        # It is the customer who says so, whoever took it down.
        lifecycle.perform(complaint.pk, "reopen", actor=CUSTOMER, at=at, data=goes_on)
