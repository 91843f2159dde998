"""The page on which a customer appeals a result. GET changes nothing; after the window it says what still works."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from complaints.case.once import SentBefore
from complaints.customer import answers, appeals as customer_appeals, page as customer_page, representatives
from complaints.customer.forms_appeal import AppealForm
from complaints.customer.haste import refuse_haste
from complaints.customer.views_link import on_link
from complaints.errors import Refused
from complaints.evidence.forms import names_of, status_of
from complaints.models import Complaint
from complaints.steps import appeals


@login_not_required
@on_link
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """Take an appeal and lead to its confirmation; else the form, or the page that says why there is none.

    The status says what refused it: the form (422), the window or an earlier appeal (409), too many (429).
    """
    at = timezone.now()
    choices = customer_appeals.choices_for(complaint)
    if request.method != "POST":
        if appeals.this_round(complaint) is not None:
            return redirect("complaints:public_status", complaint.token)
        return _page(request, complaint, at, AppealForm(points=choices))
    form = AppealForm(request.POST, request.FILES, points=choices)
    try:
        refuse_haste(request, complaint)
        if form.is_valid():
            answers.appeal(complaint.pk, form.cleaned_data, at=at, actor=representatives.actor_on(complaint, "appeal"))
            return redirect("complaints:public_done", complaint.token, "appeal")
        code = status_of(form)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        code = refusal.status
        if isinstance(refusal, SentBefore):
            form.renew_key()
    return _page(request, complaint, at, form, code)


def _page(request: HttpRequest, complaint: Complaint, at: datetime, form: AppealForm, code: int = 200) -> HttpResponse:
    """The form; where the result cannot be appealed any more, what still works, and what was typed to copy."""
    page = customer_page.build(complaint, at)
    why_not = appeals.why_not(complaint, at)
    context = {
        "page": page,
        "now": at,
        "form": form,
        "files_lost": names_of(request.FILES),
        "kept": form.typed() if form.is_bound and why_not else "",
        "why_not": why_not,
        "outside": customer_appeals.outside_now() if why_not else [],
    }
    name = "appeal_closed" if why_not else "appeal"
    return render(request, f"complaints/customer/{name}.html", context, status=code)
