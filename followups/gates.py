"""What the room of follow-ups asks for before a case moves on, or a reply may wait."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from complaints import gates, waiting
from complaints.errors import Missing
from complaints.models import Complaint
from followups import callbacks
from followups.models import Promise


def register():
    """Add our gates to the lifecycle; called once at start-up."""
    gates.add("archive", archive)
    gates.add("record_feedback", record_feedback)
    waiting.ask(falls_due)


def falls_due(complaint: Complaint, until: datetime) -> bool:
    """Whether a promise breaks by `until`: then a reply goes out at once, so that it still counts as told in time."""
    return complaint.promises.filter(state=Promise.State.OPEN, act_at__lte=until).exists()


def archive(complaint, step) -> Iterator[Missing]:
    """ "Callback done": made, given up after the last attempt, or not owed at all."""
    if not callbacks.is_done(complaint):
        yield Missing("callback", _("Call the customer back"))


def record_feedback(complaint, step) -> Iterator[Missing]:
    """The case goes on without an answer only once the callback attempts are used up."""
    if step.data.get("no_answer") and not complaint.wishes_no_contact and not callbacks.are_used_up(complaint):
        yield Missing("no_answer", _("Try to call the customer first; there are attempts left"), hard=True)
