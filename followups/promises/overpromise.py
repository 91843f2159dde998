"""What is asked before a promise is saved ("过分承诺"): can it be kept, and may its author make it?

A promise is questioned when it is shorter than the team achieves, when it falls outside the working hours
of who must keep it, and when it is above its author's authority: shorter than the organisation's own promise
of that kind, or a corrective action, which binds others. Above authority only a supervisor confirms.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.worktime.calendars import CalendarBook
from accounts.worktime.working_time import CalendarError, WorkingCalendar, is_open, next_opening
from complaints.errors import Refused
from complaints.models import Complaint
from followups.models import Promise
from followups.models.promise import PromiseKind
from followups.policies.policies import due_by, policies_for
from ui.wording import date_words, duration_words

RECORD, HOURS, AUTHORITY = "record", "hours", "authority"
# The record is the last 90 days; with fewer kept promises it says nothing. More than a thousand say no more.
LATELY, LEAST_KEPT, MOST_KEPT = timedelta(days=90), 10, 1000


@dataclass(frozen=True)
class Question:
    """One thing to confirm before a promise is saved; `code` is what `confirmed` of the verbs names."""

    code: str
    message: str
    # What could be promised instead (UTC), where something can be proposed.
    better: datetime | None = None
    # Whether who promises may confirm it.
    may_confirm: bool = True


class Questioned(Refused):
    """A promise needs a second thought; `questions` are those that were not confirmed yet."""

    status = 422

    def __init__(self, questions: list[Question]) -> None:
        self.questions = questions
        super().__init__(" ".join(question.message for question in questions))

    @property
    def may_confirm(self) -> bool:
        """Whether the person who promises may confirm all of them."""
        return all(question.may_confirm for question in self.questions)


def achieved_in(kept_after: Iterable[timedelta]) -> timedelta | None:
    """The 80th percentile (nearest rank) of how long kept promises took; None for fewer than ten."""
    taken = sorted(kept_after)
    return taken[-(-len(taken) * 4 // 5) - 1] if len(taken) >= LEAST_KEPT else None


def outside_hours(due_at: datetime, calendar: WorkingCalendar) -> bool:
    """Whether nobody is there to keep a promise due at `due_at` (aware). It is kept before: closing time is fine."""
    return not is_open(due_at - timedelta(minutes=1), calendar)


def record_of(complaint: Complaint, kind: str, at: datetime) -> list[timedelta]:
    """How long the promises of `kind` took that the complaint's team kept in the 90 days before `at`."""
    kept = Promise.objects.filter(
        kind=kind,
        state=Promise.State.KEPT,
        kept_at__gt=at - LATELY,
        kept_at__lte=at,
        complaint__team=complaint.team_id,
    )
    return list(kept.order_by("-kept_at").values_list(F("kept_at") - F("made_at"), flat=True)[:MOST_KEPT])


def questions_on_making(
    complaint: Complaint, kind: str, *, due_at: datetime, roles: Iterable[str], at: datetime
) -> list[Question]:
    """What to ask before `kind` is promised by `due_at` (both aware) by somebody with `roles` on the case."""
    book = CalendarBook(around=at)
    asked = _about_keeping(complaint, kind, made_at=at, due_at=due_at, at=at, book=book)
    leads = Role.SUPERVISOR in roles
    if kind == PromiseKind.CORRECTIVE and not leads:
        message = _("A corrective action binds others, so a supervisor promises it.")
        asked.append(Question(AUTHORITY, message, may_confirm=False))
    policy = policies_for(complaint).get(kind)
    if policy is not None:
        usual = _standing(complaint, kind) or due_by(policy, start=at, team=complaint.team, book=book).due_at
        if due_at < usual:
            said = {"usual": date_words(usual, at)}
            message = _("That is sooner than the organisation promises, which is %(usual)s.") % said
            asked.append(Question(AUTHORITY, message, better=usual, may_confirm=leads))
    return asked


def questions_on_moving(promise: Promise, *, due_at: datetime, at: datetime) -> list[Question]:
    """What to ask before a promise is moved to `due_at` (aware): later than agreed, so its author may say so."""
    book = CalendarBook(around=at)
    return _about_keeping(promise.complaint, promise.kind, made_at=promise.made_at, due_at=due_at, at=at, book=book)


def _standing(complaint: Complaint, kind: str) -> datetime | None:
    """By when the organisation has promised `kind` already, where that is open."""
    ours = complaint.promises.filter(kind=kind, policy__isnull=False, state=Promise.State.OPEN)
    return ours.order_by("due_at").values_list("due_at", flat=True).first()


def _about_keeping(
    complaint: Complaint, kind: str, *, made_at: datetime, due_at: datetime, at: datetime, book: CalendarBook
) -> list[Question]:
    asked = []
    record = record_of(complaint, kind, at)
    achieved = achieved_in(record)
    if achieved is not None and due_at - made_at < achieved:
        said = {
            "team": complaint.team.label,
            "taken": duration_words(achieved),
            "kept": len(record),
            "promised": duration_words(due_at - made_at),
        }
        message = _(
            "That is %(promised)s. %(team)s needed up to %(taken)s for four in five of the %(kept)s promises of "
            "this kind that it kept in the last 90 days."
        )
        asked.append(Question(RECORD, message % said, better=made_at + achieved))
    calendar = book.of(complaint.team).calendar
    if outside_hours(due_at, calendar):
        message = _("That is outside the working hours of %(team)s.") % {"team": complaint.team.label}
        asked.append(Question(HOURS, message, better=_next_opening(due_at, calendar)))
    return asked


def _next_opening(due_at: datetime, calendar: WorkingCalendar) -> datetime | None:
    try:
        return next_opening(due_at, calendar)
    except CalendarError:
        return None
