"""The one lock order: the complaint row first, then its parts."""

from complaints.models import Complaint


def lock(complaint_id: int) -> Complaint:
    """Return the complaint, its row locked until the transaction ends. Raises Complaint.DoesNotExist.

    `no_key`: rows that refer to it (messages, promises) may still be inserted by others.
    """
    return Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint_id)
