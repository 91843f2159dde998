"""The line above the rows of the queue: which bulk actions of one's own are under way, and once, that one is over.

Which ones to ask about the browser remembers, in a cookie that is set where one is started: while there is none,
the queue neither asks nor queries. The cookie opens nothing, each action is looked up among the person's own.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import HTMX_STOP_POLLING

from accounts.requests import DeskRequest
from complaints.models import BulkRun
from complaints.queue import bulk

# Read by the queue's templates.
COOKIE = "bulk_runs"
KEPT_FOR = timedelta(days=1)
# The newest so many are remembered.
MOST_KEPT = 20
LONGEST_ID = 18
Action = BulkRun.Action
WORK = {
    Action.ASSIGN: ngettext_lazy("Assigning %(count)d complaint", "Assigning %(count)d complaints", "count"),
    Action.REASSIGN: ngettext_lazy("Reassigning %(count)d complaint", "Reassigning %(count)d complaints", "count"),
    Action.CATEGORY: ngettext_lazy(
        "Changing the category of %(count)d complaint", "Changing the category of %(count)d complaints", "count"
    ),
    Action.DUPLICATE: ngettext_lazy(
        "Closing %(count)d complaint as a duplicate", "Closing %(count)d complaints as duplicates", "count"
    ),
}


@require_safe
def line(request: DeskRequest) -> HttpResponse:
    """How far the newest is and how many there are beside it, for htmx, which stops asking when all are over.

    Those that are over are told once, since the browser then forgets them; other people's are never shown.
    """
    remembered = _remembered(request)
    under_way = Q(started_at__isnull=False, finished_at__isnull=True)
    wanted = BulkRun.objects.filter(under_way | Q(pk__in=remembered, finished_at__isnull=False), person=request.user)
    entries = [_entry(run) for run in wanted.annotate(**bulk.counted("rows__")).order_by("-pk")]
    going = [entry for entry in entries if entry["run"].finished_at is None]
    context = {
        "newest": going[0] if going else None,
        "others": len(going) - 1,
        "over": [entry for entry in entries if entry not in going],
    }
    status = 200 if going else HTMX_STOP_POLLING
    response = render(request, "complaints/queue/_bulk_line.html", context, status=status)
    return _keep(request, response, [entry["run"].pk for entry in going])


def remember(request: DeskRequest, response: HttpResponse, pk: int) -> HttpResponse:
    """Let the browser remember an action that was started and is not over; returns the response."""
    return _keep(request, response, [*_remembered(request), pk])


def forget(request: DeskRequest, response: HttpResponse, pk: int) -> HttpResponse:
    """Its person has seen that it is over; returns the response."""
    return _keep(request, response, [kept for kept in _remembered(request) if kept != pk])


def _entry(run: BulkRun) -> dict:
    progress = bulk.Progress(run.waiting, run.done, run.refused)
    return {"run": run, "progress": progress, "work": WORK[BulkRun.Action(run.action)] % {"count": progress.total}}


def _remembered(request: DeskRequest) -> list[int]:
    """The ids that the cookie names, the newest last; what is no id is passed over."""
    named = request.COOKIES.get(COOKIE, "").split(".")
    ids = {int(pk) for pk in named if pk.isascii() and pk.isdecimal() and len(pk) <= LONGEST_ID}
    return sorted(ids)[-MOST_KEPT:]


def _keep(request: DeskRequest, response: HttpResponse, ids: Iterable[int]) -> HttpResponse:
    named = ".".join(str(pk) for pk in sorted(set(ids))[-MOST_KEPT:])
    if named and named != request.COOKIES.get(COOKIE):
        response.set_cookie(
            COOKIE, named, max_age=KEPT_FOR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    elif not named and COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
