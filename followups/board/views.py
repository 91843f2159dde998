"""The supervisor's board: what is lost next, what is broken or nobody's, what to approve, who carries how much."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import has_role
from accounts.models import Person, Role, Team
from accounts.requests import DeskRequest
from followups.board import rows as board_rows
from followups.board.board import LONGEST_LIST, Away, Load, approvals, away_at, desks, figures, loads

# What fits on a screen of 16:9 without scrolling, where nobody can scroll.
LONGEST_ON_THE_WALL = 7


@require_safe
def board(request: DeskRequest) -> HttpResponse:
    """For supervisors, others get 403. For htmx what changes by itself: the same address serves both."""
    refuse_without_supervision(request.user)
    at = timezone.now()
    away = away_at(at)
    if request.htmx and "later" in request.GET:
        context = {"now": at, "later": board_rows.later(request.user, at, away)}
        return _page_or_part(request, "followups/board/board.html", "followups/board/_later.html", context)
    context = {
        "now": at,
        "figures": figures(request.user, at),
        "lists": board_rows.lists(request.user, at, away),
    }
    if not request.htmx:
        context |= _standing(request.user, at, away)
    return _page_or_part(request, "followups/board/board.html", "followups/board/_live.html", context)


@require_safe
def wall(request: DeskRequest) -> HttpResponse:
    """The same for a screen on the wall: large, and without anything about a customer. Others get 403."""
    refuse_without_supervision(request.user)
    at = timezone.now()
    away = away_at(at)
    carried = loads(request.user, at, _midnight_after(at))[:LONGEST_ON_THE_WALL]
    found = board_rows.lists(request.user, at, away)
    rows = found.rows or board_rows.later(request.user, at, away)
    context = {
        "now": at,
        "figures": figures(request.user, at),
        "rows": rows[:LONGEST_ON_THE_WALL],
        "loads": [replace(load, away=away.get(load.handler.pk)) for load in carried],
        "most": _most(carried),
        "teams": _supervised(request.user),
    }
    return _page_or_part(request, "followups/board/wall.html", "followups/board/_wall_live.html", context)


def _page_or_part(request: DeskRequest, page: str, part: str, context: dict) -> HttpResponse:
    """The whole page, or for htmx the part of it that renews itself."""
    response = render(request, part if request.htmx else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _standing(person: Person, at: datetime, away: dict[int, Away]) -> dict:
    """What is read once, with the page."""
    carried = loads(person, at, _midnight_after(at))
    return {
        "teams": _supervised(person),
        "approvals": approvals(person)[:LONGEST_LIST],
        "loads": desks(person, carried, away),
        "most": _most(carried),
    }


def _most(carried: list[Load]) -> int:
    return max((load.total for load in carried), default=0)


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
