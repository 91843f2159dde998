"""Logging a complaint: one page, and what is known about the customer while it is filled in."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import may_log
from accounts.models import Person
from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.case.once import SentBefore
from complaints.choices import Kind
from complaints.errors import GateRefused, Refused
from complaints.evidence.filestore import CouldNotStore
from complaints.evidence.forms import names_of
from complaints.intake import known_customers, receiving, repeats
from complaints.intake.forms import LogForm
from complaints.intake.forms_same import SameForm
from complaints.models import Complaint, Message
from complaints.models.complaint import NARRATIVE_LIMIT

# More digits are no team's id, and the database could not hold them.
LONGEST_ID = 10


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: DeskRequest) -> HttpResponse:
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
        actor, files = Actor.staff(request.user), form.cleaned_data["evidence"]
        complaint = receiving.log(form.intake(), actor=actor, at=at, files=files)
    except SentBefore as refused:
        first = refused.first
        assert isinstance(first, Complaint)
        words = _(
            "This form was already sent as %(reference)s. What you typed now is not logged yet: "
            "send it again to log it as a new complaint."
        )
        return _sent_before(request, form, words % {"reference": first.reference})
    except Refused as refused:
        _explain(form, refused)
        return _page(request, form, status=refused.status)
    said = _("%(reference)s is logged. Tell the customer this number.")
    if complaint.kind in (Kind.LATENT, Kind.PRAISE):
        said = _("%(reference)s is logged.")
    messages.success(request, said % {"reference": complaint.reference})
    if request.user in form.cleaned_data["named_people"]:
        return redirect("complaints:queue")
    return redirect("complaints:case", complaint.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def log_same(request: DeskRequest, reference: str) -> HttpResponse:
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
        receiving.tell_again(
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
    except SentBefore as refused:
        first = refused.first
        assert isinstance(first, Message)
        words = _("What this form held first is in %(reference)s. This is not: send it again if you mean it as well.")
        return _sent_before(request, form, words % {"reference": first.complaint.reference})
    except Refused as refused:
        _explain(form, refused)
        return _page(request, form, status=refused.status)
    messages.success(request, _("Added to %(reference)s as the customer’s words.") % {"reference": reference})
    return redirect(reverse("complaints:case", args=[reference]) + "#talk")


def _may_add(person: Person, complaint: Complaint) -> bool:
    """Whether the person may note in the complaint what its customer says."""
    return permissions.has_role(permissions.SPEAK, person, complaint)


def _sent_before(request: DeskRequest, form: LogForm, words: str) -> HttpResponse:
    """The form as it was typed, with a key of its own: sending it again is another thing than what was sent."""
    form.renew_key()
    form.add_error(None, words)
    return _page(request, form, status=SentBefore.status)


def _page(request: DeskRequest, form: LogForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "files_lost": names_of(request.FILES) if status != 200 else []}
    return render(request, "complaints/intake/log.html", context, status=status)


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
def log_customer(request: DeskRequest) -> HttpResponse:
    """Whom the person knows by this phone or name, with their earlier complaints: a fragment."""
    if not may_log(request.user):
        raise PermissionDenied
    found = known_customers.earlier_cases(
        request.user, phone=request.POST.get("phone", ""), name=request.POST.get("name", "")
    )
    return render(
        request, "complaints/intake/_customer.html", {"found": found, "same_as": request.POST.get("same_as", "")}
    )


@require_POST
def log_known(request: DeskRequest) -> HttpResponse:
    """What may be logged already, what is open at the site, and whether it is the third complaint: a fragment."""
    if not may_log(request.user):
        raise PermissionDenied
    site = request.POST.get("site", "")
    told = repeats.Story(
        text=request.POST.get("narrative", "")[:NARRATIVE_LIMIT],
        site=int(site) if site.isascii() and site.isdigit() and len(site) < LONGEST_ID else None,
        phone_key=known_customers.key_of(request.POST.get("phone", "")),
    )
    known = repeats.known(told, Complaint.objects.visible_to(request.user), at=timezone.now())
    same = {each.complaint.pk for each in known.likely if each.of_customer and _may_add(request.user, each.complaint)}
    context = {"known": known, "same": same, "to_the_top": known.number >= repeats.THIRD}
    return render(request, "complaints/intake/_known.html", context)
