"""The one table of transitions: the only thing that changes `status`.

Pages, bulk actions, the API, the admin, tasks and the customer's link all call `perform()`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import Person, Role
from complaints import archive, events, feedback, gates, handling, routing, verification, waiting
from complaints.actors import Actor
from complaints.choices import Status
from complaints.errors import GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.locking import lock, refuse_stale
from complaints.models import Complaint
from complaints.visibility import roles_on

WORKING = frozenset({Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR})
HANDLING = frozenset({Role.HANDLER, Role.SUPERVISOR})
LEADING = frozenset({Role.SUPERVISOR})


@dataclass(frozen=True)
class Transition:
    """One row of SPEC's table. `write` stores what the step brings, then `gate` looks at what is stored."""

    action: str
    label: str
    event: str
    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    write: Callable[..., dict]
    gate: gates.Gate
    by_customer: bool = False
    by_system: bool = False
    public: bool = True


def _row(action, label, event, sources, target, roles, write, gate, **more):
    return action, Transition(action, label, event, frozenset(sources), target, frozenset(roles), write, gate, **more)


TRANSITIONS: dict[str, Transition] = dict(
    [
        _row("verify", gettext_lazy("Verify"), "verified", [Status.RECEIVED], Status.VERIFIED, WORKING,
             verification.write, gates.verify),
        _row("assign", gettext_lazy("Assign"), "assigned", [Status.VERIFIED], Status.ASSIGNED, LEADING,
             routing.write_assignment, gates.assign),
        _row("take", gettext_lazy("Take it"), "taken", [Status.ASSIGNED], Status.ASSIGNED, HANDLING,
             routing.write_taking, gates.take, public=False),
        _row("reassign", gettext_lazy("Reassign"), "reassigned", [Status.ASSIGNED], Status.ASSIGNED, LEADING,
             routing.write_reassignment, gates.reassign, public=False),
        _row("resolve", gettext_lazy("Resolve"), "resolved", [Status.ASSIGNED], Status.RESOLVED, HANDLING,
             handling.write_resolution, gates.resolve),
        _row("record_feedback", gettext_lazy("Record feedback"), "feedback_recorded", [Status.RESOLVED],
             Status.FEEDBACK, WORKING, feedback.write, gates.record_feedback, by_customer=True, by_system=True),
        _row("rework", gettext_lazy("Work on it again"), "reworked", [Status.FEEDBACK], Status.ASSIGNED, HANDLING,
             handling.write_rework, gates.rework),
        _row("archive", gettext_lazy("Archive"), "archived", [Status.FEEDBACK], Status.ARCHIVED, HANDLING,
             archive.write, gates.archive),
        _row("close_early", gettext_lazy("Close early"), "closed_early",
             [Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED], Status.ARCHIVED, HANDLING,
             archive.write_early, gates.close_early),
        _row("reopen", gettext_lazy("Reopen"), "reopened", [Status.ARCHIVED], Status.ASSIGNED,
             HANDLING | {Role.REVIEWER}, archive.write_reopening, gates.reopen, by_customer=True),
    ]
)  # fmt: skip


@dataclass
class Step:
    """One attempt at a transition: who, when, with what. Writers and gates read it."""

    transition: Transition
    actor: Actor
    at: datetime
    data: dict
    roles: frozenset[str]
    previous_team_id: int | None = None
    previous_handler_id: int | None = None
    # What the writers want to say in the event.
    said: dict = field(default_factory=dict)


def perform(
    complaint_id: int,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    data: dict | None = None,
    version: int | None = None,
) -> Complaint:
    """Carry out `action` on a complaint and return it; one transaction, all or nothing.

    `at` is aware and becomes the event's moment. `data` holds cleaned values by field name.
    `version` is the one the actor's page showed. With data["override_reason"] a supervisor passes
    the soft items of a gate; the event says which. Replies of the desk that still wait are sent before a
    person's step. Customer and system leave them their ten seconds: no step of theirs closes a case.

    Raises Complaint.DoesNotExist, NotPermitted (403), NotAllowedNow and ChangedMeanwhile (409),
    GateRefused (422, with every missing item). Source of the rules: SPEC, "Life of a complaint".
    """
    transition = TRANSITIONS[action]
    with transaction.atomic():
        complaint = lock(complaint_id)
        step = Step(transition, actor, at, dict(data or {}), _roles(actor, complaint))
        step.previous_team_id, step.previous_handler_id = complaint.team_id, complaint.handler_id
        _refuse_strangers(step, complaint)
        refuse_stale(complaint, version, actor)
        if complaint.status not in transition.sources:
            raise NotAllowedNow(_not_now(transition, complaint))
        if actor.is_staff and waiting.send_before_step(complaint, at=at):
            complaint = lock(complaint_id)
        said = transition.write(complaint, step) or {}
        overridden = _refuse_missing(complaint, step)
        came_from, complaint.status = complaint.status, transition.target
        complaint.save()
        said |= {"from": came_from, "to": transition.target}
        if overridden:
            said |= {"overridden": overridden, "override_reason": step.data["override_reason"].strip()}
        events.record(complaint, transition.event, actor=actor, at=at, data=said, public=transition.public)
    return complaint


def available_actions(complaint: Complaint, person: Person) -> list[Transition]:
    """The transitions that `person` may attempt on `complaint` now, in the table's order.

    Drives buttons and tests; whether the gate lets it pass is perform()'s answer.
    """
    roles = roles_on(person, complaint)
    found = [t for t in TRANSITIONS.values() if complaint.status in t.sources and roles & t.roles]
    return [t for t in found if t.action != "take" or complaint.handler_id is None]


def missing_for(complaint: Complaint, action: str, *, actor: Actor, at: datetime) -> list[Missing]:
    """What the gate of `action` would still ask for, as the case is stored now. Changes nothing."""
    transition = TRANSITIONS[action]
    step = Step(transition, actor, at, {}, _roles(actor, complaint), complaint.team_id, complaint.handler_id)
    return _missing(complaint, step)


def _roles(actor: Actor, complaint: Complaint) -> frozenset[str]:
    return roles_on(actor.person, complaint) if actor.person is not None else frozenset()


def _refuse_strangers(step: Step, complaint: Complaint):
    actor, transition = step.actor, step.transition
    allowed = (
        (actor.is_customer and transition.by_customer)
        or (actor.is_system and transition.by_system)
        or bool(step.roles & transition.roles)
    )
    if not allowed:
        raise NotPermitted(_("Your role does not include this step: %(step)s") % {"step": transition.label})


def _not_now(transition: Transition, complaint: Complaint) -> str:
    possible = [str(t.label) for t in TRANSITIONS.values() if complaint.status in t.sources and t.action != "take"]
    return _("“%(step)s” is not possible at the stage “%(stage)s”. Possible now: %(possible)s.") % {
        "step": transition.label,
        "stage": complaint.get_status_display(),
        "possible": pgettext("list", ", ").join(possible) or "–",
    }


def _missing(complaint: Complaint, step: Step) -> list[Missing]:
    speakers = (step.transition.gate, *gates.added(step.transition.action))
    return [item for gate in speakers for item in gate(complaint, step)]


def _refuse_missing(complaint: Complaint, step: Step) -> list[str]:
    """Return the fields that a supervisor's reason let pass; raise GateRefused for the rest."""
    missing = _missing(complaint, step)
    reason = str(step.data.get("override_reason") or "").strip()
    may_override = bool(reason) and Role.SUPERVISOR in step.roles
    left = [item for item in missing if item.hard or not may_override]
    if left:
        raise GateRefused(missing)
    return [item.field for item in missing]
