"""What is promised in an invented case, and what came of it: promises, escalations, the call that is owed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from accounts.worktime.calendars import CalendarBook
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.choices import Status
from demo.bulk.case import Case
from demo.bulk.timeline import settle
from followups.escalation import escalations
from followups.models import Callback, Escalation, Promise, PromisePolicy
from followups.models.promise import PAUSABLE, Clock, PromiseKind
from followups.policies.next_due import next_due_among
from followups.policies.policies import Due, due_by, due_in, policies_for

State = Promise.State
CALLBACK_MINUTES, SIGN_MINUTES = 24 * 60, 60
# Of a hundred cases being resolved, how many wait for the customer; of those broken, how many nobody signed for.
WAITING, UNSIGNED = 0.15, 0.3


class Promiser:
    """Makes the promises of cases as they stand at `at` (aware)."""

    def __init__(self, dice: Random, at: datetime, number: Callable[[type], int]):
        self.dice, self.at, self.number = dice, at, number
        self._book = CalendarBook(around=at)
        self._policies: dict[tuple, dict[str, PromisePolicy]] = {}

    def promise(self, case: Case):
        """Add the promises, and `next_due_at` as the desk would show it."""
        complaint, life = case.complaint, case.life
        what = (complaint.severity, complaint.category_id)
        if what not in self._policies:
            self._policies[what] = policies_for(complaint)
        if life.status == Status.ASSIGNED and life.assigned is not None and self.dice.random() < WAITING:
            since = life.assigned + (self.at - life.assigned) * self.dice.random()
            complaint.waiting_since = since
            case.happens(since, EventKind.WAITING_BEGAN, SYSTEM)
        done = {PromiseKind.FIRST_CONTACT: life.contact, PromiseKind.RESOLUTION: life.resolved}
        for kind, told in done.items():
            policy = self._policies[what].get(kind)
            if policy is not None:
                due = due_by(policy, start=life.received, team=complaint.team, book=self._book)
                self._add(case, kind, due, life.received, told, policy)
        if life.resolved is not None:
            self._callback(case, life.resolved)
        relevant = [p for p in case.of(Promise) if p.state in (State.OPEN, State.KEPT, State.BROKEN)]
        complaint.next_due_at = next_due_among(complaint, relevant)

    def _add(self, case: Case, kind: str, due: Due, made: datetime, told: datetime | None, policy=None) -> Promise:
        complaint = case.complaint
        promise = Promise(
            pk=self.number(Promise),
            complaint=complaint,
            kind=kind,
            policy=policy,
            made_at=made,
            due_at=due.due_at,
            warn_at=due.warn_at,
            long_stop_at=due.long_stop_at,
            explanation=due.explanation,
        )
        paused = kind in PAUSABLE and complaint.waiting_since is not None and complaint.waiting_since < due.due_at
        if paused and (due.long_stop_at is None or due.long_stop_at > self.at):
            promise.paused_since = complaint.waiting_since
        settle(promise, told=told, closed=case.life.archived, at=self.at)
        case.add(promise)
        if promise.state == State.BROKEN and promise.broken_at is not None:
            self._broken(case, promise, promise.broken_at)
        return promise

    def _broken(self, case: Case, promise: Promise, broken: datetime):
        """The event, and an escalation that somebody signed, or has yet to."""
        complaint = case.complaint
        case.happens(broken, EventKind.PROMISE_BROKEN, SYSTEM, promise.said(), public=True)
        escalation = Escalation(
            pk=self.number(Escalation),
            complaint=complaint,
            promise=promise,
            key=f"promise:{promise.pk}:{promise.cycle}",
            reason=Escalation.Reason.OVERDUE,
            raised_at=broken,
            team=case.place.signs,
            sign_by=broken + timedelta(minutes=SIGN_MINUTES),
        )
        case.add(escalation)
        case.happens(broken, EventKind.ESCALATED, SYSTEM, escalations.said_of(escalation))
        if not complaint.is_archived and self.dice.random() < UNSIGNED:
            escalation.sign_by = self.at + timedelta(minutes=SIGN_MINUTES)
            return
        escalation.signed_by = case.place.supervisor
        escalation.signed_at = min(broken + timedelta(minutes=self.dice.randint(1, SIGN_MINUTES)), self.at)

    def _callback(self, case: Case, resolved: datetime):
        """The call that is owed for the result; an answer on the link does without it."""
        complaint, life = case.complaint, case.life
        due_at, explanation = due_in(
            CALLBACK_MINUTES, Clock.CALENDAR, start=resolved, team=complaint.team, book=self._book
        )
        due = Due(due_at, None, None, explanation)
        promise = self._add(case, PromiseKind.CALLBACK, due, resolved, life.feedback)
        case.add(
            Callback(
                pk=self.number(Callback),
                complaint=complaint,
                round=1,
                promise=promise,
                state=Callback.State.OPEN if life.feedback is None else Callback.State.DONE,
                next_at=due_at,
                created_at=resolved,
                done_at=life.feedback,
            )
        )
