"""The link once more: sent to the address that we know, for a reference and the end of the phone number."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.throttle import client_network
from complaints.customer import new_links
from complaints.customer.forms import FindForm
from complaints.customer.throttle import Finding, May
from complaints.customer.views_link import secluded


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Take what was typed, and say the same whether it belongs together or not.

    What is answered hangs on the form and on how often somebody tried (complaints.customer.throttle), never on what
    is there. Nothing is taken while tries cannot be counted.
    """
    form, code = FindForm(request.POST or None), 200
    if request.method == "POST":
        code = 422
        if form.is_valid():
            typed = form.cleaned_data
            may = Finding(client_network(request), typed["reference"], typed["digits"]).may
            if may is May.FOUR_DIGITS or (may is May.WHOLE_NUMBER and typed["whole"]):
                whole = may is May.WHOLE_NUMBER
                proof = typed["whole"] if whole else typed["digits"]
                new_links.ask(typed["reference"], proof=proof, whole=whole, at=timezone.now())
                return secluded(redirect("complaints:public_sent"))
            code = 429
            form.add_error("digits" if may is May.WHOLE_NUMBER else None, _refusal(may))
    return secluded(render(request, "complaints/customer/find.html", {"form": form}, status=code))


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What happens now, if the two belong together."""
    return secluded(render(request, "complaints/customer/find_sent.html"))


def _refusal(may: May) -> str:
    if may is May.NOTHING:
        return _("Too many tries. Wait an hour, or call us.")
    return _("This was tried too often. Type your whole phone number here, as you gave it to us, or call us.")
