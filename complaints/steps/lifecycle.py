"""The one table of transitions: the only thing that changes `status`.

Pages, bulk actions, the API, the admin, tasks and the customer's link all call `perform()`.
"""

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from accounts.models import Person, Role
from complaints.case import closing, events, followers, gates
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock, refuse_stale
from complaints.case.permissions import HANDLING, LEADING, WORKING
from complaints.case.step import Gate, Step, Transition, Writer
from complaints.choices import Status
from complaints.conversation import undo_send
from complaints.errors import GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.models import Complaint
from complaints.steps import archive, assignment, feedback, resolution, verification
from complaints.visibility import roles_on
from complaints.writing.limits import refuse_too_long


def _row(
    action: str,
    label: str | Promise,
    event: EventKind,
    sources: Iterable[str],
    target: str,
    roles: Iterable[str],
    write: Writer,
    gate: Gate,
    **more: bool,
) -> tuple[str, Transition]:
    return action, Transition(action, label, event, frozenset(sources), target, frozenset(roles), write, gate, **more)


TRANSITIONS: dict[str, Transition] = dict(
    [
        _row("verify", gettext_lazy("Verify"), EventKind.VERIFIED, [Status.RECEIVED], Status.VERIFIED, WORKING,
             verification.write, gates.verify),
        _row("assign", gettext_lazy("Assign"), EventKind.ASSIGNED, [Status.VERIFIED], Status.ASSIGNED, LEADING,
             assignment.write_assignment, gates.assign),
        _row("take", gettext_lazy("Take it"), EventKind.TAKEN, [Status.ASSIGNED], Status.ASSIGNED, HANDLING,
             assignment.write_taking, gates.take, public=False),
        _row("reassign", gettext_lazy("Reassign"), EventKind.REASSIGNED, [Status.ASSIGNED], Status.ASSIGNED, LEADING,
             assignment.write_reassignment, gates.reassign, public=False),
        _row("resolve", gettext_lazy("Resolve"), EventKind.RESOLVED, [Status.ASSIGNED], Status.RESOLVED, HANDLING,
             resolution.write_resolution, gates.resolve, by_system=True),
        _row("untell", gettext_lazy("The result did not arrive"), EventKind.UNTOLD, [Status.RESOLVED],
             Status.ASSIGNED, [], resolution.write_not_arrived, gates.nothing, by_system=True, public=False),
        _row("record_feedback", gettext_lazy("Record feedback"), EventKind.FEEDBACK_RECORDED, [Status.RESOLVED],
             Status.FEEDBACK, WORKING, feedback.write, gates.record_feedback, by_customer=True, by_system=True),
        _row("rework", gettext_lazy("Work on it again"), EventKind.REWORKED, [Status.FEEDBACK], Status.ASSIGNED,
             HANDLING, resolution.write_rework, gates.rework, by_system=True),
        _row("archive", gettext_lazy("Archive"), EventKind.ARCHIVED, [Status.FEEDBACK, Status.ASSIGNED],
             Status.ARCHIVED, HANDLING, archive.write, gates.archive),
        _row("close_early", gettext_lazy("Close early"), EventKind.CLOSED_EARLY,
             [Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED], Status.ARCHIVED, HANDLING,
             archive.write_early, gates.close_early, by_customer=True),
        _row("reopen", gettext_lazy("Reopen"), EventKind.REOPENED, [Status.ARCHIVED], Status.ASSIGNED,
             HANDLING, archive.write_reopening, gates.reopen, by_customer=True, by_system=True, with_original=True),
        _row("uphold", gettext_lazy("Open again after an appeal"), EventKind.REOPENED, [Status.ARCHIVED],
             Status.ASSIGNED, [], archive.write_upholding, gates.uphold, by_system=True),
    ]
)  # fmt: skip


