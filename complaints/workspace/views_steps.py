"""Steps of the lifecycle: the natural one on the complaint page, the others on a small page of their own."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.errors import ChangedMeanwhile, GateRefused, NotPermitted, Refused
from complaints.models import Complaint
from complaints.steps import archive, assignment, lifecycle
from complaints.steps.forms_assignment import SeverityForm
from complaints.steps.forms_closing import ProposeInvalidForm
from complaints.steps.forms_shared import StepForm
from complaints.steps.lifecycle import TRANSITIONS
from complaints.visibility import roles_on
from complaints.workspace.parts import SAVERS, build_form, fetch, natural_action, news_since
from complaints.workspace.views import Refusal, Shown, render_case
from complaints.writing import reply_templates

DONE = {
    "verify": gettext_lazy("Verified."),
    "assign": gettext_lazy("Assigned."),
    "take": gettext_lazy("You handle it now."),
    "reassign": gettext_lazy("Reassigned."),
    "resolve": gettext_lazy("Resolved."),
    "record_feedback": gettext_lazy("Feedback recorded."),
    "rework": gettext_lazy("A new round of work begins."),
    "archive": gettext_lazy("Archived."),
    "close_early": gettext_lazy("Closed early."),
    "reopen": gettext_lazy("Opened again."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: DeskRequest, reference: str, action: str) -> HttpResponse:
    """Take a step (POST). GET shows its form alone, for steps that are not the natural next one."""
    at = timezone.now()
    complaint, form = _opened(request, reference, action, at)
    if request.method != "POST":
        if complaint.status in TRANSITIONS[action].sources and lifecycle.is_open_to(TRANSITIONS[action], complaint):
            return _form_page(request, complaint, form)
        messages.warning(request, _("This step is not possible at the present stage."))
        return redirect("complaints:case", reference)
    if request.POST.get("do") == "template":
        return _with_template(request, complaint, form, at)
    if not form.is_valid():
        return _again(request, complaint, form, at, status=422)
    try:
        lifecycle.perform(
            complaint.pk,
            action,
            actor=Actor.staff(request.user),
            at=at,
            data=form.step_data(),
            version=form.cleaned_data["version"],
        )
    except Refused as refused:
        return _refused(request, reference, form, at, refused)
    messages.success(request, DONE[action])
    return back_to(request, reference)


@require_http_methods(["GET", "HEAD", "POST"])
def save_step(request: DeskRequest, reference: str, action: str) -> HttpResponse:
    """Keep what is filled in so far without taking the step. GET (a reload) leads to the complaint."""
    if action not in SAVERS:
        raise Http404
    if request.method != "POST":
        return redirect("complaints:case", reference)
    at = timezone.now()
    complaint, form = _opened(request, reference, action, at)
    if not form.is_valid():
        return _again(request, complaint, form, at, status=422)
    try:
        version = form.cleaned_data["version"]
        SAVERS[action](complaint.pk, actor=Actor.staff(request.user), at=at, data=form.step_data(), version=version)
    except Refused as refused:
        return _refused(request, reference, form, at, refused)
    messages.success(request, _("Saved. The step itself is still to be done."))
    return back_to(request, reference)


@require_http_methods(["GET", "HEAD", "POST"])
def severity(request: DeskRequest, reference: str) -> HttpResponse:
    """Another severity, with a reason."""
    complaint = _working(request, reference)
    form = SeverityForm(request.POST if request.method == "POST" else None, complaint=complaint)

    def change(at: datetime):
        assignment.change_severity(
            complaint.pk,
            severity=form.cleaned_data["severity"],
            reason=form.cleaned_data["reason"],
            actor=Actor.staff(request.user),
            at=at,
            version=form.cleaned_data["version"],
        )

    words = {"heading": _("Change severity"), "button": _("Change severity"), "done": _("Severity changed.")}
    return _small(request, complaint, form, change, **words)


@require_http_methods(["GET", "HEAD", "POST"])
def propose_invalid(request: DeskRequest, reference: str) -> HttpResponse:
    """Propose that this is not a complaint; somebody else closes it."""
    complaint = _working(request, reference)
    form = ProposeInvalidForm(request.POST if request.method == "POST" else None)

    def propose(at: datetime):
        archive.propose_invalid(
            complaint.pk, reason=form.cleaned_data["reason"], actor=Actor.staff(request.user), at=at
        )

    words = {
        "heading": _("Propose: not a complaint"),
        "lead": _("A second person has to agree before it is closed."),
        "button": _("Propose it"),
        "done": _("Proposed. Somebody else can close it now."),
    }
    return _small(request, complaint, form, propose, **words)


def _opened(request: DeskRequest, reference: str, action: str, at: datetime) -> tuple[Complaint, StepForm]:
    """The complaint and the form of `action`. Raises Http404, PermissionDenied."""
    if action not in TRANSITIONS:
        raise Http404
    complaint = fetch(request.user, reference)
    roles = roles_on(request.user, complaint)
    if not roles & TRANSITIONS[action].roles:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    return complaint, build_form(action, data, complaint, request.user, at, roles)


def _working(request: DeskRequest, reference: str) -> Complaint:
    complaint = fetch(request.user, reference)
    if not permissions.has_role(permissions.CHANGE, request.user, complaint):
        raise PermissionDenied
    return complaint


def back_to(request: DeskRequest, reference: str) -> HttpResponse:
    """Back to the complaint, or to the queue when it went to people whose complaints are not visible here."""
    if Complaint.objects.visible_to(request.user).filter(reference=reference).exists():
        return redirect("complaints:case", reference)
    messages.info(request, _("%(reference)s is now with a team that you do not see.") % {"reference": reference})
    return redirect("complaints:queue")


def _refused(request: DeskRequest, reference: str, form: StepForm, at: datetime, refused: Refused) -> HttpResponse:
    """The page again, with the reason beside what was typed, at the complaint's present version."""
    if isinstance(refused, NotPermitted):
        raise PermissionDenied from refused
    complaint = fetch(request.user, reference)
    if isinstance(refused, GateRefused):
        form.add_missing(refused.missing)
        return _again(request, complaint, form, at, status=refused.status, missing=refused.missing)
    refusal = Refusal(str(refused))
    if isinstance(refused, ChangedMeanwhile):
        refusal.news = news_since(complaint, refused.since_version, at)
        fresh = build_form(form.action, request.POST, complaint, request.user, at, roles_on(request.user, complaint))
        refusal.stored = fresh.differences()
        form = fresh
    form.renew(complaint)
    return _again(request, complaint, form, at, status=refused.status, refusal=refusal)


