"""What people find under their bell: which notices, in which words, and what they have seen of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncMinute
from django.utils.translation import gettext as _, ngettext

from accounts.models import Person
from accounts.written import AmongThese
from followups.escalation import answering
from followups.models import Notice
from followups.notices import truth
from followups.notices.bell_words import instead_words
from followups.notices.facts import Facts
from followups.notices.kinds import rule_of, words_of

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
    return _kept().filter(person=person, seen_at=None)[: MOST_COUNTED + 1].count()


def notices_of(person: Person, at: datetime) -> QuerySet[Notice]:
    """What `person` was told: all that is unseen at `at` (aware), and what was seen, for 90 days."""
    lately = Q(seen_at=None) | Q(created_at__gte=at - SHOWN_FOR)
    return _kept().filter(lately, person=person).exclude(event=DIGEST)


def _kept() -> QuerySet[Notice]:
    """What was dropped on its way is under nobody's bell."""
    return Notice.objects.exclude(state=Notice.State.DROPPED)


# What makes notices of one person alike.
ALIKE = [F("event"), F("minute")]


def listed(person: Person, at: datetime) -> QuerySet[Notice]:
    """What stands below the bell, a line each: notices_of(), but of many alike only the newest."""
    told = notices_of(person, at)
    numbered = _by_minute(told).annotate(
        alike=Window(Count("pk"), partition_by=ALIKE), place=Window(RowNumber(), partition_by=ALIKE, order_by="-pk")
    )
    lines = told.exclude(pk__in=numbered.filter(alike__gt=MOST_ALONE, place__gt=1).values("pk"))
    # Chosen first and sorted then: sorted by their ids, all notices of everybody would be passed by.
    return Notice.objects.filter(AmongThese(F("pk"), ArraySubquery(lines.order_by().values("pk"))))


def _by_minute(told: QuerySet[Notice]) -> QuerySet[Any]:
    """Those of the kinds that can stand together, each with the minute in which it was told."""
    return told.filter(event__in=TOGETHER).annotate(minute=TruncMinute("created_at", tzinfo=UTC))


def see(notice: Notice, *, at: datetime) -> None:
    """The reader opened it; the first time counts."""
    Notice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=at)


def see_alike(notice: Notice, *, at: datetime) -> None:
    """The reader opened the line of many: it and the older ones alike are seen; what came later is not."""
    began = _minute_of(notice)
    alike = Notice.objects.filter(person=notice.person_id, event=notice.event, seen_at=None, pk__lte=notice.pk)
    alike.filter(created_at__gte=began, created_at__lt=began + MINUTE).update(seen_at=at)


def see_all(person: Person, *, up_to: int, at: datetime) -> None:
    """The reader has seen everything up to the notice with the id `up_to`, the newest on their page."""
    Notice.objects.filter(person=person, seen_at=None, pk__lte=up_to).update(seen_at=at)


def lines(notices: list[Notice], person: Person, now: datetime) -> list[Line]:
    """The notices of `person` in the active language and time zone; a bounded number of queries, whatever theirs is.

    What is not so any more is told as something past (followups.notices.truth). About a case that is not theirs to see
    any more nothing is told, save that it was handed over, or that somebody is missing.
    """
    facts = Facts(notices, person, now)
    people = Person.objects.in_bulk(_ids_in(notices, "proposed_by") | _ids_in(notices, "left"))
    return [_line(notice, facts, people) for notice in notices]


def lines_together(notices: list[Notice], person: Person, now: datetime) -> list[Line]:
    """lines() of what was listed(): one that stands for many says how many cases. One query more, if there are any."""
    many = _gathered(notices, person, now)
    return [
        _line_of_many(line, many[line.notice.pk]) if line.notice.pk in many else line
        for line in lines(notices, person, now)
    ]


def _gathered(notices: list[Notice], person: Person, now: datetime) -> dict[int, dict[str, Any]]:
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


def _line(notice: Notice, facts: Facts, people: dict[int, Person]) -> Line:
    sentences = words_of(notice.event)
    complaint, is_new = facts.complaints[notice.case_id], notice.seen_at is None
    why_not = truth.why_not(notice, facts)
    if why_not == Notice.Dropped.UNSEEN or not (complaint.is_visible or rule_of(notice.event).bare):
        return Line(notice, _("About a complaint that you can no longer see."), "lock-fill", is_new)
    said = notice.data | {
        "complaint": complaint,
        "escalation": facts.escalations.get(notice.data.get("escalation")),
        "proposed_by": people.get(notice.data.get("proposed_by")),
        "left": people.get(notice.data.get("left")),
    }
    words = sentences.over(said, facts.now) if why_not else _with_reason(sentences.now(said, facts.now), said)
    in_sight = complaint.is_visible and notice.event != answering.NOBODY_THERE
    subject = complaint.subject if in_sight else ""
    return Line(notice, words, sentences.icon, is_new, complaint.reference, subject)


def _with_reason(words: str, said: dict[str, Any]) -> str:
    instead = instead_words(said)
    return _("%(words)s %(why)s") % {"words": words, "why": instead} if instead else words


def _line_of_many(newest: Line, figures: dict[str, Any]) -> Line:
    icon = words_of(newest.notice.event).icon
    words = TOGETHER[newest.notice.event](figures["cases"])
    return Line(newest.notice, words, icon, figures["unseen"] > 0, many=figures["cases"])


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


# event: sentence from the number of cases; what must be read one by one is not among them
TOGETHER: dict[str, Callable[[int], str]] = {"assigned": _many_assigned, "taken_away": _many_taken_away}
