"""One complaint by its reference, if a person may see it: what every page of a complaint begins with."""

import json
from dataclasses import dataclass, field

from django.db.models import TextField

from accounts.access import reach_of
from accounts.models import Person
from accounts.written import Given, Written
from complaints.db.json_columns import WholeRow, instance_of
from complaints.models import Complaint
from ui.caches import remembered


def one_visible_to(person: Person, reference: str) -> Complaint | None:
    """The complaint, None where it is not visible or not there; one query.

    What `Complaint.objects.visible_to(person).get(reference=reference)` gives. That is written anew each time
    (0.9 ms), this once for a person and what they reach.
    """
    reach = reach_of(person)
    asking = _Asking(person.pk, frozenset(reach.teams.items()), reach.team_count, person)
    rows = _written(asking).rows(reference=reference)
    return instance_of(Complaint, json.loads(rows[0][0])) if rows else None


@dataclass(frozen=True)
class _Asking:
    """Who asks, and all that what is visible to them hangs on."""

    pk: int
    teams: frozenset[tuple[str, frozenset[int]]]
    team_count: int
    person: Person = field(compare=False)


@remembered(256)
def _written(asking: _Asking) -> Written:
    visible = Complaint.objects.visible_to(asking.person).filter(reference=Given("reference", TextField()))
    return Written(lambda: visible.values_list(WholeRow("pk")))