def perform(
    complaint_id: int,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
    version: int | None = None,
) -> Complaint:
    """Carry out `action` on a complaint and return it; one transaction, all or nothing.

    `at` is aware and becomes the event's moment. `data` holds cleaned values by field name.
    `version` is the one the actor's page showed. With data["override_reason"] a supervisor passes
    the soft items of a gate; the event says which. Replies of the desk that still wait are sent before a
    person's step, and before one that closes the case; else customer and system leave them their ten seconds.

    Raises Complaint.DoesNotExist, NotPermitted (403), NotAllowedNow and ChangedMeanwhile (409),
    GateRefused (422, with every missing item), texts.TooLong (422). Source of the rules: SPEC, "Life of a complaint".
    """
    transition = TRANSITIONS[action]
    refuse_too_long(data or {})
    with transaction.atomic():
        complaint = followers.lock(complaint_id) if transition.with_original else lock(complaint_id)
        step = Step(transition, actor, at, dict(data or {}), _roles(actor, complaint), complaint)
        _refuse_strangers(step, complaint)
        refuse_stale(complaint, version, actor)
        # Who is too late to take it reads who has it: that is the gate's answer.
        if complaint.status not in transition.sources or not (action == "take" or is_open_to(transition, complaint)):
            raise NotAllowedNow(_not_now(transition, complaint))
        closes = transition.target == Status.ARCHIVED
        if (actor.is_staff or closes) and undo_send.send_before_step(complaint, at=at):
            complaint = lock(complaint_id)
        step.before = copy.copy(complaint)
        said = transition.write(complaint, step) or {}
        overridden = _refuse_missing(complaint, step)
        came_from, complaint.status = complaint.status, transition.target
        complaint.save(update_fields=_changed(step.before, complaint))
        said |= {"from": came_from, "to": transition.target}
        if overridden:
            said |= {"overridden": overridden, "override_reason": step.data["override_reason"].strip()}
        events.record(complaint, transition.event, actor=actor, at=at, data=said, public=transition.public)
        if transition.target in closing.ENDING:
            closing.end_what_stands(complaint, at=at)
    return complaint


def available_actions(complaint: Complaint, person: Person) -> list[Transition]:
    """The transitions that `person` may attempt on `complaint` now, in the table's order.

    Drives buttons and tests; whether the gate lets it pass is perform()'s answer.
    """
    roles = roles_on(person, complaint)
    found = [t for t in TRANSITIONS.values() if complaint.status in t.sources and roles & t.roles]
    return [t for t in found if is_open_to(t, complaint)]


def is_open_to(transition: Transition, complaint: Complaint) -> bool:
    """Whether the step is one to be offered: what is nobody's can be taken, what failed before ended unsolved."""
    if transition.action == "take":
        return complaint.handler_id is None
    if transition.action == "archive" and complaint.status == Status.ASSIGNED:
        return complaint.round > 1
    return True


def missing_for(complaint: Complaint, action: str, *, actor: Actor, at: datetime) -> list[Missing]:
    """What the gate of `action` would still ask for, as the case is stored now. Changes nothing."""
    transition = TRANSITIONS[action]
    step = Step(transition, actor, at, {}, _roles(actor, complaint), complaint)
    return _missing(complaint, step)


def _changed(before: Complaint, after: Complaint) -> list[str]:
    """The fields that the step changed: what else the row holds is not written back."""
    fields = after._meta.concrete_fields
    return [field.name for field in fields if getattr(before, field.attname) != getattr(after, field.attname)]


def _roles(actor: Actor, complaint: Complaint) -> frozenset[str]:
    return roles_on(actor.person, complaint) if actor.person is not None else frozenset()


def _refuse_strangers(step: Step, complaint: Complaint) -> None:
    actor, transition = step.actor, step.transition
    allowed = (
        (actor.is_customer and transition.by_customer)
        or (actor.is_system and transition.by_system)
        or bool(step.roles & transition.roles)
    )
    if not allowed:
        raise NotPermitted(_("Your role does not include this step: %(step)s") % {"step": transition.label})


def _not_now(transition: Transition, complaint: Complaint) -> str:
    here = [t for t in TRANSITIONS.values() if complaint.status in t.sources and t.roles and t.action != "take"]
    possible = [str(t.label) for t in here if is_open_to(t, complaint)]
    return _("“%(step)s” is not possible at the stage “%(stage)s”. Possible now: %(possible)s.") % {
        "step": transition.label,
        "stage": complaint.get_status_display(),
        "possible": pgettext("list", ", ").join(possible) or "–",
    }


def _missing(complaint: Complaint, step: Step) -> list[Missing]:
    speakers = (step.transition.gate, *gates.registered(step.transition.action))
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
