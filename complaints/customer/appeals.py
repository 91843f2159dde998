"""What the customer's page says of an appeal: whether one can be made, how far it is, and the decision by the point.

What was found of a point is written among us; beside the points stands the result as the customer was told it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _, pgettext

from complaints.choices import Status
from complaints.customer.page import CustomerPage
from complaints.customer.progress import Step
from complaints.models import Appeal, AppealPoint, Complaint, OutsideHelp
from complaints.models.appeal import outside_words
from complaints.steps import appeals
from complaints.steps.appeals import SOMETHING_ELSE
from ui.wording import date_words

State = Appeal.State


@dataclass(frozen=True)
class Said:
    """One point as the customer reads it: what it is about and, once decided, what of it and why."""

    what: str
    upheld: bool | None
    verdict: str
    reason: str


@dataclass(frozen=True)
class OnPage:
    """The appeal of the last result that was appealed, as the page shows it."""

    appeal: Appeal
    steps: list[Step]
    points: list[Said]
    # Where to turn to outside; said once it is decided.
    outside: list[dict[str, str]]


def choices_for(complaint: Complaint) -> list[tuple[int, str]]:
    """(number, words) of what can be appealed: the points of the case, and something else."""
    points = [(point.number, point.text) for point in complaint.points.all()]
    return [*points, (SOMETHING_ELSE, _("Something else, for example how I was treated"))]


def said_of(appeal: Appeal) -> list[Said]:
    """Its points in words for the customer, in the active language."""
    return [_said(point) for point in appeal.points.all()]


def _said(point: AppealPoint) -> Said:
    verdict = "" if point.upheld is None else _("You were right") if point.upheld else _("Stays as it is")
    return Said(point.text or _("Something else"), point.upheld, verdict, point.reason)


def outside_now() -> list[dict[str, str]]:
    """Whom a customer may turn to outside today. One query."""
    return [outside_words(there.said()) for there in OutsideHelp.objects.filter(active=True)]


def shown_on(page: CustomerPage) -> OnPage | None:
    """The last appeal, as `page` shows it, which it heads while it is the last word of the case.

    One query where there is an appeal, none otherwise.
    """
    appeal = max(page.complaint.appeals.all(), key=lambda each: each.round, default=None)
    if appeal is None:
        return None
    if _is_last_word(appeal, page):
        page.heading, page.lede = _heading(appeal), _lede(appeal, page)
        if appeal.decided_at is None:
            page.next_words = _("You hear the decision on every point.")
    return OnPage(appeal, _steps(appeal), said_of(appeal), appeal.outside_named)


def _is_last_word(appeal: Appeal, page: CustomerPage) -> bool:
    """While it is decided, and after it until there is other news: another result, or something asked of them."""
    complaint = page.complaint
    worked_on = complaint.status == Status.ASSIGNED and appeal.round == complaint.round - 1
    return appeal.round == complaint.round or (worked_on and not page.turn)


def may_appeal(complaint: Complaint, at: datetime) -> bool:
    """Whether the result can be appealed on the link at `at` (aware)."""
    return not appeals.why_not(complaint, at)


def is_over(complaint: Complaint, at: datetime) -> bool:
    """Whether the time to appeal the result passed without an appeal. No query but that of a latent complaint."""
    until = complaint.appeal_until if complaint.is_archived else None
    return until is not None and at >= until and appeals.this_round(complaint) is None


def _heading(appeal: Appeal) -> str:
    if appeal.state == State.ACCEPTED:
        return _("We have your appeal")
    if appeal.state == State.UNDER_REVIEW:
        return _("A second person is looking at it")
    if appeal.state == State.UPHELD:
        return _("You were right")
    if appeal.state == State.PARTLY:
        return _("You were right in part")
    return _("The result stays as it is")


def _lede(appeal: Appeal, page: CustomerPage) -> str:
    if appeal.decided_at is None:
        if appeal.reviewer is None:
            return _("Somebody who had nothing to do with it so far reads everything again and answers every point.")
        words = _("%(who)s reads everything again and answers every point, and had nothing to do with it so far.")
        return words % {"who": _reviewer(appeal)}
    said = {"who": _reviewer(appeal), "moment": date_words(appeal.decided_at, page.at, "long")}
    decided = _("%(who)s decided on %(moment)s.") % said
    if not appeal.is_upheld:
        return _joined(decided, _("Below you read why, point by point."))
    return _joined(decided, _("We are sorry that it needed an appeal."), _in_other_hands(appeal, page))


def _joined(words: str, *more: str) -> str:
    for sentence in more:
        words = pgettext("two sentences in a row", "%(text)s %(sentence)s") % {"text": words, "sentence": sentence}
    return words


def _in_other_hands(appeal: Appeal, page: CustomerPage) -> str:
    """Who does it now, and instead of whom."""
    fell = next((ended.handler for ended in page.rounds if ended.number == appeal.round), None)
    if fell is None or not fell.name:
        return _("%(who)s puts it right and tells you.") % {"who": page.who}
    words = _("%(who)s puts it right and tells you, and takes over from %(before)s.")
    return words % {"who": page.who, "before": fell.label}


def _reviewer(appeal: Appeal) -> str:
    """The reviewer's name, never what somebody signs in with."""
    reviewer = appeal.reviewer
    return reviewer.label if reviewer is not None and reviewer.name else _("A colleague")


def _steps(appeal: Appeal) -> list[Step]:
    reviewer = _reviewer(appeal)
    decided = appeal.decided_at is not None
    steps = [Step(_("We have your appeal"), "done", appeal.made_at)]
    if appeal.reviewer is None:
        steps.append(Step(_("Somebody who had nothing to do with it reviews it"), "now"))
    elif decided:
        steps.append(Step(_("%(who)s reviewed it") % {"who": reviewer}, "done", appeal.review_began_at))
    else:
        steps.append(Step(_("%(who)s reviews it") % {"who": reviewer}, "now", appeal.review_began_at))
    steps.append(Step(_("Decision on every point"), "done" if decided else "next", appeal.decided_at))
    return steps
