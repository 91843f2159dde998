"""The queue: what there is to do, in which order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import reach_of
from accounts.models import Role
from complaints.filters import ComplaintFilter
from complaints.models import Complaint
from complaints.paging import BadKey, page_of
from complaints.worklists import (
    ORDER_LABELS,
    ORDERS,
    PAGE_SIZE,
    WORKLISTS,
    counts,
    first_worklist,
    grouped,
    rows_of,
)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The queue as a page, or, for htmx, its rows, counts and time: the same address serves both."""
    at = timezone.now()
    notes: list[str] = []
    # A search looks everywhere unless a view is named with it.
    first = "all" if request.GET.get("q") else first_worklist(request.user)
    worklist = WORKLISTS[_chosen(request, "view", WORKLISTS, first, notes)]
    order = ORDERS[_chosen(request, "sort", ORDERS, "promise", notes)]
    visible = Complaint.objects.visible_to(request.user)
    filtered = ComplaintFilter(request.GET, visible, person=request.user)
    notes += filtered.refused
    rows = rows_of(worklist.pick(filtered.qs, request.user, at), at)
    keys = {"after": request.GET.get("after", ""), "before": request.GET.get("before", "")}
    try:
        page = page_of(rows, order, **keys, size=PAGE_SIZE)
    except BadKey as bad:
        notes.append(str(bad))
        page = page_of(rows, order, size=PAGE_SIZE)
    numbers = counts(filtered.qs, request.user, at)
    context = {
        "now": at,
        "worklist": worklist,
        "elsewhere": WORKLISTS.get(worklist.elsewhere),
        "tabs": [(tab, numbers[key]) for key, tab in WORKLISTS.items()],
        "order": order,
        "orders": ORDER_LABELS,
        "order_label": ORDER_LABELS[order.name],
        "filter": filtered,
        "chips": filtered.chips(at),
        "notes": notes,
        "page": page,
        # Administrators see no complaint by that role alone.
        "blind": not reach_of(request.user).roles - {Role.ADMINISTRATOR},
        "groups": grouped(page.rows, at) if order.name == "promise" else None,
    }
    template = "complaints/_queue_live.html" if request.htmx else "complaints/queue.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _chosen(request: HttpRequest, name: str, known: dict, default: str, notes: list[str]) -> str:
    """The value of a parameter that names one of a few things; an unknown one is said and replaced."""
    value = request.GET.get(name, default)
    if value in known:
        return value
    notes.append(_("There is no view or order of that name; this is the usual one."))
    return default
