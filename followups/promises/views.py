"""Make, keep, move and withdraw promises: small pages around the verbs of followups.promises.promises."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import DeskRequest
from complaints.case import permissions
from complaints.case.actors import Actor
from complaints.errors import NotAllowedNow
from followups.models import Promise
from followups.promises import promises
from followups.promises.actions import KEEP, actions_for
from followups.promises.asking import ask, complaint_or_404, part_or_404, refuse_without
from followups.promises.forms import MoveForm, PromiseForm, WithdrawForm
from followups.promises.questions import confirmed_in, questioned
from ui.wording import date_words


@require_http_methods(["GET", "POST"])
def make(request: DeskRequest, reference: str) -> HttpResponse:
    """Make a promise of one's own."""
    complaint = complaint_or_404(request, reference=reference)
    refuse_without(permissions.PROMISE.roles, request, complaint)
    at = timezone.now()

    def act(given: dict[str, Any]) -> str:
        confirmed = confirmed_in(request, given["kind"], given["due_at"])
        actor = Actor.staff(request.user)
        promise = promises.make(complaint.pk, **given, actor=actor, at=at, confirmed=confirmed)
        return _("Promised by %(moment)s.") % {"moment": date_words(promise.due_at, at)}

    return ask(
        request,
        PromiseForm,
        act,
        complaint=complaint,
        heading=_("Make a promise"),
        lead=_("The desk watches it: you are warned before it is due, and a supervisor is told if it breaks."),
        button=_("Promise it"),
        doubted=lambda doubt, given: questioned(doubt, given["kind"], given["due_at"], _("Promise it anyway")),
    )


@require_http_methods(["GET", "POST"])
def keep(request: DeskRequest, pk: int) -> HttpResponse:
    """Say that it was done in time, and that the customer knows."""
    promise, actor = _promise_to(request, pk)

    def act(given: dict[str, Any]) -> str:
        if promise.state == Promise.State.OPEN and KEEP not in actions_for(promise, permissions.PROMISE.roles):
            raise NotAllowedNow(_("This promise is kept by the step that does it, not by hand."))
        promises.keep(pk, actor=actor, at=timezone.now())
        return _("Kept: %(promise)s.") % {"promise": promise.label}

    return ask(
        request,
        forms.Form,
        act,
        complaint=promise.complaint,
        heading=_("Kept: %(promise)s") % {"promise": promise.label},
        lead=_("A promise counts as kept when the customer was told before it was due."),
        button=_("It was kept"),
    )


@require_http_methods(["GET", "POST"])
def move(request: DeskRequest, pk: int) -> HttpResponse:
    """Move it before it is due, with a reason that the customer is told."""
    promise, actor = _promise_to(request, pk)
    at = timezone.now()

    def act(given: dict[str, Any]) -> str:
        confirmed = confirmed_in(request, promise.kind, given["due_at"])
        moved = promises.move(
            pk, due_at=given["due_at"], reason=given["reason"], actor=actor, at=at, confirmed=confirmed
        )
        return _("Moved to %(moment)s.") % {"moment": date_words(moved.due_at, at)}

    return ask(
        request,
        MoveForm,
        act,
        complaint=promise.complaint,
        heading=_("Move: %(promise)s") % {"promise": promise.label},
        lead=_("It is due %(moment)s.") % {"moment": date_words(promise.due_at, at)},
        button=_("Move it"),
        doubted=lambda doubt, given: questioned(doubt, promise.kind, given["due_at"], _("Move it anyway")),
        initial={"due_at": promise.due_at},
    )


@require_http_methods(["GET", "POST"])
def withdraw(request: DeskRequest, pk: int) -> HttpResponse:
    """Take it back, with a reason."""
    promise, actor = _promise_to(request, pk)

    def act(given: dict[str, Any]) -> str:
        promises.withdraw(pk, reason=given["reason"], actor=actor, at=timezone.now())
        return _("Withdrawn: %(promise)s.") % {"promise": promise.label}

    return ask(
        request,
        WithdrawForm,
        act,
        complaint=promise.complaint,
        heading=_("Withdraw: %(promise)s") % {"promise": promise.label},
        button=_("Withdraw it"),
    )


def _promise_to(request: DeskRequest, pk: int) -> tuple[Promise, Actor]:
    """The promise if the person may see it (404) and work on its case (403)."""
    promise = part_or_404(request, Promise, pk)
    refuse_without(permissions.PROMISE.roles, request, promise.complaint)
    return promise, Actor.staff(request.user)
