"""Who follows whom: complaints that were closed as duplicates, and what their customers are still owed.

"Duplicates of other customers follow the original": what becomes of the original is told to each of them on their own
link, in words that say nothing of who complained first. One person's duplicates are answered once, on the original.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.attached import Attached
from complaints.case import locking
from complaints.case.this_round import of_this_round
from complaints.choices import Outcome, Status
from complaints.models import Complaint, Customer, Resolution

DUPLICATES = Q(status=Status.ARCHIVED, outcome=Outcome.DUPLICATE, duplicate_of__isnull=False)
# Until then nobody told a result: a duplicate that joins waits for it with the others.
BEFORE_RESULT = (Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED)
# Endings of an original that say nothing about what its duplicates complain of.
WITHOUT_RESULT = (Outcome.WITHDRAWN, Outcome.INVALID)

# The followers of a complaint, once they are read.
FOLLOWERS = Attached[list[Complaint]]("_followers")


def is_duplicate(complaint: Complaint) -> bool:
    """Whether the complaint is closed as a duplicate of another one. No query."""
    return complaint.is_archived and complaint.outcome == Outcome.DUPLICATE and complaint.duplicate_of_id is not None


def _original_of(complaint: Complaint) -> Complaint | None:
    return complaint.duplicate_of if is_duplicate(complaint) else None


def same_person(one: Customer | None, other: Customer | None) -> bool:
    """Whether two contacts are one person, as somebody said who saw both (case.identity); never by number."""
    return one is not None and other is not None and one.person_id == other.person_id


def follows(complaint: Complaint) -> bool:
    """Whether it is the duplicate of another customer's complaint, and hears on its own link what becomes of that."""
    original = _original_of(complaint)
    return original is not None and not same_person(complaint.customer, original.customer)


def duplicates_of(originals: Iterable[int]) -> QuerySet[Complaint]:
    """All duplicates of these complaints (ids), whoever complained, the oldest first, with what telling them needs."""
    rows = Complaint.objects.filter(DUPLICATES, duplicate_of__in=list(originals)).order_by("pk")
    return rows.select_related("customer", "team", "handler", "duplicate_of__customer")


def of_many(originals: Iterable[int]) -> list[Complaint]:
    """The followers of these complaints (ids): their duplicates from other customers. One query."""
    return [row for row in duplicates_of(originals) if follows(row)]


def of(original: Complaint) -> list[Complaint]:
    """The followers of one complaint, remembered on the instance: fetch it anew after a change. One query."""
    known = FOLLOWERS.of(original)
    return known if known is not None else FOLLOWERS.set(original, of_many([original.pk]))


def may_talk(complaint: Complaint) -> bool:
    """Whether messages may still be written in it: an archived duplicate, while its original is worked on."""
    original = _original_of(complaint)
    return original is not None and not original.is_archived


def result_of(complaint: Complaint) -> Resolution | None:
    """What a follower's customer was told of the result in this round; None until then."""
    result = of_this_round(complaint.resolutions, complaint)
    return result if result is not None and result.told_at is not None else None


def awaits_answer(complaint: Complaint) -> bool:
    """Whether its customer was told the original's result on their own link, and did not say yet what they think."""
    if not is_duplicate(complaint) or result_of(complaint) is None:
        return False
    return of_this_round(complaint.feedback, complaint) is None and follows(complaint)


def lock(complaint_id: int) -> Complaint:
    """As locking.lock(), where what happens to a duplicate is told to its original: that one is locked first.

    A step of the original locks the original, then its duplicates; so everybody does.
    """
    original = Complaint.objects.filter(pk=complaint_id).values_list("duplicate_of_id", flat=True).first()
    if original is not None:
        locking.lock(original)
    return locking.lock(complaint_id)
