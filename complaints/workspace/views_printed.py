"""A complaint on paper: one page with everything that may be read of it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.narrated import NarratedEvent
from complaints.case.this_round import of_this_round
from complaints.case.timeline import names_in
from complaints.workspace.parts import fetch, lines, stage_moments
from complaints.workspace.talk import conversation


@require_safe
def printed(request: DeskRequest, reference: str) -> HttpResponse:
    """The case as it is printed: facts, promises, the whole conversation and the whole history."""
    at = timezone.now()
    complaint = fetch(request.user, reference)
    stored = list(complaint.events.select_related("actor").order_by("number"))
    people, teams = names_in(stored)
    history = [NarratedEvent(event, at, people, teams) for event in stored]
    entries, _cut = conversation(complaint, history, show_all=True)
    context = {
        "at": at,
        "complaint": complaint,
        "moments": stage_moments(complaint, history),
        "check": getattr(complaint, "verification", None),
        "result": of_this_round(complaint.resolutions, complaint),
        "appeals": list(complaint.appeals.all()),
        "options": [option for option in complaint.options.all() if option.round == complaint.round],
        "may_see_responsibility": permissions.has_role(permissions.SEE_RESPONSIBILITY, request.user, complaint),
        "entries": entries,
        "lines": lines(history),
        # Paper is white, whatever the screen is.
        "theme": "light",
        "printing": True,
    }
    return render(request, "complaints/workspace/printed.html", context)
