"""Following a complaint without the link: by its reference and the end of the phone number."""

import hmac
import logging

from cryptography.fernet import InvalidToken
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from complaints import tokens
from complaints.forms.public import FindForm
from complaints.models import Complaint
from complaints.throttle import allow, client_address
from complaints.views.link import secluded

log = logging.getLogger(__name__)

NO_DIGITS = "----"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Lead to the customer's page, or say in one and the same way that nothing was found.

    Four digits can be guessed, so tries are counted for the reference and for the address, and
    nothing is answered while they cannot be counted.
    """
    form, code = FindForm(request.POST or None), 200
    if request.method == "POST":
        code = 422
        if form.is_valid():
            reference, digits = form.cleaned_data["reference"], form.cleaned_data["digits"]
            if not _may_try(request, reference):
                code = 429
                form.add_error(None, _("Too many tries. Wait an hour, or call us."))
            elif token := _token_for(reference, digits):
                return secluded(redirect("complaints:public_status", token))
            else:
                form.add_error(None, _("We find no complaint with this reference and this phone number."))
    return secluded(render(request, "complaints/public_find.html", {"form": form}, status=code))


def _may_try(request: HttpRequest, reference: str) -> bool:
    address = client_address(request)
    return allow("find from", address, limit=30, seconds=3600, when_down=False) and allow(
        "find", reference, limit=10, seconds=3600, when_down=False
    )


def _token_for(reference: str, digits: str) -> str:
    """Return the token of the complaint whose customer's number ends so, or "". Same work for both kinds of wrong."""
    complaint = Complaint.objects.select_related("customer").filter(reference=reference).first()
    key = complaint.customer.phone_key if complaint is not None and complaint.customer is not None else ""
    ending = key[-4:] if len(key) >= 4 else NO_DIGITS
    if not hmac.compare_digest(ending, digits):
        return ""
    try:
        return tokens.unseal(complaint.token_sealed)
    except InvalidToken:
        log.error("The link of %s cannot be opened: TOKEN_KEY is not the one it was sealed with", reference)
        return ""
