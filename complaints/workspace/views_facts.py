"""Correcting the facts of a case: one page with what is known now, what follows, and what was corrected before."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case import facts_words, permissions
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.facts_words import Corrected
from complaints.case.timeline import actor_label, names_in
from complaints.errors import ChangedMeanwhile, GateRefused, NotAllowedNow, NotPermitted, Refused
from complaints.models import Complaint
from complaints.steps import facts
from complaints.steps.forms_facts import FactsForm
from complaints.visibility import roles_on
from complaints.workspace.parts import fetch, news_since
from complaints.workspace.views import Refusal
from complaints.workspace.views_steps import back_to

MOST_SHOWN = 20


@dataclass(frozen=True)
class Before:
    """One correction of the past."""

    at: datetime
    who: str
    reason: str
    facts: list[Corrected]


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: DeskRequest, reference: str) -> HttpResponse:
    """The facts as they are (GET), or corrected (POST)."""
    at = timezone.now()
    complaint = fetch(request.user, reference)
    roles = roles_on(request.user, complaint)
    if not roles & permissions.CORRECT_FACTS.roles:
        raise PermissionDenied
    facts_form = partial(FactsForm, complaint=complaint, person=request.user, at=at, roles=roles)
    if request.method != "POST":
        return _page(request, complaint, facts_form(), at)
    form = facts_form(request.POST)
    if form.gone():
        return _refused(request, form, at, NotAllowedNow(_("A part of this cannot be corrected any more.")))
    if not form.is_valid():
        return _page(request, complaint, form, at, status=422)
    try:
        facts.correct(
            complaint.pk,
            actor=Actor.staff(request.user),
            at=at,
            data=form.step_data(),
            version=form.cleaned_data["version"],
        )
    except Refused as refused:
        return _refused(request, form, at, refused)
    count = len(set(form.changed_data) & set(facts.FIELDS))
    if count:
        messages.success(request, ngettext("Corrected.", "%(count)d facts corrected.", count) % {"count": count})
    else:
        messages.info(request, _("Nothing was changed."))
    return back_to(request, reference)


def _refused(request: DeskRequest, form: FactsForm, at: datetime, refused: Refused) -> HttpResponse:
    """The page again with everything that was typed, at the complaint's present version."""
    if isinstance(refused, NotPermitted):
        raise PermissionDenied from refused
    complaint = fetch(request.user, form.complaint.reference)
    if isinstance(refused, GateRefused):
        form.add_missing(refused.missing)
        return _page(request, complaint, form, at, status=refused.status)
    roles = roles_on(request.user, complaint)
    fresh = FactsForm(request.POST, complaint=complaint, person=request.user, at=at, roles=roles)
    refusal = Refusal(str(refused), kept=fresh.gone())
    if isinstance(refused, ChangedMeanwhile):
        refusal.news = news_since(complaint, refused.since_version, at)
        refusal.stored = fresh.differences()
    fresh.renew(complaint)
    return _page(request, complaint, fresh, at, refusal=refusal, status=refused.status)


def _page(
    request: DeskRequest,
    complaint: Complaint,
    form: FactsForm,
    at: datetime,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"complaint": complaint, "form": form, "refusal": refusal, "before": _before(complaint, at)}
    return render(request, "complaints/workspace/facts.html", context, status=status)


def _before(complaint: Complaint, at: datetime) -> list[Before]:
    """What was corrected before, the newest first."""
    stored = complaint.events.filter(kind=EventKind.FACTS_CORRECTED).select_related("actor").order_by("-number")
    events = list(stored[:MOST_SHOWN])
    people, _teams = names_in(events) if events else ({}, {})
    return [
        Before(
            event.at, actor_label(event), event.data.get("reason", ""), facts_words.corrections(event.data, people, at)
        )
        for event in events
    ]
