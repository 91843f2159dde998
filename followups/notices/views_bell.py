"""The bell: how much is unseen, what was told lately, and what one has seen of it. Everybody sees their own."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import DeskRequest
from complaints.db.keyset_paging import LARGEST_NUMBER, BadKey, Column, Order, page_of, place_in
from followups.notices import bell

NEWEST_FIRST = Order("notification", (Column("id", descending=True),))
IN_PANEL, PAGE_SIZE = 15, 30


class SeenForm(forms.Form):
    """The newest notice that stood on the page: what came later is not seen."""

    up_to = forms.IntegerField(min_value=1, max_value=LARGEST_NUMBER)


@require_safe
def notifications(request: DeskRequest) -> HttpResponse:
    """Everything one was told, the newest first."""
    return _page(request, timezone.now())


@require_safe
def count(request: DeskRequest) -> HttpResponse:
    """The number at the bell, for htmx: it asks every half minute, so it costs no page a query."""
    return render(request, "followups/notices/_bell_count.html", _unseen(request))


@require_safe
def panel(request: DeskRequest) -> HttpResponse:
    """What opens below the bell, for htmx."""
    return _panel(request, timezone.now())


@require_POST
def open_case(request: DeskRequest, pk: int) -> HttpResponse:
    """Go to the case; the notice is seen."""
    at = timezone.now()
    notice = get_object_or_404(bell.notices_of(request.user, at).select_related("complaint"), pk=pk)
    bell.see(notice, at=at)
    return redirect("complaints:case", notice.case.reference)


@require_POST
def open_many(request: DeskRequest, pk: int) -> HttpResponse:
    """Go to one's work, where the many cases of a line stand; all of them are seen."""
    at = timezone.now()
    newest = get_object_or_404(bell.notices_of(request.user, at).filter(event__in=bell.TOGETHER), pk=pk)
    bell.see_alike(newest, at=at)
    return redirect(reverse("complaints:queue", query={"view": "mine"}))


@require_POST
def seen(request: DeskRequest) -> HttpResponse:
    """Everything on the page is seen; the panel is renewed in its place, the page by a redirect."""
    at = timezone.now()
    form = SeenForm(request.POST)
    if not form.is_valid():
        note = _("It is not clear what you have seen. Nothing was changed.")
        return _page(request, at, note=note, status=422)
    bell.see_all(request.user, up_to=form.cleaned_data["up_to"], at=at)
    return _panel(request, at) if request.htmx else redirect("followups:notifications")


def _panel(request: DeskRequest, at: datetime) -> HttpResponse:
    rows = list(bell.listed(request.user, at).order_by("-id")[:IN_PANEL])
    context = {"lines": bell.lines_together(rows, request.user, at), "now": at} | _unseen(request)
    return render(request, "followups/notices/_bell_panel.html", context)


def _page(request: DeskRequest, at: datetime, *, note: str = "", status: int = 200) -> HttpResponse:
    rows = bell.listed(request.user, at)
    try:
        page = page_of(rows, NEWEST_FIRST, **place_in(request.GET), size=PAGE_SIZE)
    except BadKey as bad:
        page, note = page_of(rows, NEWEST_FIRST, size=PAGE_SIZE), str(bad)
    context = {"lines": bell.lines_together(page.rows, request.user, at), "now": at, "page": page, "note": note}
    return render(request, "followups/notices/notifications.html", context | _unseen(request), status=status)


def _unseen(request: DeskRequest) -> dict[str, Any]:
    return {"unseen": bell.unseen(request.user), "most": bell.MOST_COUNTED}
