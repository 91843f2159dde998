"""Solutions offered to the customer: offer, approve or decline, note the choice, withdraw."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from complaints import solutions
from complaints.actors import Actor
from complaints.errors import NotPermitted, Refused
from complaints.forms.solutions import ChoiceHeardForm, DecideForm, OfferForm
from complaints.models import Complaint, Option
from complaints.solutions import HANDLING
from complaints.views.case import Refusal, Shown, render_case
from complaints.views.case_parts import fetch
from complaints.visibility import roles_on


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, reference: str) -> HttpResponse:
    """Offer a solution. A refused one stays in its form. GET (a reload) leads to the complaint."""
    if request.method != "POST":
        return redirect("complaints:case", reference)
    at = timezone.now()
    complaint = fetch(request.user, reference)
    if not roles_on(request.user, complaint) & HANDLING:
        raise PermissionDenied
    form = OfferForm(request.POST)
    if not form.is_valid():
        return render_case(request, complaint, at, Shown(offer=form), 422)
    given = form.cleaned_data
    try:
        option = solutions.offer(
            complaint.pk,
            words=given["words"],
            amount=given["amount"] or 0,
            expires_at=given["expires_at"],
            actor=Actor.staff(request.user),
            at=at,
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        form.add_error(None, str(refused))
        return render_case(request, fetch(request.user, reference), at, Shown(offer=form), refused.status)
    if option.needs_approval:
        messages.warning(request, _("This is above your limit: a supervisor has to approve it before it is offered."))
    else:
        messages.success(request, _("The solution is on offer."))
    return redirect(reverse("complaints:case", args=[reference]) + "#options")


@require_http_methods(["GET", "HEAD", "POST"])
def decide_option(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve an option above its author's limit, or decline it with a reason. `next` leads back to the board."""
    form = DecideForm(request.POST)
    valid = form.is_valid()
    approve = valid and form.cleaned_data["approve"]

    def decide(**who):
        if not valid:
            raise Unclear(form)
        solutions.decide(pk, approve=approve, reason=form.cleaned_data["reason"], **who)

    return _act(request, pk, decide, done=_("Approved.") if approve else _("Declined."))


@require_http_methods(["GET", "HEAD", "POST"])
def choose_option(request: HttpRequest, pk: int) -> HttpResponse:
    """Note which solution the customer chose, and on which channel."""
    form = ChoiceHeardForm(request.POST)

    def choose(**who):
        if not form.is_valid():
            raise Unclear(form)
        solutions.choose(pk, channel=form.cleaned_data["channel"], **who)

    return _act(request, pk, choose, done=_("The customer’s choice is noted."))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_option(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an offer back that nobody chose yet."""

    def withdraw(**who):
        solutions.withdraw(pk, **who)

    return _act(request, pk, withdraw, done=_("The offer is withdrawn."))


class Unclear(Refused):
    """A small form whose fields make no sense or are empty."""

    status = 422

    def __init__(self, form):
        super().__init__(" ".join(error for errors in form.errors.values() for error in errors))
        self.typed = [(str(f.label), str(f.value() or "")) for f in form if f.name == "reason" and f.value()]


def _act(request: HttpRequest, pk: int, act: Callable, *, done: str) -> HttpResponse:
    """Do something to an option of a complaint that the person may see; GET (a reload) leads to the complaint."""
    at = timezone.now()
    visible = Complaint.objects.visible_to(request.user)
    option = get_object_or_404(Option.objects.filter(complaint__in=visible).select_related("complaint"), pk=pk)
    reference = option.complaint.reference
    if request.method != "POST":
        return redirect("complaints:case", reference)
    try:
        act(actor=Actor.staff(request.user), at=at)
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        refusal = Refusal(str(refused), kept=getattr(refused, "typed", []))
        return render_case(request, fetch(request.user, reference), at, Shown(refusal=refusal), refused.status)
    messages.success(request, done)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return redirect(back)
    return redirect(reverse("complaints:case", args=[reference]) + "#options")
