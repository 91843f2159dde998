"""What is confirmed in writing: who looks after the case, what was promised by word of mouth, that it is closed.

Each of them stands on the link, and whoever is called hears it in that call: nobody is called for it alone. So it is
told where a message arrives. One that proves undeliverable becomes a call, like everything else.
"""

from typing import Any

from complaints.case.event_kinds import EventKind
from complaints.choices import Status
from complaints.models import ComplaintEvent
from followups.models import Notice
from followups.outbox import notices

HANDLER, PROMISED, ARCHIVED = "customer_handler", "customer_promised", "customer_archived"
HANDS = frozenset({EventKind.ASSIGNED, EventKind.TAKEN, EventKind.REASSIGNED})


def react(event: ComplaintEvent) -> None:
    """Act on one event of a (locked) complaint, in the transaction that wrote it, after everything else."""
    if event.kind in HANDS:
        _who_looks_after_it(event)
    elif event.kind == EventKind.PROMISE_MADE and event.actor_id is not None:
        _what_was_promised(event)
    elif event.kind == EventKind.ARCHIVED:
        _that_it_is_closed(event)


def _who_looks_after_it(event: ComplaintEvent) -> None:
    """Said in one message with the dates where those change with the hands."""
    complaint = event.complaint
    if complaint.handler_id is None or complaint.status != Status.ASSIGNED:
        return
    if Notice.objects.filter(key=f"event:{event.pk}:dates:customer").exists():
        return
    data = {"handler": complaint.handler_id}
    _confirm(event, HANDLER, key=f"event:{event.pk}:handler", data=data)


def _what_was_promised(event: ComplaintEvent) -> None:
    """Only what a person promised in words: the dates of policies stand in every message."""
    if not event.public or not event.data["words"]:
        return
    data = {name: event.data[name] for name in ("promise", "kind", "words", "due_at", "cycle")}
    key = f"promise:{event.data['promise']}:made"
    _confirm(event, PROMISED, key=key, data=data)


def _that_it_is_closed(event: ComplaintEvent) -> None:
    _confirm(event, ARCHIVED, key=f"event:{event.pk}:archived", data={"outcome": event.data["outcome"]})


def _confirm(event: ComplaintEvent, what: str, *, key: str, data: dict[str, Any]) -> None:
    if notices.is_written(event.complaint, what, at=event.at):
        notices.tell_customer(event.complaint, what, key=key, data=data, at=event.at)
