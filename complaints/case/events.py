"""The history of a complaint: append-only, each event chained to the one before by a hash."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.dispatch import Signal

from complaints.case import payload_registry
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.db.inserting import insert
from complaints.models import Complaint, ComplaintEvent

# Made once: json.dumps() makes a new one at every call.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

# Written with every event; as a save() of the model it takes five times as long.
UPDATE_HEAD = "UPDATE complaints_complaint SET event_count = %s, last_event_hash = %s, version = %s WHERE id = %s"

# Sent inside the transaction that writes the events, with `events`: list of ComplaintEvent. Whoever
# makes promises, notices or statistics listens here, so that they commit or vanish together.
events_recorded = Signal()


def chain_hash(event: ComplaintEvent, reference: str) -> str:
    """Return the SHA-256 (hex) over the event's content and its predecessor's hash.

    `reference` names the complaint, so that an event cannot be moved to another one unnoticed.
    """
    content = _encode(
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
        ]
    )
    return hashlib.sha256(content.encode()).hexdigest()


def build(
    complaint: Complaint,
    kind: EventKind,
    *,
    actor: Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
    public: bool = False,
) -> ComplaintEvent:
    """Return the next event of `complaint`, unsaved, and move the complaint's head to it (also unsaved).

    `at` is aware; `data` holds JSON values only (no floats: they do not survive a round trip unchanged). Who acts for
    the customer is said beside it.
    """
    if settings.CHECK_PAYLOADS:
        payload_registry.refuse_unknown(kind, data or {})
    event = ComplaintEvent(
        complaint=complaint,
        number=complaint.event_count + 1,
        kind=kind,
        at=at,
        actor_kind=actor.kind,
        actor=actor.person,
        data=(data or {}) | actor.said,
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


def record(
    complaint: Complaint,
    kind: EventKind,
    *,
    actor: Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
    public: bool = False,
) -> ComplaintEvent:
    """Append one event to a complaint whose row the caller has locked; returns the event.

    Sends `events_recorded` in the same transaction. Every write to a case goes through here.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An event is recorded inside the transaction it belongs to.")
    event = build(complaint, kind, actor=actor, at=at, data=data, public=public)
    insert([event])
    with connection.cursor() as cursor:
        cursor.execute(
            UPDATE_HEAD, [complaint.event_count, complaint.last_event_hash, complaint.version, complaint.pk]
        )
    events_recorded.send(sender=ComplaintEvent, events=[event])
    return event


def append_many(events: list[ComplaintEvent]) -> None:
    """Store events made with build() whose complaints were stored with their new heads: new ones, and bulk work.

    An event that was built before its complaint had a key is given the complaint again.

    Sends `events_recorded` once, in the same transaction.
    """
    insert(events)
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
