"""The call desk: whom to call, the script of one call, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import has_role
from accounts.models import DeskRules
from accounts.wording import date_words
from complaints.actors import Actor
from complaints.errors import NotPermitted, Refused
from complaints.paging import BadKey, Column, Order, page_of
from followups import callbacks as calling
from followups.call_times import next_try
from followups.forms import AnswerForm, NotReachedForm
from followups.models import Callback, CallbackAttempt
from followups.moments import zone_of
from followups.views.asking import part_or_404, refuse_without, show_refusal

BY_MOMENT = Order("call", (Column("next_at", moment=True), Column("id")))
PAGE_SIZE, BESIDE = 30, 12
Outcome = CallbackAttempt.Outcome


@require_safe
def callbacks(request: HttpRequest) -> HttpResponse:
    """Everybody whom the person may call back, the earliest first."""
    if not has_role(request.user, *calling.CALLING):
        raise PermissionDenied
    rows, note = calling.due_list(request.user), ""
    keys = {name: request.GET.get(name, "") for name in ("after", "before")}
    try:
        page = page_of(rows, BY_MOMENT, **keys, size=PAGE_SIZE)
    except BadKey as bad:
        page, note = page_of(rows, BY_MOMENT, size=PAGE_SIZE), str(bad)
    context = {"now": timezone.now(), "page": page, "note": note, "limit": DeskRules.current().callback_attempts}
    return render(request, "followups/callbacks.html", context)


@require_safe
def callback(request: HttpRequest, pk: int) -> HttpResponse:
    """One call with its script."""
    return _show(request, _callback_to(request, pk), AnswerForm(), timezone.now())


@require_POST
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what came of a call: one tap where nobody was reached, else the customer's answers."""
    found, at = _callback_to(request, pk), timezone.now()
    reached = request.POST.get("outcome") == calling.REACHED
    form = (AnswerForm if reached else NotReachedForm)(request.POST)
    status = 422
    if form.is_valid():
        try:
            attempt = calling.record_attempt(
                pk,
                **({"outcome": calling.REACHED} if reached else {}),
                **form.cleaned_data,
                number=_number(request),
                actor=Actor.staff(request.user),
                at=at,
            )
            messages.success(request, _said(attempt, at))
            return redirect(_next_call(request, at))
        except NotPermitted as refused:
            raise PermissionDenied from refused
        except Refused as refused:
            status = refused.status
            show_refusal(form, refused)
    found.refresh_from_db()
    return _show(request, found, form if reached else AnswerForm(), at, refused=form, status=status)


@dataclass(frozen=True)
class Tries:
    """How often the customer was tried, how often they may be, and when next if nobody answers now."""

    made: int
    limit: int
    next_at: datetime

    @property
    def number(self) -> int:
        return self.made + 1

    @property
    def left_after_this(self) -> int:
        return max(0, self.limit - self.number)


def _show(request, found: Callback, form, at: datetime, *, refused=None, status=200) -> HttpResponse:
    complaint, rules = found.complaint, DeskRules.current()
    attempts = list(found.attempts.select_related("by"))
    again = next_try(at, hours=rules.callback_retry_hours, zone=zone_of(complaint))
    context = {
        "now": at,
        "callback": found,
        "complaint": complaint,
        "result": next((r for r in complaint.resolutions.all() if r.round == found.round), None),
        "attempts": attempts,
        "tries": Tries(len(attempts), rules.callback_attempts, again),
        "form": form,
        "refused": refused,
        "beside": calling.due_list(request.user)[:BESIDE],
    }
    return render(request, "followups/callback.html", context, status=status)


def _callback_to(request: HttpRequest, pk: int) -> Callback:
    """The callback if the person may see its case (404) and call its customer (403)."""
    found = part_or_404(request, Callback, pk)
    refuse_without(calling.CALLING, request, found.complaint)
    return found


def _number(request: HttpRequest) -> int | None:
    """The attempt that the page showed, so that the same form sent twice counts once."""
    typed = request.POST.get("number", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


def _said(attempt: CallbackAttempt, at: datetime) -> str:
    """What was recorded, and what follows from it, in a sentence."""
    found = attempt.callback
    if attempt.outcome == Outcome.SATISFIED:
        return _("Recorded: reached, satisfied.")
    if attempt.outcome == Outcome.UNSATISFIED:
        return _("Recorded: reached, not satisfied. The supervisor is told, and it is worked on again.")
    if attempt.outcome == Outcome.REFUSED:
        return _("Recorded: does not want to talk. We do not call again.")
    if found.state == Callback.State.OPEN:
        words = {"outcome": attempt.get_outcome_display(), "moment": date_words(found.next_at, at)}
        return _("Recorded: %(outcome)s. Try again %(moment)s.") % words
    return _("Recorded: %(outcome)s. That was the last try; the case goes on without an answer.") % {
        "outcome": attempt.get_outcome_display()
    }


def _next_call(request: HttpRequest, at: datetime) -> str:
    """The address of the next call that is due today, else of the list."""
    following = calling.due_list(request.user).first()
    if following is not None and timezone.localdate(following.next_at) <= timezone.localdate(at):
        return reverse("followups:callback", args=[following.pk])
    return reverse("followups:callbacks")
