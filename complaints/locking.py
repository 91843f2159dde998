"""The one lock order: the complaint row first, then its parts."""

from complaints.actors import Actor
from complaints.errors import ChangedMeanwhile
from complaints.models import Complaint, ComplaintEvent

# What a reply brings when it leaves the desk, ten seconds after its author went on (complaints.waiting).
OF_A_REPLY = {"message_sent", "waiting_began", "evidence_sent", "promise_kept"}


def lock(complaint_id: int, *, version: int | None = None, actor: Actor | None = None) -> Complaint:
    """Return the complaint, its row locked until the transaction ends.

    `no_key`: rows that refer to it (messages, promises) may still be inserted by others. With `version` (the
    one that the page of `actor` showed) raises ChangedMeanwhile; raises Complaint.DoesNotExist.
    """
    complaint = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint_id)
    refuse_stale(complaint, version, actor)
    return complaint


def refuse_stale(complaint: Complaint, version: int | None, actor: Actor | None):
    """Raises ChangedMeanwhile when the (locked) complaint is not the one that `actor` saw at `version`.

    The actor's own reply that left meanwhile is no news to them: they wrote it before they opened the page.
    """
    if version is None or version == complaint.version:
        return
    # Every event but the desk's own counts one version.
    events = complaint.events.exclude(actor_kind=ComplaintEvent.ActorKind.SYSTEM).order_by("-number")
    new = events.values_list("kind", "actor_id")[: max(complaint.version - version, 0)]
    person = actor.person if actor is not None else None
    if person is None or not new or any(kind not in OF_A_REPLY or who != person.pk for kind, who in new):
        raise ChangedMeanwhile(version)
