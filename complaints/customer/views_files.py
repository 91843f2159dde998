"""Files on the customer's page, by an address of their own that ends with the page."""

import functools
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from complaints.customer import file_leaves
from complaints.customer.views_link import secluded
from complaints.evidence.views import serve_preview, serve_to_customer
from complaints.models import Evidence, Message
from complaints.visibility import is_named_in


def with_leave(view: Callable[[HttpRequest, Evidence], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give `view` the file, if whoever asks has leave; else the same answer, whatever is wrong."""

    @functools.wraps(view)
    def with_file(request: HttpRequest, leave: str, pk: int) -> HttpResponseBase:
        try:
            return view(request, _public_file(request, leave, pk))
        except Http404:
            return secluded(render(request, "complaints/customer/no_file.html", status=404))

    return with_file


@login_not_required
@require_safe
@with_leave
def original(request: HttpRequest, row: Evidence) -> HttpResponseBase:
    """A file to keep, without the place where it was taken."""
    return serve_to_customer(request, row)


@login_not_required
@require_safe
@with_leave
def preview(request: HttpRequest, row: Evidence) -> HttpResponseBase:
    """The copy of a photo that is shown."""
    return serve_preview(row)


def _public_file(request: HttpRequest, leave: str, pk: int) -> Evidence:
    """A file of this complaint, and of no other, that the customer gave or was sent. Raises Http404."""
    complaint = file_leaves.complaint_with(leave)
    if complaint is None or is_named_in(request.user, complaint):
        raise Http404
    shown = complaint.evidence.filter(public=True).exclude(message__kind=Message.Kind.INTERNAL)
    return get_object_or_404(shown, pk=pk)
