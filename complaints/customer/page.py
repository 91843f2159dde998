"""What the customer's page says of a complaint: the stage in words, what comes next, who, and what was said.

Read-only. Nothing but what the customer wrote and what was written to the customer goes through here:
no internal note, no phone, no e-mail, no sign-in name, no other complaint.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from complaints.case import followers
from complaints.case.event_kinds import EventKind
from complaints.case.this_round import of_this_round
from complaints.choices import ConfirmedHow, Kind, Outcome, Status, ToldHow
from complaints.customer import handled_together, talk, told as customer_told
from complaints.customer.handled_together import Together
from complaints.customer.progress import Step, path_of
from complaints.models import Complaint, Evidence, Feedback, Option, Round
from complaints.steps.verification import BEFORE_WORK
from ui.wording import date_words


class Turn:
    """What the customer is asked for on the page."""

    CONFIRM, ANSWER, CHOOSE, RATE = "confirm", "answer", "choose", "rate"


@dataclass
class CustomerPage:
    """Everything that the page shows; built once a request."""

    complaint: Complaint
    at: datetime
    who: str
    heading: str = ""
    lede: str = ""
    next_words: str = ""
    # Of a suggestion that is answered: whether we adopt it, and why.
    decision: str = ""
    because: str = ""
    # What is asked of the customer now (Turn); "" where it is not their turn.
    turn: str = ""
    # Behind a duplicate: what it is handled together with.
    together: Together | None = None
    # The result as they were told it by word of mouth, and why the case was closed early, in words for them.
    told_words: str = ""
    closed_because: str = ""
    steps: list[Step] = field(default_factory=list)
    # Our words, line by line, while the customer's confirmation is asked for.
    restatement: list[str] = field(default_factory=list)
    seen: str = ""
    options: list[Option] = field(default_factory=list)
    chosen: Option | None = None
    # When the customer said that none of the offers suits them; they stand all the same.
    refused_at: datetime | None = None
    feedback: Feedback | None = None
    # Earlier rounds, the newest first; the page shows only what the customer was told or said.
    rounds: list[Round] = field(default_factory=list)
    entries: list[talk.Entry] = field(default_factory=list)
    files: list[Evidence] = field(default_factory=list)

    @property
    def narrative(self) -> str:
        """What the customer told us; a latent complaint was written by ourselves."""
        return "" if self.complaint.kind == Kind.LATENT else self.complaint.narrative

    @property
    def may_reply(self) -> bool:
        return not self.complaint.is_archived or followers.may_talk(self.complaint)

    @property
    def may_rate(self) -> bool:
        told = self.together is not None and self.together.is_told
        return self.complaint.status == Status.RESOLVED or (told and self.feedback is None)

    @property
    def not_solved(self) -> bool:
        """Whether the customer's last word of the result is that it is not solved, and it is not solved since."""
        if self.complaint.status == Status.ASSIGNED:
            return bool(self.rounds) and (self.rounds[0].is_unsatisfied or self.rounds[0].by_customer)
        return self.feedback is not None and self.feedback.is_unsatisfied

    @property
    def looked_after(self) -> Complaint:
        """The complaint that is worked on: the original of another customer's, else this one."""
        return self.complaint if self.together is None or self.together.is_own else self.together.original

    @property
    def earlier(self) -> list[Round]:
        """Those of the earlier rounds of which the customer was told or said anything."""
        return [ended for ended in self.rounds if ended.is_shown]

    @property
    def may_reopen(self) -> bool:
        return may_reopen(self.complaint, self.at)


