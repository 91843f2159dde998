"""When things happen to an invented complaint: its stages by date, and its promises as they stand at a moment."""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.choices import Severity, Status
from followups.models import Promise

State = Promise.State
# How many of a hundred cases have which severity, and how much faster or slower they are resolved.
SEVERITIES = {Severity.DANGER: 1, Severity.URGENT: 9, Severity.NORMAL: 80, Severity.COMPLEX: 10}
PACE = {Severity.DANGER: 0.01, Severity.URGENT: 0.15, Severity.NORMAL: 1.0, Severity.COMPLEX: 2.2}
# (median hours, spread of the logarithm) from one stage to the next.
TO_CONTACT, TO_VERIFY, TO_ASSIGN = (0.4, 0.5), (6, 0.8), (3, 0.9)
TO_RESOLVE, TO_FEEDBACK, TO_ARCHIVE = (66, 0.8), (10, 0.5), (120, 0.8)


@dataclass(frozen=True)
class Life:
    """The moments of a complaint up to a moment `at`; None is what has not happened by then."""

    received: datetime
    contact: datetime | None
    verified: datetime | None
    assigned: datetime | None
    resolved: datetime | None
    feedback: datetime | None
    archived: datetime | None
    # Closed before it was assigned: withdrawn by the customer.
    withdrawn: bool = False

    @property
    def status(self) -> str:
        """The stage that was reached."""
        reached = {
            Status.ARCHIVED: self.archived,
            Status.FEEDBACK: self.feedback,
            Status.RESOLVED: self.resolved,
            Status.ASSIGNED: self.assigned,
            Status.VERIFIED: self.verified,
        }
        return next((status for status, moment in reached.items() if moment is not None), Status.RECEIVED)


def live(dice: random.Random, received: datetime, severity: str, at: datetime, *, stays_open: bool = False) -> Life:
    """The life of a complaint received at `received`, told at `at` (both aware).

    In one that `stays_open` nothing more happened from some moment before its end on.
    """
    contact = received + _hours(dice, TO_CONTACT)
    verified = max(contact, received + _hours(dice, TO_VERIFY))
    moments = {"contact": contact, "verified": verified}
    if dice.random() < 0.04:
        moments["archived"] = verified + _hours(dice, TO_ASSIGN)
    else:
        moments["assigned"] = verified + _hours(dice, TO_ASSIGN)
        moments["resolved"] = moments["assigned"] + _hours(dice, TO_RESOLVE) * PACE[Severity(severity)]
        moments["feedback"] = moments["resolved"] + _hours(dice, TO_FEEDBACK)
        moments["archived"] = moments["feedback"] + _hours(dice, TO_ARCHIVE)
    names = ("contact", "verified", "assigned", "resolved", "feedback", "archived")
    until = min(at, received + (moments["archived"] - received) * dice.random()) if stays_open else at
    happened = {name: moments[name] if name in moments and moments[name] <= until else None for name in names}
    return Life(received, **happened, withdrawn="assigned" not in moments and happened["archived"] is not None)


def _hours(dice: random.Random, step: tuple[float, float]) -> timedelta:
    median, spread = step
    return timedelta(hours=dice.lognormvariate(math.log(median), spread))


def settle(promise: Promise, *, told: datetime | None, closed: datetime | None, at: datetime):
    """Set state and moments of a promise as the desk would have by `at`.

    `told`: when what it promises was done, `closed`: when the case ended. What is due later is open; what was
    done in time is kept; what is over is broken, and made good where it was done late.
    """
    over = promise.due_at <= at and promise.paused_since is None
    if told is not None and told < promise.due_at:
        promise.state, promise.kept_at, promise.settled_at = State.KEPT, told, told
    elif closed is not None and told is None and closed < promise.due_at:
        promise.state, promise.settled_at = State.WITHDRAWN, closed
    elif over:
        promise.state, promise.broken_at, promise.settled_at = State.BROKEN, promise.due_at, promise.due_at
        promise.kept_at = told
    if promise.warn_at is not None and promise.warn_at <= (promise.settled_at or at):
        promise.warned_at = promise.warn_at
