"""The queue: what there is to do, in which order; and the search, which is the queue of what was found."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import reach_of
from accounts.models import Role
from complaints.filters import ComplaintFilter
from complaints.models import Complaint
from complaints.paging import BadKey, Order, Page, page_of
from complaints.rows import Rows
from complaints.search.find import MOST_FOUND, newest, said_in
from complaints.worklists import (
    MOST_COUNTED,
    ORDER_LABELS,
    ORDERS,
    PAGE_SIZE,
    WORKLISTS,
    Worklist,
    best_order,
    counts,
    first_worklist,
    grouped,
    rows_of,
)

BEST = "best"


@dataclass
class Listing:
    """The rows to show: those of a view, or what a search found in it."""

    rows: QuerySet
    # How many each view holds, by key; a search counts only what it found.
    numbers: dict[str, int]
    note: str = ""


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The queue as a page, or, for htmx, its rows, counts and time: the same address serves both."""
    at = timezone.now()
    notes: list[str] = []
    visible = Complaint.objects.visible_to(request.user)
    filtered = ComplaintFilter(request.GET, visible, person=request.user)
    # Reading it understands the search.
    wanted = filtered.qs
    notes += filtered.refused
    # A search looks everywhere unless a view is named with it, and shows the best first.
    searched = bool(request.GET.get("q"))
    worklist = WORKLISTS[
        _chosen(request, "view", WORKLISTS, "all" if searched else first_worklist(request.user), notes)
    ]
    labels = {BEST: _("Best hits"), **ORDER_LABELS} if filtered.query else ORDER_LABELS
    name = "promise"
    # Whoever takes the search away keeps the address, in which its order may stand.
    if filtered.query or request.GET.get("sort") != BEST:
        name = _chosen(request, "sort", labels, BEST if filtered.query else "promise", notes)
    order = best_order(filtered.query) if name == BEST else ORDERS[name]
    listing = _listing(request, wanted, filtered, worklist, at)
    if listing.note:
        notes.append(listing.note)
    page = _page(request, listing.rows, order, notes)
    said = said_in(page.rows, filtered.query) if filtered.query else {}
    shown = Rows(at, filtered.filter_choices, filtered.query, said)
    context = {
        "now": at,
        "worklist": worklist,
        "elsewhere": WORKLISTS.get(worklist.elsewhere),
        "tabs": [
            (tab, listing.numbers.get(key), MOST_FOUND if filtered.query else tab.most or MOST_COUNTED)
            for key, tab in WORKLISTS.items()
        ],
        "order": order,
        "orders": labels,
        "order_label": labels[name],
        "filter": filtered,
        "search_error": filtered.search_error,
        "chips": filtered.chips(at),
        "notes": notes,
        "page": page,
        # Administrators see no complaint by that role alone.
        "blind": not reach_of(request.user).roles - {Role.ADMINISTRATOR},
        "groups": _groups(page, order, shown, at),
    }
    template = "complaints/_queue_live.html" if request.htmx else "complaints/queue.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _listing(
    request: HttpRequest, wanted: QuerySet, filtered: ComplaintFilter, worklist: Worklist, at: datetime
) -> Listing:
    """The rows of the view; of a search the newest hits in it."""
    person = request.user
    held = worklist.pick(wanted, person, at)
    if filtered.query is None:
        return Listing(rows_of(held, at), counts(wanted, person, at))
    found = newest(held, person)
    note = ""
    if len(found) > MOST_FOUND:
        note = ngettext(
            "There are more hits; this is the newest %(count)d. Search for more words, or use a filter.",
            "There are more hits; these are the newest %(count)d. Search for more words, or use a filter.",
            MOST_FOUND,
        ) % {"count": MOST_FOUND}
    rows = rows_of(Complaint.objects.filter(pk__in=found[:MOST_FOUND]), at, searched=True)
    return Listing(rows, {worklist.key: len(found)}, note)


def _page(request: HttpRequest, rows: QuerySet, order: Order, notes: list[str]) -> Page:
    """The page that the address names; the first one, with a note, where its key does not fit."""
    try:
        return page_of(
            rows, order, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=PAGE_SIZE
        )
    except BadKey as bad:
        notes.append(str(bad))
        return page_of(rows, order, size=PAGE_SIZE)


def _groups(page: Page, order: Order, shown: Rows, at: datetime) -> list[tuple[str, list]]:
    """(heading, rows) as printed; only the order of promises has headings."""
    if order.name != "promise":
        return [("", shown.of(page.rows))]
    return [(group.label, shown.of(group.rows)) for group in grouped(page.rows, at)]


def _chosen(request: HttpRequest, name: str, known: dict, default: str, notes: list[str]) -> str:
    """The value of a parameter that names one of a few things; an unknown one is said and replaced."""
    value = request.GET.get(name, default)
    if value in known:
        return value
    notes.append(_("There is no view or order of that name; this is the usual one."))
    return default
