"""What the room of follow-ups asks for before a case moves on."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from complaints import gates
from complaints.errors import Missing
from followups import callbacks


def register():
    """Add our gates to the lifecycle; called once at start-up."""
    gates.add("archive", archive)
    gates.add("record_feedback", record_feedback)


def archive(complaint, step) -> Iterator[Missing]:
    """ "Callback done": made, given up after the last attempt, or not owed at all."""
    if not callbacks.is_done(complaint):
        yield Missing("callback", _("Call the customer back"))


def record_feedback(complaint, step) -> Iterator[Missing]:
    """The case goes on without an answer only once the callback attempts are used up."""
    if step.data.get("no_answer") and not complaint.wishes_no_contact and not callbacks.are_used_up(complaint):
        yield Missing("no_answer", _("Try to call the customer first; there are attempts left"), hard=True)
