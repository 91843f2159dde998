"""What a notice is judged by: the facts that stand now, and the rule of its kind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, F, OuterRef

from accounts.models import Absence, Person, Role
from complaints.case import appealing, permissions
from complaints.models import Appeal, Complaint
from complaints.visibility import roles_on
from followups.escalation.ladder import Ladder, named_in
from followups.models import Escalation, Notice, Promise, Verifier

# Long texts that nothing here reads; a notice is put into words elsewhere.
UNREAD = ("narrative", "closing_reason", "invalid_reason", "responsibility", "lesson", "source")


class Facts:
    """What notices to one reader are judged by, read together: a fixed number of queries, for any number of them.

    `person` is None for notices to customers; `now` (aware) is the database's clock where something is sent.
    """

    def __init__(self, notices: Iterable[Notice], person: Person | None, now: datetime) -> None:
        self.notices = list(notices)
        self.person, self.now = person, now

    @property
    def reader(self) -> Person:
        """The same, of what is told to people of the desk."""
        assert self.person is not None
        return self.person

    @cached_property
    def complaints(self) -> dict[int, Complaint]:
        """The cases as they are now, with `is_visible` to the person, by id."""
        rows = Complaint.objects.filter(pk__in={notice.complaint_id for notice in self.notices}).defer(*UNREAD)
        if self.person is not None:
            visible = Complaint.objects.visible_to(self.person).filter(pk=OuterRef("pk"))
            rows = rows.annotate(is_visible=Exists(visible))
        return rows.select_related("team", "handler", "customer").in_bulk()

    @cached_property
    def promises(self) -> dict[int, Promise]:
        changed = {change["promise"] for notice in self.notices for change in notice.data.get("changes", ())}
        return Promise.objects.in_bulk(self._ids("promise") | changed)

    @cached_property
    def escalations(self) -> dict[int, Escalation]:
        return Escalation.objects.in_bulk(self._ids("escalation"))

    @cached_property
    def appeals(self) -> dict[int, Appeal]:
        return Appeal.objects.in_bulk(self._ids("appeal"))

    @cached_property
    def taken_part_in(self) -> frozenset[int]:
        """In which of the cases the reader had a part, or is named."""
        theirs = Complaint.objects.filter(appealing.took_part(F("pk"), self.reader), pk__in=self.complaints)
        return frozenset(theirs.values_list("pk", flat=True))

    @cached_property
    def absences(self) -> dict[int, Absence]:
        return Absence.objects.in_bulk(self._ids("absence"))

    @cached_property
    def verifiers(self) -> dict[int, int]:
        """Who was named to verify each case."""
        named = Verifier.objects.filter(complaint__in=self.complaints)
        return dict(named.values_list("complaint_id", "person_id"))

    @cached_property
    def unassigned(self) -> frozenset[int]:
        """Which of the cases that somebody left behind are still in nobody's hands."""
        left = {pk for notice in self.notices for pk in notice.data.get("cases", ())}
        nobodys = Complaint.objects.open().filter(handler__isnull=True, pk__in=left)
        return frozenset(nobodys.values_list("pk", flat=True))

    @cached_property
    def ladder(self) -> Ladder:
        ladder = Ladder(self.now)
        ladder.learn_handlers(self.complaints.values())
        return ladder

    @cached_property
    def named(self) -> dict[int, frozenset[int]]:
        return named_in(list(self.complaints.values()))

    def roles(self, complaint: Complaint) -> frozenset[str]:
        """The roles of the reader over the case."""
        complaint.named_ids = self.named[complaint.pk]
        return roles_on(self.person, complaint)

    def answers_for(self, complaint: Complaint) -> bool:
        """Whether the reader is one of those who answer for the case (escalation.answering), or its handler."""
        handler = complaint.handler
        if handler is None:
            return bool(self.roles(complaint) & permissions.WORKING)
        if handler.pk == self.reader.pk:
            return True
        away = self.ladder.away()
        if handler.pk not in self.named[complaint.pk] and self.ladder.works_on(handler, complaint):
            if handler.pk not in away:
                return False
            if away[handler.pk] == self.person:
                return True
        return Role.SUPERVISOR in self.roles(complaint)

    def _ids(self, name: str) -> set[int]:
        return {notice.data[name] for notice in self.notices if name in notice.data}


Question = Callable[[Notice, Complaint, Facts], bool]


def _always(_notice: Notice, _complaint: Complaint, _facts: Facts) -> bool:
    return True


@dataclass(frozen=True)
class Rule:
    """`is_so`: it is still true, whoever reads it. `is_theirs`: and it concerns this reader.

    What `passes_on` is news for whoever answers now, when its reader may not have it any more. A `bare` one can be
    told without a word of the case to somebody who does not see it; others are not told at all then. What the customer
    `asked_for` is told to them although they wish no contact.
    """

    is_so: Question = _always
    is_theirs: Question = _always
    passes_on: bool = False
    bare: bool = False
    asked_for: bool = False
