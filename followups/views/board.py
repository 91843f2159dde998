"""The supervisor's board: what breaks next, what to sign and to approve, who carries how much."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import has_role
from accounts.models import Person, Role, Team
from followups.board import LONGEST_LIST, NEXT_TO_BREAK, approvals, escalations_to_sign, figures, loads, open_promises
from followups.forms import SignForm


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """For supervisors, others get 403. For htmx what breaks next and the figures: the same address serves both."""
    refuse_without_supervision(request.user)
    at = timezone.now()
    context = {
        "now": at,
        "figures": figures(request.user, at),
        "promises": open_promises(request.user)[:NEXT_TO_BREAK],
    }
    template = "followups/_board_live.html"
    if not request.htmx:
        template = "followups/board.html"
        context |= _standing(request.user, at)
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _standing(person: Person, at: datetime) -> dict:
    """What is read once, with the page: a renewal must not wipe a note that is being written."""
    carried = loads(person, at, _midnight_after(at))
    return {
        "teams": _supervised(person),
        "escalations": escalations_to_sign(person)[:LONGEST_LIST],
        "approvals": approvals(person)[:LONGEST_LIST],
        "loads": carried,
        "most": max((load.total for load in carried), default=0),
        "sign_form": SignForm(auto_id=False),
    }


def refuse_without_supervision(person: Person):
    """Raises PermissionDenied (403) for people who supervise no team."""
    if not has_role(person, Role.SUPERVISOR):
        raise PermissionDenied


def _supervised(person: Person) -> list[Team]:
    """The teams that the person is a supervisor of, as named in their roles."""
    return list(Team.objects.filter(memberships__person=person, memberships__role=Role.SUPERVISOR).in_tree_order())


def _midnight_after(at: datetime) -> datetime:
    """The end of today in the active time zone."""
    tomorrow = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(
        days=1
    )
    return timezone.make_aware(tomorrow)
