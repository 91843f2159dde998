"""What the room of follow-ups asks for before a case moves on, or a reply may wait."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from complaints.case import kinds
from complaints.case.step import Step
from complaints.errors import Missing
from complaints.models import Complaint
from followups.callbacks import callbacks
from followups.models import Promise


def falls_due(complaint: Complaint, until: datetime) -> bool:
    """Whether a promise breaks by `until`: then a reply goes out at once, so that it still counts as told in time."""
    return complaint.promises.filter(state=Promise.State.OPEN, act_at__lte=until).exists()


def archive(complaint: Complaint, step: Step) -> Iterator[Missing]:
    """ "Callback done": made, given up after the last attempt, or not owed at all."""
    if not callbacks.is_done(complaint):
        yield Missing("callback", _("Call the customer back"))


def record_feedback(complaint: Complaint, step: Step) -> Iterator[Missing]:
    """The case goes on without an answer only once the callback attempts are used up."""
    if step.data.get("no_answer") and kinds.is_to_be_told(complaint) and not callbacks.are_used_up(complaint):
        yield Missing("no_answer", _("Try to call the customer first; there are attempts left"), hard=True)
