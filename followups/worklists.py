"""The view of the queue that only this room knows: what a supervisor must sign."""

from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import reach_of
from accounts.models import Person, Role
from complaints import worklists
from complaints.visibility import AmongThese
from followups.models import Escalation


def register():
    """Add our view to the queue; called once at start-up."""
    worklists.add(
        worklists.Worklist(
            "sign",
            _("To sign"),
            to_sign,
            _("Nothing to sign"),
            _("Complaints that were escalated to you stand here until a supervisor signs for them."),
            "overdue",
            late=True,
            role=Role.SUPERVISOR,
        ),
        after="waiting",
    )


def to_sign(visible: QuerySet, person: Person, at: datetime) -> QuerySet:
    """Complaints with an unsigned escalation of a team that `person` supervises.

    SPEC, "Escalation and supervision".
    """
    unsigned = Escalation.objects.filter(reach_of(person).within(Role.SUPERVISOR), signed_at__isnull=True)
    # Joined, PostgreSQL would go through every complaint to find the few that wait.
    return visible.filter(AmongThese(F("pk"), ArraySubquery(unsigned.order_by().values("complaint"))))
