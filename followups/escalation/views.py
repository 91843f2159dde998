"""Ask a supervisor for help, and sign for what was escalated."""

from collections.abc import Callable
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.choices import Status
from followups.escalation import escalations, naming
from followups.escalation.forms import EscalateForm, SignAndNameForm, SignForm
from followups.models import Escalation
from followups.promises.asking import ask, complaint_or_404, part_or_404, refuse_without


@require_http_methods(["GET", "POST"])
def escalate(request: DeskRequest, reference: str) -> HttpResponse:
    """Ask a supervisor; what was tried already has to be said."""
    complaint = complaint_or_404(request, reference=reference)
    refuse_without(permissions.ESCALATE.roles, request, complaint)

    def act(given: dict) -> str:
        escalations.escalate_by_hand(complaint.pk, **given, actor=Actor.staff(request.user), at=timezone.now())
        return _("A supervisor was asked to sign for it.")

    return ask(
        request,
        EscalateForm,
        act,
        complaint=complaint,
        heading=_("Escalate to a supervisor"),
        lead=_("A supervisor is told at once and has to sign for it. Unsigned, it climbs to the team above."),
        button=_("Escalate"),
    )


@require_http_methods(["GET", "POST"])
def sign(request: DeskRequest, pk: int) -> HttpResponse:
    """Sign for an escalation; the note is optional. Of a case not verified yet also say who verifies it, or not."""
    escalation = to_sign(request, pk)
    complaint, actor = escalation.complaint, Actor.staff(request.user)
    form: Callable[..., SignForm] = SignForm
    if complaint.status == Status.RECEIVED:
        form = partial(SignAndNameForm, people=naming.possible_verifiers([complaint])[complaint.pk])

    def act(given: dict) -> str:
        at = timezone.now()
        with transaction.atomic():
            escalations.sign(pk, note=given["note"], actor=actor, at=at)
            if given.get("verifier") is not None:
                naming.name_verifier(complaint.pk, person=given["verifier"], actor=actor, at=at)
        return _("You signed for %(reference)s.") % {"reference": escalation.complaint.reference}

    return ask(
        request,
        form,
        act,
        complaint=escalation.complaint,
        heading=_("Sign for it: %(reason)s") % {"reason": escalation.get_reason_display()},
        lead=escalation.note,
        button=_("Sign for it"),
    )


def to_sign(request: DeskRequest, pk: int) -> Escalation:
    """The escalation if the person may see its case (404) and sign for it (403)."""
    escalation = part_or_404(request, Escalation, pk)
    refuse_without(permissions.SIGN_ESCALATIONS.roles, request, escalation.complaint)
    if request.user.pk in escalation.not_for:
        raise PermissionDenied
    return escalation
