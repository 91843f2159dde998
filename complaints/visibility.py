"""Who may see which complaint. Fetching and authorising are one call: `visible_to(person)`."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, Q

from accounts.access import reach_of
from accounts.models import Role
from complaints.choices import Status

# Who holds one of them over a team reads all of its complaints, at every stage.
READING = (Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR, Role.AUDITOR)


class AmongThese(Func):
    """Whether the first value stands in the array that follows: an array is read beforehand, once, and not joined."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


class ComplaintQuerySet(models.QuerySet):
    def visible_to(self, person):
        """Complaints that `person` may read (SPEC, "Roles"); everybody else's answer 404.

        Frontline: of their own site and those they logged. Handler: of their teams and their own.
        Supervisor and auditor: of their teams and every team below. Reviewer: finished ones they
        never handled. Nobody: those in which they are named.
        """
        reach = reach_of(person)
        named_in = self.model.named_people.through.objects.filter(person=person).values("complaint")
        unnamed = ~Q(AmongThese(F("pk"), ArraySubquery(named_in)))
        if reach.is_everywhere(*READING):
            return self.filter(unnamed)
        where = Q(pk__in=[])
        own = reach.of(*READING)
        if own:
            where |= Q(team__in=own) | Q(site__in=own)
        if reach.roles & {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR}:
            where |= Q(logged_by=person) | Q(handler=person)
        reviewed = reach.of(Role.REVIEWER)
        if reviewed:
            where |= (Q(team__in=reviewed) | Q(site__in=reviewed)) & Q(
                status__in=[Status.RESOLVED, Status.FEEDBACK, Status.ARCHIVED]
            )
        return self.filter(where, unnamed)

    def open(self):
        return self.exclude(status=Status.ARCHIVED)

    def unassigned(self):
        """Waiting for somebody: before assignment, or in a team's queue without a handler."""
        return self.filter(handler__isnull=True).exclude(
            status__in=[Status.RESOLVED, Status.FEEDBACK, Status.ARCHIVED]
        )

    def overdue(self, at):
        """Open complaints whose earliest open promise was due before `at`."""
        return self.open().filter(next_due_at__lt=at)


def roles_on(person, complaint) -> frozenset[str]:
    """The roles that `person` holds over `complaint`; empty for people named in it."""
    reach = reach_of(person)
    if person.pk in complaint.named_ids:
        return frozenset()
    held = {role for role in reach.roles if reach.covers(role, complaint.team_id, complaint.site_id)}
    if Role.HANDLER in reach.roles and complaint.handler_id == person.pk:
        held.add(Role.HANDLER)
    if Role.FRONTLINE in reach.roles and complaint.logged_by_id == person.pk:
        held.add(Role.FRONTLINE)
    return frozenset(held)
