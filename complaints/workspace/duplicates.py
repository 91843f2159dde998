"""The duplicates of a complaint as its own page lists them."""

from dataclasses import dataclass

from accounts.attached import Attached
from complaints.case import followers
from complaints.models import Complaint, Message
from complaints.visibility import ComplaintQuerySet


@dataclass
class Duplicates:
    """The duplicates of a complaint, as far as the reader may see them."""

    visible: list[Complaint]
    hidden: int
    # How many are other customers', who are told each step and the result.
    others: int


# Those of a complaint, where its page brings them along.
BESIDE = Attached[Duplicates | None]("beside")


def beside(complaint: Complaint, visible: ComplaintQuerySet) -> Duplicates:
    """Those of the original. Each has `is_other`, and `unanswered`: the last message, if it is its customer's."""
    rows = list(followers.duplicates_of([complaint.pk]))
    seen = set(visible.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    last = Message.objects.exclude(kind=Message.Kind.INTERNAL).filter(complaint__in=seen)
    newest = {
        message.complaint_id: message for message in last.order_by("complaint_id", "-id").distinct("complaint_id")
    }
    for row in rows:
        row.is_other = followers.follows(row)
        message = newest.get(row.pk)
        row.unanswered = message if message is not None and message.kind == Message.Kind.INBOUND else None
    others = followers.FOLLOWERS.set(complaint, [row for row in rows if row.is_other])
    shown = [row for row in rows if row.pk in seen]
    return Duplicates(shown, len(rows) - len(shown), len(others))
