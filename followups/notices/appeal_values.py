"""What messages about an appeal are filled with, as it stands when they are sent; in the active language."""

from datetime import datetime
from typing import Any

from django.utils.translation import pgettext

from complaints.customer.appeals import said_of
from complaints.models import Appeal, Complaint
from followups.models import Promise
from followups.models.promise import PromiseKind
from ui.wording import date_words


def appeal_by(complaint: Complaint, now: datetime) -> str:
    """The last day on which the result can be appealed; "" where it cannot."""
    last_day = complaint.appeal_last_day
    return date_words(last_day, now, "long_day") if last_day is not None and last_day > now else ""


def values_of(appeal_id: int, complaint: Complaint, now: datetime) -> dict[str, Any]:
    """The variables of every message about the appeal: who, by when, what was decided, who works on it now."""
    appeal = Appeal.objects.select_related("reviewer").prefetch_related("points").get(pk=appeal_id)
    due = complaint.promises.filter(kind=PromiseKind.APPEAL, state=Promise.State.OPEN, due_at__gt=now).first()
    kept = complaint.rounds.filter(number=appeal.round).select_related("handler").first()
    fell = kept.handler.label if kept is not None and kept.handler is not None else ""
    who = (complaint.handler or complaint.team).label
    return {
        "reviewer": appeal.reviewer.label if appeal.reviewer is not None else "",
        "decide_by": date_words(due.due_at, now, "long") if due is not None else "",
        "appeal_state": appeal.state,
        "grounds": appeal.grounds,
        "points": [{"what": said.what, "verdict": said.verdict, "reason": said.reason} for said in said_of(appeal)],
        # Of what is upheld, and worked on again.
        "in_hands_of": who,
        "instead_of": fell if fell != who else "",
        "outside": [
            pgettext("whom to turn to, and what for", "%(name)s: %(text)s") % there if there["text"] else there["name"]
            for there in appeal.outside_named
        ],
    }
