"""The page of a customer whose complaint is handled together with another one, which is not named there.

What becomes of the original is shown as a stage and a date. Its words, its customer and its reference are somebody
else's; only one person's own other complaint is named, and led to.
"""

from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.utils.translation import gettext as _

from complaints.case import followers
from complaints.choices import STATUS_ORDER, Outcome, Status
from complaints.customer import links
from complaints.customer.progress import Step, words_of_step
from complaints.models import Complaint, Feedback


@dataclass(frozen=True)
class Together:
    """The original behind a duplicate, and how the page of the duplicate's customer speaks of it."""

    complaint: Complaint
    original: Complaint
    # The same customer's: answered there, once for both.
    is_own: bool
    # The address of one's own original; "" for somebody else's.
    link: str = ""

    @property
    def is_told(self) -> bool:
        """Whether the result was told on this link."""
        return not self.is_own and followers.result_of(self.complaint) is not None


def of(complaint: Complaint) -> Together | None:
    """How a duplicate is handled together with its original; None for every other complaint. One query, or two."""
    if not followers.is_duplicate(complaint):
        return None
    rows = Complaint.objects.select_related("customer", "team", "handler", "site")
    original = complaint.duplicate_of = rows.get(pk=complaint.duplicate_of_id)
    is_own = followers.same_person(complaint.customer, original.customer)
    # Who was let in to this one was not let in to the other.
    leads_there = is_own and complaint.representative is None
    return Together(complaint, original, is_own, _link(original) if leads_there else "")


def _link(original: Complaint) -> str:
    try:
        return links.public_path(original)
    except InvalidToken:
        return ""


def heading(together: Together, feedback: Feedback | None) -> str:
    if feedback is not None:
        return _("Thank you for your answer")
    if together.is_told:
        return _("We think this is solved. Do you?")
    return _("This is handled together with another complaint")


def lede(together: Together, who: str) -> str:
    """Before the result; afterwards the page says when it was told."""
    if together.is_own:
        said = {"reference": together.original.reference}
        return _("You told us about the same thing before. We answer you once for both, in %(reference)s.") % said
    if together.original.outcome in (Outcome.SOLVED, Outcome.UNSOLVED):
        return _("It is finished. Call us if there is something to add.")
    said = {"who": who}
    return _("What you told us is not lost. %(who)s looks at both, and you get the result on this page.") % said


def next_words(together: Together, who: str, feedback: Feedback | None) -> str:
    """What happens next, as a sentence; "" when nothing more does, or it is said on the customer's own other page."""
    if together.is_own or feedback is not None or (together.original.is_archived and not together.is_told):
        return ""
    if together.is_told:
        return _("You tell us whether it is solved.")
    if together.original.status == Status.RECEIVED:
        return _("We make sure what happened.")
    if together.original.status == Status.VERIFIED:
        return _("We decide who looks after it.")
    return _("%(who)s tells you the result.") % {"who": who}


def path(together: Together, who: str, feedback: Feedback | None) -> list[Step]:
    """The steps as they are for this customer: those of the original until its result, then their own answer."""
    complaint, original = together.complaint, together.original
    result = followers.result_of(complaint)
    reached = min(STATUS_ORDER.index(Status(original.status)), STATUS_ORDER.index(Status.ASSIGNED))
    if result is not None:
        reached = STATUS_ORDER.index(Status.RESOLVED if feedback is None else Status.FEEDBACK)
    steps = [
        Step(_("We have your complaint"), "done", complaint.received_at),
        Step(_("We put it together with another complaint"), "done", complaint.closed_at),
    ]
    for number, status in enumerate(STATUS_ORDER[1:-1], start=1):
        state = "done" if number <= reached else "now" if number == reached + 1 else "next"
        at = None
        if status == Status.RESOLVED and result is not None:
            at = result.told_at
        elif status == Status.FEEDBACK and feedback is not None:
            at = feedback.at
        if status == Status.VERIFIED:
            # Whoever complained first was asked; this customer need not have been.
            words = _("We made sure what happened") if state == "done" else _("We make sure what happened")
        else:
            words = words_of_step(status, state, complaint, who, feedback)
        steps.append(Step(words, state, at))
    return steps