def _again(
    request: DeskRequest,
    complaint: Complaint,
    form: StepForm,
    at: datetime,
    *,
    status: int,
    missing=None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The page that the form stands on: the complaint's own for the natural step, else the small one.

    Where the stage has gone on so that the form stands nowhere, its texts are kept to copy.
    """
    if complaint.status not in TRANSITIONS[form.action].sources:
        refusal, status = refusal or Refusal(_("This step is not possible at the present stage.")), 409
        refusal.stored = refusal.stored or form.differences()
        beside = {difference.label for difference in refusal.stored}
        refusal.kept = [(label, text) for label, text in form.typed_texts() if str(label) not in beside]
        return render_case(request, complaint, at, Shown(refusal=refusal), status)
    if form.action == natural_action(complaint):
        return render_case(request, complaint, at, Shown(step=form, missing=missing, refusal=refusal), status)
    return _form_page(request, complaint, form, refusal=refusal, status=status)


def _form_page(
    request: DeskRequest, complaint: Complaint, form: StepForm, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    label = TRANSITIONS[form.action].label
    heading = form.heading or label
    context = {"complaint": complaint, "form": form, "heading": heading, "button": label, "refusal": refusal}
    return render(request, "complaints/workspace/step.html", context, status=status)


def _with_template(request: DeskRequest, complaint: Complaint, form: StepForm, at: datetime) -> HttpResponse:
    """The page again with the chosen template in the reply; nothing is stored."""
    assert isinstance(form.data, QueryDict)  # it was sent
    form.data = reply_templates.with_template(form.data, "reply", complaint, writer=request.user, at=at)
    return _again(request, complaint, form, at, status=200)


def _small(request: DeskRequest, complaint: Complaint, form, act: Callable, **words) -> HttpResponse:
    """A small page with one form that is no step: shown, refused beside its field, or done."""
    status, at = 200, timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            act(at)
        except NotPermitted as refused:
            raise PermissionDenied from refused
        except ChangedMeanwhile as refused:
            complaint, status = fetch(request.user, complaint.reference), refused.status
            news = news_since(complaint, refused.since_version, at)
            words["refusal"] = Refusal(str(refused), news, form.renew(complaint))
        except Refused as refused:
            form.add_error(None, str(refused))
            status = refused.status
        else:
            messages.success(request, words["done"])
            return redirect("complaints:case", complaint.reference)
    elif request.method == "POST":
        status = 422
    return render(
        request, "complaints/workspace/step.html", {"complaint": complaint, "form": form, **words}, status=status
    )
