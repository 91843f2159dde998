"""What the customer's page says of a complaint: the stage in words, what comes next, who, and what was said.

Read-only. Nothing but what the customer wrote and what was written to the customer goes through here:
no internal note, no phone, no e-mail, no sign-in name, no other complaint.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.wording import date_words
from complaints.choices import ConfirmedHow, Kind, Outcome, Status, ToldHow
from complaints.customer_path import Step, path_of
from complaints.models import Complaint, Evidence, Feedback, Message, Option

BEFORE_WORK = (Status.RECEIVED, Status.VERIFIED)


@dataclass
class Entry:
    """One message as the customer reads it."""

    by: str
    mine: bool
    at: datetime
    body: str
    files: list[Evidence] = field(default_factory=list)


@dataclass
class CustomerPage:
    """Everything that the page shows; built once a request."""

    complaint: Complaint
    at: datetime
    who: str
    heading: str = ""
    lede: str = ""
    next_words: str = ""
    steps: list[Step] = field(default_factory=list)
    # Our words, line by line, while the customer's confirmation is asked for.
    restatement: list[str] = field(default_factory=list)
    seen: str = ""
    options: list[Option] = field(default_factory=list)
    chosen: Option | None = None
    feedback: Feedback | None = None
    entries: list[Entry] = field(default_factory=list)
    files: list[Evidence] = field(default_factory=list)

    @property
    def narrative(self) -> str:
        """What the customer told us; a latent complaint was written by ourselves."""
        return "" if self.complaint.kind == Kind.LATENT else self.complaint.narrative

    @property
    def may_reply(self) -> bool:
        return not self.complaint.is_archived

    @property
    def may_rate(self) -> bool:
        return self.complaint.status == Status.RESOLVED

    @property
    def may_reopen(self) -> bool:
        return may_reopen(self.complaint, self.at)


def build(complaint: Complaint, at: datetime) -> CustomerPage:
    """Return the page of `complaint` as it is at `at` (aware), in the active language."""
    page = CustomerPage(complaint, at, looks_after(complaint))
    check = getattr(complaint, "verification", None)
    if awaits_confirmation(complaint):
        page.restatement = [line for line in check.restatement.splitlines() if line.strip()]
        page.seen = fingerprint(check.restatement)
    if complaint.status == Status.ASSIGNED:
        offered = list(complaint.options.filter(round=complaint.round))
        page.chosen = next((option for option in offered if option.chosen_at), None)
        page.options = [] if page.chosen else [option for option in offered if stands(option, at)]
    if complaint.status in (Status.FEEDBACK, Status.ARCHIVED):
        page.feedback = complaint.feedback.filter(round=complaint.round).first()
    page.steps = path_of(complaint, who=page.who, feedback=page.feedback, check=check)
    page.heading, page.lede, page.next_words = _heading(page), _lede(page), _next(page)
    page.entries, page.files = _conversation(complaint)
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
    """Whether "still a problem" may be said on the link: within the window, and not for a duplicate."""
    return (
        complaint.is_archived
        and complaint.outcome != Outcome.DUPLICATE
        and complaint.reopen_until is not None
        and at < complaint.reopen_until
    )


def fingerprint(restatement: str) -> str:
    """What tells words that were shown from words that were changed since."""
    return hashlib.sha256(restatement.encode()).hexdigest()[:16]


def stands(option: Option, at: datetime) -> bool:
    """Whether the customer may see and choose the option at `at`."""
    return option.may_be_shown and (option.expires_at is None or option.expires_at > at)


def _heading(page: CustomerPage) -> str:
    complaint, feedback = page.complaint, page.feedback
    if page.restatement:
        return _("Did we understand you?")
    if complaint.status == Status.RECEIVED:
        return _("We make sure that we understand you")
    if complaint.status == Status.VERIFIED:
        return _("We decide who looks after it")
    if complaint.status == Status.ASSIGNED:
        return _("We need an answer from you") if complaint.waiting_since else _("We are working on a solution")
    if complaint.status == Status.RESOLVED:
        return _("We think this is solved. Do you?")
    if complaint.status == Status.FEEDBACK:
        if feedback is not None and feedback.is_unsatisfied:
            return _("You say it is not solved. We look at it again.")
        given = feedback is not None and feedback.solved is not None
        return _("Thank you for your answer") if given else _("We are finishing this")
    return {
        Outcome.WITHDRAWN: _("You took this complaint back"),
        Outcome.DUPLICATE: _("This is handled together with another complaint"),
        Outcome.INVALID: _("We have closed this"),
    }.get(complaint.outcome, _("This is finished"))


def _lede(page: CustomerPage) -> str:
    complaint = page.complaint
    if complaint.is_archived:
        if complaint.outcome == Outcome.DUPLICATE:
            return _("What you told us is not lost. We look at both together and answer you once for both.")
        if complaint.closed_at is None:
            return ""
        return _("We closed it on %(moment)s.") % {"moment": date_words(complaint.closed_at, page.at, "long")}
    if complaint.status == Status.RESOLVED:
        return _result_told(page)
    site = complaint.site.label if complaint.site else ""
    if site and site != page.who:
        return _("%(who)s looks after your complaint about %(site)s.") % {"who": page.who, "site": site}
    return _("%(who)s looks after your complaint.") % {"who": page.who}


def _result_told(page: CustomerPage) -> str:
    """When and how the customer was told; the words themselves are in the conversation."""
    result = page.complaint.resolutions.filter(round=page.complaint.round).first()
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
    if complaint.is_archived:
        return ""
    if page.restatement:
        return _("You tell us whether we understood you.")
    if complaint.waiting_since:
        return _("You answer our question. Then we go on.")
    if page.options:
        return _("You choose what suits you, or tell us what you would like instead.")
    if complaint.status == Status.RECEIVED:
        return _("We check with you that we understood you.")
    if complaint.status == Status.VERIFIED:
        return _("We decide who looks after it.")
    if complaint.status == Status.ASSIGNED:
        return _("%(who)s tells you the result.") % who
    if complaint.status == Status.RESOLVED:
        return _("You tell us whether it is solved.")
    if page.feedback is not None and page.feedback.is_unsatisfied:
        return _("%(who)s looks at it again and tells you how it goes on.") % who
    return _("We write down what we learned from it.")


def _conversation(complaint: Complaint) -> tuple[list[Entry], list[Evidence]]:
    """The messages the customer may read, with their files, and the files without a message."""
    readable = complaint.messages.exclude(kind=Message.Kind.INTERNAL).select_related("author")
    entries = {
        message.pk: Entry(
            by=_author(message, complaint),
            mine=message.kind == Message.Kind.INBOUND,
            at=message.at,
            body=message.body,
        )
        for message in readable
    }
    loose = []
    for row in complaint.evidence.filter(public=True):
        if row.message_id is None:
            loose.append(row)
        elif row.message_id in entries:
            entries[row.message_id].files.append(row)
    return list(entries.values()), loose


def _author(message: Message, complaint: Complaint) -> str:
    if message.kind == Message.Kind.INBOUND:
        return _("You")
    author = message.author
    return author.label if author is not None and author.name else complaint.team.label
