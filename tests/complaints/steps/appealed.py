"""Cases whose result is appealed, made through the verbs."""

from datetime import datetime, timedelta

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.models import Appeal, Complaint, OutsideHelp
from complaints.steps import appeals
from complaints.steps.appeals import Answer
from tests.cases import at_stage
from tests.cast import Cast

HOUR = timedelta(hours=1)
GROUNDS = "186 yuan is too little, I come here every week."


def closed(cast: Cast, at: datetime, **given) -> Complaint:
    """Archived by the book, its result told."""
    return at_stage(cast, Status.ARCHIVED, at, **given)


def made(cast: Cast, at: datetime, *, points=(1, 2), **given) -> Appeal:
    """An hour after the case began, on the link."""
    case = closed(cast, at, **given)
    return appeals.make(case.pk, points=points, grounds=GROUNDS, actor=CUSTOMER, at=at + HOUR)


def reviewed(cast: Cast, at: datetime, **given) -> Appeal:
    appeal = made(cast, at, **given)
    return appeals.begin_review(appeal.pk, actor=Actor.staff(cast.reviewer), at=at + 2 * HOUR)


def decided(cast: Cast, at: datetime, *right: int, **given) -> Appeal:
    """Decided by the reviewer: right in the points named, given to the colleague."""
    return decide(cast, reviewed(cast, at, **given), at + 3 * HOUR, *right)


def decide(cast: Cast, appeal: Appeal, at: datetime, *right: int, **other) -> Appeal:
    given = {"team": cast.hexi, "handler": cast.colleague} if right else {"outside": OutsideHelp.objects.all()}
    given |= {"answers": answers(appeal, *right), "actor": Actor.staff(cast.reviewer)}
    return appeals.decide(appeal.pk, at=at, **given | other)


def answers(appeal: Appeal, *right: int) -> dict[int, Answer]:
    numbers = appeal.points.values_list("number", flat=True)
    return {number: Answer(number in right, f"Because of {number}") for number in numbers}
