"""Messages that could not be delivered, or whose outcome nobody knows: a supervisor tries them again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from complaints.actors import Actor
from complaints.errors import Refused
from complaints.paging import BadKey, Column, Order, page_of
from followups import delivery
from followups.board import undelivered
from followups.models import Notice
from followups.views.asking import part_or_404
from followups.views.board import refuse_without_supervision

NEWEST_FIRST = Order("notice", (Column("id", descending=True),))
PAGE_SIZE = 30


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Undelivered notices about the cases that the supervisor sees, the newest first."""
    refuse_without_supervision(request.user)
    return _page(request)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one notice into the outbox again."""
    refuse_without_supervision(request.user)
    part_or_404(request, Notice, pk)
    try:
        delivery.retry(pk, actor=Actor.staff(request.user), at=timezone.now())
    except Refused as refused:
        return _page(request, note=refused.message, status=refused.status)
    messages.success(request, _("The message is in the outbox again."))
    return redirect("followups:notices")


def _page(request: HttpRequest, *, note: str = "", status: int = 200) -> HttpResponse:
    rows = undelivered(request.user)
    keys = {name: request.GET.get(name, "") for name in ("after", "before")}
    try:
        page = page_of(rows, NEWEST_FIRST, **keys, size=PAGE_SIZE)
    except BadKey as bad:
        page, note = page_of(rows, NEWEST_FIRST, size=PAGE_SIZE), str(bad)
    context = {"now": timezone.now(), "page": page, "note": note}
    return render(request, "followups/notices.html", context, status=status)
