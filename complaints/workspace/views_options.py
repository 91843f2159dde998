"""Solutions offered to the customer: offer, approve or decline, note the choice, withdraw."""

from collections.abc import Callable
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BoundField
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.errors import NotPermitted, Refused
from complaints.models import Complaint, Option
from complaints.steps import options
from complaints.steps.forms_options import ChoiceHeardForm, DecideForm, OfferForm
from complaints.workspace.parts import fetch
from complaints.workspace.views import Refusal, Shown, render_case
from ui.way_back import way_back


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: DeskRequest, reference: str) -> HttpResponse:
    """Offer a solution. A refused one stays in its form. GET (a reload) leads to the complaint."""
    if request.method != "POST":
        return redirect("complaints:case", reference)
    at = timezone.now()
    complaint = fetch(request.user, reference)
    if not permissions.has_role(permissions.OFFER_OPTIONS, request.user, complaint):
        raise PermissionDenied
    form = OfferForm(request.POST)
    if not form.is_valid():
        return render_case(request, complaint, at, Shown(offer=form), 422)
    given = form.cleaned_data
    try:
        option = options.offer(
            complaint.pk,
            words=given["words"],
            amount=given["amount"] or Decimal(0),
            expires_at=given["expires_at"],
            actor=Actor.staff(request.user),
            at=at,
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        complaint = fetch(request.user, reference)
        if complaint.status != Status.ASSIGNED:
            # The form stands nowhere any more.
            shown = Shown(refusal=Refusal(str(refused), kept=[(str(form["words"].label), given["words"])]))
        else:
            form.add_error(None, str(refused))
            shown = Shown(offer=form)
        return render_case(request, complaint, at, shown, refused.status)
    if option.needs_approval:
        messages.warning(request, _("This is above your limit: a supervisor has to approve it before it is offered."))
    else:
        messages.success(request, _("The solution is on offer."))
    return redirect(reverse("complaints:case", args=[reference]) + "#options")


@require_http_methods(["GET", "HEAD", "POST"])
def decide_option(request: DeskRequest, pk: int) -> HttpResponse:
    """Approve an option above its author's limit, or decline it with a reason. `next` leads back to the board."""
    form = DecideForm(request.POST)
    valid = form.is_valid()
    approve = valid and form.cleaned_data["approve"]

    def decide(**who):
        if not valid:
            raise Unclear(form)
        options.decide(pk, approve=approve, reason=form.cleaned_data["reason"], **who)

    return _act(request, pk, decide, done=_("Approved.") if approve else _("Declined."), typed=form["reason"])


@require_http_methods(["GET", "HEAD", "POST"])
def choose_option(request: DeskRequest, pk: int) -> HttpResponse:
    """Note which solution the customer chose, and on which channel."""
    form = ChoiceHeardForm(request.POST)

    def choose(**who):
        if not form.is_valid():
            raise Unclear(form)
        options.choose(pk, channel=form.cleaned_data["channel"], **who)

    return _act(request, pk, choose, done=_("The customer’s choice is noted."))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_option(request: DeskRequest, pk: int) -> HttpResponse:
    """Take an offer back that nobody chose yet."""

    def withdraw(**who):
        options.withdraw(pk, **who)

    return _act(request, pk, withdraw, done=_("The offer is withdrawn."))


class Unclear(Refused):
    """A small form whose fields make no sense or are empty."""

    status = 422

    def __init__(self, form):
        super().__init__(" ".join(error for errors in form.errors.values() for error in errors))


def _act(request: DeskRequest, pk: int, act: Callable, *, done: str, typed: BoundField | None = None) -> HttpResponse:
    """Do something to an option of a complaint that the person may see; GET (a reload) leads to the complaint.

    What was `typed` comes back with a refusal: whoever decided meanwhile took the form away.
    """
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
        kept = [(str(typed.label), typed.value())] if typed is not None and typed.value() else []
        refusal = Refusal(str(refused), kept=kept)
        return render_case(request, fetch(request.user, reference), at, Shown(refusal=refusal), refused.status)
    messages.success(request, done)
    return HttpResponseRedirect(way_back(request, reverse("complaints:case", args=[reference]) + "#options"))
