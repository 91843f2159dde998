"""Who may also ask about it: the customer names them, hands on their link, and takes it back."""

from cryptography.fernet import InvalidToken
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from complaints.customer import links, representatives as letting
from complaints.customer.forms_decide import RepresentativeForm
from complaints.customer.haste import refuse_haste
from complaints.customer.views_link import on_link
from complaints.errors import Refused
from complaints.evidence.forms import status_of
from complaints.models import Complaint, Representative

WHAT = "representatives"


@login_not_required
@on_link
@require_http_methods(["GET", "HEAD", "POST"])
def representatives(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """Those who may, each with the link to hand on, and a form for one more; a representative is led back."""
    if not letting.may(complaint, WHAT):
        return redirect("complaints:public_status", complaint.token)
    form, code = RepresentativeForm(request.POST or None), 200
    if request.method == "POST":
        try:
            refuse_haste(request, complaint)
            if form.is_valid():
                letting.add(complaint.pk, form.cleaned_data, at=timezone.now())
                return redirect("complaints:public_representatives", complaint.token)
            code = status_of(form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            code = refusal.status
    standing = [(one, _address(one)) for one in complaint.representatives.all()]
    context = {"complaint": complaint, "token": complaint.token, "standing": standing, "form": form}
    return render(request, "complaints/customer/representatives.html", context, status=code)


@login_not_required
@on_link
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, complaint: Complaint, pk: int) -> HttpResponse:
    """Take a link back, and lead to those that are left; GET (a reload) leads there too."""
    if request.method == "POST" and letting.may(complaint, WHAT):
        try:
            letting.end(complaint.pk, pk, at=timezone.now())
        except Representative.DoesNotExist as missing:
            raise Http404 from missing
    return redirect("complaints:public_representatives", complaint.token)


def _address(one: Representative) -> str:
    """What to hand on; "" where TOKEN_KEY is not the one it was sealed with."""
    try:
        return links.public_url(one)
    except InvalidToken:
        return ""
