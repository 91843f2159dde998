"""Following a complaint without the link: by its reference and the end of the phone number."""

import hmac
import logging

from cryptography.fernet import InvalidToken
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.throttle import client_network
from complaints.customer import links
from complaints.customer.forms import FindForm
from complaints.customer.throttle import Finding, May
from complaints.customer.views_link import secluded
from complaints.models import Complaint
from complaints.visibility import is_named_in

log = logging.getLogger(__name__)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Lead to the customer's page, or say in one and the same way that nothing was found.

    Four digits can be guessed, so tries are counted (complaints.customer.throttle), and nothing is answered while they
    cannot be counted.
    """
    form, code = FindForm(request.POST or None), 200
    if request.method == "POST":
        code = 422
        if form.is_valid():
            reference, digits = form.cleaned_data["reference"], form.cleaned_data["digits"]
            finding = Finding(client_network(request), reference, digits)
            token = _token_for(request, form.cleaned_data, finding.may)
            if token:
                finding.give_back()
                return secluded(redirect("complaints:public_status", token))
            code, said = _refusal(finding.may)
            form.add_error("digits" if finding.may is May.WHOLE_NUMBER else None, said)
    return secluded(render(request, "complaints/customer/find.html", {"form": form}, status=code))


def _refusal(may: May) -> tuple[int, str]:
    if may is May.NOTHING:
        return 429, _("Too many tries. Wait an hour, or call us.")
    if may is May.WHOLE_NUMBER:
        return 429, _("This was tried too often. Type your whole phone number here, as you gave it to us, or call us.")
    return 422, _("We find no complaint with this reference and this phone number.")


def _token_for(request: HttpRequest, typed: dict, may: May) -> str:
    """Return the token of the complaint whose customer has the number, or "". Same work for every kind of wrong."""
    reference = typed["reference"]
    complaint = Complaint.objects.select_related("customer").filter(reference=reference).first()
    key = complaint.customer.phone_key if complaint is not None and complaint.customer is not None else ""
    right, given = (key[-4:], typed["digits"]) if may is May.FOUR_DIGITS else (key, typed["number"])
    if complaint is None or len(key) < 4 or not hmac.compare_digest(right.encode(), given.encode()):
        return ""
    if may is May.NOTHING or is_named_in(request.user, complaint):
        return ""
    try:
        return links.unseal(complaint.token_sealed)
    except InvalidToken:
        log.error("The link of %s cannot be opened: TOKEN_KEY is not the one it was sealed with", reference)
        return ""
