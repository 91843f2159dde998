"""Appeals for staff: taken on any channel, begun and decided by a reviewer who had no part in the case."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case import appealing, permissions
from complaints.case.actors import Actor
from complaints.customer import appeals as customer_appeals, told
from complaints.errors import GateRefused, NotPermitted, Refused
from complaints.models import Appeal, Complaint
from complaints.steps import appeals
from complaints.steps.forms_appeals import DecideAppealForm, TakeAppealForm
from complaints.workspace.parts import fetch
from complaints.workspace.views_steps import back_to


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: DeskRequest, reference: str) -> HttpResponse:
    """Take down an appeal that the customer makes by phone, letter or at the counter."""
    at = timezone.now()
    complaint = fetch(request.user, reference)
    if not permissions.has_role(permissions.TAKE_APPEAL, request.user, complaint):
        raise PermissionDenied
    choices = customer_appeals.choices_for(complaint)
    if request.method != "POST":
        why_not = appeals.why_not(complaint, at)
        if why_not:
            messages.warning(request, why_not)
            return redirect("complaints:case", reference)
        return _take_page(request, complaint, TakeAppealForm(points=choices))
    form = TakeAppealForm(request.POST, points=choices)
    if not form.is_valid():
        return _take_page(request, complaint, form, 422)
    given = form.cleaned_data
    try:
        appeals.make(
            complaint.pk,
            points=given["points"],
            grounds=given["grounds"],
            wanted=given["wanted"],
            channel=given["channel"],
            actor=Actor.staff(request.user),
            at=at,
            submission_key=f"staff:{given['submission_key']}" if given["submission_key"] else None,
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        form.add_error(None, str(refused))
        return _take_page(request, complaint, form, refused.status)
    messages.success(request, _("The appeal is taken. Somebody who had no part in the complaint decides it."))
    return redirect("complaints:case", reference)


def _take_page(request: DeskRequest, complaint: Complaint, form: TakeAppealForm, status: int = 200) -> HttpResponse:
    context = {"complaint": complaint, "form": form}
    return render(request, "complaints/workspace/appeal_take.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: DeskRequest, reference: str) -> HttpResponse:
    """Begin to review the appeal (a button); GET leads to where it is decided."""
    if request.method != "POST":
        return redirect("complaints:decide_appeal", reference)
    complaint, appeal = _opened(request, reference)
    try:
        appeals.begin_review(appeal.pk, actor=Actor.staff(request.user), at=timezone.now())
    except NotPermitted as refused:
        raise PermissionDenied(str(refused)) from refused
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("complaints:case", reference)
    messages.success(request, _("The appeal is yours. The customer hears who reviews it."))
    return redirect("complaints:decide_appeal", complaint.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: DeskRequest, reference: str) -> HttpResponse:
    """Answer every point; only for whoever reviews it."""
    at = timezone.now()
    complaint, appeal = _opened(request, reference)
    if appeal.reviewer != request.user or not appeal.is_open:
        messages.info(request, _("This appeal is not yours to decide, or it is decided."))
        return redirect("complaints:case", reference)
    data = request.POST if request.method == "POST" else None
    barred = appealing.whose_finding_it_is(complaint) | {request.user.pk}
    form = DecideAppealForm(data, appeal=appeal, complaint=complaint, barred=barred)
    if request.method != "POST":
        return _decide_page(request, complaint, appeal, form, at)
    if not form.is_valid():
        return _decide_page(request, complaint, appeal, form, at, 422)
    team, handler = form.cleaned_data["assignee"]
    try:
        appeals.decide(
            appeal.pk,
            answers=form.answers(),
            team=team,
            handler=handler,
            outside=form.cleaned_data["outside"],
            actor=Actor.staff(request.user),
            at=at,
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except GateRefused as refused:
        form.add_missing(refused.missing)
        return _decide_page(request, complaint, appeal, form, at, refused.status)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _decide_page(request, complaint, appeal, form, at, refused.status)
    messages.success(request, _("Decided. The customer is told point by point."))
    return back_to(request, reference)


def _opened(request: DeskRequest, reference: str) -> tuple[Complaint, Appeal]:
    """The case and its appeal of this round. Raises Http404 where it is not visible, PermissionDenied for others."""
    complaint = fetch(request.user, reference)
    appeal = appeals.this_round(complaint)
    if appeal is None or not permissions.has_role(permissions.DECIDE_APPEAL, request.user, complaint):
        raise PermissionDenied
    return complaint, appeal


def _decide_page(
    request: DeskRequest, complaint: Complaint, appeal: Appeal, form: DecideAppealForm, at: datetime, status: int = 200
) -> HttpResponse:
    context = {
        "complaint": complaint,
        "appeal": appeal,
        "form": form,
        "told": told.result(complaint) or told.closing(complaint),
        "at": at,
    }
    return render(request, "complaints/workspace/appeal_decide.html", context, status=status)
