"""The three moves beside "Sign for it": each opens the form that does it and answers the escalation."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case.actors import Actor
from complaints.models import Complaint
from followups.escalation import deescalation
from followups.escalation.forms import ChangePersonForm, ChangePlaceForm, ChangeTimeForm
from followups.escalation.views import to_sign
from followups.models import Escalation
from followups.models.promise import PromiseKind
from followups.promises.asking import ask
from followups.promises.questions import confirmed_in, questioned
from ui.wording import date_words


@require_http_methods(["GET", "POST"])
def change_person(request: DeskRequest, pk: int) -> HttpResponse:
    """Somebody else takes over; the case may leave for a team that its supervisor does not see."""
    escalation = to_sign(request, pk)
    complaint = escalation.complaint

    def act(given: dict) -> str:
        team, handler = given["assignee"]
        deescalation.change_person(
            pk, team=team, handler=handler, reason=given["reason"], actor=Actor.staff(request.user), at=timezone.now()
        )
        return _("Reassigned. You signed for %(reference)s.") % {"reference": complaint.reference}

    answer = ask(
        request,
        partial(ChangePersonForm, complaint=complaint),
        act,
        complaint=complaint,
        heading=_("Change the person"),
        lead=_lead(escalation),
        button=_("Reassign and sign for it"),
    )
    gone = (
        answer.status_code == 302 and not Complaint.objects.visible_to(request.user).filter(pk=complaint.pk).exists()
    )
    return redirect("followups:board") if gone else answer


@require_http_methods(["GET", "POST"])
def change_place(request: DeskRequest, pk: int) -> HttpResponse:
    """They meet somewhere else: a visit is promised."""
    escalation = to_sign(request, pk)

    def act(given: dict) -> str:
        confirmed = confirmed_in(request, PromiseKind.VISIT, given["due_at"])
        deescalation.change_place(pk, **given, confirmed=confirmed, actor=Actor.staff(request.user), at=timezone.now())
        return _("The visit is promised. You signed for %(reference)s.") % {
            "reference": escalation.complaint.reference
        }

    return ask(
        request,
        ChangePlaceForm,
        act,
        complaint=escalation.complaint,
        heading=_("Change the place"),
        lead=_lead(escalation),
        button=_("Promise the visit and sign for it"),
        doubted=lambda doubt, given: questioned(doubt, PromiseKind.VISIT, given["due_at"], _("Promise it anyway")),
    )


@require_http_methods(["GET", "POST"])
def change_time(request: DeskRequest, pk: int) -> HttpResponse:
    """A promise is moved, or a new appointment made."""
    escalation = to_sign(request, pk)
    at = timezone.now()
    movable = list(deescalation.movable(escalation.complaint, at=at))
    kinds = {promise.pk: promise.kind for promise in movable}

    def kind_of(given: dict) -> str:
        return kinds.get(given["promise"], PromiseKind.REPLY)

    def act(given: dict) -> str:
        deescalation.change_time(
            pk,
            promise_id=given["promise"],
            words=given["words"],
            due_at=given["due_at"],
            confirmed=confirmed_in(request, kind_of(given), given["due_at"]),
            actor=Actor.staff(request.user),
            at=at,
        )
        said = {"moment": date_words(given["due_at"], at), "reference": escalation.complaint.reference}
        return _("Agreed for %(moment)s. You signed for %(reference)s.") % said

    return ask(
        request,
        partial(ChangeTimeForm, promises=movable, at=at),
        act,
        complaint=escalation.complaint,
        heading=_("Change the time"),
        lead=_lead(escalation),
        button=_("Agree on it and sign for it"),
        doubted=lambda doubt, given: questioned(doubt, kind_of(given), given["due_at"], _("Agree on it anyway")),
    )


def _lead(escalation: Escalation) -> str:
    """What it is about: the reason, and what was written to it."""
    said = {"reason": escalation.get_reason_display(), "note": escalation.note}
    return _("%(reason)s: %(note)s") % said if escalation.note else said["reason"]
