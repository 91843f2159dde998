"""Say who verifies a complaint, from the board."""

from functools import partial

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from followups.escalation.forms import VerifierForm
from followups.escalation.naming import name_verifier, possible_verifiers
from followups.promises.asking import ask, complaint_or_404, refuse_without


@require_http_methods(["GET", "POST"])
def verifier(request: DeskRequest, reference: str) -> HttpResponse:
    """Name who verifies it; for supervisors."""
    complaint = complaint_or_404(request, reference=reference)
    refuse_without(permissions.NAME_VERIFIER.roles, request, complaint)

    def act(given: dict) -> str:
        person = given["verifier"]
        name_verifier(complaint.pk, person=person, actor=Actor.staff(request.user), at=timezone.now())
        return _("%(name)s verifies %(reference)s.") % {"name": person.label, "reference": complaint.reference}

    return ask(
        request,
        partial(VerifierForm, people=possible_verifiers([complaint])[complaint.pk]),
        act,
        complaint=complaint,
        heading=_("Who verifies it?"),
        button=_("Name who verifies"),
    )
