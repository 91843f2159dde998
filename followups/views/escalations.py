"""Ask a supervisor for help, and sign for what was escalated."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from complaints.actors import Actor
from followups import escalations
from followups.escalations import WORKING
from followups.forms import EscalateForm, SignForm
from followups.models import Escalation
from followups.views.asking import ask, complaint_or_404, part_or_404, refuse_without


@require_http_methods(["GET", "POST"])
def escalate(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask a supervisor; what was tried already has to be said."""
    complaint = complaint_or_404(request, reference=reference)
    refuse_without(WORKING, request, complaint)

    def act(given: dict) -> str:
        escalations.manual(complaint.pk, **given, actor=Actor.staff(request.user), at=timezone.now())
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
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign for an escalation; the note is optional."""
    escalation = to_sign(request, pk)

    def act(given: dict) -> str:
        escalations.sign(pk, note=given["note"], actor=Actor.staff(request.user), at=timezone.now())
        return _("You signed for %(reference)s.") % {"reference": escalation.complaint.reference}

    return ask(
        request,
        SignForm,
        act,
        complaint=escalation.complaint,
        heading=_("Sign for it: %(reason)s") % {"reason": escalation.get_reason_display()},
        lead=escalation.note,
        button=_("Sign for it"),
    )


def to_sign(request: HttpRequest, pk: int) -> Escalation:
    """The escalation if the person may see its case (404) and sign for it (403)."""
    escalation = part_or_404(request, Escalation, pk)
    refuse_without({Role.SUPERVISOR}, request, escalation.complaint)
    if request.user.pk in escalation.not_for:
        raise PermissionDenied
    return escalation
