"""The one lock order: the complaint row first, then its parts."""

from complaints.errors import ChangedMeanwhile
from complaints.models import Complaint


def lock(complaint_id: int, *, version: int | None = None) -> Complaint:
    """Return the complaint, its row locked until the transaction ends.

    `no_key`: rows that refer to it (messages, promises) may still be inserted by others. With `version` (the
    one somebody's page showed) raises ChangedMeanwhile when it is another by now; raises Complaint.DoesNotExist.
    """
    complaint = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint_id)
    if version is not None and version != complaint.version:
        raise ChangedMeanwhile(version)
    return complaint
