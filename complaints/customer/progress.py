"""The path of a complaint as the customer sees it: six steps, done, now and next."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from complaints.case.event_kinds import EventKind
from complaints.choices import STATUS_ORDER, ConfirmedHow, Kind, Outcome, Status
from complaints.models import Complaint, Feedback, Verification

# The event that says when a stage was reached.
REACHED_BY = {
    Status.VERIFIED: EventKind.VERIFIED,
    Status.ASSIGNED: EventKind.ASSIGNED,
    Status.RESOLVED: EventKind.RESOLVED,
    Status.FEEDBACK: EventKind.FEEDBACK_RECORDED,
}
SHOWN_ON_PATH = (*REACHED_BY.values(), EventKind.CLOSED_EARLY)


@dataclass(frozen=True)
class Step:
    """One step of the path. `state` is done, now or next; `note_at` is when the customer confirmed."""

    words: str
    state: str
    at: datetime | None = None
    note_at: datetime | None = None


def path_of(complaint: Complaint, *, who: str, feedback: Feedback | None, check: Verification | None) -> list[Step]:
    """Return the steps of `complaint` in order, in the active language. `complaint` came from customer_fetch.

    A complaint that was closed early shows the steps that were taken, then the end; for a duplicate there
    is no end here, it goes on elsewhere.
    """
    moments = {event.kind: event.at for event in complaint.events.all() if event.kind in SHOWN_ON_PATH}
    reached = STATUS_ORDER.index(Status(complaint.status))
    closed_early = complaint.is_archived and bool(complaint.outcome) and EventKind.FEEDBACK_RECORDED not in moments
    received = {Kind.SUGGESTION: _("We have your suggestion"), Kind.PRAISE: _("We have your praise")}
    first = received.get(Kind(complaint.kind), _("We have your complaint"))
    steps = [Step(first, "done", complaint.received_at)]
    for number, status in enumerate(STATUS_ORDER[1:], start=1):
        state = "done" if number <= reached else "now" if number == reached + 1 else "next"
        at = moments.get(REACHED_BY.get(status, "")) if state == "done" else None
        if status == Status.ARCHIVED:
            at = complaint.closed_at
        elif closed_early and at is None:
            continue
        confirmed_at = None
        if check is not None and status == Status.VERIFIED and check.confirmed_how == ConfirmedHow.LINK:
            confirmed_at = check.confirmed_at
        steps.append(
            Step(
                words_of_step(status, state, complaint, who, feedback),
                state,
                at,
                confirmed_at if state == "done" else None,
            )
        )
    if complaint.outcome == Outcome.DUPLICATE:
        # One's own: it goes on in the other complaint (complaints.customer.handled_together).
        steps[-1] = Step(_("It goes on together with another complaint"), "now")
    return steps


def words_of_step(status: str, state: str, complaint: Complaint, who: str, feedback: Feedback | None) -> str:
    """One step of the path in words: what was done, is done now, or comes."""
    done, now = state == "done", state == "now"
    if status == Status.VERIFIED:
        return _("We made sure that we understood you") if done else _("We make sure that we understand you")
    if status == Status.ASSIGNED:
        if done:
            return _("%(who)s looks after it") % {"who": who}
        return _("We decide who looks after it") if now else _("Somebody looks after it")
    if complaint.kind == Kind.SUGGESTION and status == Status.RESOLVED and not done:
        return _("We look into your suggestion") if now else _("You get our answer")
    if complaint.kind == Kind.SUGGESTION and status == Status.FEEDBACK:
        given = feedback is not None and feedback.solved is not None
        return _("You told us what you think of it") if done and given else _("You tell us what you think of it")
    if status == Status.RESOLVED:
        if done:
            return _("There is a result") if complaint.wishes_no_contact else _("We told you the result")
        return _("We are working on a solution") if now else _("You get a solution")
    if status == Status.FEEDBACK:
        if not done:
            return _("You tell us whether it is solved")
        given = feedback is not None and feedback.solved is not None
        return _("You told us whether it is solved") if given else _("We asked you whether it is solved")
    if now:
        unsolved = feedback is not None and feedback.is_unsatisfied
        return _("We look at it again") if unsolved else _("We write down what we learned")
    return _("Finished")
