"""Messages that could not be delivered, or whose outcome nobody knows: a supervisor tries them again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import DeskRequest
from complaints.case.actors import Actor
from complaints.db.keyset_paging import BadKey, Column, Order, page_of, place_in
from complaints.errors import Refused
from followups.board.board import undelivered
from followups.board.views import refuse_without_supervision
from followups.delivery import retrying
from followups.models import Notice
from followups.promises.asking import part_or_404

NEWEST_FIRST = Order("notice", (Column("id", descending=True),))
PAGE_SIZE = 30


@require_safe
def notices(request: DeskRequest) -> HttpResponse:
    """Undelivered notices about the cases that the supervisor sees, the newest first."""
    refuse_without_supervision(request.user)
    return _page(request)


@require_POST
def retry(request: DeskRequest, pk: int) -> HttpResponse:
    """Put one notice into the outbox again."""
    refuse_without_supervision(request.user)
    part_or_404(request, Notice, pk)
    try:
        retrying.retry(pk, actor=Actor.staff(request.user), at=timezone.now())
    except Refused as refused:
        return _page(request, note=str(refused), status=refused.status)
    messages.success(request, _("The message is in the outbox again."))
    return redirect("followups:notices")


def _page(request: DeskRequest, *, note: str = "", status: int = 200) -> HttpResponse:
    rows = undelivered(request.user)
    try:
        page = page_of(rows, NEWEST_FIRST, **place_in(request.GET), size=PAGE_SIZE)
    except BadKey as bad:
        page, note = page_of(rows, NEWEST_FIRST, size=PAGE_SIZE), str(bad)
    context = {"now": timezone.now(), "page": page, "note": note}
    return render(request, "followups/board/undelivered.html", context, status=status)
