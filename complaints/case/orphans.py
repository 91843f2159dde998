"""Open cases whose handler cannot handle them any more, or whose team is closed.

A handler who is switched off, moved, or named in the case: it goes back into the queue of its team, where it is
unassigned. Who has a role again a moment later keeps nothing: whoever supervises hands them out. A case of a closed
team goes to the nearest one above that is open.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from accounts.access import reach_of
from accounts.models import Membership, Person, Role, Team
from complaints.case import events
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.models import Complaint


def orphans(person_ids: Iterable[int] | None = None) -> QuerySet[Complaint]:
    """The open complaints, of those handlers or of all, whose handler does not work on them any more."""
    held = Membership.objects.filter(person=OuterRef("handler"))
    of_the_team = held.filter(Q(team=OuterRef("team")) | Q(team=OuterRef("site")), role=Role.HANDLER)
    above = Q()
    for place in ("team", "site"):
        path = ExpressionWrapper(OuterRef(f"{place}__path"), output_field=CharField())
        held = held.alias(**{f"{place}_path": path})
        above |= Q(**{f"{place}_path__startswith": F("team__path")})
    supervised = held.filter(above, role=Role.SUPERVISOR)
    named = Complaint.named_people.through.objects.filter(complaint=OuterRef("pk"), person=OuterRef("handler"))
    cannot = Q(handler__is_active=False) | ~(Exists(of_the_team) | Exists(supervised)) | Exists(named)
    found: QuerySet[Complaint] = Complaint.objects.open().filter(cannot, handler__isnull=False)
    return found if person_ids is None else found.filter(handler__in=list(person_ids))


def why_not(handler: Person, complaint: Complaint) -> str:
    """Why `handler` cannot handle the complaint any more: "named", "inactive" or "role"; "" where they can."""
    reach = reach_of(handler)
    places = (complaint.team_id, complaint.site_id)
    works = reach.covers(Role.HANDLER, *places) or reach.covers(Role.SUPERVISOR, *places)
    if handler.pk in complaint.named_ids:
        return "named"
    if works:
        return ""
    return "role" if handler.is_active else "inactive"


def hand_back(complaint_id: int, *, at: datetime) -> int | None:
    """Put one of them into its team's queue; returns who had it, None where the handler can handle it after all.

    Records `handler_left`; it counts as no hand-over. Raises Complaint.DoesNotExist.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        handler = complaint.handler
        if handler is None or complaint.is_archived:
            return None
        why = why_not(handler, complaint)
        if not why:
            return None
        complaint.handler = None
        complaint.save(update_fields=["handler"])
        said = {"previous_handler": handler.pk, "team": complaint.team_id, "because": why}
        events.record(complaint, EventKind.HANDLER_LEFT, actor=SYSTEM, at=at, data=said)
    return handler.pk


def in_closed_teams() -> QuerySet[Complaint]:
    """The open complaints of teams that are closed, where a team above them is open."""
    above = Team.objects.active().alias(place=ExpressionWrapper(OuterRef("team__path"), output_field=CharField()))
    closed: QuerySet[Complaint] = Complaint.objects.open().filter(
        Exists(above.filter(place__startswith=F("path"))), team__active=False
    )
    return closed


def hand_up(complaint_id: int, *, at: datetime) -> Team | None:
    """Give one of them to the nearest team above that is open; returns that team, None where there is nothing to do.

    Its handler stays where they handle cases of the site, or supervise. Records `team_closed`; it counts as no
    hand-over. Raises Complaint.DoesNotExist.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        closed, team = complaint.team, complaint.team.or_open_above()
        if team == closed or complaint.is_archived:
            return None
        complaint.team = team
        complaint.save(update_fields=["team"])
        said = {"previous_team": closed.pk, "team": team.pk}
        events.record(complaint, EventKind.TEAM_CLOSED, actor=SYSTEM, at=at, data=said)
    return team
