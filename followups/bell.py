"""What people find under their bell: which notices, in which words, and what they have seen of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.wording import date_words
from complaints.models import Complaint
from followups.models import Escalation, Notice
from followups.models.promise import PromiseKind

# Above this the bell says "9+": one look at an index, however much was left unseen.
MOST_COUNTED = 9
# What was seen is shown for so long.
SHOWN_FOR = timedelta(days=90)
# The mail that repeats what stands under the bell already.
DIGEST = "digest"


@dataclass(frozen=True)
class Line:
    """A notice as its reader sees it. Without `subject` the case is not theirs to see any more."""

    notice: Notice
    words: str
    icon: str
    reference: str = ""
    subject: str = ""


def unseen(person: Person) -> int:
    """How many notices the person has not seen yet; MOST_COUNTED + 1 means "more". One query, bounded cost."""
    return Notice.objects.filter(person=person, seen_at=None)[: MOST_COUNTED + 1].count()


def notices_of(person: Person, at: datetime) -> QuerySet[Notice]:
    """What `person` was told: all that is unseen at `at` (aware), and what was seen, for 90 days."""
    lately = Q(seen_at=None) | Q(created_at__gte=at - SHOWN_FOR)
    return Notice.objects.filter(lately, person=person).exclude(event=DIGEST)


def see(notice: Notice, *, at: datetime):
    """The reader opened it; the first time counts."""
    Notice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=at)


def see_all(person: Person, *, up_to: int, at: datetime):
    """The reader has seen everything up to the notice with the id `up_to`, the newest on their page."""
    Notice.objects.filter(person=person, seen_at=None, pk__lte=up_to).update(seen_at=at)


def lines(notices: list[Notice], person: Person, now: datetime) -> list[Line]:
    """The notices of `person` in the active language and time zone; two queries, whatever their number.

    About a case that is not theirs to see any more nothing is told, save that it was handed over.
    """
    visible = Complaint.objects.visible_to(person).filter(pk=OuterRef("pk"))
    about = Complaint.objects.filter(pk__in={notice.complaint_id for notice in notices})
    complaints = about.annotate(is_visible=Exists(visible)).only("reference", "subject").in_bulk()
    raised = {notice.data["escalation"] for notice in notices if notice.event == "escalated"}
    escalations = Escalation.objects.in_bulk(raised)
    return [_line(notice, complaints[notice.complaint_id], escalations, now) for notice in notices]


def _line(notice: Notice, complaint: Complaint, escalations: dict[int, Escalation], now: datetime) -> Line:
    icon, words = SENTENCES[notice.event]
    if complaint.is_visible:
        said = notice.data | {"escalation": escalations.get(notice.data.get("escalation"))}
        return Line(notice, words(said, now), icon, complaint.reference, complaint.subject)
    if notice.event == "taken_away":
        return Line(notice, words(notice.data, now), icon, complaint.reference)
    return Line(notice, _("About a complaint that you can no longer see."), "lock-fill")


def _assigned(_said: dict, _now: datetime) -> str:
    return _("This complaint is yours now.")


def _taken_away(_said: dict, _now: datetime) -> str:
    return _("This complaint was handed over to somebody else.")


def _reopened(_said: dict, _now: datetime) -> str:
    return _("The problem is not solved yet. This complaint is with you again.")


def _reply_received(_said: dict, _now: datetime) -> str:
    return _("The customer wrote.")


def _promise_warned(said: dict, now: datetime) -> str:
    return _("This is due %(due_at)s: %(promise)s.") % _of_promise(said, now)


def _promise_broken(said: dict, now: datetime) -> str:
    return _("This was due %(due_at)s and is broken: %(promise)s.") % _of_promise(said, now)


def _escalated(said: dict, now: datetime) -> str:
    escalation = said["escalation"]
    values = {"why": escalation.get_reason_display(), "sign_by": date_words(escalation.sign_by, now)}
    if escalation.signed_at is not None:
        return _("Nothing is left to sign for: %(why)s.") % values
    return _("Sign for it by %(sign_by)s: %(why)s.") % values


def _of_promise(said: dict, now: datetime) -> dict:
    return {
        "due_at": date_words(datetime.fromisoformat(said["due_at"]), now),
        "promise": said["words"] or PromiseKind(said["kind"]).label,
    }


# event: (icon, sentence from the notice's data)
SENTENCES: dict[str, tuple[str, Callable[[dict, datetime], str]]] = {
    "assigned": ("arrow-right-circle", _assigned),
    "taken_away": ("dash-circle", _taken_away),
    "reopened": ("arrow-repeat", _reopened),
    "reply_received": ("arrow-down-left", _reply_received),
    "promise_warned": ("hourglass-split", _promise_warned),
    "promise_broken": ("x-octagon-fill", _promise_broken),
    "escalated": ("chevron-double-up", _escalated),
}
