"""A new link for the customer, made by the desk."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case.actors import Actor
from complaints.customer import new_links
from complaints.errors import NotPermitted
from complaints.models import Complaint


@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: DeskRequest, reference: str) -> HttpResponse:
    """Make it and lead back; GET (a reload) leads to the complaint."""
    if request.method == "POST":
        complaint = get_object_or_404(Complaint.objects.visible_to(request.user), reference=reference)
        actor, seen = Actor.staff(request.user), request.POST.get("seen", "")
        try:
            is_new = new_links.issue(complaint.pk, seen=seen, actor=actor, at=timezone.now())
        except NotPermitted as refused:
            raise PermissionDenied from refused
        if is_new:
            messages.success(request, _("The old link is dead. The new one goes to the customer."))
        else:
            messages.info(request, _("There is a newer link already."))
    return redirect("complaints:case", reference)
