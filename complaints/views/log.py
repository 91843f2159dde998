"""Logging a complaint: one page, and what is known about the customer while it is filled in."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import may_log
from accounts.models import Person
from complaints import conversation, evidence, intake, lookup, repeats
from complaints.actors import Actor
from complaints.errors import GateRefused, Refused
from complaints.filestore import CouldNotStore
from complaints.forms.log import LogForm
from complaints.forms.log_same import SameForm
from complaints.models import Complaint
from complaints.visibility import roles_on

# Longer ones are no team's, nor a number that the database knows.
LONGEST_ID = 10


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


@require_http_methods(["GET", "HEAD", "POST"])
def log_same(request: HttpRequest, reference: str) -> HttpResponse:
    """It is the same: what was filled in goes into that complaint. GET (a reload) leads to the form."""
    if not may_log(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return redirect("complaints:log")
    at = timezone.now()
    visible = Complaint.objects.visible_to(request.user).select_related("customer")
    complaint = get_object_or_404(visible, reference=reference)
    if not _may_add(request.user, complaint):
        raise PermissionDenied
    form = SameForm(request.POST, request.FILES, person=request.user, at=at, complaint=complaint)
    try:
        if not form.is_valid():
            return _page(request, form, status=422)
        given = form.cleaned_data
        said = intake.tell_again(
            complaint.pk,
            body=form.body,
            channel=given["channel"],
            phone_key=form.phone_key,
            named=form.named,
            is_danger=given["danger"],
            files=given["evidence"],
            submission_key=form.key,
            actor=Actor.staff(request.user),
            at=at,
        )
    except Refused as refused:
        _explain(form, refused)
        return _page(request, form, status=refused.status)
    if (said.complaint_id, said.body) != (complaint.pk, form.body):
        form.renew_key()
        words = _("What this form held first is in %(reference)s. This is not: send it again if you mean it as well.")
        form.add_error(None, words % {"reference": said.complaint.reference})
        return _page(request, form, status=409)
    messages.success(request, _("Added to %(reference)s as the customer’s words.") % {"reference": reference})
    return redirect(reverse("complaints:case", args=[reference]) + "#talk")


def _may_add(person: Person, complaint: Complaint) -> bool:
    """Whether the person may note in the complaint what its customer says."""
    return bool(roles_on(person, complaint) & conversation.SPEAKING)


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


# What customers say, and their numbers, belong into no address and no log of addresses: the look-ups are posted,
# and change nothing.
@require_POST
def log_customer(request: HttpRequest) -> HttpResponse:
    """Whom the person knows by this phone or name, with their earlier complaints: a fragment."""
    if not may_log(request.user):
        raise PermissionDenied
    found = lookup.earlier_cases(request.user, phone=request.POST.get("phone", ""), name=request.POST.get("name", ""))
    return render(request, "complaints/_log_customer.html", {"found": found})


@require_POST
def log_known(request: HttpRequest) -> HttpResponse:
    """What may be logged already, what is open at the site, and whether it is the third complaint: a fragment."""
    if not may_log(request.user):
        raise PermissionDenied
    site = request.POST.get("site", "")
    told = repeats.Told(
        text=request.POST.get("narrative", ""),
        site=int(site) if site.isascii() and site.isdigit() and len(site) < LONGEST_ID else None,
        phone_key=lookup.key_of(request.POST.get("phone", "")),
    )
    known = repeats.known(told, Complaint.objects.visible_to(request.user), at=timezone.now())
    same = {each.complaint.pk for each in known.likely if each.of_customer and _may_add(request.user, each.complaint)}
    context = {"known": known, "same": same, "to_the_top": known.number >= repeats.THIRD}
    return render(request, "complaints/_log_known.html", context)
