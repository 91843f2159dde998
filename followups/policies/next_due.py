"""`Complaint.next_due_at`: what lists sort by. Repeated from the promises, by this module only."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from complaints.choices import Status
from complaints.models import Complaint
from followups.models import Promise
from followups.models.promise import PromiseKind

# Once the result is told these are over, broken or not.
ENDS_WITH_RESULT = frozenset(
    {
        PromiseKind.FIRST_CONTACT,
        PromiseKind.VERIFICATION,
        PromiseKind.RESOLUTION,
        PromiseKind.REPLY,
        PromiseKind.VISIT,
    }
)
State = Promise.State


def next_due_of(complaints: Iterable[Complaint], known: Iterable[Promise] | None = None) -> dict[int, datetime | None]:
    """The moment that each complaint is shown and sorted by, by id; one query, none where all promises are `known`.

    The earliest of its open promises (a paused one counts by its long stop, which alone still runs; without
    one it counts for nothing) and of those broken ones of the present round that nothing has
    made good yet, so that a case with a broken promise stays at the top of every list. A broken promise
    is made good by doing it late, or by a later promise of the same kind that was made or kept; it is moot
    once the result is told, and any promise is once the case is archived.
    """
    by_id = {complaint.pk: complaint for complaint in complaints}
    promises: dict[int, list[Promise]] = defaultdict(list)
    for promise in _promises_of(by_id) if known is None else known:
        promises[promise.complaint_id].append(promise)
    return {pk: next_due_among(complaint, promises[pk]) for pk, complaint in by_id.items()}


def _promises_of(complaint_ids: Iterable[int]) -> QuerySet[Promise]:
    """What the moment of a complaint depends on."""
    rows = Promise.objects.filter(complaint__in=complaint_ids, state__in=[State.OPEN, State.KEPT, State.BROKEN])
    return rows.only(
        "complaint_id",
        "round",
        "kind",
        "state",
        "made_at",
        "due_at",
        "kept_at",
        "broken_at",
        "follows_id",
        "moves",
        "paused_since",
        "long_stop_at",
    )


def refresh_next_due(complaint: Complaint) -> None:
    """Bring `next_due_at` of a (locked) complaint up to date."""
    due_at = next_due_of([complaint])[complaint.pk]
    if due_at != complaint.next_due_at:
        complaint.next_due_at = due_at
        complaint.save(update_fields=["next_due_at"])


def next_due_among(complaint: Complaint, promises: list[Promise]) -> datetime | None:
    """The moment that a complaint is shown and sorted by; `promises` are its open, kept and broken ones."""
    if complaint.is_archived:
        # A second look is owed although it is closed.
        looks = (runs_out(p) for p in promises if p.state == State.OPEN and p.kind == PromiseKind.APPEAL)
        return min((moment for moment in looks if moment is not None), default=None)
    told = complaint.status in (Status.RESOLVED, Status.FEEDBACK)
    running = [runs_out(promise) for promise in promises if promise.state == State.OPEN]
    moments = [moment for moment in running if moment is not None]
    for promise in promises:
        if promise.state != State.BROKEN or promise.round != complaint.round or promise.kept_at is not None:
            continue
        if told and promise.kind in ENDS_WITH_RESULT:
            continue
        if not any(_makes_good(other, promise) for other in promises):
            moments.append(promise.due_at)
    return min(moments, default=None)


def runs_out(promise: Promise) -> datetime | None:
    """When an open promise breaks as things stand; None while it is paused without a long stop."""
    return promise.due_at if promise.paused_since is None else promise.long_stop_at


def _makes_good(other: Promise, broken: Promise) -> bool:
    """Whether `other` was made, or kept, after `broken` broke, and stands in its place."""
    if (other.kind, other.round) != (broken.kind, broken.round):
        return False
    if other.follows_id is not None and not other.moves and other.kept_at is None:
        # The date that the desk set by itself when it broke: nobody has looked at it yet.
        return False
    since = broken.broken_at
    assert since is not None  # a broken one says since when
    return other.made_at >= since or (other.kept_at is not None and other.kept_at >= since)
