"""Who is away, and who stands in for them (SPEC, "Escalation and supervision")."""

from datetime import datetime

from accounts.access import WORKING_ROLES
from accounts.models import Absence, Person, Team


def deputies_at(at: datetime) -> dict[int, Person | None]:
    """Everybody who is away at `at` (aware), by id, with their deputy; one query.

    A deputy who is away too, or cannot sign in any more, is none. Who is away twice at once has the
    deputy of the absence that lasts longest.
    """
    now = Absence.objects.filter(begins_at__lte=at, ends_at__gt=at).select_related("deputy")
    named = {absence.person_id: absence.deputy for absence in now.order_by("ends_at")}
    return {
        person_id: deputy if deputy is not None and deputy.is_active and deputy.pk not in named else None
        for person_id, deputy in named.items()
    }


def possible_deputies(person: Person):
    """Active people who work in a team of `person`, or in one above it."""
    paths = Team.objects.filter(memberships__person=person).values_list("path", flat=True)
    teams = {int(pk) for path in paths for pk in path.split(".") if pk}
    colleagues = Person.objects.filter(
        is_active=True, memberships__team__in=teams, memberships__role__in=WORKING_ROLES
    )
    return colleagues.exclude(pk=person.pk).distinct()


def present_and_future(person: Person, at: datetime):
    """The absences of `person` that are not over at `at`."""
    return person.absences.filter(ends_at__gt=at).select_related("deputy")