def build(complaint: Complaint, at: datetime) -> CustomerPage:
    """Return the page of `complaint` as it is at `at` (aware), in the active language.

    A complaint from customer_fetch costs no query here but that of what the desk told by itself; a duplicate its
    original.
    """
    together = handled_together.of(complaint)
    page = CustomerPage(complaint, at, "", together=together)
    page.who = looks_after(page.looked_after)
    check = getattr(complaint, "verification", None)
    if check is not None and awaits_confirmation(complaint):
        page.restatement = [line for line in check.restatement.splitlines() if line.strip()]
        page.seen = fingerprint(check.restatement)
    if complaint.status == Status.ASSIGNED:
        offered = [option for option in complaint.options.all() if option.round == complaint.round]
        page.chosen = next((option for option in offered if option.chosen_at), None)
        page.options = [] if page.chosen else [option for option in offered if stands(option, at)]
        page.refused_at = _refused_at(complaint, page.options)
    if complaint.status in (Status.FEEDBACK, Status.ARCHIVED):
        page.feedback = of_this_round(complaint.feedback, complaint)
    if complaint.round > 1:
        page.rounds = sorted(complaint.rounds.all(), key=lambda ended: -ended.number)
    page.decision, page.because = customer_told.decision_on(complaint)
    if together is None or together.is_own:
        page.steps = path_of(complaint, who=page.who, feedback=page.feedback, check=check)
    else:
        page.steps = handled_together.path(together, page.who, page.feedback)
    page.told_words = customer_told.result(complaint)
    page.closed_because = customer_told.closing(complaint)
    page.turn = _turn(page)
    page.heading, page.lede, page.next_words = _heading(page), _lede(page), _next(page)
    page.entries, page.files = talk.conversation(complaint)
    return page


def looks_after(complaint: Complaint) -> str:
    """The handler's name, or the team's: never what somebody signs in with."""
    handler = complaint.handler
    return handler.label if handler is not None and handler.name else complaint.team.label


def awaits_confirmation(complaint: Complaint) -> bool:
    """Whether the desk asked the customer to confirm our words on the link.

    A draft that was only saved is not shown: "on the link" has to be chosen.
    """
    check = getattr(complaint, "verification", None)
    return (
        check is not None
        and complaint.status in BEFORE_WORK
        and check.confirmed_how == ConfirmedHow.LINK
        and check.confirmed_at is None
        and bool(check.restatement.strip())
    )


def may_reopen(complaint: Complaint, at: datetime) -> bool:
    """Whether "still a problem" may be said on the link: within the window; for a duplicate, after its answer."""
    open_yet = complaint.is_archived and complaint.reopen_until is not None and at < complaint.reopen_until
    if open_yet and complaint.outcome == Outcome.DUPLICATE:
        return of_this_round(complaint.feedback, complaint) is not None
    # What is appealed is opened by that, or stays closed.
    return open_yet and not any(appeal.is_open for appeal in complaint.appeals.all())


def fingerprint(restatement: str) -> str:
    """What tells words that were shown from words that were changed since."""
    return hashlib.sha256(restatement.encode()).hexdigest()[:16]


def stands(option: Option, at: datetime) -> bool:
    """Whether the customer may see and choose the option at `at`."""
    return option.may_be_shown and (option.expires_at is None or option.expires_at > at)


def _refused_at(complaint: Complaint, standing: list[Option]) -> datetime | None:
    """When the customer wanted none of the offers; None where another one was made since."""
    refused = [event.at for event in complaint.events.all() if event.kind == EventKind.OPTIONS_REFUSED]
    if not refused or not standing:
        return None
    offered = max(option.approved_at or option.offered_at for option in standing)
    return refused[-1] if refused[-1] >= offered else None


def _heading(page: CustomerPage) -> str:
    complaint, feedback = page.complaint, page.feedback
    if page.together is not None:
        return handled_together.heading(page.together, feedback)
    if page.restatement:
        return _("Did we understand you?")
    if complaint.status == Status.RECEIVED:
        return _("We make sure that we understand you")
    if complaint.status == Status.VERIFIED:
        return _("We decide who looks after it")
    is_suggestion = complaint.kind == Kind.SUGGESTION
    if complaint.status == Status.ASSIGNED and is_suggestion and not complaint.waiting_since:
        return _("We look into your suggestion")
    if complaint.status == Status.RESOLVED and is_suggestion:
        return _("We have decided on your suggestion")
    if complaint.status == Status.ASSIGNED:
        if complaint.waiting_since:
            return _("We need an answer from you")
        if page.refused_at:
            return _("We look for something that suits you")
        if page.options:
            return _("It is your turn to choose")
        return _("We work on it again") if page.not_solved else _("We are working on a solution")
    if complaint.status == Status.RESOLVED:
        return _("We think this is solved. Do you?")
    if complaint.status == Status.FEEDBACK:
        if feedback is not None and feedback.is_unsatisfied:
            return _("You say it is not solved. We look at it again.")
        given = feedback is not None and feedback.solved is not None
        return _("Thank you for your answer") if given else _("We are finishing this")
    closed: dict[str, str] = {
        Outcome.WITHDRAWN: _("You took this complaint back"),
        Outcome.DUPLICATE: _("This is handled together with another complaint"),
        Outcome.INVALID: _("We have closed this"),
        Outcome.THANKED: _("Thank you for your praise"),
    }
    return closed.get(complaint.outcome, _("This is finished"))


