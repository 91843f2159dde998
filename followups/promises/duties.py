"""No stage without a duty: every case that is not archived has something of ours with a date (SPEC).

An open promise that will fall due, or a signature that is asked for. Whatever ends one looks whether another is left;
where none is, the desk owes itself to decide how it goes on. `audit()` counts the cases for which that failed: 0.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from complaints.case import events
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.choices import Status
from complaints.db.inserting import insert
from complaints.models import Complaint, ComplaintEvent
from followups.models import Promise
from followups.models.promise import PromiseKind
from followups.policies import bulk_events, telling_calls
from followups.promises import policy_promises
from followups.promises.promises import withdraw_on

State = Promise.State
# What may end the last duty of a case, or make the decision that was owed.
LOOKED_AT = frozenset(
    {
        EventKind.PROMISE_MADE,
        EventKind.PROMISE_KEPT,
        EventKind.PROMISE_WITHDRAWN,
        EventKind.ESCALATION_SIGNED,
        EventKind.ESCALATION_CLOSED,
        EventKind.CALLBACK_ATTEMPTED,
        EventKind.WAITING_BEGAN,
        EventKind.FEEDBACK_RECORDED,
        EventKind.RESOLVED,
        EventKind.UNTOLD,
    }
)
# At which stages an imported case has no promises of its own.
IMPORTED_AT = frozenset({Status.VERIFIED, Status.ASSIGNED, Status.RESOLVED, Status.FEEDBACK})
# Also appeals that are still to be decided, although their cases are archived.
# Cases without a duty of ours that has a date, and cases whose duty nobody owns who works here today: their team is
# closed, whoever has them cannot handle them any more, or nobody is left who could take them.
AUDIT = """
SELECT reference, CASE WHEN no_duty THEN 'no duty' ELSE 'no owner' END
FROM (
    SELECT c.id, c.reference,
        NOT EXISTS (
            SELECT FROM followups_promise p WHERE p.complaint_id = c.id AND p.state = 'open' AND p.act_at IS NOT NULL
        ) AND NOT EXISTS (
            SELECT FROM followups_escalation e WHERE e.complaint_id = c.id AND e.signed_at IS NULL
        ) AS no_duty,
        NOT t.active OR NOT EXISTS (
            SELECT FROM accounts_person o WHERE o.is_active AND (o.is_superuser OR EXISTS (
                SELECT FROM accounts_membership m JOIN accounts_team over_it ON over_it.id = m.team_id
                WHERE m.person_id = o.id AND (m.role = 'administrator' OR (
                    m.role IN ('frontline', 'handler', 'supervisor') AND t.path LIKE over_it.path || '%%'
                ))
            ))
        ) OR c.handler_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM accounts_person h
            JOIN accounts_membership m ON m.person_id = h.id
            JOIN accounts_team over_it ON over_it.id = m.team_id
            WHERE h.id = c.handler_id AND h.is_active AND (
                m.role = 'handler' AND m.team_id IN (c.team_id, c.site_id)
                OR m.role = 'supervisor'
                AND (t.path LIKE over_it.path || '%%' OR site.path LIKE over_it.path || '%%')
            )
        ) AS no_owner
    FROM complaints_complaint c
    JOIN accounts_team t ON t.id = c.team_id
    LEFT JOIN accounts_team site ON site.id = c.site_id
    WHERE c.status <> 'archived'
    UNION ALL
    SELECT c.id, c.reference,
        NOT EXISTS (
            SELECT FROM followups_promise p WHERE p.complaint_id = c.id AND p.state = 'open' AND p.kind = 'appeal'
        ) AND NOT EXISTS (
            SELECT FROM followups_escalation e WHERE e.complaint_id = c.id AND e.signed_at IS NULL
        ),
        a.reviewer_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM accounts_person r
            JOIN accounts_membership m ON m.person_id = r.id AND m.role = 'reviewer'
            JOIN accounts_team over_it ON over_it.id = m.team_id
            WHERE r.id = a.reviewer_id AND r.is_active
                AND (t.path LIKE over_it.path || '%%' OR site.path LIKE over_it.path || '%%')
        )
    FROM complaints_appeal a
    JOIN complaints_complaint c ON c.id = a.complaint_id
    JOIN accounts_team t ON t.id = c.team_id
    LEFT JOIN accounts_team site ON site.id = c.site_id
    WHERE a.decided_at IS NULL
) standing
WHERE no_duty OR no_owner
ORDER BY id LIMIT %s
"""


@dataclass(frozen=True)
class Orphan:
    """A case that nothing moves any more, and what it lacks: "no duty" or "no owner"."""

    reference: str
    lacks: str


class _Under(threading.local):
    """How deep in the reactions to an event this thread is, and which cases are to be looked at when it is out."""

    def __init__(self) -> None:
        self.depth = 0
        self.cases: dict[int, tuple[Complaint, datetime]] = {}


_under = _Under()


def audit(most: int = 1000) -> list[Orphan]:
    """The cases that are not archived and have no duty with a date, or nobody to do it; `most` of them at most."""
    with connection.cursor() as cursor:
        cursor.execute(AUDIT, [most])
        return [Orphan(*row) for row in cursor.fetchall()]


@contextmanager
def looked_at_once() -> Iterator[None]:
    """What happens inside is looked at when all of it is done: one duty often ends just before the next begins."""
    _under.depth += 1
    try:
        yield
        if _under.depth == 1:
            for complaint, at in list(_under.cases.values()):
                _look(complaint, at)
    finally:
        _under.depth -= 1
        if _under.depth == 0:
            _under.cases.clear()


def note(event: ComplaintEvent) -> None:
    """Remember that the case of an event has to be looked at; called inside looked_at_once()."""
    made_by_the_desk = event.kind == EventKind.PROMISE_MADE and event.actor_kind == ComplaintEvent.ActorKind.SYSTEM
    if event.kind in LOOKED_AT and not made_by_the_desk:
        _under.cases[event.complaint_id] = (event.complaint, event.at)


def begin(complaints: Iterable[Complaint], *, at: datetime) -> None:
    """Owe a decision for cases that come without any promise: imported ones, locked or new."""
    complaints = list(complaints)
    made = [telling_calls.internal(complaint, PromiseKind.NEXT_STEP, at) for complaint in complaints]
    insert(made)
    written = [
        events.build(each.complaint, EventKind.PROMISE_MADE, actor=SYSTEM, at=at, data=each.said()) for each in made
    ]
    bulk_events.append(written, complaints)


def archive(complaint: Complaint, *, satisfied: bool, at: datetime) -> None:
    """Owe to archive a (locked) complaint: soon where the customer is satisfied, else when they can say no no more."""
    start = at if satisfied or complaint.reopen_until is None else max(at, complaint.reopen_until)
    telling_calls.promise(complaint, [telling_calls.internal(complaint, PromiseKind.ARCHIVE, at, start=start)], at=at)


def keep(complaint: Complaint, kinds: Iterable[str], *, actor: Actor, at: datetime) -> None:
    """Duties of ours on a (locked) complaint are done."""
    policy_promises.keep_told(complaint, kinds, told_at=at, actor=actor, at=at)


def end(complaint: Complaint, kinds: Iterable[str], *, at: datetime) -> None:
    """Duties of ours on a (locked) complaint are not to be done any more."""
    for promise in complaint.promises.filter(kind__in=list(kinds), state=State.OPEN):
        withdraw_on(complaint, promise, because="over", actor=SYSTEM, at=at)


def _look(complaint: Complaint, at: datetime) -> None:
    """Whether anything of ours with a date is left; what comes next is to be decided, or was, when something is."""
    standing = list(complaint.promises.filter(state=State.OPEN, act_at__isnull=False))
    decided = any(promise.kind not in (PromiseKind.NEXT_STEP, PromiseKind.TELL) for promise in standing)
    owed = any(promise.kind == PromiseKind.NEXT_STEP for promise in standing)
    if (standing and not (decided and owed)) or complaint.is_archived:
        return
    # Some step inside may have gone on with an instance of its own.
    complaint.refresh_from_db(fields=["status", "event_count", "last_event_hash", "version", "next_due_at"])
    if decided:
        keep(complaint, [PromiseKind.NEXT_STEP], actor=SYSTEM, at=at)
    elif not complaint.is_archived and not complaint.escalations.filter(signed_at__isnull=True).exists():
        telling_calls.promise(complaint, [telling_calls.internal(complaint, PromiseKind.NEXT_STEP, at)], at=at)
