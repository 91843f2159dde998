"""The queue: what there is to do, in which order; and the search, which is the queue of what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise as LazyText
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import reach_of
from accounts.models import Role
from accounts.requests import DeskRequest
from complaints.db.keyset_paging import BadKey, Order, Page, page_of, place_in
from complaints.models import Complaint
from complaints.queue import address, saved_views
from complaints.queue.address import Asked
from complaints.queue.bulk import actions_for
from complaints.queue.counting import counts
from complaints.queue.filter_sheet import fields_of
from complaints.queue.filters import ComplaintFilter
from complaints.queue.forms_saved_view import SavedViewForm
from complaints.queue.row_html import Rows
from complaints.queue.worklists import (
    MOST_COUNTED,
    PAGE_SIZE,
    WORKLISTS,
    Worklist,
    grouped,
    rows_of,
    worklists_of,
)
from complaints.search.find import MOST_FOUND, newest, said_in


@dataclass
class Listing:
    """The rows to show: those of a view, or what a search found in it."""

    rows: QuerySet
    # How many each view holds, by key; a search counts only what it found.
    numbers: dict[str, int]
    note: str = ""
    # Where there is so much that it is not counted to the end: what holds the same, read no further than a page.
    parts: Sequence[QuerySet] = ()


@require_safe
def queue(request: DeskRequest) -> HttpResponse:
    """The queue as a page, or, for htmx, its rows, counts and time: the same address serves both."""
    at = timezone.now()
    asked = address.read(request.GET, request.user)
    notes, worklist, filtered, order = asked.notes, asked.worklist, asked.filter, asked.order
    listing = _listing(request, filtered, worklist, at)
    if listing.note:
        notes.append(listing.note)
    page = _page(request, listing, order, notes)
    said = said_in(page.rows, filtered.query) if filtered.query else {}
    bulk_actions = actions_for(request.user)
    shown = Rows(at, filtered.filter_choices, filtered.query, said, ticked=bool(bulk_actions))
    context = {
        "now": at,
        "worklist": worklist,
        "elsewhere": WORKLISTS.get(worklist.elsewhere),
        "tabs": [
            (tab, listing.numbers.get(key), MOST_FOUND if filtered.query else tab.most or MOST_COUNTED)
            for key, tab in worklists_of(request.user).items()
        ],
        "order": order,
        "orders": asked.orders,
        "order_label": asked.order_label,
        "filter": filtered,
        "search_error": filtered.search_error,
        "chips": filtered.chips(at),
        "notes": notes,
        "page": page,
        # Administrators see no complaint by that role alone.
        "blind": not reach_of(request.user).roles - {Role.ADMINISTRATOR},
        "groups": _groups(page, order, shown, at),
        "bulk_actions": bulk_actions,
    }
    if request.htmx:
        response = render(request, "complaints/queue/_live.html", context)
    else:
        response = render(request, "complaints/queue/queue.html", context | _around(request, asked))
    patch_vary_headers(response, ["HX-Request"])
    return response


def _listing(request: DeskRequest, filtered: ComplaintFilter, worklist: Worklist, at: datetime) -> Listing:
    """The rows of the view; of a search the newest hits in it."""
    person = request.user
    held = worklist.pick(filtered.qs, person, at)
    if filtered.query is None:
        numbers = counts(filtered.narrowed(Complaint.objects.all()), person, at)
        if worklist.parts and numbers[worklist.key] > MOST_COUNTED:
            parts = worklist.parted(filtered.qs, person, at)
            return Listing(rows_of(Complaint.objects.all(), at), numbers, parts=parts)
        return Listing(rows_of(held, at), numbers)
    found = newest(held)
    note = ""
    if len(found) > MOST_FOUND:
        note = ngettext(
            "There are more hits; this is the newest %(count)d. Search for more words, or use a filter.",
            "There are more hits; these are the newest %(count)d. Search for more words, or use a filter.",
            MOST_FOUND,
        ) % {"count": MOST_FOUND}
    rows = rows_of(Complaint.objects.filter(pk__in=found[:MOST_FOUND]), at, searched=True)
    return Listing(rows, {worklist.key: len(found)}, note)


def _around(request: DeskRequest, asked: Asked) -> dict:
    """What stands around the rows and does not renew itself: filters, saved views, and the form to save one."""
    menu = saved_views.menu(request.user, asked, request.GET.get("saved", ""))
    return {
        "asked": asked,
        "sheet_fields": fields_of(asked.filter),
        "saved": menu,
        "notes": [*asked.notes, *menu.notes],
        "save_form": SavedViewForm(teams=saved_views.shareable(request.user, asked.filter.filter_choices.teams)),
    }


def _page(request: DeskRequest, listing: Listing, order: Order, notes: list[str]) -> Page:
    """The page that the address names; the first one, with a note, where its key does not fit."""
    place = place_in(request.GET)
    try:
        return page_of(listing.rows, order, **place, size=PAGE_SIZE, parts=listing.parts)
    except BadKey as bad:
        notes.append(str(bad))
        return page_of(listing.rows, order, size=PAGE_SIZE, parts=listing.parts)


def _groups(page: Page, order: Order, shown: Rows, at: datetime) -> list[tuple[LazyText | str, SafeString]]:
    """(heading, rows as HTML); only the order of promises has headings."""
    if order.name != "promise":
        return [("", shown.of(page.rows))]
    return [(group.label, shown.of(group.rows)) for group in grouped(page.rows, at)]
