"""The history of a complaint: append-only, each event chained to the one before by a hash."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction
from django.dispatch import Signal

from complaints.actors import Actor
from complaints.models import Complaint, ComplaintEvent

# Sent inside the transaction that writes the events, with `events`: list of ComplaintEvent. Whoever
# makes promises, notices or statistics listens here, so that they commit or vanish together.
events_recorded = Signal()


def chain_hash(event: ComplaintEvent, reference: str) -> str:
    """Return the SHA-256 (hex) over the event's content and its predecessor's hash.

    `reference` names the complaint, so that an event cannot be moved to another one unnoticed.
    """
    content = json.dumps(
        [
            reference,
            event.number,
            event.kind,
            event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            event.actor_kind,
            event.actor_id,
            event.data,
            event.public,
            event.previous_hash,
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()


def build(complaint: Complaint, kind: str, *, actor: Actor, at: datetime, data: dict | None = None, public=False):
    """Return the next event of `complaint`, unsaved, and move the complaint's head to it (also unsaved).

    `at` is aware; `data` holds JSON values only (no floats: they do not survive a round trip unchanged).
    """
    event = ComplaintEvent(
        complaint=complaint,
        number=complaint.event_count + 1,
        kind=kind,
        at=at,
        actor_kind=actor.kind,
        actor=actor.person,
        data=data or {},
        public=public,
        previous_hash=complaint.last_event_hash,
    )
    event.hash = chain_hash(event, complaint.reference)
    complaint.event_count = event.number
    complaint.last_event_hash = event.hash
    # What the desk itself does (a promise that broke) must not make a person's form stale.
    if not actor.is_system:
        complaint.version += 1
    return event


def record(complaint: Complaint, kind: str, *, actor: Actor, at: datetime, data: dict | None = None, public=False):
    """Append one event to a complaint whose row the caller has locked; returns the event.

    Sends `events_recorded` in the same transaction. Every write to a case goes through here.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An event is recorded inside the transaction it belongs to.")
    event = build(complaint, kind, actor=actor, at=at, data=data, public=public)
    event.save(force_insert=True)
    complaint.save(update_fields=["event_count", "last_event_hash", "version"])
    events_recorded.send(sender=ComplaintEvent, events=[event])
    return event


def append_many(events: list[ComplaintEvent]):
    """Store events made with build() whose complaints were stored with their new heads; for bulk work.

    Sends `events_recorded` once, in the same transaction.
    """
    ComplaintEvent.objects.bulk_create(events)
    events_recorded.send(sender=ComplaintEvent, events=events)


def broken_links(complaint: Complaint, events: list[ComplaintEvent]) -> Iterator[str]:
    """Yield a sentence for everything in which the stored history disagrees with its hashes.

    `events` are all events of the complaint in order.
    """
    previous = ""
    for position, event in enumerate(events, start=1):
        if event.number != position:
            yield f"event {position} is missing (found number {event.number})"
            return
        if event.previous_hash != previous:
            yield f"event {position} does not follow from event {position - 1}"
        if chain_hash(event, complaint.reference) != event.hash:
            yield f"event {position} ({event.kind}) was changed"
        previous = event.hash
    if len(events) != complaint.event_count or previous != complaint.last_event_hash:
        yield f"the end of the history was changed: {len(events)} of {complaint.event_count} events"