def _lede(page: CustomerPage) -> str:
    complaint = page.complaint
    if page.together is not None:
        return _result_told(page) if page.together.is_told else handled_together.lede(page.together, page.who)
    if complaint.kind == Kind.PRAISE:
        return _("%(who)s reads it.") % {"who": page.who}
    if complaint.is_archived:
        if complaint.closed_at is None:
            return ""
        return _("We closed it on %(moment)s.") % {"moment": date_words(complaint.closed_at, page.at, "long")}
    if complaint.status == Status.RESOLVED:
        return _result_told(page)
    if complaint.kind == Kind.SUGGESTION:
        return _("%(who)s looks after your suggestion.") % {"who": page.who}
    if page.not_solved:
        return _again(page)
    site = complaint.site.label if complaint.site else ""
    if site and site != page.who:
        return _("%(who)s looks after your complaint about %(site)s.") % {"who": page.who, "site": site}
    return _("%(who)s looks after your complaint.") % {"who": page.who}


def _again(page: CustomerPage) -> str:
    """Sorry, and who works on it again, after the customer said that it is not solved."""
    if page.feedback is not None:
        moment = page.feedback.at
    else:
        last = page.rounds[0]
        moment = last.heard_at if last.is_unsatisfied and last.heard_at else last.ended_at
    said = {"who": page.who, "moment": date_words(moment, page.at, "long")}
    return _("You told us on %(moment)s that it is not solved. We are sorry. %(who)s works on it again.") % said


def _turn(page: CustomerPage) -> str:
    """What the customer is asked for, the first thing first."""
    if page.restatement:
        return Turn.CONFIRM
    if page.complaint.waiting_since and not page.complaint.is_archived:
        return Turn.ANSWER
    if page.options and not page.refused_at:
        return Turn.CHOOSE
    return Turn.RATE if page.may_rate else ""


def _result_told(page: CustomerPage) -> str:
    """When and how the customer was told; the words themselves are in the conversation."""
    result = of_this_round(page.complaint.resolutions, page.complaint)
    if result is None or result.told_at is None:
        return ""
    said = {"who": page.who, "moment": date_words(result.told_at, page.at, "long")}
    if result.told_how == ToldHow.PHONE:
        return _("%(who)s told you the result by phone on %(moment)s.") % said
    if result.told_how == ToldHow.IN_PERSON:
        return _("%(who)s told you the result in person on %(moment)s.") % said
    return _("%(who)s wrote you the result on %(moment)s. You find it below.") % said


def _next(page: CustomerPage) -> str:
    """What happens next, as a sentence; "" when nothing more does."""
    complaint, who = page.complaint, {"who": page.who}
    if page.together is not None:
        return handled_together.next_words(page.together, page.who, page.feedback)
    if complaint.is_archived:
        return ""
    if page.restatement:
        return _("You tell us whether we understood you.")
    if complaint.waiting_since:
        return _("You answer our question. Then we go on.")
    if page.refused_at:
        return _("%(who)s answers you.") % who
    if page.options:
        return _("You choose what suits you, or tell us what you would like instead.")
    if complaint.status == Status.RECEIVED:
        return _("We check with you that we understood you.")
    if complaint.status == Status.VERIFIED:
        return _("We decide who looks after it.")
    if complaint.status == Status.ASSIGNED:
        return _("%(who)s tells you the result.") % who
    if complaint.status == Status.RESOLVED:
        if complaint.kind == Kind.SUGGESTION:
            return _("You tell us what you think of our answer.")
        return _("You tell us whether it is solved.")
    if page.feedback is not None and page.feedback.is_unsatisfied:
        return _("%(who)s looks at it again and tells you how it goes on.") % who
    return _("We write down what we learned from it.")
