"""Letters: what no message brings to a customer whom nobody can call is printed, posted, and noted as told.

First the letter is prepared: its words are settled and stand on paper. That is no telling yet. Whoever posts it says
on which day; that is the evidence (SPEC, "Told is evidence").
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _, override

from accounts.models import Person
from complaints.case.actors import Actor
from complaints.case.locking import lock
from complaints.errors import GateRefused, Missing, NotAllowedNow
from complaints.models import Complaint
from complaints.queue.worklists import NOT_IN_A_ROW
from followups.models import Notice, Promise, Telling
from followups.models.promise import PromiseKind
from followups.notices import mails, tellings, truth
from followups.notices.facts import Facts
from followups.policies import telling_calls
from followups.telling import saying
from followups.telling.forms import MOST_LETTERS
from followups.telling.records import Way

State = Notice.State


@dataclass
class Letter:
    """One letter: what it tells the customer of one case, the oldest first; due with its duty to tell."""

    complaint: Complaint
    due_at: datetime | None
    notices: list[Notice] = field(default_factory=list)

    @property
    def value(self) -> str:
        """What a form sends of it: a later notice of the same case is another letter."""
        return "-".join(str(notice.pk) for notice in self.notices)

    @property
    def things(self) -> list[str]:
        """What it is about, in the active language."""
        return list(dict.fromkeys(tellings.about_words(notice.event) for notice in self.notices))

    @property
    def prepared_at(self) -> datetime | None:
        """When the last of its words were settled; None as long as it is not printed."""
        return max((notice.prepared_at for notice in self.notices if notice.prepared_at), default=None)


def waiting(person: Person) -> tuple[list[Letter], list[Letter]]:
    """The letters that `person` may prepare, and those that are printed and not posted; each the earliest first.

    MOST_LETTERS of each at most. What is not true any more is in neither.
    """
    rows = _standing(Complaint.objects.visible_to(person))
    fresh = rows.filter(saying.BY_LETTER, prepared_at=None)
    return _letters(fresh), _letters(rows.exclude(prepared_at=None))


def number(person: Person) -> int:
    """How many cases have a letter to print or to post, for the link to the list; one query."""
    rows = Notice.objects.filter(state=State.TO_SAY, complaint__in=Complaint.objects.visible_to(person))
    return rows.filter(saying.BY_LETTER | Q(prepared_at__isnull=False)).values("complaint").distinct().count()


def prepare(complaint_id: int, *, notice_ids: Collection[int], actor: Actor, at: datetime) -> list[Notice]:
    """Settle the words of a letter, so that what is printed is what is told; returns what stands in it.

    What was prepared before stays as it was printed: prepared twice is once. Raises NotPermitted, GateRefused without
    an address, NotAllowedNow when nothing of it is to be told any more.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        saying.refuse_strangers(complaint, actor)
        if complaint.customer is None or not complaint.customer.postal_address:
            raise GateRefused([Missing("letter", _("No postal address is known"), hard=True)])
        chosen = telling_calls.to_say(complaint).filter(pk__in=list(notice_ids))
        standing = list(chosen.select_for_update(of=("self",), no_key=True))
        told = [notice for notice in standing if saying.is_so(notice, at)]
        if not told:
            raise NotAllowedNow(_("Somebody told the customer meanwhile, or it is not true any more."))
        for notice in told:
            if notice.prepared_at is None:
                notice.prepared_at = at
                notice.subject = mails.words_of(notice, at).subject[:200]
                notice.words = mails.spoken_words(notice, at, on_paper=True)
                notice.save(update_fields=["prepared_at", "subject", "words"])
    return told


def posted(complaint_id: int, *, notice_ids: Collection[int], on: date, actor: Actor, at: datetime) -> list[Telling]:
    """The letter with those notices was posted on a day (`on`, in the desk's time zone); returns the tellings.

    It counts as told from that noon, but not before it was prepared nor later than now. Posted twice is once. Raises
    NotPermitted, GateRefused for a day before it was prepared or in the future and for what is not printed,
    NotAllowedNow when nothing of it is to be told any more.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        saying.refuse_strangers(complaint, actor)
        prepared = telling_calls.to_say(complaint).filter(pk__in=list(notice_ids))
        moments = list(prepared.values_list("prepared_at", flat=True))
        if None in moments:
            raise GateRefused(
                [Missing("letter", _("Prepare the letter first, so that it says what was posted"), hard=True)]
            )
        printed_at = max((moment for moment in moments if moment), default=None)
        if printed_at is not None and not timezone.localdate(printed_at) <= on <= timezone.localdate(at):
            words = _("The day cannot be in the future, nor before the letter was prepared")
            raise GateRefused([Missing("on", words, hard=True)])
        noon = timezone.make_aware(datetime.combine(on, time(12)))
        told_at = min(max(noon, printed_at or noon), at)
        return saying.said(complaint_id, notice_ids=notice_ids, way=Way.LETTER, posted_at=told_at, actor=actor, at=at)


def _standing(cases: QuerySet[Complaint]) -> QuerySet[Notice]:
    """What is to be said to customers who have an address, with when that is due."""
    duty = Promise.objects.filter(complaint=OuterRef("complaint"), kind=PromiseKind.TELL)
    due = duty.filter(state__in=[Promise.State.OPEN, Promise.State.BROKEN]).order_by("-pk").values("due_at")[:1]
    return (
        Notice.objects.filter(state=State.TO_SAY, complaint__in=cases)
        .exclude(complaint__customer__postal_address="")
        .select_related("complaint__customer", "complaint__team", "complaint__handler")
        .defer(*(f"complaint__{name}" for name in NOT_IN_A_ROW if name != "token_sealed"))
        .annotate(call_by=Subquery(due))
        .order_by("call_by", "complaint_id", "id")
    )


def _letters(rows: QuerySet[Notice]) -> list[Letter]:
    standing = list(rows[:MOST_LETTERS])
    facts = Facts(standing, None, timezone.now())
    letters: dict[int, Letter] = {}
    for row in standing:
        if truth.why_not(row, facts):
            continue
        due_at: datetime | None = row.call_by  # type: ignore[attr-defined]  # annotated in _standing()
        letters.setdefault(row.case_id, Letter(row.case, due_at)).notices.append(row)
    return list(letters.values())


def heading(letter: Letter) -> str:
    """What stands over a letter, in its language: the subject of its message, of several that there is news."""
    with override(letter.complaint.language):
        subjects = list(dict.fromkeys(notice.subject for notice in letter.notices if notice.subject))
        if len(subjects) == 1:
            return subjects[0]
        return _("News on your complaint %(reference)s") % {"reference": letter.complaint.reference}


def paragraphs(letters: Iterable[Notice]) -> list[str]:
    """What the notices of a letter say, paragraph by paragraph; a list is one paragraph of lines.

    What several of them say (what happens next) stands once, with the last.
    """
    said = [part for notice in letters for part in notice.words.split("\n\n") if part.strip()]
    return [part for place, part in enumerate(said) if part not in said[place + 1 :]]
