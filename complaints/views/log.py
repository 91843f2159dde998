"""Logging a complaint: one page, and what is known about the customer while it is filled in."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import may_log
from complaints import evidence, intake
from complaints.actors import Actor
from complaints.errors import GateRefused, Refused
from complaints.filestore import CouldNotStore
from complaints.forms.log import LogForm
from complaints.models import Complaint
from complaints.phones import phone_key

# Shorter numbers (12315) belong to no customer.
LEAST_LOOKUP_DIGITS = 7
MOST_SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """Show the form, or log what was filled in and lead to the new complaint."""
    if not may_log(request.user):
        raise PermissionDenied
    at = timezone.now()
    if request.method != "POST":
        return _page(request, LogForm(person=request.user, at=at))
    form = LogForm(request.POST, request.FILES, person=request.user, at=at)
    try:
        if not form.is_valid():
            return _page(request, form, status=422)
        with transaction.atomic():
            actor = Actor.staff(request.user)
            complaint = intake.log(form.intake(), actor=actor, at=at)
            evidence.attach(complaint, form.cleaned_data["evidence"], actor=actor, at=at)
    except Refused as refused:
        _explain(form, refused)
        return _page(request, form, status=refused.status)
    said = _("%(reference)s is logged. Tell the customer this number.") % {"reference": complaint.reference}
    messages.success(request, said)
    if request.user in form.cleaned_data["named_people"]:
        return redirect("complaints:queue")
    return redirect("complaints:case", complaint.reference)


def _page(request: HttpRequest, form: LogForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "files_lost": status != 200 and bool(request.FILES)}
    return render(request, "complaints/log.html", context, status=status)


def _explain(form: LogForm, refused: Refused):
    """Put the reasons of a refusal beside the fields they are about."""
    if isinstance(refused, GateRefused):
        for missing in refused.missing:
            form.add_error(missing.field if missing.field in form.fields else None, missing.message)
    else:
        form.add_error("evidence" if isinstance(refused, CouldNotStore) else None, str(refused))


@require_safe
def log_customer(request: HttpRequest) -> HttpResponse:
    """What the person may see of the customer with this phone, and what is open at the site: a fragment.

    Customers are found through complaints that the person sees, so that a number typed at random
    gives nobody's name away.
    """
    if not may_log(request.user):
        raise PermissionDenied
    visible = Complaint.objects.visible_to(request.user).select_related("customer").order_by("-received_at", "-id")
    key = phone_key(request.GET.get("phone", "")[:40])
    enough = sum(character.isdigit() for character in key) >= LEAST_LOOKUP_DIGITS
    earlier = list(visible.filter(customer__phone_key=key)[: MOST_SHOWN + 1]) if enough else []
    site = request.GET.get("site", "")
    here = visible.open().filter(site=site) if site.isascii() and site.isdigit() and len(site) < 10 else visible.none()
    context = {
        "names": list(dict.fromkeys(complaint.customer.label for complaint in earlier)),
        "earlier": earlier[:MOST_SHOWN],
        "more": len(earlier) > MOST_SHOWN,
        "here": [complaint for complaint in here[:MOST_SHOWN] if complaint not in earlier],
    }
    return render(request, "complaints/_log_known.html", context)
