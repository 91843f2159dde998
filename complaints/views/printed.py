"""A complaint on paper: one page with everything that may be read of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Role
from complaints.gates import of_this_round
from complaints.timeline import Told, names_in
from complaints.views.case_parts import conversation, fetch, lines, stage_moments
from complaints.visibility import roles_on


@require_safe
def printed(request: HttpRequest, reference: str) -> HttpResponse:
    """The case as it is printed: facts, promises, the whole conversation and the whole history."""
    at = timezone.now()
    complaint = fetch(request.user, reference)
    stored = list(complaint.events.select_related("actor").order_by("number"))
    people, teams = names_in(stored)
    told = [Told(event, at, people, teams) for event in stored]
    entries, _cut = conversation(complaint, told, show_all=True)
    context = {
        "at": at,
        "complaint": complaint,
        "moments": stage_moments(complaint, told),
        "check": getattr(complaint, "verification", None),
        "result": of_this_round(complaint.resolutions, complaint),
        "options": [option for option in complaint.options.all() if option.round == complaint.round],
        "may_see_responsibility": bool(roles_on(request.user, complaint) - {Role.FRONTLINE}),
        "entries": entries,
        "lines": lines(told),
        # Paper is white, whatever the screen is.
        "theme": "light",
        "printing": True,
    }
    return render(request, "complaints/printed.html", context)
