"""What the command palette offers: the case that its page shows, and the complaints that a few words find."""

import re
from dataclasses import dataclass, field

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import OuterRef

from accounts.models import Person
from complaints.models import Complaint
from complaints.queue.worklists import NOT_IN_A_ROW
from complaints.search.find import (
    LONGEST_QUERY,
    MOST_FOUND,
    NotSearchable,
    Piece,
    matching,
    newest,
    pieces,
    query_of,
    rank_of,
)
from complaints.writing.form_fields import LineField

MOST_SHOWN = 8
LONGEST_SUBJECT = 120
REFERENCE = re.compile(r"C-[0-9]{4}-[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True)
class Hit:
    """One complaint that was found, its texts cut into pieces with the hits marked."""

    complaint: Complaint
    subject: list[Piece]
    customer: list[Piece]


@dataclass(frozen=True)
class Found:
    """The best hits; `text` is what was understood, `problem` why nothing could be searched for."""

    text: str = ""
    hits: list[Hit] = field(default_factory=list)
    more: bool = False
    problem: str = ""


def case_named(person: Person, reference: str) -> Complaint | None:
    """The complaint of that reference with what says who may do what; None where `person` sees none. One query."""
    if not REFERENCE.fullmatch(reference):
        return None
    named = Complaint.named_people.through.objects.filter(complaint=OuterRef("pk")).values("person_id")
    cases = Complaint.objects.visible_to(person).annotate(named_ids=ArraySubquery(named))
    return cases.filter(reference=reference).first()


def found(person: Person, typed: str) -> Found:
    """The complaints with every word of what was typed, of those that `person` sees: the best MOST_SHOWN. Two queries.

    A single Latin letter or digit is not searched for yet: it stands for half of everything.
    """
    try:
        text = LineField(limit=LONGEST_QUERY, required=False).clean(typed)
        if len(text) < 2 and text.isascii():
            return Found()
        query = query_of(text)
    except ValidationError as error:
        return Found(problem=" ".join(error.messages))
    except NotSearchable as error:
        return Found(problem=str(error))
    ids = newest(matching(Complaint.objects.visible_to(person), query, person))
    rows = Complaint.objects.filter(pk__in=ids[:MOST_FOUND]).select_related("customer").defer(*NOT_IN_A_ROW)
    best = rows.annotate(rank=rank_of(query)).order_by("-rank", "-id")[:MOST_SHOWN]
    hits = [
        Hit(
            complaint,
            pieces(complaint.subject, query, length=LONGEST_SUBJECT),
            pieces(complaint.customer.label, query, length=LONGEST_SUBJECT) if complaint.customer else [],
        )
        for complaint in best
    ]
    return Found(text, hits, more=len(ids) > len(hits))
