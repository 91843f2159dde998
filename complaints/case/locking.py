"""The one lock order: the complaint row first, then its parts."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.errors import ChangedMeanwhile
from complaints.models import Complaint, ComplaintEvent

# What a reply brings when it leaves the desk, ten seconds after its author went on
# (complaints.conversation.undo_send).
OF_A_REPLY = {EventKind.MESSAGE_SENT, EventKind.WAITING_BEGAN, EventKind.EVIDENCE_SENT, EventKind.PROMISE_KEPT}

# Hardly a step does without customer, team and the people named: they come with the complaint.
NAMED = Complaint.named_people.through.objects.filter(complaint=OuterRef("pk")).values("person_id")


def lock(complaint_id: int, *, version: int | None = None, actor: Actor | None = None) -> Complaint:
    """Return the complaint, its row locked until the transaction ends.

    `no_key`: rows that refer to it (messages, promises) may still be inserted by others. With `version` (the
    one that the page of `actor` showed) raises ChangedMeanwhile; raises Complaint.DoesNotExist.
    """
    complaint = _locked(complaint_id)
    complaint.named_ids = frozenset(complaint.named_ids)
    refuse_stale(complaint, version, actor)
    return complaint


def _locked(complaint_id: int) -> Complaint:
    rows = Complaint.objects.select_for_update(of=("self",), no_key=True).select_related("customer", "team")
    try:
        complaint: Complaint = rows.annotate(named_ids=ArraySubquery(NAMED)).get(pk=complaint_id)
    except Complaint.DoesNotExist:
        if not Complaint.objects.filter(pk=complaint_id).exists():
            raise
        # Whoever was waited for gave it to another team: PostgreSQL joins no other one to the row that it waited for.
        return _locked(complaint_id)
    return complaint


def refuse_stale(complaint: Complaint, version: int | None, actor: Actor | None) -> None:
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
