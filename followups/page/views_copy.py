"""The customer's copy of everything that is theirs: what is in it, and the file. Reading only."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.throttle import allow
from complaints.customer import page as customer_page, representatives
from complaints.customer.views_link import on_link
from complaints.models import Complaint
from followups.page import own_copy

WHAT = "copy"
# Setting it costs the desk as much as twenty pages.
MOST, IN_SECONDS = 6, 600


@login_not_required
@on_link
@require_safe
def about(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """What is in it; a representative is led back."""
    if not representatives.may(complaint, WHAT):
        return redirect("complaints:public_status", complaint.token)
    now = timezone.now()
    found = own_copy.parts(customer_page.build(complaint, now), now)
    context = {"complaint": complaint, "parts": [part.heading for part in found if part.entries]}
    return render(request, "followups/page/public_copy.html", context)


@login_not_required
@on_link
@require_safe
def pdf(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """The file, made now and kept nowhere."""
    if not representatives.may(complaint, WHAT):
        return redirect("complaints:public_status", complaint.token)
    if not allow("copy", complaint.token_hash, limit=MOST, seconds=IN_SECONDS):
        return render(request, "429.html", status=429)
    now = timezone.now()
    response = HttpResponse(own_copy.of(customer_page.build(complaint, now), now), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, f"{complaint.reference}.pdf") or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
