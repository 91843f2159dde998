"""Who verifies a complaint: named by a supervisor, so that what waits for it waits for somebody."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import Membership, Person, Role
from accounts.written import AmongThese
from complaints.case import events, permissions
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.choices import Status
from complaints.errors import GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.models import Complaint
from complaints.steps import lifecycle
from complaints.visibility import roles_on
from followups.models import Verifier
from followups.outbox import notices
from ui.ordering import by_label

# Held in the case's own team or site: who stands near enough to ask the customer.
VERIFYING = (Role.FRONTLINE, Role.HANDLER)


def name_verifier(complaint_id: int, *, person: Person, actor: Actor, at: datetime) -> Verifier:
    """Say who verifies a complaint; they are told. The same person named again changes nothing.

    Raises NotPermitted for who does not supervise it, NotAllowedNow once it is verified, GateRefused for somebody
    who cannot verify it, Complaint.DoesNotExist.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        if not permissions.has_role(permissions.NAME_VERIFIER, actor.person, complaint):
            raise NotPermitted(_("Only a supervisor names who verifies."))
        if complaint.status != Status.RECEIVED:
            raise NotAllowedNow(_("This complaint is verified already."))
        if not person.is_active or not roles_on(person, complaint) & lifecycle.TRANSITIONS["verify"].roles:
            raise GateRefused([Missing("verifier", _("Choose somebody who can verify it"), hard=True)])
        known = Verifier.objects.filter(complaint=complaint).first()
        if known is not None and known.person_id == person.pk:
            return known
        values = {"person": person, "named_by": actor.person, "named_at": at}
        named, _is_new = Verifier.objects.update_or_create(complaint=complaint, defaults=values)
        event = events.record(complaint, EventKind.VERIFIER_NAMED, actor=actor, at=at, data={"verifier": person.pk})
        if person.pk != actor.colleague.pk:
            notices.tell_person(
                person, "to_verify", complaint=complaint, key=f"event:{event.pk}:to_verify", data={}, at=at
            )
    return named


def possible_verifiers(complaints: Iterable[Complaint]) -> dict[int, list[Person]]:
    """Whom a supervisor may choose for each complaint, by its id: those of its team and site; one query."""
    complaints = list(complaints)
    places = {place for complaint in complaints for place in (complaint.team_id, complaint.site_id)} - {None}
    held = Membership.objects.filter(team__in=places, role__in=VERIFYING, person__is_active=True)
    by_place: dict[int | None, dict[int, Person]] = {}
    for membership in held.select_related("person").order_by("person_id"):
        by_place.setdefault(membership.team_id, {})[membership.person_id] = membership.person
    return {
        complaint.pk: by_label((by_place.get(complaint.team_id, {}) | by_place.get(complaint.site_id, {})).values())
        for complaint in complaints
    }


def to_verify(person: Person) -> Q:
    """The condition that `person` is named to verify a complaint that is not verified yet (for "My work")."""
    named = Verifier.objects.filter(person=person).values("complaint")
    # Joined, PostgreSQL would go through every complaint to find the few.
    return Q(AmongThese(F("pk"), ArraySubquery(named)), status=Status.RECEIVED)
