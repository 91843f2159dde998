"""The path of a complaint as the customer sees it: six steps, done, now and next."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from complaints.choices import STATUS_ORDER, ConfirmedHow, Outcome, Status
from complaints.models import Complaint, Feedback, Verification

# The event that says when a stage was reached.
REACHED_BY = {
    Status.VERIFIED: "verified",
    Status.ASSIGNED: "assigned",
    Status.RESOLVED: "resolved",
    Status.FEEDBACK: "feedback_recorded",
}


@dataclass(frozen=True)
class Step:
    """One step of the path. `state` is done, now or next; `note_at` is when the customer confirmed."""

    words: str
    state: str
    at: datetime | None = None
    note_at: datetime | None = None


def path_of(complaint: Complaint, *, who: str, feedback: Feedback | None, check: Verification | None) -> list[Step]:
    """Return the steps of `complaint` in order, in the active language. Costs one query.

    A complaint that was closed early shows the steps that were taken, then the end; for a duplicate there
    is no end here, it goes on elsewhere.
    """
    kinds = [*REACHED_BY.values(), "closed_early"]
    moments = dict(complaint.events.filter(kind__in=kinds).order_by("number").values_list("kind", "at"))
    reached = STATUS_ORDER.index(Status(complaint.status))
    closed_early = complaint.is_archived and bool(complaint.outcome) and "feedback_recorded" not in moments
    steps = [Step(_("We have your complaint"), "done", complaint.received_at)]
    for number, status in enumerate(STATUS_ORDER[1:], start=1):
        state = "done" if number <= reached else "now" if number == reached + 1 else "next"
        at = moments.get(REACHED_BY.get(status)) if state == "done" else None
        if status == Status.ARCHIVED:
            at = complaint.closed_at
        elif closed_early and at is None:
            continue
        confirmed = check is not None and status == Status.VERIFIED and check.confirmed_how == ConfirmedHow.LINK
        steps.append(
            Step(
                _words(status, state, complaint, who, feedback),
                state,
                at,
                check.confirmed_at if confirmed and state == "done" else None,
            )
        )
    if complaint.outcome == Outcome.DUPLICATE:
        steps[-1] = Step(_("It goes on together with another complaint"), "now")
    return steps


def _words(status: str, state: str, complaint: Complaint, who: str, feedback: Feedback | None) -> str:
    done, now = state == "done", state == "now"
    if status == Status.VERIFIED:
        return _("We made sure that we understood you") if done else _("We make sure that we understand you")
    if status == Status.ASSIGNED:
        if done:
            return _("%(who)s looks after it") % {"who": who}
        return _("We decide who looks after it") if now else _("Somebody looks after it")
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
