"""What people find under their bell: which notices, in which words, and what they have seen of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncMinute
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from accounts.wording import date_words
from complaints import lifecycle
from complaints.models import Complaint
from followups.models import Escalation, Notice
from followups.models.promise import PromiseKind

# Above this the bell says "9+": one look at an index, however much was left unseen.
MOST_COUNTED = 9
# What was seen is shown for so long.
SHOWN_FOR = timedelta(days=90)
# More of a kind than these, told within one minute of the clock, are one line: many cases were handed over at once.
MOST_ALONE = 3
MINUTE = timedelta(minutes=1)
# The mail that repeats what stands under the bell already.
DIGEST = "digest"


@dataclass(frozen=True)
class Line:
    """A notice as its reader sees it. Without `subject` the case is not theirs to see any more.

    One that stands for `many` (0: for itself) is the newest of them, and new while one of them is.
    """

    notice: Notice
    words: str
    icon: str
    is_new: bool
    reference: str = ""
    subject: str = ""
    many: int = 0


def unseen(person: Person) -> int:
    """How many notices the person has not seen yet; MOST_COUNTED + 1 means "more". One query, bounded cost."""
    return Notice.objects.filter(person=person, seen_at=None)[: MOST_COUNTED + 1].count()


def notices_of(person: Person, at: datetime) -> QuerySet[Notice]:
    """What `person` was told: all that is unseen at `at` (aware), and what was seen, for 90 days."""
    lately = Q(seen_at=None) | Q(created_at__gte=at - SHOWN_FOR)
    return Notice.objects.filter(lately, person=person).exclude(event=DIGEST)


def listed(person: Person, at: datetime) -> QuerySet[Notice]:
    """What stands below the bell, a line each: notices_of(), but of many alike only the newest."""
    told = notices_of(person, at)
    alike = {"partition_by": ["event", "minute"]}
    numbered = _by_minute(told).annotate(
        alike=Window(Count("pk"), **alike), place=Window(RowNumber(), **alike, order_by="-pk")
    )
    return told.exclude(pk__in=numbered.filter(alike__gt=MOST_ALONE, place__gt=1).values("pk"))


def _by_minute(told: QuerySet[Notice]) -> QuerySet[Notice]:
    """Those of the kinds that can stand together, each with the minute in which it was told."""
    return told.filter(event__in=TOGETHER).annotate(minute=TruncMinute("created_at", tzinfo=UTC))


def see(notice: Notice, *, at: datetime):
    """The reader opened it; the first time counts."""
    Notice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=at)


def see_alike(notice: Notice, *, at: datetime):
    """The reader opened the line of many: it and the older ones alike are seen; what came later is not."""
    began = _minute_of(notice)
    alike = Notice.objects.filter(person=notice.person_id, event=notice.event, seen_at=None, pk__lte=notice.pk)
    alike.filter(created_at__gte=began, created_at__lt=began + MINUTE).update(seen_at=at)


def see_all(person: Person, *, up_to: int, at: datetime):
    """The reader has seen everything up to the notice with the id `up_to`, the newest on their page."""
    Notice.objects.filter(person=person, seen_at=None, pk__lte=up_to).update(seen_at=at)


def lines(notices: list[Notice], person: Person, now: datetime) -> list[Line]:
    """The notices of `person` in the active language and time zone; at most four queries, whatever their number.

    About a case that is not theirs to see any more nothing is told, save that it was handed over.
    """
    visible = Complaint.objects.visible_to(person).filter(pk=OuterRef("pk"))
    about = Complaint.objects.filter(pk__in={notice.complaint_id for notice in notices})
    shown = about.annotate(is_visible=Exists(visible)).only("reference", "subject", "status", "invalid_proposed_by")
    complaints = shown.in_bulk()
    escalations = Escalation.objects.in_bulk(_ids_in(notices, "escalation"))
    people = Person.objects.in_bulk(_ids_in(notices, "proposed_by"))
    return [_line(notice, complaints[notice.complaint_id], escalations, people, now) for notice in notices]


def lines_together(notices: list[Notice], person: Person, now: datetime) -> list[Line]:
    """lines() of what was listed(): one that stands for many says how many cases. One query more, if there are any."""
    many = _gathered(notices, person, now)
    return [
        _line_of_many(line, many[line.notice.pk]) if line.notice.pk in many else line
        for line in lines(notices, person, now)
    ]


def _gathered(notices: list[Notice], person: Person, now: datetime) -> dict[int, dict]:
    """How many cases, and how many unseen notices, stand behind those that stand for many; by id."""
    minutes = [_minute_of(notice) for notice in notices if notice.event in TOGETHER]
    if not minutes:
        return {}
    told = notices_of(person, now).filter(created_at__gte=min(minutes), created_at__lt=max(minutes) + MINUTE)
    counted = (
        _by_minute(told)
        .values("event", "minute")
        .annotate(
            newest=Max("pk"),
            alike=Count("pk"),
            cases=Count("complaint", distinct=True),
            unseen=Count("pk", filter=Q(seen_at=None)),
        )
    )
    return {figures["newest"]: figures for figures in counted.filter(alike__gt=MOST_ALONE)}


def _minute_of(notice: Notice) -> datetime:
    return notice.created_at.replace(second=0, microsecond=0)


def _ids_in(notices: list[Notice], name: str) -> set[int]:
    return {notice.data[name] for notice in notices if name in notice.data}


def _line(
    notice: Notice,
    complaint: Complaint,
    escalations: dict[int, Escalation],
    people: dict[int, Person],
    now: datetime,
) -> Line:
    icon, words = SENTENCES[notice.event]
    is_new = notice.seen_at is None
    if complaint.is_visible:
        said = notice.data | {
            "complaint": complaint,
            "escalation": escalations.get(notice.data.get("escalation")),
            "proposed_by": people.get(notice.data.get("proposed_by")),
        }
        return Line(notice, words(said, now), icon, is_new, complaint.reference, complaint.subject)
    if notice.event == "taken_away":
        return Line(notice, words(notice.data, now), icon, is_new, complaint.reference)
    return Line(notice, _("About a complaint that you can no longer see."), "lock-fill", is_new)


def _line_of_many(newest: Line, figures: dict) -> Line:
    icon, _words = SENTENCES[newest.notice.event]
    words = TOGETHER[newest.notice.event](figures["cases"])
    return Line(newest.notice, words, icon, figures["unseen"] > 0, many=figures["cases"])


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


def _invalid_proposed(said: dict, _now: datetime) -> str:
    proposer, complaint = said["proposed_by"], said["complaint"]
    values = {"name": proposer.label}
    may_close = complaint.status in lifecycle.TRANSITIONS["close_early"].sources
    if may_close and complaint.invalid_proposed_by_id == proposer.pk:
        return _("%(name)s proposes that this is not a complaint: please agree, or let the work go on.") % values
    return _("%(name)s proposed that this is not a complaint.") % values


def _many_assigned(count: int) -> str:
    return ngettext("%(count)d complaint is yours now.", "%(count)d complaints are yours now.", count) % {
        "count": count
    }


def _many_taken_away(count: int) -> str:
    return ngettext(
        "%(count)d complaint was handed over to somebody else.",
        "%(count)d complaints were handed over to somebody else.",
        count,
    ) % {"count": count}


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
    "invalid_proposed": ("dash-circle", _invalid_proposed),
}
# event: sentence from the number of cases; what must be read one by one is not among them
TOGETHER: dict[str, Callable[[int], str]] = {"assigned": _many_assigned, "taken_away": _many_taken_away}
