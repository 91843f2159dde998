"""Who may see which complaint. Fetching and authorising are one call: `visible_to(person)`."""

from functools import reduce
from operator import or_

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Q

from accounts.access import reach_of
from accounts.models import Role
from accounts.written import AmongThese
from complaints.choices import Status

# Who holds one of them over a team reads all of its complaints, at every stage.
READING = (Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR, Role.AUDITOR)


class ComplaintQuerySet(models.QuerySet):
    def visible_to(self, person):
        """Complaints that `person` may read (SPEC, "Roles"); everybody else's answer 404.

        Frontline: of their own site and those they logged. Handler: of their teams and their own.
        Supervisor and auditor: of their teams and every team below. Reviewer: finished ones they
        never handled. Nobody: those in which they are named.
        """
        ways = _ways(person)
        return self._unnamed(person).filter(reduce(or_, ways) if ways else Q(pk__in=[]))

    def ways_visible_to(self, person):
        """What visible_to() holds as a list of querysets, each read by an index of its own; a case may be in several.

        Of conditions joined by OR PostgreSQL reads every case to count a thousand of them.
        """
        return [self._unnamed(person).filter(way) for way in _ways(person)]

    def _unnamed(self, person):
        named_in = self.model.named_people.through.objects.filter(person=person).values("complaint")
        return self.filter(~Q(AmongThese(F("pk"), ArraySubquery(named_in))))

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


def _ways(person) -> list[Q]:
    """The conditions of which one makes a complaint visible to `person`, who is not named in it."""
    reach = reach_of(person)
    if reach.is_everywhere(*READING):
        return [Q()]
    ways = []
    own = reach.of(*READING)
    if own:
        ways += [Q(team__in=own), Q(site__in=own)]
    if reach.roles & {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR}:
        ways += [Q(logged_by=person), Q(handler=person)]
    reviewed = reach.of(Role.REVIEWER)
    if reviewed:
        finished = Q(status__in=[Status.RESOLVED, Status.FEEDBACK, Status.ARCHIVED])
        ways += [Q(team__in=reviewed) & finished, Q(site__in=reviewed) & finished]
    return ways


def is_named_in(person, complaint) -> bool:
    """Whether `person` (perhaps nobody who is signed in) is an employee named in `complaint`.

    They see nothing of it, by whichever way: not in the desk, and not on the customer's page ("当作个人事件").
    """
    return person.is_authenticated and person.pk in complaint.named_ids


def roles_on(person, complaint) -> frozenset[str]:
    """The roles that `person` holds over `complaint`; empty for people named in it."""
    reach = reach_of(person)
    if is_named_in(person, complaint):
        return frozenset()
    held = {role for role in reach.roles if reach.covers(role, complaint.team_id, complaint.site_id)}
    if Role.HANDLER in reach.roles and complaint.handler_id == person.pk:
        held.add(Role.HANDLER)
    if Role.FRONTLINE in reach.roles and complaint.logged_by_id == person.pk:
        held.add(Role.FRONTLINE)
    return frozenset(held)
