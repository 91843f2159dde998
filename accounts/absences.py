"""Who is away, and who stands in for them (SPEC, "Escalation and supervision")."""

from datetime import datetime

from django.db import transaction

from accounts.access import WORKING_ROLES, reach_of
from accounts.models import Absence, Membership, Person, Role, Team


def absent_at(at: datetime) -> dict[int, Absence]:
    """The absences that run at `at` (aware), by the person's id, with their deputies; one query.

    Of who is away twice at once the one that lasts longest.
    """
    now = Absence.objects.filter(begins_at__lte=at, ends_at__gt=at).select_related("deputy")
    return {absence.person_id: absence for absence in now.order_by("ends_at")}


def deputies_at(at: datetime) -> dict[int, Person | None]:
    """Everybody who is away at `at` (aware), by id, with their deputy; one query.

    A deputy who is away too, or cannot sign in any more, is none. Who is away twice at once has the
    deputy of the absence that lasts longest.
    """
    return standing_in(absent_at(at))


def standing_in(absent: dict[int, Absence]) -> dict[int, Person | None]:
    """Who really stands in for each of those who are away (absent_at), by the id of the one away."""
    named = {person_id: absence.deputy for person_id, absence in absent.items()}
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


def people_led_by(supervisor: Person):
    """Active people with a role in a team that `supervisor` supervises; their absences may be entered by them."""
    teams = reach_of(supervisor).of(Role.SUPERVISOR)
    led = Membership.objects.filter(team__in=teams).values("person")
    return Person.objects.filter(pk__in=led, is_active=True).exclude(pk=supervisor.pk)


def absences_led_by(supervisor: Person, at: datetime):
    """The absences, running or coming, of the people that `supervisor` leads; who leaves first stands first."""
    return Absence.objects.filter(person__in=people_led_by(supervisor), ends_at__gt=at).select_related(
        "person", "deputy"
    )


def enter(person: Person, *, begins_at: datetime, ends_at: datetime, deputy: Person | None) -> Absence:
    """Enter that `person` is away (moments aware); the same time entered again only changes the deputy.

    What makes no sense is refused by accounts.forms.AbsenceForm in words, and by the database.
    """
    with transaction.atomic():
        _one_window_of(person)
        absence, _new = Absence.objects.update_or_create(
            person=person, begins_at=begins_at, ends_at=ends_at, defaults={"deputy": deputy}
        )
    return absence


def end(absence: Absence, at: datetime):
    """Back earlier: an absence that runs ends at `at` (aware), one that has not begun is taken out.

    One that somebody else ended or took out meanwhile stays as they left it.
    """
    with transaction.atomic():
        _one_window_of(absence.person)
        present = Absence.objects.filter(pk=absence.pk, ends_at__gt=at)
        present.filter(begins_at__gte=at).delete()
        present.update(ends_at=at)


def _one_window_of(person: Person):
    """Let one at a time change the absences of `person`, until the transaction ends."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
