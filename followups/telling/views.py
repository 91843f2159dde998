"""Telling a customer by phone, in person or with a letter what no message brings to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.kept import kept_texts
from accounts.models import DeskRules
from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.errors import NotPermitted, Refused
from complaints.models import Complaint
from followups.models import Notice, Promise, TellingTry
from followups.models.promise import PromiseKind
from followups.notices import mails, tellings, truth
from followups.notices.facts import Facts
from followups.promises.asking import complaint_or_404, refuse_without, show_refusal
from followups.telling import saying
from followups.telling.forms import SaidForm
from ui.way_back import way_back


@dataclass(frozen=True)
class ToSay:
    """One thing to say: its notice, what it is about, the words, and the case where it is another one."""

    notice: Notice
    about: str
    words: str
    other: str
    # What was unticked stays so when the form comes back.
    ticked: bool


@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: DeskRequest, reference: str) -> HttpResponse:
    """What is to be said to one customer, ticked when it was; what is not ticked stays owed."""
    complaint, at = _complaint(request, reference), timezone.now()
    if request.method != "POST":
        return _show(request, complaint, SaidForm(), at)
    form = SaidForm(request.POST)
    if not form.is_valid():
        return _show(request, complaint, form, at, refused=form, status=422)
    try:
        told = _said(request, complaint, form.cleaned_data, at)
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        show_refusal(form, refused)
        return _show(request, complaint, form, at, refused=form, status=refused.status)
    messages.success(
        request, ngettext("Noted as told: one thing.", "Noted as told: %(number)d things.", told) % {"number": told}
    )
    return redirect(way_back(request, reverse("complaints:case", args=[reference])))


@require_POST
def not_reached(request: DeskRequest, reference: str) -> HttpResponse:
    """One tap: nobody answered, the number is wrong, or the customer does not want to talk."""
    complaint, at = _complaint(request, reference), timezone.now()
    outcome, number = request.POST.get("outcome", ""), request.POST.get("number", "")
    form = SaidForm()
    if outcome not in TellingTry.Outcome.values or not (number.isascii() and number.isdigit() and len(number) < 5):
        return _show(request, complaint, form, at, status=422)
    try:
        attempt = saying.not_reached(
            complaint.pk, outcome=outcome, number=int(number), actor=Actor.staff(request.user), at=at
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        form = SaidForm({})
        show_refusal(form, refused)
        return _show(request, complaint, form, at, refused=form, status=refused.status)
    messages.success(request, _("Recorded: %(outcome)s.") % {"outcome": attempt.get_outcome_display()})
    if attempt.outcome == TellingTry.Outcome.WRONG_NUMBER:
        messages.info(request, _("Is another number known, or an e-mail address? Put it in here."))
        return redirect("complaints:facts", reference)
    return redirect("followups:callbacks")


def _complaint(request: DeskRequest, reference: str) -> Complaint:
    complaint = complaint_or_404(request, reference=reference)
    refuse_without(permissions.CALL_CUSTOMER.roles, request, complaint)
    if complaint.customer is None:
        raise Http404
    return complaint


def _said(request: DeskRequest, complaint: Complaint, given: dict[str, Any], at: datetime) -> int:
    """Note what was said, case by case; the customer's words go into the case whose page it is. Returns how many."""
    chosen: dict[int, list[int]] = {}
    for notice in saying.owed_to(request.user, complaint).filter(pk__in=given["said"]):
        chosen.setdefault(notice.case_id, []).append(notice.pk)
    if not chosen:
        chosen[complaint.pk] = given["said"]
    told, actor, words = 0, Actor.staff(request.user), given["words"]
    for complaint_id in sorted(chosen, key=lambda pk: pk != complaint.pk):
        ids = chosen[complaint_id]
        told += len(saying.said(complaint_id, notice_ids=ids, way=given["way"], words=words, actor=actor, at=at))
        words = ""
    return told


def _show(
    request: DeskRequest,
    complaint: Complaint,
    form: SaidForm,
    at: datetime,
    *,
    refused: SaidForm | None = None,
    status: int = 200,
) -> HttpResponse:
    owed = list(saying.owed_to(request.user, complaint))
    facts = Facts(owed, None, at)
    sent: set[str] | None = None
    if request.method == "POST" and form.is_bound and form.data and isinstance(form.data, QueryDict):
        sent = set(form.data.getlist("said"))
    things = [_to_say(notice, complaint, at, sent) for notice in owed if not truth.why_not(notice, facts)]
    form.offer([(thing.notice.pk, thing.about) for thing in things])
    here = [str(thing.notice.pk) for thing in things if not thing.other]
    has_address = complaint.customer is not None and bool(complaint.customer.postal_address)
    promise = complaint.promises.filter(kind=PromiseKind.TELL, state=Promise.State.OPEN).first()
    tries = complaint.telling_tries.count()
    context = {
        "now": at,
        "complaint": complaint,
        "things": things,
        # What a letter of this case would tell (followups.telling.forms.LettersForm).
        "letter": "-".join(here) if has_address else "",
        "promise": promise,
        "form": form,
        "refused": refused,
        "kept_texts": kept_texts(request) if refused and not things else [],
        "number": tries + 1,
        "limit": DeskRules.current().callback_attempts,
    }
    return render(request, "followups/telling/tell.html", context, status=status)


def _to_say(notice: Notice, complaint: Complaint, at: datetime, sent: set[str] | None) -> ToSay:
    about = tellings.about_words(notice.event)
    other = notice.case.reference if notice.complaint_id != complaint.pk else ""
    ticked = sent is None or str(notice.pk) in sent
    return ToSay(notice, about, mails.spoken_words(notice, at), other, ticked)
