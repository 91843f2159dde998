"""What a customer keeps of the form that they sent: by when somebody answers, the link, its QR code, the reference."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from complaints.case.identity import masked_email
from complaints.customer import links, page as customer_page
from complaints.customer.views_link import on_link
from complaints.models import Complaint
from complaints.webform import qr


@login_not_required
@on_link
@require_safe
def thanks(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """Thanks, with the first date that we promise; opened again later it says what is next then."""
    customer, at = complaint.customer, timezone.now()
    context = {
        "page": customer_page.build(complaint, at),
        "now": at,
        "address": links.public_url(complaint),
        "mailed_to": masked_email(customer.email) if customer is not None else "",
        "is_only_link": customer is None or not customer.can_be_reached,
    }
    return render(request, "complaints/webform/thanks.html", context)


@login_not_required
@on_link
@require_safe
def picture(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """The QR code that opens the customer's page, to show and to keep."""
    return HttpResponse(qr.png_of(links.public_url(complaint)), content_type="image/png")
