"""The command palette's two fragments: what can be opened or done from a page, and what a few words find."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.conversation.forms import kinds_for
from complaints.models import Complaint
from complaints.queue.palette import case_named, found
from complaints.queue.worklists import worklists_of
from complaints.steps import lifecycle
from complaints.workspace.parts import natural_action


@require_safe
@never_cache
def palette(request: DeskRequest) -> HttpResponse:
    """With `q` the complaints that its words find; without it the pages and, for a `case`, what may be done there."""
    if "q" in request.GET:
        return render(
            request, "complaints/queue/_palette_found.html", {"found": found(request.user, request.GET["q"])}
        )
    complaint = case_named(request.user, request.GET.get("case", ""))
    context = {"worklists": worklists_of(request.user).values(), "complaint": complaint}
    if complaint is not None:
        context |= _doable(request, complaint)
    return render(request, "complaints/queue/_palette_commands.html", context)


def _doable(request: DeskRequest, complaint: Complaint) -> dict:
    """What the person may do on the complaint now, by the same rules as its page."""
    may = permissions.allowed(request.user, complaint)
    natural = natural_action(complaint)
    steps = lifecycle.available_actions(complaint, request.user)
    return {
        "steps": sorted(steps, key=lambda step: step.action != natural),
        # The step whose form stands on the complaint's own page.
        "natural": natural,
        "kinds": kinds_for(complaint) if permissions.SPEAK in may else [],
        "may_change": permissions.CHANGE in may,
        "may_add_evidence": permissions.ADD_EVIDENCE in may,
        "may_propose_invalid": permissions.PROPOSE_INVALID in may and not complaint.invalid_proposed_by_id,
    }
