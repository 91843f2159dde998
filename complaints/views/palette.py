"""The command palette's two fragments: what can be opened or done from a page, and what a few words find."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from complaints import lifecycle
from complaints.conversation import SPEAKING
from complaints.evidence import ADDING
from complaints.forms.talk import kinds_for
from complaints.lifecycle import WORKING
from complaints.models import Complaint
from complaints.palette import case_named, found
from complaints.views.case import BEFORE_RESULT
from complaints.views.case_parts import natural_action
from complaints.visibility import roles_on
from complaints.worklists import worklists_of


@require_safe
@never_cache
def palette(request: HttpRequest) -> HttpResponse:
    """With `q` the complaints that its words find; without it the pages and, for a `case`, what may be done there."""
    if "q" in request.GET:
        return render(request, "complaints/_palette_found.html", {"found": found(request.user, request.GET["q"])})
    complaint = case_named(request.user, request.GET.get("case", ""))
    context = {"worklists": worklists_of(request.user).values(), "complaint": complaint}
    if complaint is not None:
        context |= _doable(request, complaint)
    return render(request, "complaints/_palette_commands.html", context)


def _doable(request: HttpRequest, complaint: Complaint) -> dict:
    """What the person may do on the complaint now, by the same rules as its page."""
    roles = roles_on(request.user, complaint)
    may_change = bool(roles & WORKING) and not complaint.is_archived
    natural = natural_action(complaint)
    steps = lifecycle.available_actions(complaint, request.user)
    return {
        "steps": sorted(steps, key=lambda step: step.action != natural),
        # The step whose form stands on the complaint's own page.
        "natural": natural,
        "kinds": kinds_for(complaint) if roles & SPEAKING else [],
        "may_change": may_change,
        "may_add_evidence": bool(roles & ADDING) and not complaint.is_archived,
        "may_propose_invalid": may_change
        and complaint.status in BEFORE_RESULT
        and not complaint.invalid_proposed_by_id,
    }
